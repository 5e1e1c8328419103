"""Times and spans in the unit that matters."""

from datetime import UTC, datetime, timedelta

import pytest

from opsagent.ui.moment import age, between, clock, day_clock, full, span, took

AT = datetime(2026, 11, 22, 12, 25, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"), (0, "0 s"), (8, "8 s"), (59.6, "1 min"), (69, "1 min 9 s"), (3600, "1 h"), (7500, "2 h 5 min"),
        (90000, "1 d 1 h"), (86400 * 400, "400 d"),
    ],
)  # fmt: skip
def test_a_span_names_two_units_at_most(seconds: float, text: str) -> None:
    """Nobody reads seconds beside days; clocks that differ make no negative span."""
    assert span(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.004, "4 ms"), (0.75, "750 ms"), (2.008, "2.01 s"), (14.2, "14 s")])
def test_a_short_duration_keeps_its_digits(seconds: float, text: str) -> None:
    """Milliseconds and hundredths show a quick answer from a hanging one."""
    assert took(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(41, "41s"), (119, "119s"), (720, "12m"), (18000, "5h"), (260000, "3d")])
def test_an_age_reads_as_kubectl_writes_it(seconds: float, text: str) -> None:
    """Ages in tables are short."""
    assert age(AT - timedelta(seconds=seconds), AT) == text


def test_an_unknown_age_is_a_dash() -> None:
    """No creation time is not zero seconds, and a clock ahead of ours is not negative."""
    assert age(None, AT) == "-"
    assert age(AT + timedelta(hours=1), AT) == "0s"


def test_times_are_the_operators_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall clock's zone is used, and named where the date stands."""
    import time

    monkeypatch.setenv("TZ", "KST-9")
    time.tzset()
    assert clock(AT) == "21:25:45"
    assert full(AT) == "2026-11-22 21:25:45 KST"
    assert day_clock(AT, AT) == "21:25:45"
    assert day_clock(AT - timedelta(days=1), AT) == "2026-11-21 21:25:45"


def test_odd_times_are_drawn_too() -> None:
    """A time without a zone counts as UTC; the ends of the calendar raise nothing."""
    assert between(AT.replace(tzinfo=None), AT) == "0 s"
    assert full(datetime.min.replace(tzinfo=UTC))
    assert full(datetime.max.replace(tzinfo=UTC))
