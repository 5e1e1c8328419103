"""The load balancer's figures."""

from hypothesis import given
from hypothesis import strategies as st

from opsagent.sandbox.traffic import Phase, Traffic


@given(st.lists(st.tuples(st.floats(1, 30), st.floats(0, 90), st.floats(0, 3000), st.floats(0, 1)), max_size=6))
def test_figures_are_always_possible(steps: list[tuple[float, float, float, float]]) -> None:
    """Whatever the traffic was: no negative figure, success between 0 and 100, requests never fewer than before."""
    traffic = Traffic([Phase(0, 40, 5)])
    now, total = 0.0, 0
    for lasting, rate, mean, failing in steps:
        traffic.change(Phase(now, rate, mean, failing))
        now += lasting
        figures = traffic.figures(now)
        assert 0 <= figures["success_rate"] <= 100.0001
        assert figures["requests_per_second"] >= 0
        assert figures["avg_response_time_ms"] >= 0
        assert figures["total_requests"] >= total
        total = figures["total_requests"]


def test_before_the_first_request_everything_is_zero() -> None:
    """success_rate is 0, not 100, while nothing was asked."""
    figures = Traffic([Phase(0, 0, 0)]).figures(5)
    assert (figures["success_rate"], figures["total_requests"], figures["has_real_traffic"]) == (0, 0, False)


def test_the_window_forgets_what_the_sums_keep() -> None:
    """Ten seconds after a slow phase the window is quick, the lifetime mean is not."""
    traffic = Traffic([Phase(0, 50, 5), Phase(20, 50, 2000, 0.9), Phase(40, 50, 5)])
    figures = traffic.figures(55)
    assert figures["avg_response_time_ms"] < 6
    assert figures["avg_response_time_ms_lifetime"] > 500
    assert figures["success_rate"] < 70
