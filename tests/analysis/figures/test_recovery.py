"""A recovery is proven by figures from after the change, two at least."""

from collections.abc import Callable

from opsagent.analysis.figures.places import Places
from opsagent.analysis.figures.recovery import quoted, recovered
from opsagent.models.figures import Figures
from tests.analysis.figures.platform import COUNT, START, STEP, series

CHANGED = 140  # the point at which somebody acted; ill since 100


def proof(level: Callable[[int], float], *, since: int = CHANGED) -> bool | None:
    """Return what one series of cart proves."""
    figures = Figures("test", (series("latency_p95", "Service", "cart", level),))
    return recovered(figures, Places({}, {}, {}, {}), ["cart"], START + since * STEP)


def test_good_figures_after_the_change_prove_it() -> None:
    """The level of before is back."""
    assert proof(lambda i: 900 if 100 <= i < CHANGED else 30) is True


def test_figures_that_stay_bad_prove_the_opposite() -> None:
    """Nothing became better, or hardly anything."""
    assert proof(lambda i: 900 if i >= 100 else 30) is False
    assert proof(lambda i: (900 if i < CHANGED else 700) if i >= 100 else 30) is False


def test_one_figure_after_the_change_proves_nothing() -> None:
    """Neither a recovery nor its absence."""
    assert proof(lambda i: 900 if i >= 100 else 30, since=COUNT - 1) is None


def test_what_was_never_wrong_needs_no_proof() -> None:
    """A service whose figures had not changed is good."""
    assert proof(lambda _: 30) is True


def test_the_figure_is_quoted_from_its_worst_to_now() -> None:
    """With unit and the limit where one is known, else its level of before; nothing where nothing was wrong."""
    places, since = Places({}, {}, {}, {}), START + CHANGED * STEP
    slow = series("latency_p95", "Service", "cart", lambda i: 900 if 100 <= i < CHANGED else 30, noise=0.0)
    assert quoted(Figures("test", (slow,)), places, ["cart"], since) == "latency_p95 of cart 900 → 30 ms, 30 ms before"
    used = series("connections", "Service", "cart", lambda i: 99 if 100 <= i < CHANGED else 20, noise=0.0)
    most = series("connections_limit", "Service", "cart", lambda _: 100, noise=0.0)
    assert quoted(Figures("test", (used, most)), places, ["cart"], since) == "connections of cart 99 → 20, limit 90"
    calm = series("latency_p95", "Service", "cart", lambda _: 30, noise=0.0)
    assert quoted(Figures("test", (calm,)), places, ["cart"], since) == ""
    assert quoted(Figures("test", (slow,)), places, ["cart"], START + COUNT * STEP) == ""
