"""The share of requests that succeeded between two samples of /stats: the only figure of success that states "now".

`success_rate` r (percent) and `total_requests` N count since the load balancer started, so between two samples
(r2·N2 - r1·N1) / (N2 - N1) is the share in between. It counts 4xx as failures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from opsagent.analysis.figures.stats import traffic_metrics
from opsagent.models.observed import StatsSample

LEAST = 50  # requests of a window: of fewer one failure is two percent
LOW = 0.9  # measured: healthy windows 98.5-100 %, one dead service out of three 94-97 %
_SLACK = 0.05  # a share outside 0 to 1 by more than rounding is none: the counters began again in between
_OUT_OF_ORDER = timedelta(seconds=5)  # within this the samples of two processes may cross


@dataclass(frozen=True, slots=True)
class Window:
    """What became of the requests between two samples."""

    since: datetime
    until: datetime
    requests: int
    share: float  # 0 to 1
    newest: StatsSample

    @property
    def text(self) -> str:
        """Return "28 % of 552 requests succeeded from 12:00:05 to 12:00:17 UTC"."""
        times = f"{self.since:%H:%M:%S} to {self.until:%H:%M:%S} UTC"
        return f"{self.percent} of {self.requests} requests succeeded from {times}"

    @property
    def percent(self) -> str:
        """Return the share as the operator reads it; 100 % only where none failed."""
        return f"{min(100 * self.share, 99.9 if self.share < 1 else 100):.1f}".removesuffix(".0") + " %"


@dataclass(frozen=True, slots=True)
class _Count:
    sample: StatsSample
    total: int
    good: float


def success_windows(samples: Iterable[StatsSample], *, least: int = LEAST) -> tuple[Window, ...]:
    """Return the windows of at least so many requests since the load balancer's last start, the newest first."""
    counts = _since_last_start(sorted((s for s in samples if s.stats is not None), key=lambda sample: sample.at))
    found: list[Window] = []
    end = counts[-1] if counts else None
    for begin in reversed(counts[:-1]):
        if end is None or end.total - begin.total < least:
            continue
        share = (end.good - begin.good) / (end.total - begin.total)
        if not -_SLACK <= share <= 1 + _SLACK:
            break  # what is before is of another process
        share = min(1.0, max(0.0, share))
        found.append(Window(begin.sample.at, end.sample.at, end.total - begin.total, share, end.sample))
        end = begin
    return tuple(found)


def failing_windows(samples: Iterable[StatsSample]) -> tuple[Window, Window] | None:
    """Return the two newest windows where requests failed in both; None where they did not, or nothing is known."""
    windows = success_windows(samples)[:2]
    if len(windows) < 2 or any(window.share >= LOW for window in windows):
        return None
    return windows[0], windows[1]


def _since_last_start(samples: Sequence[StatsSample]) -> list[_Count]:
    """Return the counts since total_requests last began again, by their number: samples of two processes may cross."""
    counts = [count for sample in samples if (count := _count(sample)) is not None]
    start = 0
    for index, (before, after) in enumerate(pairwise(counts), 1):
        crossed = after.sample.at - before.sample.at <= _OUT_OF_ORDER and after.total >= LOW * before.total
        if after.total < before.total and not crossed:
            start = index
    return sorted(counts[start:], key=lambda count: (count.total, count.sample.at))


def _count(sample: StatsSample) -> _Count | None:
    figures = traffic_metrics(sample)
    if figures is None or figures.lifetime_total_requests is None or figures.lifetime_success_rate_percent is None:
        return None
    total, rate = figures.lifetime_total_requests, figures.lifetime_success_rate_percent
    return _Count(sample, total, total * rate / 100) if rate <= 100 + _SLACK else None
