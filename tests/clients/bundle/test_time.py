"""Times as people and programs write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.clients.bundle.time import line_time, newest_in, newest_line_time, parse_time


@pytest.mark.parametrize(
    "text",
    ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "2026-01-02 03:04:05", "2026-01-02T03:04:05.000000000Z"],
)
def test_stamps_become_utc(text: str) -> None:
    """Zones are converted, a missing one is UTC, nanoseconds are fine; at a line's start as well."""
    assert parse_time(text) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert line_time(f"{text} hello".encode()) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert line_time(f"[{text}] hello".encode()) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, 5, "", "yesterday", "0001-01-01T00:00:00+14:00", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_none(text: object) -> None:
    """Wrong types, words and impossible times give None."""
    assert parse_time(text) is None


def test_the_newest_stamp_of_a_log_and_of_an_object() -> None:
    """Lines without stamp are passed over; only fields that the cluster stamped count."""
    assert newest_line_time(b"cut line\n2026-01-02T03:04:05Z a\nb\n") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert newest_line_time(b"none") is None
    obj = {"metadata": {"creationTimestamp": "2026-01-01T00:00:00Z", "annotations": {"expires": "2030-01-01"}},
           "status": {"conditions": [{"lastTransitionTime": "2026-01-02T00:00:00Z"}, 3]}}  # fmt: skip
    assert newest_in([obj, {}]) == datetime(2026, 1, 2, tzinfo=UTC)
    assert newest_in([]) is None


@given(st.binary(max_size=60))
def test_any_line_start_is_survived(line: bytes) -> None:
    """Any bytes give a time or None."""
    assert line_time(line) is None or line_time(line) is not None
