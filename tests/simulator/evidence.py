"""Check that the recorded figures of a case show what its answer states, noise and gaps included."""

from collections.abc import Callable
from statistics import median
from typing import Any

LATENCIES = ("latency_p50", "latency_p90", "latency_p95", "latency_p99", "latency_avg")
SAME = (0.75, 1.33)  # medians of a figure that nothing changed


class Figures:
    """The series of a case, compared before its incident and in the later half of it."""

    def __init__(self, series: list[dict[str, Any]], calls: dict[str, list[str]], start: float) -> None:
        self.calls, self.start = calls, start
        self.end = max(at for one in series for at, _ in one["points"])
        self._by: dict[tuple[str, str], list[list[tuple[float, float]]]] = {}
        for one in series:
            kept = [(at, value) for at, value in one["points"] if value is not None]
            self._by.setdefault((one["metric"], one["name"]), []).append(kept)
        self.names = {one["name"] for one in series}

    def points(self, metric: str, name: str) -> list[tuple[float, float]]:
        """Return the points of one series, none where it was not recorded."""
        return next(iter(self._by.get((metric, name), [])), [])

    def ratio(self, metric: str, name: str) -> float | None:
        """Return the median late in the incident by the median before; None where one of them is missing."""
        early = [value for at, value in self.points(metric, name) if at < self.start]
        late = [value for at, value in self.points(metric, name) if at > (self.start + self.end) / 2]
        return median(late) / max(median(early), 1e-6) if early and late else None

    def slower(self, name: str) -> float | None:
        """Return the largest of the ratios of the response times."""
        found = [ratio for metric in LATENCIES if (ratio := self.ratio(metric, name)) is not None]
        return max(found, default=None)

    def of_pods(self, metric: str, objects: tuple[str, ...]) -> list[str]:
        """Return the names of the pods or containers among the objects for which a metric was recorded."""
        names = [name.split("/", 1)[1] for name in objects if name.startswith(("Pod/", "Container/"))]
        return [name for name in names if self.points(metric, name)]

    def last(self, metric: str, name: str) -> float:
        """Return the newest value."""
        return self.points(metric, name)[-1][1]


def _at_least(value: float | None, least: float, text: str) -> list[str]:
    return [] if value is not None and value >= least else [f"{text}: {value}, expected {least} or more"]


def _same(value: float | None, text: str) -> list[str]:
    return [] if value is None or SAME[0] <= value <= SAME[1] else [f"{text} changed: {value}"]


def _errors(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    shown = max(figures.ratio("errors", place) or 0.0, 1 / max(figures.ratio("success", place) or 1.0, 1e-3))
    return _at_least(shown, 1.03, "errors")


def _slow(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    return _at_least(figures.slower(place), 1.4, "response time")


def _cpu(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    pods = figures.of_pods("cpu", objects)
    throttled = max(
        (figures.last("cpu_throttled", pod) for pod in figures.of_pods("cpu_throttled", objects)), default=0.0
    )
    rise = max((figures.ratio("cpu", pod) or 0.0 for pod in pods), default=None)
    slow = figures.slower(place) or 0.0
    return (
        _at_least(rise, 1.3, "CPU") + _at_least(throttled, 0.01, "throttling") + _at_least(slow, 1.2, "response time")
    )


def _memory(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    pods = figures.of_pods("memory", objects)
    tops = [max(v for _, v in figures.points("memory", pod)) / figures.last("memory_limit", pod) for pod in pods]
    return _at_least(max(tops, default=None), 0.75, "memory by its limit")


def _surge(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    return _at_least(figures.ratio("requests", place), 1.8, "requests")


def _loss(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    nodes = [name for name in figures.names if figures.points("tcp_retransmits", name)]
    risen = sorted(((figures.ratio("tcp_retransmits", node) or 0.0, node) for node in nodes), reverse=True)
    found = _at_least(risen[0][0], 3, "retransmits")
    return found if place not in nodes or risen[0][1] == place else [*found, f"{risen[0][1]} retransmits more"]


def _delay(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    callers = [name for name, callees in figures.calls.items() if place in callees]
    found = _same(figures.slower(place), "the part's own response time")
    for caller in callers:
        found += _at_least(figures.slower(caller), 1.15, f"response time of {caller}")
    return found


def _connections(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    return _at_least(figures.last("connections", place) / figures.last("connections_limit", place), 0.98, "connections")


def _depth(figures: Figures, queue: str) -> list[str]:
    ratios = [figures.ratio(metric, queue) or 0.0 for metric in ("queue_depth", "consumer_lag")]
    return _at_least(max(ratios), 5, "messages that wait")


def _consumer(figures: Figures, queue: str) -> str:
    """Return who calls a queue and is called by nobody: its consumer."""
    called = {callee for callees in figures.calls.values() for callee in callees}
    return next(name for name, callees in figures.calls.items() if queue in callees and name not in called)


def _backlog(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    consumer = _consumer(figures, place)
    more = _at_least(figures.ratio("requests", place), 1.25, "messages published")
    taken = _at_least(figures.ratio("requests", consumer), 1.1, "messages taken")
    return _depth(figures, place) + more + taken


def _consumer_slow(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    queue = next(name.split("/", 1)[1] for name in objects if name.startswith("Queue/"))
    taken, published = figures.ratio("requests", place), figures.ratio("requests", queue)
    found = _depth(figures, queue) + _same(published, "messages published")
    return found if taken is not None and taken < 0.9 else [*found, f"messages taken: {taken}"]


def _disk(figures: Figures, place: str, objects: tuple[str, ...]) -> list[str]:
    if place in figures.names and figures.points("disk_used", place):
        return _at_least(figures.last("disk_used", place), 94, "disk used")
    names = [name.split("/", 1)[1] for name in objects]
    name = next(name for name in names if figures.points("disk_free", name))
    free = figures.last("disk_free", name) / figures.points("disk_free", name)[0][1]
    return [] if free <= 0.12 else [f"{free:.0%} of the free space is left"]


EVIDENCE: dict[str, Callable[[Figures, str, tuple[str, ...]], list[str]]] = {
    "release-errors": _errors,
    "release-slow": _slow,
    "own-latency": _slow,
    "cpu-cost": _cpu,
    "cpu-burn": _cpu,
    "memory-leak": _memory,
    "traffic-surge": _surge,
    "loss-node": _loss,
    "loss-service": _loss,
    "delay": _delay,
    "db-slow": _slow,
    "db-connections": _connections,
    "queue-backlog": _backlog,
    "queue-consumer-slow": _consumer_slow,
    "disk-full": _disk,
    "disk-full-node": _disk,
}
