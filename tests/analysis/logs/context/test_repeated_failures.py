"""The same failure again and again is reported, though nobody knows why; one that is dealt with is not."""

import pytest

from tests.analysis.logs.said import said

WORK = "".join(f"INFO planner: route {number} done in 12 ms\n" for number in range(30))
STEP = "INFO runner: step resize exited with return code 4\n"
ERROR = "ERROR planner: depot table has no row for the day\n"


@pytest.mark.parametrize(
    ("text", "faulty"),
    [
        ((WORK + STEP) * 3, True),
        ((WORK + STEP) * 2 + WORK, False),
        ((WORK + STEP.replace("code 4", "code 0")) * 3, False),
        ((WORK + STEP.replace("code 4", "code 143")) * 3, False),
        ((WORK + STEP) * 3 + WORK + STEP.replace("code 4", "code 0") + WORK, False),
        ((WORK + ERROR) * 5 + WORK, True),
        ((WORK + ERROR) * 3 + WORK, False),
        ((WORK + ERROR.replace("ERROR", "INFO")) * 5, False),
        (ERROR * 5 + WORK * 4, False),
    ],
    ids=["same-exit", "twice", "exit-0", "stopped", "exit-0-at-last", "error", "few", "no-error", "long-ago"],
)
def test_what_fails_each_time_is_stated(text: str, faulty: bool) -> None:
    """Three tries of a step with the same exit code, five errors of one kind, the last of them lately."""
    assert said(text) == (["unknown"] if faulty else [])
