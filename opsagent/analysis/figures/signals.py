"""What the figures of one place show: how they changed, and how near they are to their limits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from opsagent.analysis.figures.joined import error_share, mean_of
from opsagent.analysis.figures.known import known
from opsagent.analysis.figures.noise import middle
from opsagent.analysis.figures.places import Places
from opsagent.analysis.figures.shifts import Shift, shift_of
from opsagent.models.figures import Series

LATENCIES = ("latency_p50", "latency_avg", "latency_p90", "latency_p95", "latency_p99")
_PER_POD = frozenset({"cpu", "cpu_throttled"})
_LAST = 5  # points that are "now"


@dataclass(slots=True)
class Signals:
    """The figures of one service or node."""

    name: str
    series: dict[str, list[Series]] = field(default_factory=lambda: defaultdict(list))
    shifts: dict[str, Shift] = field(default_factory=dict)  # by metric; of several series the largest

    def shift(self, *metrics: str) -> Shift | None:
        """Return the first change among the metrics, in their order."""
        return next((self.shifts[metric] for metric in metrics if metric in self.shifts), None)

    def worse(self, *metrics: str) -> Shift | None:
        """Return the first of the metrics that changed for the worse."""
        for metric in metrics:
            shift = self.shifts.get(metric)
            if shift is not None and shift.up == (known(metric).worse != "down"):
                return shift
        return None

    @property
    def slower(self) -> Shift | None:
        """Return how its answers became slower."""
        return self.worse("latency_p95", "latency_p90", "latency_avg", "latency_p50", "latency_p99")

    @property
    def failing(self) -> Shift | None:
        """Return how its answers fail more often."""
        return self.worse("error_share", "success", "errors")

    @property
    def ill(self) -> bool:
        """Return whether those who call it notice anything."""
        return self.slower is not None or self.failing is not None

    @property
    def measured(self) -> bool:
        """Return whether its answers are measured at all: only then does "not faulty" state anything."""
        return any(self.series.get(metric) for metric in (*LATENCIES, "errors", "success"))

    @property
    def timed(self) -> bool:
        """Return whether the time of its answers is measured."""
        return any(self.series.get(metric) for metric in LATENCIES)

    def searched(self) -> dict[str, list[Series]]:
        """Return the series in which a change is searched for: means over pods, errors as a share of the requests."""
        own = {metric: members for metric, members in self.series.items() if known(metric).group != "limit"}
        errors, requests = own.get("errors"), own.get("requests")
        share = error_share(errors[0], requests[0]) if errors and requests else None
        if share is not None:
            own["error_share"] = [share]
            del own["errors"]
        return {
            metric: [mean_of(members, metric, self.name)] if metric in _PER_POD and len(members) > 1 else members
            for metric, members in own.items()
        }

    def now(self, metric: str) -> float | None:
        """Return the newest level of a figure: the median of its last points, over its series the largest."""
        levels = [level for one in self.series.get(metric, ()) if (level := last_level(one)) is not None]
        return max(levels, default=None)


def last_level(series: Series) -> float | None:
    """Return the median of the last points of a series, None where it has none."""
    values = [value for _, value in series.known()][-_LAST:]
    return middle(values) if values else None


@dataclass(frozen=True, slots=True)
class SignalBoard:
    """All signals of a platform, by service and by node."""

    services: Mapping[str, Signals]
    nodes: Mapping[str, Signals]
    others: tuple[Shift, ...] = ()  # changes of figures that belong to nobody known


def board_of(series: Iterable[Series], places: Places) -> SignalBoard:
    """Return the signals of every service and node that has figures."""
    services: dict[str, Signals] = {}
    nodes: dict[str, Signals] = {}
    others = []
    for one in series:
        if one.kind == "Node":
            nodes.setdefault(one.name, Signals(one.name)).series[one.metric].append(one)
        elif (name := places.service(one)) is not None:
            services.setdefault(name, Signals(name)).series[one.metric].append(one)
        elif (shift := shift_of(one, known(one.metric))) is not None:
            others.append(shift)
    for signals in (*services.values(), *nodes.values()):
        _judge(signals)
    return SignalBoard(services, nodes, tuple(others))


def _judge(signals: Signals) -> None:
    for metric, searched in signals.searched().items():
        for one in searched:
            shift = shift_of(one, known(metric))
            if shift is not None and _further(shift, signals.shifts.get(metric)):
                signals.shifts[metric] = shift


def _further(shift: Shift, other: Shift | None) -> bool:
    return other is None or shift.score > other.score
