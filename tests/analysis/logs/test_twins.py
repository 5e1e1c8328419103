"""Healthy logs beside their faulty twins: the same lines where they are history, and where they are the failure."""

import pytest

from tests.analysis.logs.said import said

Twin = tuple[str, str, str]  # healthy, faulty, the code that the faulty one is called


def _times(text: str, n: int, first: int = 0) -> str:
    """Repeat a line n times, `{s}` being the second and `{n}` the place."""
    return "".join(
        text.format(s=f"{(first + i) // 60:02d}:{(first + i) % 60:02d}", n=first + i) + "\n" for i in range(n)
    )


_SEALED = _times('2031-05-04T09:{s}Z [WARN]  core: failed to unseal core: error="stored unseal keys were not found"', 2)
_UNSEALED = "2031-05-04T09:00:09Z [INFO]  core: vault is unsealed\n"
_LEASES = _times("2031-05-04T09:{s}Z [INFO]  expiration: revoked lease: lease_id=auth/token/h{n}", 20, 60)
_GONE = "2031-05-04 09:00:{n:02d} [error] <0.7.0> missed heartbeats from client, timeout: 60s\n"
_COMES = "2031-05-04 09:{s} [info] <0.{n}.0> connection <0.{n}.0>: user 'till' authenticated and granted access to '/'"
_BUDGET = (
    'error when evicting pods/"till-7d4b9c-x2x2x" -n "shop" (will retry after 5s): Cannot evict pod as it would '
    "violate the pod's disruption budget.\n"
)
_JOB = "WARNING: Event retrieved from the cluster: 0/4 nodes are available: 4 Insufficient cpu.\n"
_TLS = "2031/05/04 09:02:01 TLS handshake error from {at}:4011: tls: first record does not look like a TLS handshake\n"
_SERVED = _times("2031/05/04 09:{s} GET /tills/{n} 200", 30, 60)
_BREAKER = "2031-05-04T09:00:{n:02d}Z WARN till call to rates failed: SocketTimeoutException: Read timed out\n"
_STATE = "2031-05-04T09:00:20Z INFO till CircuitBreaker 'rates' changed state from {before} to {after}\n"
_MEMBER = "[2031-05-04 09:{m}:00,000] INFO Member till-1 in group tills has failed, removing it from the group\n"
_STABLE = "[2031-05-04 09:{m}:02,000] INFO [GroupCoordinator 1]: Stabilized group tills generation {m} with 3 members\n"
_TRIED = "ERROR connect ECONNREFUSED 10.0.0.7:5432\n"
_ROW = "{n}  Tue Mar  4 10:00:01 2031  {state}  till-1.3.{n}  1.{n}  {words}\n"
_WENT = 'Upgrade "till" failed: context deadline exceeded'

TWINS: dict[str, Twin] = {
    "sealed, then unsealed": (_SEALED + _UNSEALED + _LEASES, _SEALED, "dependency.sealed"),
    "one client misses heartbeats": (
        _GONE.format(n=1) + _times(_COMES, 9, 60),
        _times(_COMES, 4) + _GONE.format(n=50),
        "dependency.down",
    ),
    "a drain that went on": (_BUDGET + "node/node-2 drained\n", _BUDGET * 3, "disruption.blocked"),
    "a CI job that waited": (_JOB + "Job succeeded\n", _JOB + "ERROR: Job failed (system failure)\n", "scheduling.cpu"),
    "bytes of a stranger": (
        _SERVED + _TLS.format(at="203.0.113.9") * 3,
        _SERVED + _TLS.format(at="10.0.0.9") * 3,
        "service.protocol-mismatch",
    ),
    "a circuit breaker closed": (
        "".join(_BREAKER.format(n=n) for n in (1, 2))
        + _STATE.format(before="HALF_OPEN", after="CLOSED")
        + _times("2031-05-04T09:{s}Z INFO till sold {n}", 10, 60),
        "".join(_BREAKER.format(n=n) for n in (1, 2)) + _STATE.format(before="CLOSED", after="OPEN"),
        "network.timeout",
    ),
    "a test run with expected failures": (
        f"{_TRIED}XFAIL tests/test_till.py::test_rates - no table\n===== 9 passed, 1 xfailed in 4.11s =====\n",
        f"{_TRIED}===== 1 failed, 9 passed in 4.11s =====\n",
        "db.unreachable",
    ),
    "an old release that failed": (
        _ROW.format(n=12, state="failed", words=_WENT) + _ROW.format(n=13, state="deployed", words="Upgrade complete"),
        _ROW.format(n=13, state="superseded", words="Upgrade complete")
        + _ROW.format(n=14, state="failed", words=_WENT),
        "network.timeout",
    ),
    "a person about last week": (
        "For the record: last week the tills were OOMKilled three times\nand we raised their memory limit on all.\n"
        + _SERVED,
        _SERVED + "kernel: Memory cgroup out of memory: Killed process 71 (till), the till was OOMKilled\n",
        "pod.oom-killed",
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_what_is_history_accuses_nobody(name: str) -> None:
    """The lines are followed by what shows that the matter is over, or somebody else's."""
    assert said(TWINS[name][0]) == []


@pytest.mark.parametrize("name", TWINS)
def test_the_same_lines_are_named_where_they_are_the_failure(name: str) -> None:
    """Without good news after them the same lines are the fault."""
    assert TWINS[name][2] in said(TWINS[name][1])


def test_a_group_that_gets_stable_again_has_no_slow_consumer() -> None:
    """Each removal is followed by a stable group; without the last one the consumer is gone."""
    well = "".join(_MEMBER.format(m=m) + _STABLE.format(m=m) for m in ("10", "20", "30"))
    assert said(well) == []
    assert said("".join(_MEMBER.format(m=m) for m in ("10", "20", "30", "40"))) == ["queue.consumer-slow"]
