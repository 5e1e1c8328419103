"""Schedules as the CronJob controller reads them (robfig/cron v3, ParseStandard)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.objects.schedule import fired_before, known_zone, last_due, no_such_zone, parse_schedule

NOW = datetime(2030, 5, 6, 12, 0, 30, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("*/5 * * * *", datetime(2030, 5, 6, 12, 0, tzinfo=UTC)),
        ("7/20 * * * *", datetime(2030, 5, 6, 11, 47, tzinfo=UTC)),
        ("30 3 * * *", datetime(2030, 5, 6, 3, 30, tzinfo=UTC)),
        ("0 22 * * 1-5", datetime(2030, 5, 3, 22, 0, tzinfo=UTC)),
        ("0 0 ? JAN,jul sun", datetime(2030, 1, 27, tzinfo=UTC)),
        ("@hourly", datetime(2030, 5, 6, 12, 0, tzinfo=UTC)),
        ("@weekly", datetime(2030, 5, 5, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 0 1 * fri", datetime(2030, 5, 3, tzinfo=UTC)),  # day of month or day of week
        ("0 0 */2 * mon", datetime(2030, 5, 6, tzinfo=UTC)),  # a step restricts: or, as well
        ("0 0 * * mon", datetime(2030, 5, 6, tzinfo=UTC)),
    ],
)
def test_when_it_fired_last(text: str, last: datetime) -> None:
    """Steps, ranges, names, descriptors, a leap day, and the two fields of days."""
    schedule = parse_schedule(text)
    assert schedule is not None
    assert next(fired_before(schedule, NOW, UTC)) == last


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* * * * 7", "*/0 * * * *", "5-1 * * * *", "x * * * *", "@every 1h", "٥ * * * *"],
)
def test_what_the_api_server_would_not_take_is_not_read(text: str) -> None:
    """Sunday is 0 alone; `@every` has no clock."""
    assert parse_schedule(text) is None


@pytest.mark.parametrize(("text", "ever"), [("0 0 31 2 *", False), ("0 0 30 2 *", False), ("0 0 29 2 *", True)])
def test_a_day_that_never_comes(text: str, *, ever: bool) -> None:
    """31 February does not, 29 February does every four years."""
    schedule = parse_schedule(text)
    assert schedule is not None
    assert schedule.ever is ever


def test_a_time_zone_moves_it_and_without_one_no_zone_of_the_world_is_accused() -> None:
    """Tokyo is nine hours ahead; the controller's own zone is not known, so that the earliest counts."""
    daily = parse_schedule("0 9 * * *")
    assert daily is not None
    assert last_due(daily, NOW, known_zone("Asia/Tokyo")) == datetime(2030, 5, 6, 0, 0, tzinfo=UTC)
    open_zone = last_due(daily, NOW, None)
    assert open_zone is not None
    assert NOW - timedelta(hours=24) <= open_zone <= NOW - timedelta(hours=23)
    assert (no_such_zone("Europe/Nowhere"), no_such_zone("../etc"), no_such_zone("Europe/Rome")) == (True, True, False)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A bundle may hold anything."""
    schedule = parse_schedule(text)
    assert schedule is None or all(at <= NOW for at, _ in zip(fired_before(schedule, NOW, UTC), range(3), strict=False))
