"""The logs in a question: the telling lines, their figures, where the patient's log stops, no stamp twice."""

from dataclasses import replace

import pytest

from opsagent.agent.model.prompt_logs import unstamped
from opsagent.models.digest import Figure, LogGroup
from tests.agent import incidents
from tests.agent.incidents import AT
from tests.agent.model.test_prompts import first


def test_figures_that_differ_are_shown_from_first_to_last() -> None:
    """Of many alike lines one is shown; what its numbers did meanwhile is beside it."""
    group = LogGroup("error", "ERROR gc took 48 ms", 9, 1, 90, AT, AT, (Figure("took", 48, 61.5),))
    text = first(state=incidents.state(digests=(replace(incidents.DIGEST, groups=(group,)),)), evidence=()).text
    assert "[error, took 48→61.5] ERROR gc took 48 ms" in text


def test_the_last_line_of_the_patients_log_is_shown() -> None:
    """Where a program hangs, its log reports by where it stops; another service's log does not need it."""
    tail = ("INFO one", "INFO rendering batch=551 pages=4100")
    logs = (replace(incidents.DIGEST, tail=tail), replace(incidents.DIGEST, service="mail", where="m.log", tail=tail))
    text = first(state=incidents.state(digests=logs), evidence=()).text
    assert text.count("its last line: INFO rendering batch=551 pages=4100") == 1
    assert "INFO one" not in text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("2026-11-22T12:00:00Z ERROR x", "ERROR x"),
        ("2026-11-22T12:00:00.113Z\twarning\tenvoy x", "warning\tenvoy x"),
        ("E1130 11:40:02.113341    1123 kubelet.go:544] x", "kubelet.go:544] x"),
        ("2026-11-30T11:40:05.1Z E1130 11:40:02.113341    1123 kubelet.go:544] x", "kubelet.go:544] x"),
        ("28674:M 22 Nov 2026 12:24:17.982 # Redis is now ready to exit", "Redis is now ready to exit"),
        ("E1130 is a code", "E1130 is a code"),
        ("28674 requests", "28674 requests"),
    ],
)
def test_a_programs_own_stamp_is_not_repeated(line: str, shown: str) -> None:
    """ISO 8601, klog and Redis; what only begins alike is left as it is."""
    assert unstamped(line) == shown


def test_a_failure_in_another_language_is_not_displaced() -> None:
    """A hundred noisy errors leave room for the patient's own line, whose level nothing marks."""
    noisy = tuple(LogGroup("error", f"ERROR problem {chr(97 + n % 26)}{chr(97 + n // 26)} of a frame " + "x " * 40,
                           9, n, n, AT, AT) for n in range(100))  # fmt: skip
    korean = LogGroup("rare", "데이터베이스 연결에 실패했습니다", 3, 500, 503, AT, AT)
    digest = replace(incidents.DIGEST, groups=(*noisy, korean))
    assert "데이터베이스 연결에 실패했습니다" in first(state=incidents.state(digests=(digest,)), evidence=()).text
