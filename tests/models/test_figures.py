"""Series: arrays with gaps, in the order of time."""

import math

from opsagent.models.figures import Figures, series_of


def test_points_come_in_the_order_of_time_and_once() -> None:
    """Of two figures of one moment the later one counts."""
    series = series_of("requests", "1/s", "Service", "cart", [(30, 3.0), (10, 1.0), (20, 2.0), (10, 5.0)])
    assert list(series.times) == [10, 20, 30]
    assert list(series.values) == [5.0, 2.0, 3.0]


def test_no_figure_is_never_zero() -> None:
    """None, NaN and infinity become "no figure", and the newest figure is the newest one that is."""
    series = series_of("requests", "1/s", "Service", "cart", [(10, 1.0), (20, None), (30, math.nan), (40, math.inf)])
    assert list(series.known()) == [(10.0, 1.0)]
    assert Figures("test", (series,)).newest == 10


def test_figures_without_a_series_are_none() -> None:
    """They are false, so that nobody takes them for an answer."""
    assert not Figures("test")
