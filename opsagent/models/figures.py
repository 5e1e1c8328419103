"""Figures over time: one series a figure and place, with its gaps."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite, nan
from operator import lt
from typing import Protocol, runtime_checkable

from opsagent.models.observed import Skipped
from opsagent.models.profiles import Row


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One figure of one place over time: Unix seconds, ascending, and values; NaN where there is no figure."""

    metric: str  # "latency_p95", see the figures of the catalog; another name is searched for change like any other
    unit: str
    kind: str  # whose figure it is, see FigureKind
    name: str  # "pod/container" for a Container
    times: "array[float]"
    values: "array[float]"
    query: str | None = None  # the PromQL that made it

    @property
    def place(self) -> str:
        """Return whose figure it is as evidence names it: "Service/cart"."""
        return f"{self.kind}/{self.name}"

    def known(self) -> Iterator[tuple[float, float]]:
        """Yield the points that hold a figure; a gap, NaN or infinity is none."""
        return ((at, value) for at, value in zip(self.times, self.values, strict=True) if isfinite(value))


def series_in_order(  # noqa: PLR0917 - they are the fields of a series, in their order
    metric: str, unit: str, kind: str, name: str, times: list[float], values: list[float], query: str | None = None
) -> Series | None:
    """Return a series of lists whose times ascend, NaN where there is no figure; None where they do not.

    Raises TypeError where something in them is not a number.
    """
    if not all(map(lt, times, times[1:])):
        return None
    return Series(metric, unit, kind, name, array("d", times), array("d", values), query)


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What one source of figures answered."""

    source: str  # "metrics.json", "prometheus"
    series: tuple[Series, ...] = ()
    notes: tuple[str, ...] = field(default=())  # what of the answer is missing: partial, stale, over the bound

    @property
    def newest(self) -> float | None:
        """Return the time of the newest figure, Unix seconds; None where there is none."""
        return max((at for series in self.series for at, _ in series.known()), default=None)

    def __bool__(self) -> bool:
        """Return whether there is any series."""
        return bool(self.series)


def series_of(  # noqa: PLR0917 - they are the fields of a series, in their order
    metric: str,
    unit: str,
    kind: str,
    name: str,
    points: Iterable[tuple[float, float | None]],
    query: str | None = None,
) -> Series:
    """Return a series of pairs in any order; None, NaN and infinity become "no figure", never 0."""
    given = list(points)
    times = array("d", [at for at, _ in given])
    values = array("d", [value if value is not None and isfinite(value) else nan for _, value in given])
    if not all(map(lt, times, times[1:])):
        by_time = dict(zip(times, values, strict=True))  # of two figures of one moment the later one counts
        times = array("d", sorted(by_time))
        values = array("d", (by_time[at] for at in times))
    return Series(metric, unit, kind, name, times, values, query)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as Prometheus or Alertmanager has it."""

    name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    state: str  # "firing", "pending", "active", "suppressed"
    since: datetime | None = None  # activeAt or startsAt (aware, UTC)
    fingerprint: str | None = None
    silenced: bool = False  # a human's word: known
    url: str | None = None
    rule_error: str | None = None  # why its rule cannot be evaluated: then its state proves nothing
    silence: str | None = None  # whose, until when and why, where that is known


@runtime_checkable
class KnowsFigures(Protocol):
    """A platform that has figures over time."""

    def figures(self, rows: Callable[[], tuple[Row, ...]]) -> Figures:
        """Return the series of the window, by these rows where a server is asked.

        Raises NotCheckedError where no source is there, CheckError where it failed."""


@runtime_checkable
class KnowsAlertGaps(Protocol):
    """A platform with several sources of alerts, some of which may have failed while the others answered."""

    @property
    def alert_gaps(self) -> tuple[Skipped, ...]:
        """Return what kept a source of alerts from being read, the last time."""


@runtime_checkable
class KnowsAlerts(Protocol):
    """A platform that has alerts."""

    def alerts(self) -> tuple[Alert, ...]:
        """Return the alerts; NotCheckedError where no source is there, CheckError where it failed."""
