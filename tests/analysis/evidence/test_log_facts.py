"""What logs add to the objects: where a program listens, and whom it calls without success."""

from typing import Any

import pytest

from opsagent.analysis.evidence.log_facts import Told, told_by
from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.analysis.objects.checks import object_findings
from opsagent.models.observed import LogRef
from tests.analysis.kube_objects import NOW, broken, container, event, pod, running, seen, stack, thing

POD = "cart-6d5f7c9b84-x2x2x"


def told(text: str) -> Told:
    """Return what the log of the cart's pod shows."""
    log = digest(LogRef(f"logs/{POD}/main.log", pod=POD, container="main"), [text.encode()])
    return told_by([log], log_findings([log]))


@pytest.mark.parametrize(
    ("line", "ports"),
    [
        ("INFO HTTP server started on 0.0.0.0:8080", {8080}),
        ("Tomcat started on port 9090 (http) with context path ''", {9090}),
        ("      Now listening on: http://[::]:5000", {5000}),
        ("INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)", {8000}),
        ("listening on :3000", {3000}),
        ("listening on 127.0.0.1:3000", set()),
        ("started 12 workers in 340 ms", set()),
        ("connected to 10.0.0.4:5432", set()),
    ],
)
def test_where_a_program_states_that_it_listens(line: str, ports: set[int]) -> None:
    """In the words of several servers; the loopback serves nobody else, and other numbers are no ports."""
    assert told(f"boot\n{line}\n").listening.get((POD, "main"), frozenset()) == ports


@pytest.mark.parametrize(("line", "code"), [("listening on :8080", "probe.readiness-port"), ("boot", "probe.failing")])
def test_a_refused_probe_of_a_program_that_listens_elsewhere(line: str, code: str) -> None:
    """No port is declared: only the log shows that the probe checks the wrong one."""
    probe = {"httpGet": {"path": "/", "port": 8081}, "periodSeconds": 10}
    held = pod(POD, running(ready=False), spec={"containers": [container(port=None, readinessProbe=probe)]})
    refused = event(held, "Unhealthy", "Readiness probe failed: dial tcp 10.0.0.7:8081: connect: connection refused")
    found = object_findings(seen(*broken(held, refused)), now=NOW, told=told(f"{line}\n"))
    assert found[0].code == code


def _closed(allowed: str) -> Any:
    rule = {"from": [{"podSelector": {"matchLabels": {"app": allowed}}}]}
    spec = {"podSelector": {"matchLabels": {"app": "ledger"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    return thing("NetworkPolicy", "ledger", spec=spec)


def test_a_call_without_success_through_a_closed_policy() -> None:
    """The environment names nobody; the log states who is called, and the policy does not admit it."""
    said = told("ERROR sync failed: dial tcp ledger:8080: i/o timeout\n" * 3)
    items = [*stack(), *stack(app="ledger")[:-1]]
    for one, expected in ((_closed("audit"), True), (_closed("cart"), False)):
        found = object_findings(seen(*items, one), now=NOW, told=said)
        assert ("network.policy" in {finding.code for finding in found}) is expected


_SYSTEM = {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}]}
_LEDGER = {"podSelector": {"matchLabels": {"app": "ledger"}}}


@pytest.mark.parametrize(
    ("rules", "line", "firm"),
    [
        ([], "dial tcp ledger:80: i/o timeout", True),
        ([], "dial tcp 192.0.2.7:9000: i/o timeout", True),
        ([], "lookup ledger on 10.0.0.2:53: i/o timeout", True),
        ([_SYSTEM], "dial tcp ledger:80: i/o timeout", True),
        ([{"to": [_LEDGER], "ports": [{"port": 9999}]}], "dial tcp ledger:80: i/o timeout", True),
        ([{"to": [_LEDGER], "ports": [{"port": 8080}]}, _SYSTEM], "dial tcp ledger:80: i/o timeout", False),
        ([_SYSTEM], "dial tcp stock:80: i/o timeout", False),
        ([{}], "dial tcp ledger:80: i/o timeout", False),
    ],
    ids=["none", "none-outside", "none-dns", "dns-only", "another-port", "let-out", "no-such-service", "everything"],
)
def test_a_policy_that_shuts_in_who_calls_without_success(rules: list[Any], line: str, firm: bool) -> None:
    """The log states who is called without success, and no rule lets the caller out; else it is another cause."""
    spec = {"podSelector": {"matchLabels": {"app": "cart"}}, "policyTypes": ["Egress"], "egress": rules}
    items = [*stack(), *stack(app="ledger")[:-1], thing("NetworkPolicy", "shut", spec=spec)]
    found = object_findings(seen(*items), now=NOW, told=told(f"ERROR sync failed: {line}\n" * 3))
    firmly = [(one.code, one.object) for one in found if one.strength >= 0.9]
    assert firmly == ([("network.policy", "NetworkPolicy/shut")] if firm else [])


def test_what_is_not_known_of_logs_changes_nothing() -> None:
    """Without logs the objects are judged as before."""
    assert told("") == Told()
