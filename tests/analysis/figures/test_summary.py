"""The figures of a service at a glance: levels, gaps, what is too old, and whose they are."""

from opsagent.analysis.figures.places import Places
from opsagent.analysis.figures.summary import POINTS, gauge, summaries
from opsagent.models.figures import Series, series_of

END = 3600.0
PLACES = Places({"prod-cart": "cart"}, {}, {"cart-1": "cart", "cart-2": "cart"}, {})


def series(
    metric: str, level: float, then: float | None = None, kind: str = "Service", name: str = "prod-cart"
) -> Series:
    """Return an hour of a figure in steps of 15 s, another level in its last quarter."""
    points = [(at * 15.0, then if then is not None and at >= 180 else level) for at in range(241)]
    return series_of(metric, "", kind, name, points)


def test_levels_now_and_before() -> None:
    """Each is the median of its part; the course has equal parts."""
    found = gauge(series("requests", 60, 40), END)
    assert (found.now, found.before, len(found.points)) == (40, 60, POINTS)
    assert (found.points[0], found.points[-1]) == (60, 40)


def test_what_is_too_old_is_not_a_level_now() -> None:
    """A source that stopped an hour ago reports nothing of now; its course is still there."""
    found = gauge(series("requests", 60), END + 301)
    assert (found.now, found.before) == (None, 60)
    assert gauge(series("requests", 60), END + 300).now == 60


def test_gaps_are_gaps() -> None:
    """A part of the window without a point has none; no figure is ever 0 for want of one."""
    points = [(at * 15.0, None if 60 <= at < 120 else 5.0) for at in range(241)]
    found = gauge(series_of("requests", "1/s", "Service", "cart", points), END)
    assert found.points[3:6] == (None, None, None)
    assert {point for point in found.points if point is not None} == {5.0}


def test_a_service_by_its_figures() -> None:
    """Errors are a share of requests, several series are added up, the first latency that there is counts."""
    own = [
        series("requests", 30), series("requests", 30), series("errors", 0, 15),
        series("latency_p50", 3), series("latency_p95", 9, 900),
        series("cpu", 0.1, 0.18, "Container", "cart-1/app"), series("cpu", 0.1, 0.1, "Container", "cart-2/app"),
        series("cpu_limit", 0.2, kind="Container", name="cart-1/app"),
        series("cpu_limit", 0.2, kind="Container", name="cart-2/app"),
        series("tcp_retransmits", 1, kind="Node", name="node-1"),
    ]  # fmt: skip
    found = summaries(own, PLACES, END)
    assert set(found) == {"cart"}
    cart = found["cart"]
    assert cart.requests_per_s is not None
    assert cart.requests_per_s.now == 60
    assert cart.error_share is not None
    assert (cart.error_share.before, cart.error_share.now) == (0, 0.25)
    assert cart.latency_ms is not None
    assert (cart.latency, cart.latency_ms.now) == ("p95", 900)
    assert cart.cpu_share is not None
    assert round(cart.cpu_share.now or 0, 6) == 0.9  # of the pod that is nearest to its limit
    assert cart.memory_share is None


def test_without_traffic_there_is_no_share() -> None:
    """0 errors of 0 requests are neither good nor bad."""
    found = summaries([series("requests", 0), series("errors", 0)], PLACES, END)["cart"]
    assert found.error_share is None


def test_series_without_a_point_are_no_figures() -> None:
    """An empty answer names nobody."""
    assert summaries([series_of("requests", "1/s", "Service", "cart", [])], PLACES, END) == {}
