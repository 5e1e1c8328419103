"""Traffic before and now."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.figures.trend import trend
from opsagent.models.observed import StatsSample
from tests.analysis.scene import NOW, body, sample


def traffic(rps: object, response_ms: object, seconds_ago: float, took_s: float = 0.01) -> StatsSample:
    """Return one sample with these windowed figures."""
    front = {"status": "healthy", "requests_per_second": rps, "avg_response_time_ms": response_ms, "success_rate": 100}
    return sample(body(load_balancer=front), seconds_ago=seconds_ago, took_s=took_s)


def test_a_surge_that_hangs_is_reported_before_and_now() -> None:
    """The older half is the before; the text states both and that a service hangs."""
    samples = [traffic(38, 5, 20), traffic(38, 5, 18), traffic(61, 5.4, 8, 2.0), traffic(49.4, 1531, 0, 2.0)]
    seen = trend(samples, now=NOW, window_s=900)
    assert seen is not None
    assert (seen.rps_before, seen.rps_now, seen.response_ms_before, seen.response_ms_now) == (38, 49.4, 5, 1531)
    assert seen.text.startswith("requests 38 → 49 /s, response 5 → 1531 ms within 20 s")
    assert "hangs" in seen.text


def test_samples_outside_the_window_do_not_count() -> None:
    """Old samples and samples from a clock far ahead are left out; with none left there is no trend."""
    assert trend([traffic(9, 5, 1000), traffic(9, 5, -3600)], now=NOW, window_s=900) is None


def test_no_completed_request_is_not_a_response_time() -> None:
    """0 ms at 0 requests is absence, not speed."""
    seen = trend([traffic(40, 6, 10), traffic(0, 0, 0)], now=NOW, window_s=900)
    assert seen is not None
    assert (seen.rps_now, seen.response_ms_now) == (0, None)
    assert "now none" in seen.text


def test_one_sample_has_no_before() -> None:
    """A single sample is a point; its figures stand alone."""
    seen = trend([traffic(40, 6, 0)], now=NOW, window_s=900)
    assert seen is not None
    assert (seen.samples, seen.rps_before, seen.text) == (
        1,
        None,
        "no trend: no earlier samples (requests 40 /s, response 6 ms)",
    )


def test_a_failed_sample_is_counted_without_figures() -> None:
    """An unanswered /stats gives no figure now, and states it."""
    seen = trend([traffic(40, 6, 10), sample(error="refused")], now=NOW, window_s=900)
    assert seen is not None
    assert seen.rps_now is None


@given(
    st.lists(
        st.tuples(st.none() | st.text("a1.", max_size=3) | st.floats(), st.floats(), st.floats(-1e4, 1e4)), max_size=6
    )
)
def test_wild_figures_never_raise(rows: list[tuple[object, float, float]]) -> None:
    """Whatever the figures are, there is a trend or none, and one line of text."""
    seen = trend([traffic(rps, ms, at) for rps, ms, at in rows], now=NOW, window_s=900)
    assert seen is None or (seen.text and "\n" not in seen.text)


def counted(response_ms: float, total: int, rate: float, seconds_ago: float) -> StatsSample:
    """Return one sample with these sums since the load balancer's start."""
    front = {"status": "healthy", "requests_per_second": 40, "avg_response_time_ms": response_ms}
    front |= {"success_rate": rate, "total_requests": total}
    return sample(body(load_balancer=front), seconds_ago=seconds_ago)


def test_failures_that_are_fast_are_no_improvement() -> None:
    """Responses fall to a third because nobody works any more: the text states the share, and that it is not good."""
    samples = [counted(6, 1000, 100, 60), counted(6, 1100, 100, 40), counted(2, 1200, 1100 / 12, 0)]
    seen = trend(samples, now=NOW, window_s=900)
    assert seen is not None
    assert seen.success == pytest.approx(0.0)
    assert "success 100 → 0 %" in seen.text
    assert "that failures are fast is not an improvement" in seen.text
    well = trend(samples[:2], now=NOW, window_s=900)
    assert well is not None
    assert well.text.endswith("success 100 % within 20 s")
