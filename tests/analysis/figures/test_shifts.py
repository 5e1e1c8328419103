"""A change is distinguished from noise, the time of day, what comes and goes, and gaps."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.figures.known import known
from opsagent.analysis.figures.shifts import shift_of
from opsagent.models.figures import series_of
from tests.analysis.figures.platform import COUNT, ONSET, START, STEP, ramp, series, step


def test_a_step_is_found_with_its_levels_and_its_onset() -> None:
    """Before, now and the first moment of the new level are those of the step."""
    shift = shift_of(series("latency_p95", "Service", "cart", step(12, 900)), known("latency_p95"))
    assert shift is not None
    assert (round(shift.before), round(shift.now, -2), shift.ramp) == (12, 900, False)
    assert abs(shift.onset - ONSET) <= STEP


@given(before=st.floats(10, 500), factor=st.sampled_from([0.2, 0.5, 2.0, 9.0]), noise=st.floats(0.0, 0.05))
def test_the_value_from_which_it_counts_as_changed_is_between_its_levels(
    before: float, factor: float, noise: float
) -> None:
    """Beyond it lies the new level, at least the row's distance and factor from the level before."""
    figure = known("latency_p95")
    made = series("latency_p95", "Service", "cart", step(before, before * factor), noise=noise)
    shift = shift_of(made, figure)
    if shift is None:
        return
    bound = shift.changed_from(figure)
    assert abs(bound - shift.before) >= figure.least
    assert shift.before < bound <= shift.now if shift.up else shift.now <= bound < shift.before


def test_noise_alone_is_not_a_change() -> None:
    """Forty series of noise, a third of the level wide, change nothing."""
    for seed in range(40):
        calm = series("latency_p95", "Service", "cart", 80, noise=0.3, seed=seed)
        assert shift_of(calm, known("latency_p95")) is None


def test_the_time_of_day_is_not_a_change_of_response_times() -> None:
    """A slow wave of a fifth of the level is not reported."""
    wave = series("latency_p95", "Service", "cart", lambda i: 100 + 20 * math.sin(i / 40))
    assert shift_of(wave, known("latency_p95")) is None


def test_a_burst_that_is_over_is_not_a_change() -> None:
    """Ten slow minutes long before the end do not count now."""
    burst = series("latency_p95", "Service", "cart", lambda i: 900 if 40 <= i < 60 else 30)
    assert shift_of(burst, known("latency_p95")) is None


def test_what_comes_again_and_again_is_not_a_change() -> None:
    """A batch job that ran twice before does not change anything by its third run."""
    batch = series("cpu", "Service", "cart", lambda i: 0.9 if i % 50 >= 40 else 0.1)
    assert shift_of(batch, known("cpu")) is None


def test_a_step_after_a_burst_is_found() -> None:
    """What ended long ago does not hide what began lately."""
    both = series("latency_p95", "Service", "cart", lambda i: 300 if 20 <= i < 24 or i >= 120 else 30)
    shift = shift_of(both, known("latency_p95"))
    assert shift is not None
    assert abs(shift.onset - (START + 120 * STEP)) <= STEP


def test_a_ramp_is_called_so() -> None:
    """What is still on its way is not a new level."""
    shift = shift_of(series("queue_depth", "Queue", "orders", ramp(10, 9000)), known("queue_depth"))
    assert shift is not None
    assert shift.ramp


def test_gaps_nan_and_infinity_are_no_figures() -> None:
    """Missing figures are neither zeros nor a change."""
    points = [(START + i * STEP, [30.0, None, math.nan, math.inf, 31.0, 29.0][i % 6]) for i in range(COUNT)]
    assert shift_of(series_of("latency_p95", "ms", "Service", "cart", points), known("latency_p95")) is None


def test_without_a_before_there_is_no_change() -> None:
    """A few points report nothing, however high they are."""
    points = [(START + i * STEP, 900.0) for i in range(6)]
    assert shift_of(series_of("latency_p95", "ms", "Service", "cart", points), known("latency_p95")) is None


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(allow_nan=True, allow_infinity=True) | st.none()), max_size=80))
def test_whatever_a_series_holds_it_is_judged(points: list[tuple[float, float | None]]) -> None:
    """Times in any order and values of any size give a change or none, never an error."""
    found = shift_of(series_of("requests", "1/s", "Service", "cart", points), known("requests"))
    assert found is None or found.before != found.now


def test_the_unit_makes_no_difference_where_the_floor_allows() -> None:
    """The same shape at a thousand times the level is the same change."""
    chance = random.Random(3)
    shape = [chance.gauss(10, 0.3) * (1 if i < 90 else 3) for i in range(COUNT)]
    for factor in (10.0, 10_000.0):
        points = [(START + i * STEP, value * factor) for i, value in enumerate(shape)]
        shift = shift_of(series_of("latency_p95", "ms", "Service", "cart", points), known("latency_p95"))
        assert shift is not None
        assert round(shift.ratio, 1) == 3.0
