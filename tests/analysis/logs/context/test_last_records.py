"""How a log ends: in a record of another kind, in nothing but failures, or in good order."""

import pytest

from tests.analysis.logs.said import said

_WORK = "".join(f"2031-05-04 06:{n // 60:02d}:{n % 60:02d} INFO stored berth {n}\n" for n in range(60))


@pytest.mark.parametrize(
    "end",
    ["2031-05-04 06:02:00 ERROR the quay desk is shut\n" * 3, "2031-05-04 06:02:00 WARN desk error 7, retrying\n" * 4],
)
def test_nothing_but_failures_at_the_end_is_unknown(end: str) -> None:
    """Several failures in a row with no work after them, also such as were met before and passed."""
    assert said(_WORK + end[:44] + _WORK + end)


@pytest.mark.parametrize(
    "end",
    [
        "systemd[1]: Stopped quay.service - Quay.\n",
        "2031-05-04 06:02:00 INFO Shutting down\n2031-05-04 06:02:01 INFO bye\n",
        "2031-05-04 06:02:00 INFO Closed 12 connections\n",
    ],
)
def test_an_end_in_good_order_is_none(end: str) -> None:
    """A program that was stopped states it, and nothing is wrong."""
    assert said(_WORK.replace(" INFO", "") + end) == []
