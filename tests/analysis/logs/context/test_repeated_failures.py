"""The same failure again and again is reported, though nobody knows why; one that is dealt with is not."""

import pytest

from tests.analysis.logs.said import said

WORK = "".join(f"INFO planner: route {number} done in 12 ms\n" for number in range(30))
FEW = "".join(WORK.splitlines(keepends=True)[:8])
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
        (WORK * 3 + (FEW + ERROR) * 5 + FEW, True),
        (WORK * 3 + (FEW + ERROR) * 3 + FEW, False),
        ((WORK + ERROR) * 5 + WORK, False),
        (WORK * 3 + (FEW + ERROR.replace("ERROR", "INFO")) * 5 + FEW, False),
        (ERROR * 5 + WORK * 4, False),
    ],
    ids=["same-exit", "twice", "exit-0", "stopped", "exit-0-at-last", "error", "few", "usual", "no-error", "long-ago"],
)
def test_what_fails_each_time_is_stated(text: str, faulty: bool) -> None:
    """Three tries of a step with the same exit code, five errors of a kind that was not there before, and lately."""
    assert said(text) == (["unknown"] if faulty else [])
