"""What the figures suspect, in one round: judged once, and shared by detection, ranking and the report."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from opsagent.agent.context import Context
from opsagent.analysis.evidence.workload_state import workloads_by_service
from opsagent.analysis.figures.object_limits import limits_of
from opsagent.analysis.figures.places import Places, places_of
from opsagent.analysis.figures.signals import SignalBoard, Signals, board_of
from opsagent.analysis.figures.verdict import CaseContext, FigureVerdict, verdict_of
from opsagent.analysis.figures.words import observed
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.reasoning.topology import service_names
from opsagent.models.evidence import ServiceHealth, Symptom
from opsagent.models.service import CallGraph
from opsagent.redact import redact_records

_STALE_S = 300.0  # older figures report nothing of the state now


def suspicion(ctx: Context, healths: Sequence[ServiceHealth], calls: CallGraph) -> FigureVerdict:
    """Return what the figures suspect, redacted; nothing where there are none."""
    made = board(ctx)
    if made is None:
        return FigureVerdict()
    known, cluster = tuple(ctx.seen.services), cluster_of(ctx.seen.objects)
    owners = {name: kube.ref(item) for name, item in workloads_by_service(known, cluster).items()}
    about = CaseContext(
        calls,
        places_of(known, cluster, {}).nodes,
        owners,
        ctx.seen.changes(ctx.platform.now()),
        [health.service for health in healths if health.state == "faulty" and not _only_figures(health)],
        source=ctx.seen.measured.figures.source,
    )
    found = verdict_of(made, about)
    return replace(found, findings=redact_records(found.findings, ctx.seen.redact))


def with_figures(ctx: Context, healths: tuple[ServiceHealth, ...], found: FigureVerdict) -> tuple[ServiceHealth, ...]:
    """Return the judgement of each service with what its figures show: faulty though every pod is Ready, or healthy."""
    made = board(ctx)
    if made is None:
        return healths
    now, source = ctx.platform.now().timestamp(), ctx.seen.measured.figures.source
    judged = (_joined(health, made, found, source, now) for health in healths)
    return redact_records(tuple(judged), ctx.seen.redact)


def patients_by(found: FigureVerdict, patients: Iterable[str | None]) -> tuple[str | None, ...]:
    """Return the patients with the suspect of the figures first, and without those who only suffer from it."""
    given = tuple(patients)
    if not found.findings or found.spread is None:
        return given
    return (found.suspect, *(name for name in given if name not in found.spread.ill and name != found.suspect))


def _joined(health: ServiceHealth, board: SignalBoard, found: FigureVerdict, source: str, now: float) -> ServiceHealth:
    signals = board.services.get(health.service)
    symptoms = _symptoms(health.service, signals, found, source) if found.findings else ()
    if symptoms:
        return replace(health, state="faulty", symptoms=(*health.symptoms, *symptoms))
    if signals is None or not _well(signals, now):
        return health
    state = "healthy" if health.state == "unknown" and not health.symptoms and not health.idle else health.state
    return replace(health, state=state, read=(*health.read, "metrics"))


def _symptoms(name: str, signals: Signals | None, found: FigureVerdict, source: str) -> tuple[Symptom, ...]:
    if signals is not None and signals.ill:
        shifts = [shift for shift in (signals.slower, signals.failing) if shift is not None]
        seen = [observed(shift, source) for shift in shifts]
        return tuple(Symptom(name, "figures", observation.text, observation) for observation in seen)
    if name == found.suspect:
        first = found.findings[0]
        return (Symptom(name, "figures", first.summary, first.observations[0]),)
    return ()


def _well(signals: Signals, now: float) -> bool:
    ends = [one.times[-1] for own in signals.series.values() for one in own if one.times]
    return signals.measured and not signals.ill and max(ends, default=0.0) >= now - _STALE_S


def _only_figures(health: ServiceHealth) -> bool:
    return all(symptom.kind == "figures" for symptom in health.symptoms)


def board(ctx: Context) -> SignalBoard | None:
    """Return what the figures of this round show, judged once; None where there are none."""
    return ctx.seen.measured.board(lambda: _board(ctx))


def _board(ctx: Context) -> SignalBoard | None:
    figures = ctx.seen.measured.figures
    if not figures:
        return None
    limits = limits_of(figures.series, cluster_of(ctx.seen.objects))
    return board_of((*figures.series, *limits), places(ctx))


def places(ctx: Context) -> Places:
    """Return what the names in series stand for here."""
    known, objects = tuple(ctx.seen.services), ctx.seen.objects
    return places_of(known, cluster_of(objects), service_names(known, objects))
