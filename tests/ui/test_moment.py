"""Times and spans in the unit that matters."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from opsagent.ui.language import SOURCE, use
from opsagent.ui.moment import age, ago, between, clock, day_clock, full, in_zone, span, stamped_in_zone, took

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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("latency rose since 12:04 UTC", "latency rose since 21:04"),
        ("12:04 UTC부터 느려졌고 12:05 UTC에 배포되었습니다", "21:04부터 느려졌고 21:05에 배포되었습니다"),
        ("10회, 03:08:29–03:08:30 UTC", "10회, 12:08:29–12:08:30"),
        ("from 03:08:29 to 03:08:30 UTC", "from 12:08:29 to 12:08:30"),
        ("99:99 UTC", "99:99 UTC"),
    ],
)
def test_a_sentence_has_the_times_of_the_screen(monkeypatch: pytest.MonkeyPatch, text: str, shown: str) -> None:
    """Also where a Korean particle is right behind the zone, and where a translation joins two times with a dash."""
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    assert in_zone(text, AT) == shown


def test_the_api_servers_stamp_of_a_log_line_is_the_screens_clock() -> None:
    """What the program itself wrote stays, also a time."""
    line = "2026-11-22T12:25:30.051863000Z GET /a 2026-11-22T12:25:29Z"
    assert stamped_in_zone(line, AT) == "12:25:30 GET /a 2026-11-22T12:25:29Z"
    assert stamped_in_zone("GET /a", AT) == "GET /a"


def test_an_age_in_a_sentence_is_in_the_operators_language() -> None:
    """A unit of one letter reads as a word in English alone."""
    assert ago(AT - timedelta(seconds=2900), AT) == "11:37:25 (48m ago)"
    try:
        use("ko")
        assert ago(AT - timedelta(seconds=2900), AT) == "11:37:25 (48분 전)"
    finally:
        use(SOURCE)
