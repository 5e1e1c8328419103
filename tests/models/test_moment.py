"""One zone for all that an operator reads."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from opsagent.models.moment import clock_zone, local, times_in
from opsagent.ui.moment import ago, in_zone, offset, rfc3339, zone

AT = datetime(2026, 11, 22, 18, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be an operator in Korea."""
    monkeypatch.setenv("TZ", "KST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_the_operators_own_with_their_offset_in_files() -> None:
    """Name on the screen, RFC 3339 with offset in a file, an age beside."""
    assert clock_zone(AT) == "03:04 KST"
    assert zone(AT) == "KST"
    assert offset(AT) == "+09:00"
    assert rfc3339(AT) == "2026-11-23T03:04:05+09:00"
    assert ago(AT, AT + timedelta(seconds=8)) == "03:04:05 (8s ago)"
    assert local(AT.astimezone(timezone(timedelta(hours=-5)))) == AT
    assert local(AT.replace(tzinfo=None)) == AT


def test_utc_lasts_for_one_command() -> None:
    """With --utc every time is UTC, and afterwards the zone is as before."""
    with times_in(utc=True):
        assert clock_zone(AT) == "18:04 UTC"
    assert clock_zone(AT) == "03:04 KST"
    assert os.environ["TZ"] == "KST-9"
    with times_in(utc=False):
        assert clock_zone(AT) == "03:04 KST"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("seen 3 times, from 18:04:05 to 18:05:06 UTC", "seen 3 times, from 03:04:05 to 03:05:06"),
        ("since 18:04 UTC, so", "since 03:04, so"),
        ("GET /stats at 18:04:05 UTC", "GET /stats at 03:04:05"),
        ("last at 2026-11-22T18:04:05Z", "last at 03:04:05"),
        ("last at 2026-11-20T18:04:05.5Z", "last at 2026-11-21 03:04:05"),
        ("99:99 UTC is no time", "99:99 UTC is no time"),
        ("at 18:04:05", "at 18:04:05"),
    ],
)
def test_times_in_our_sentences_are_in_the_screens_zone(text: str, shown: str) -> None:
    """Only what states that it is UTC is converted; what is no time stays."""
    assert in_zone(text, AT) == shown
