"""What an investigation may read: everything of one incident, live, of a bundle, or as a stored report kept it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from opsagent.agent.context import Context
from opsagent.agent.state import State
from opsagent.agent.trail import traffic_of
from opsagent.agent.weighing import graph_of, recent_changes
from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Change, Evidence, ServiceHealth, Symptom
from opsagent.models.figures import Alert, Series, series_of
from opsagent.models.incident import Report, TrafficPoint
from opsagent.models.observed import KubeObject, LogRef
from opsagent.models.service import CallGraph, Service
from opsagent.models.status import LogMatch
from opsagent.redact import Redactor
from opsagent.tools.log_query import log_query
from opsagent.tools.logs import search_refs
from opsagent.tools.pattern import compile_pattern

LogReader = Callable[[str], tuple[LogDigest, ...]]  # a service's name → its digests
LineSearch = Callable[[str, str | None], Iterator[LogMatch]]  # pattern, part of a log's name → matching lines


@dataclass(frozen=True)
class Material:
    """All that the read-only tools of a model answer from; redacted before it leaves a tool."""

    digests: tuple[LogDigest, ...] = ()
    objects: tuple[KubeObject, ...] = ()
    kinds: frozenset[str] = frozenset()  # that were read: none of a kind in it is a fact
    changes: tuple[Change, ...] = ()
    series: tuple[Series, ...] = ()
    alerts: tuple[Alert, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    healths: tuple[ServiceHealth, ...] = ()
    calls: CallGraph = field(default_factory=CallGraph)
    services: tuple[Service, ...] = ()
    evidence: tuple[Evidence, ...] = ()  # what a stored report kept of objects and events
    catalog: Catalog = field(default_factory=builtin)
    more_logs: LogReader = lambda _: ()
    lines: LineSearch | None = None  # None: the logs themselves are out of reach, only their digests are searched
    redact: Redactor = field(default_factory=Redactor)


def material_of(state: State, ctx: Context) -> Material:
    """Return what can be read of an incident that is under way; other logs are read when they are asked for."""
    seen, digests = ctx.seen, tuple(state.get("digests", ()))
    return Material(
        digests,
        seen.objects.items,
        seen.objects.looked,
        recent_changes(ctx),
        (*seen.measured.figures.series, *traffic_series(_points(state, ctx))),
        seen.measured.alerts,
        unjudged(state.get("symptoms", ())),
        tuple(state.get("healths", ())),
        graph_of(ctx, digests),
        seen.services,
        catalog=ctx.catalog,
        more_logs=lambda service: seen.digests((service,)),
        lines=lambda pattern, log: _matching(ctx, pattern, log),
        redact=seen.redact,
    )


def material_of_report(report: Report, catalog: Catalog, redact: Redactor) -> Material:
    """Return what a stored report kept: digests, changes, figures and evidence; neither objects nor the logs."""
    name = report.service or ""
    charts = [
        series_of(chart.title, chart.unit, "Service", name, [(_unix(point.at), point.value) for point in chart.points])
        for chart in report.charts
    ]
    services = tuple(Service(name) for name in report.services)
    return Material(
        report.digests,
        changes=report.changes or (),
        series=(*charts, *traffic_series(report.traffic)),
        symptoms=report.symptoms,
        services=services,
        evidence=report.evidence,
        catalog=catalog,
        redact=redact,
    )


def unjudged(symptoms: Iterable[Symptom]) -> tuple[Symptom, ...]:
    """Return the alarms as they were seen: of one that a rule raised what it saw, not what it concluded."""
    return tuple(
        replace(one, text=f"{one.observation.where}: {one.observation.text}") if one.kind == "rules" else one
        for one in symptoms
    )


def traffic_series(points: Iterable[TrafficPoint]) -> tuple[Series, ...]:
    """Return requests per second and response time of the load balancer as series."""
    known = tuple(points)
    figures = (
        ("requests_per_second", "1/s", [(_unix(point.at), point.rps) for point in known]),
        ("response_ms", "ms", [(_unix(point.at), point.response_ms) for point in known]),
    )
    made = (series_of(metric, unit, "Service", "load balancer", pairs) for metric, unit, pairs in figures)
    return tuple(series for series in made if any(True for _ in series.known()))


def _points(state: State, ctx: Context) -> tuple[TrafficPoint, ...]:
    return traffic_of(state, ctx)


def _matching(ctx: Context, pattern: str, log: str | None) -> Iterator[LogMatch]:
    wanted = log.casefold() if log else ""
    compiled = compile_pattern(pattern)
    refs = tuple(ref for ref in ctx.platform.logs() if wanted in _names(ref))
    query = log_query(tail=ctx.settings.logs.max_lines if ctx.platform.live else None)
    # A log that cannot be read is in not_checked already: each was read, or failed, for its digest.
    return search_refs(ctx.platform, refs, compiled, query, redact=ctx.seen.redact, on_skip=lambda _: None)


def _names(ref: LogRef) -> str:
    return f"{ref.where} {ref.service or ''} {ref.pod or ''} {ref.container or ''}".casefold()


def _unix(at: datetime) -> float:
    return at.timestamp()
