"""Figures read out of log lines: times with and without units, shares of the usual."""

import re

import pytest

from opsagent.analysis.text.durations import TIME, seconds


@pytest.mark.parametrize(
    ("text", "took"),
    [
        ("took 5321.5 ms", 5.3215),
        ("took 12ms", 0.012),
        ("took 1.5s", 1.5),
        ("took 3 seconds", 3.0),
        ("took 250 milliseconds", 0.25),
        ("took 2 minutes", 120.0),
        ("took 90 µs", 0.00009),
        ("took 800msecs", 0.8),
    ],
)
def test_a_time_is_read_with_its_unit(text: str, took: float) -> None:
    """Units of many programs come to seconds."""
    found = re.search(rf"took {TIME}", text)
    assert found is not None
    assert seconds(found) == pytest.approx((took,))


def test_a_figure_without_a_unit_is_in_seconds_and_a_unit_may_be_first() -> None:
    """MySQL writes seconds only; MongoDB writes the unit into the key."""
    plain = re.search(r"Query_time: (\d+\.\d+)", "# Query_time: 14.25")
    keyed = re.search(r"duration(Millis)\W+(\d+)", 'durationMillis":5200')
    assert plain is not None
    assert keyed is not None
    assert (seconds(plain), seconds(keyed)) == ((14.25,), (5.2,))
