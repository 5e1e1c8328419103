"""The figures of each service at a glance: now, at the beginning of the window, and the course between."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from opsagent.analysis.figures.joined import error_share
from opsagent.analysis.figures.noise import middle
from opsagent.analysis.figures.places import Places
from opsagent.models.figures import Series, series_of
from opsagent.models.status import Gauge, ServiceFigures

POINTS = 12  # of a course
STALE_S = 300.0  # an older figure reports nothing of now
_LATENCIES = {
    "latency_p95": "p95",
    "latency_p99": "p99",
    "latency_p90": "p90",
    "latency_avg": "avg",
    "latency_p50": "p50",
}
_LAST = 5  # points that are "now"


def summaries(series: Iterable[Series], places: Places, now: float) -> dict[str, ServiceFigures]:
    """Return the figures by service; `now` is in Unix seconds. A service without any figure is left out."""
    by_service: dict[str, dict[str, list[Series]]] = {}
    for one in series:
        name = places.service(one) if one.kind != "Node" else None
        if name is not None:
            by_service.setdefault(name, {}).setdefault(one.metric, []).append(one)
    found = {name: _summary(own, now) for name, own in by_service.items()}
    return {name: figures for name, figures in found.items() if figures is not None}


def gauge(series: Series, now: float) -> Gauge:
    """Return the course of a series; no level now where its newest figure is too old."""
    points = list(series.known())
    first, last = series.times[0], series.times[-1]
    width = (last - first) / POINTS or 1.0
    bins: list[list[float]] = [[] for _ in range(POINTS)]
    for at, value in points:
        bins[min(int((at - first) / width), POINTS - 1)].append(value)
    newest = [value for _, value in points][-_LAST:]
    fresh = bool(points) and now - points[-1][0] <= STALE_S
    earliest = [value for at, value in points if at <= first + (last - first) / 4]
    return Gauge(
        middle(newest) if fresh else None,
        middle(earliest) if earliest else None,
        tuple(middle(values) if values else None for values in bins),
    )


def _summary(own: Mapping[str, Sequence[Series]], now: float) -> ServiceFigures | None:
    ends = [at for members in own.values() for one in members for at, _ in list(one.known())[-1:]]
    if not ends:
        return None
    requests, errors = _sum(own.get("requests", ())), _sum(own.get("errors", ()))
    failing = error_share(errors, requests) if errors is not None and requests is not None else None
    latency = next((metric for metric in _LATENCIES if own.get(metric)), None)
    return ServiceFigures(
        datetime.fromtimestamp(max(ends), UTC),
        gauge(requests, now) if requests is not None else None,
        gauge(failing, now) if failing is not None else _success(own, now),
        gauge(own[latency][0], now) if latency else None,
        _LATENCIES[latency] if latency else "",
        _of_limit(own, "cpu", "cpu_limit", now),
        _of_limit(own, "memory", "memory_limit", now),
    )


def _success(own: Mapping[str, Sequence[Series]], now: float) -> Gauge | None:
    """Return the share of errors where only that of successes is measured."""
    if not own.get("success"):
        return None
    good = own["success"][0]
    return gauge(series_of("error_share", "ratio", good.kind, good.name, ((at, 1 - v) for at, v in good.known())), now)


def _sum(members: Sequence[Series]) -> Series | None:
    """Return several series of one service (versions, ports) as one."""
    if len(members) < 2:
        return members[0] if members else None
    sums: dict[float, float] = {}
    for member in members:
        for at, value in member.known():
            sums[at] = sums.get(at, 0.0) + value
    first = members[0]
    return series_of(first.metric, first.unit, first.kind, first.name, sums.items(), first.query)


def _of_limit(own: Mapping[str, Sequence[Series]], metric: str, limit: str, now: float) -> Gauge | None:
    """Return the course of the container that is nearest to its limit."""
    limits = {one.name: value for one in own.get(limit, ()) for _, value in list(one.known())[-1:] if value > 0}
    used = [one for one in own.get(metric, ()) if one.name in limits and one.times]
    shares = [
        gauge(
            series_of(metric, "ratio", one.kind, one.name, ((at, v / limits[one.name]) for at, v in one.known())), now
        )
        for one in used
        if any(True for _ in one.known())
    ]
    return max(shares, key=lambda share: share.now if share.now is not None else -1.0, default=None)
