"""Turn true values into points as a monitoring system records them: counts, windows, noise, gaps."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.simulator.model import Platform

Value = float | None
SeriesJson = dict[str, object]
UNITS = {
    "requests": "1/s",
    "errors": "1/s",
    "success": "ratio",
    "cpu": "cores",
    "cpu_limit": "cores",
    "cpu_throttled": "seconds per second",
    "memory": "bytes",
    "memory_limit": "bytes",
    "packets_in": "1/s",
    "packets_out": "1/s",
    "bytes_in": "1/s",
    "bytes_out": "1/s",
    "restarts": "count",
    "ready": "count",
    "wanted": "count",
    "up": "0/1",
    "cpu_used": "percent",
    "memory_used": "percent",
    "disk_used": "percent",
    "tcp_retransmits": "1/s",
    "connections": "count",
    "connections_limit": "count",
    "replication_lag": "s",
    "queue_depth": "count",
    "consumer_lag": "count",
    "disk_free": "bytes",
    **{f"latency_{name}": "ms" for name in ("p50", "p90", "p95", "p99", "avg")},
}
COUNTS = frozenset(name for name, unit in UNITS.items() if unit in ("count", "bytes", "0/1"))


def poisson(rng: random.Random, mean: float) -> int:
    """Return a Poisson number; the normal approximation where the mean is large."""
    if mean > 40:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def windows(counts: Sequence[int], size: int) -> list[int]:
    """Return the sum of the newest `size` counts at each sample."""
    return [sum(counts[max(0, at + 1 - size) : at + 1]) for at in range(len(counts))]


@dataclass
class Recorder:
    """Collect series; a sample of `down` is lost for all of them."""

    platform: Platform
    rng: random.Random
    down: frozenset[int]

    def __post_init__(self) -> None:
        self.series: list[SeriesJson] = []
        self._times = [int(now) for now in self.platform.times]

    def add(
        self, metric: str, kind: str, name: str, values: Sequence[Value], lost: frozenset[int] = frozenset()
    ) -> None:
        """Record a series to four digits; NaN becomes null or a missing point, a lost sample is a missing point."""
        points: list[list[float | int | None]] = []
        nulls, whole, gone, chance = self.platform.profile.nulls, metric in COUNTS, self.down | lost, self.rng.random
        for at, value in enumerate(values):
            if at in gone or chance() < 0.002:
                continue
            if value is None:
                if nulls:
                    points.append([self._times[at], None])
            elif math.isfinite(value):
                points.append([self._times[at], round(value) if whole else float(f"{value:.4g}")])
        if any(value is not None for _, value in points):
            unit = UNITS.get(metric, "")
            self.series.append({"metric": metric, "unit": unit, "kind": kind, "name": name, "points": points})

    def noisy(self, values: Sequence[float], size: float) -> list[Value]:
        """Return values with independent noise of a relative size."""
        return [value * math.exp(self.rng.gauss(0, size)) for value in values]


def gaps(rng: random.Random, platform: Platform, chance: float, longest: int, until: float) -> frozenset[int]:
    """Return the samples that are lost: at most one gap, ended before a time (Unix seconds)."""
    last = int((until - platform.start) / platform.step) - 6
    if rng.random() >= chance or last < 12:
        return frozenset()
    length = rng.randint(2, min(longest, last // 3))
    first = rng.randint(3, last - length)
    return frozenset(range(first, first + length))
