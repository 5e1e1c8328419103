"""From which value a figure counts as used up."""

import pytest

from opsagent.analysis.figures.limits import threshold_of
from opsagent.analysis.figures.places import Places
from opsagent.analysis.figures.signals import board_of
from tests.analysis.figures.platform import series

MIB = 1024.0 * 1024.0


@pytest.mark.parametrize(
    ("metric", "kind", "limit", "most", "threshold"),
    [
        ("cpu", "Pod", "cpu_limit", 2.0, 1.6),
        ("memory", "Pod", "memory_limit", 256 * MIB, 256 * MIB),
        ("connections", "Service", "connections_limit", 100.0, 90.0),
        ("disk_used", "Service", None, 0.0, 90.0),
        ("latency_p95", "Service", None, 0.0, None),  # judged by its change alone
        ("cpu", "Pod", None, 0.0, None),  # no limit is known
    ],
)
def test_the_threshold_is_that_of_its_limit(
    metric: str, kind: str, limit: str | None, most: float, threshold: float | None
) -> None:
    """CPU is throttled below its limit, connections run out near theirs; without a limit there is no threshold."""
    name = "cart-1" if kind == "Pod" else "cart"
    made = [series(metric, kind, name, lambda _: 0.5, noise=0.0)]
    made += [series(limit, kind, name, lambda _: most, noise=0.0)] if limit else []
    signals = board_of(made, Places({}, {}, {"cart-1": "cart"}, {})).services["cart"]
    assert threshold_of(made[0], signals) == threshold
