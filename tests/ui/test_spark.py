"""Sparklines: as wide as asked for, gaps as gaps, peaks kept."""

from hypothesis import given
from hypothesis import strategies as st

from opsagent.ui.spark import spark


def test_a_course() -> None:
    """From 0 to the highest point; a flat zero is low, not high."""
    assert spark([0, 1, 2, 4], 4) == "▁▃▅█"
    assert spark([0, 0], 2) == "▁▁"
    assert spark([5, None, 5], 3) == "█ █"
    assert spark([None, None], 2) == ""
    assert spark([1] * 11 + [9], 3) == "▁▁█"


@given(st.lists(st.none() | st.floats(-1e9, 1e9), max_size=40), st.integers(0, 20))
def test_any_points(points: list[float | None], width: int) -> None:
    """Nothing breaks it, and it is exactly as wide as asked for where there is anything to draw."""
    drawn = spark(points, width)
    assert len(drawn) == (width if width and any(point is not None for point in points) else 0)
