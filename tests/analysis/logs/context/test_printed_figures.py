"""Figures that programs print of themselves, each high and low."""

import pytest

from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.digest import LogDigest
from opsagent.models.observed import LogRef
from tests.analysis.logs.said import said

_LATE = '{"level":"error","msg":"basket timed out after 3000 ms"}\n'
_RATES = """\
INFO gateway stats qps=300 open=80
INFO gateway stats qps={later} open=900
ERROR upstream timed out after 5 s
INFO gateway stats qps={later} open=990
ERROR upstream timed out after 5 s
"""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("INFO cpu throttled_percent=88.2 usage=1.0\n", "load.cpu-saturated"),
        ('{"msg":"cgroup","nr_periods":600,"nr_throttled":540}\n', "load.cpu-saturated"),
        ("WARN load average: 61.2 on 8 cores\n", "load.cpu-saturated"),
        ("INFO pool workers=64 queue=900 available=0\n", "load.thread-pool"),
    ],
)
def test_figures_of_a_program_at_its_limit_account_for_its_timeouts(line: str, code: str) -> None:
    """The time-outs are what follows."""
    assert said(line * 3 + _LATE * 2)[:1] == [code]


@pytest.mark.parametrize(
    "line",
    [
        "INFO cpu throttled_percent=2.1 usage=0.4\n",
        '{"msg":"cgroup","nr_periods":600,"nr_throttled":4}\n',
        "WARN load average: 3.2 on 8 cores\n",
        "INFO pool workers=64 queue=0 available=12\n",
        "INFO pool workers=64 queue=2 available=0\n",
    ],
)
def test_ordinary_figures_account_for_nothing(line: str) -> None:
    """Then the time-out stands for itself."""
    assert said(line * 3 + _LATE * 2)[:1] == ["network.timeout"]


def test_a_rate_that_jumps_where_calls_fail_is_a_surge() -> None:
    """The first figure and the last ones are compared."""
    assert said(_RATES.format(later=2900))[:1] == ["load.traffic-surge"]
    assert said(_RATES.format(later=410))[:1] == ["network.timeout"]


def test_a_rate_that_jumps_and_is_served_is_none() -> None:
    """More requests are good news while they are answered."""
    assert said("".join(f"INFO gateway stats qps={rate} open=9\n" for rate in (300, 2900, 3000))) == []


@pytest.mark.parametrize(
    "line",
    [
        "WARN call peer=stock backend_ms=6 total_ms=1480\n",
        '{"level":"warn","msg":"slow call","server_time_ms":3,"elapsed_ms":912}\n',
        '{"level":"warn","msg":"probe","peer":"n4","rtt_mean_ms":712}\n',
    ],
)
def test_a_call_that_takes_far_longer_than_its_answer_was_delayed_on_the_way(line: str) -> None:
    """The service was quick by its own account."""
    assert said("starting\n" + line * 3)[:1] == ["network.delay"]
    quick = line.replace("1480", "14").replace("912", "9").replace("712", "1")
    assert said("starting\n" + quick * 3) == []


def test_a_worker_that_is_killed_near_its_memory_limit_is_so_for_its_memory() -> None:
    """Without a figure the kill alone states less."""
    killed = "ERROR worker 3 died (signal: SIGKILL)\n"
    near = log_findings([_digest("INFO memory=970Mi limit=1024Mi\n" + killed)])[0]
    far = log_findings([_digest("INFO memory=120Mi limit=1024Mi\n" + killed)])[0]
    assert (near.code, far.code) == ("pod.oom-killed", "pod.oom-killed")
    assert near.strength > far.strength


def _digest(text: str) -> LogDigest:
    return digest(LogRef("app.log"), [text.encode()])
