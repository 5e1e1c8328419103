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


@pytest.mark.parametrize(
    "line",
    [
        '{"level":"warn","ts":1767323045.25,"msg":"x"}',
        '{"time":1767323045000,"msg":"x"}',
        '{"timestamp":"1767323045000000"}',
        '{"ts":1767323045000000000}',
        '{"@timestamp":"2026-01-02T04:04:05+01:00"}',
        '{"t":{"$date":"2026-01-02T03:04:05.000+00:00"},"s":"I"}',
        '{"time":"soon","date":"2026-01-02 03:04:05"}',
    ],
)
def test_lines_of_json_show_their_time(line: str) -> None:
    """Text, or a number of any unit, under the names that loggers give it."""
    at = newest_line_time(f'cut"}}\n{line}\n'.encode())
    assert at is not None
    assert at.replace(microsecond=0) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        '{"order":{"time":"2031-01-02T03:04:05Z"}}',
        '{"msg":"ts 1767323045"}',
        '{"time":17}',
        '{"time":true}',
        '{"time":1e300}',
        '{"time":NaN}',
        '{"ts":null',
        '{"ts":' + "[" * 100_000,
    ],
)
def test_what_is_no_time_of_a_line_of_json_is_none(line: str) -> None:
    """Times of what a line speaks of, other numbers, broken and hostile JSON."""
    assert newest_line_time(line.encode()) is None


@given(st.binary(max_size=60))
def test_any_line_start_is_survived(line: bytes) -> None:
    """Any bytes give a time or None."""
    assert line_time(line) is None or line_time(line) is not None
