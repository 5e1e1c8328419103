"""The queries that the box answers, and no other: it holds no query language, only what these few mean."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .facts import NAMESPACE
from .measures import BOUNDS_S, Labels, Measures

Found = Iterable[tuple[Labels, float]]
Counter = Callable[[Measures, float], Found]
# Query with its window, and what it gives at a moment; the namespace is the box's own.
Meaning = Callable[[Measures, float, float], Found]

METRICS: dict[str, tuple[str, str, Counter]] = {
    "http_requests_total": ("counter", "Requests by the class of their status.", Measures.requests),
    "http_request_duration_seconds_bucket": ("untyped", "Requests by how long they took.", Measures.buckets),
    "container_cpu_usage_seconds_total": ("counter", "Seconds of CPU used.", Measures.cpu),
    "container_cpu_cfs_throttled_seconds_total": ("counter", "Seconds throttled.", Measures.throttled),
    "container_memory_working_set_bytes": ("gauge", "The working set.", Measures.memory),
    "kubelet_volume_stats_available_bytes": ("gauge", "Bytes free on a volume.", Measures.disk_free),
}
_EXISTING = re.compile(r'count by \(__name__\) \(\{__name__=~"([a-zA-Z_:0-9|\\]+)"\}\)')
_OWN = f'namespace="{NAMESPACE}"'
_BUCKETS = f"rate(http_request_duration_seconds_bucket{{{_OWN}}}[$w])"
_OR_NONE = f"or 0 * sum by (job) (rate(http_requests_total{{{_OWN}}}[$w]))"
_POD = f'{_OWN},container!="",container!="POD"'


@dataclass(frozen=True, slots=True)
class PromSeries:
    """One series of an answer."""

    labels: dict[str, str]
    points: list[tuple[float, float]]


def answer(measures: Measures, query: str, moments: list[float]) -> list[PromSeries] | None:
    """Return the series of a query at some moments; None where it is not one of those that are answered."""
    plain = " ".join(query.split())
    meaning = _meaning(plain)
    if meaning is None:
        return None
    found: dict[tuple[tuple[str, str], ...], PromSeries] = {}
    for at in moments:
        for labels, value in meaning(measures, at):
            key = tuple(sorted(labels.items()))
            found.setdefault(key, PromSeries(dict(labels), [])).points.append((at, value))
    return list(found.values())


def exposition(measures: Measures, at: float) -> str:
    """Return every metric at a moment in the text format that Prometheus scrapes."""
    lines: list[str] = []
    for name, (kind, text, counter) in METRICS.items():
        lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
        for labels, value in counter(measures, at):
            inside = ",".join(f'{key}="{item}"' for key, item in labels.items())
            lines.append(f"{name}{{{inside}}} {value!r}")
    return "\n".join([*lines, ""])


def _meaning(query: str) -> Callable[[Measures, float], Found] | None:
    existing = _EXISTING.fullmatch(query)
    if existing:
        wanted = [name for name in existing[1].replace("\\", "").split("|") if name in METRICS]
        return lambda measures, at: _counts(measures, wanted, at)
    for pattern, meaning in _QUERIES:
        hit = pattern.fullmatch(query)
        if hit:
            window = float(hit["window"]) if "window" in pattern.groupindex else 0.0
            return lambda measures, at, meaning=meaning, window=window: meaning(measures, at, window)  # type: ignore[misc]
    return None


def _counts(measures: Measures, names: Iterable[str], at: float) -> Iterator[tuple[Labels, float]]:
    for name in names:
        yield {"__name__": name}, float(sum(1 for _ in METRICS[name][2](measures, at)))


def _rate(counter: Counter, measures: Measures, at: float, window: float) -> Iterator[tuple[Labels, float]]:
    """Yield the increase a second within the window, of what was measured twice in it."""
    start = max(at - window, measures.begun)
    before = {tuple(labels.items()): value for labels, value in counter(measures, start)}
    for labels, value in counter(measures, at):
        if at - start >= window and measures.ran(labels, start, at):
            yield labels, (value - before.get(tuple(labels.items()), 0.0)) / window


def _by(names: tuple[str, ...], found: Found, scale: float = 1.0) -> list[tuple[Labels, float]]:
    sums: dict[tuple[str, ...], float] = {}
    for labels, value in found:
        key = tuple(labels[name] for name in names)
        sums[key] = sums.get(key, 0.0) + value * scale
    return [(dict(zip(names, key, strict=True)), value) for key, value in sums.items()]


def _rated(counter: Counter, *names: str, scale: float = 1.0) -> Meaning:
    return lambda measures, at, window: _by(names, _rate(counter, measures, at, window), scale)


def _level(counter: Counter, *names: str) -> Meaning:
    return lambda measures, at, _window: _by(names, counter(measures, at))


def _quantile(share: float) -> Meaning:
    """Return histogram_quantile: linear within a bucket, the highest finite bound above it."""

    def meaning(measures: Measures, at: float, window: float) -> Found:
        rows: dict[str, dict[str, float]] = {}
        for labels, value in _rate(Measures.buckets, measures, at, window):
            rows.setdefault(labels["job"], {})[labels["le"]] = value
        return [({"job": job}, _interpolated(row, share)) for job, row in rows.items()]

    return meaning


def _interpolated(row: dict[str, float], share: float) -> float:
    wanted, low, below = share * row["+Inf"], 0.0, 0.0
    for bound in BOUNDS_S[:-1]:
        high, count = float(bound), row[bound]
        if count >= wanted:
            return high if count <= below else low + (high - low) * (wanted - below) / (count - below)
        low, below = high, count
    return low


# Worded as a monitoring profile words them; $w is a window in seconds.
QUERIES: tuple[tuple[str, Meaning], ...] = (
    (f"sum by (job) (rate(http_requests_total{{{_OWN}}}[$w]))", _rated(Measures.requests, "job")),
    (
        f'sum by (job) (rate(http_requests_total{{{_OWN},status=~"5.."}}[$w])) {_OR_NONE}',
        _rated(Measures.requests, "job", scale=0.0),  # nothing of these scenarios answers with an error
    ),
    *(
        (
            f"histogram_quantile({share:g}, sum by (le,job) ({_BUCKETS}))",
            _quantile(share),
        )
        for share in (0.5, 0.95)
    ),
    (
        f"sum by (pod,container) (rate(container_cpu_usage_seconds_total{{{_POD}}}[$w]))",
        _rated(Measures.cpu, "pod", "container"),
    ),
    (
        f"sum by (pod,container) (rate(container_cpu_cfs_throttled_seconds_total{{{_POD}}}[$w]))",
        _rated(Measures.throttled, "pod", "container"),
    ),
    (
        f"max by (pod,container) (container_memory_working_set_bytes{{{_POD}}})",
        _level(Measures.memory, "pod", "container"),
    ),
    (
        f"min by (persistentvolumeclaim) (kubelet_volume_stats_available_bytes{{{_OWN}}})",
        _level(Measures.disk_free, "persistentvolumeclaim"),
    ),
)


def _compiled(query: str) -> re.Pattern[str]:
    first, *rest = re.escape(query).split(re.escape("$w"))
    text = first + "".join((r"(?P<window>\d+)s" if n == 0 else r"(?P=window)s") + part for n, part in enumerate(rest))
    return re.compile(text)


_QUERIES = tuple((_compiled(query), meaning) for query, meaning in QUERIES)
