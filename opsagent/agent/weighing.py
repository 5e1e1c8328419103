"""The rules applied to what was seen, and their findings weighed: shared by detection and diagnosis."""

from datetime import timedelta

from opsagent.agent.context import Context
from opsagent.agent.figures import suspicion
from opsagent.analysis.evidence.log_facts import told_by
from opsagent.analysis.evidence.service_health import judge
from opsagent.analysis.figures.stats_causes import stats_findings
from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.objects.checks import object_findings
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.reasoning.earlier_runs import judged_by_run
from opsagent.analysis.reasoning.ignored import sift, without_ignored
from opsagent.analysis.reasoning.over import faults_over
from opsagent.analysis.reasoning.ranking import Ranking, rank
from opsagent.analysis.reasoning.topology import call_graph
from opsagent.analysis.reasoning.topology_view import world_of
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Change, Finding, Over, ServiceHealth
from opsagent.models.ignore import Ignored
from opsagent.models.observed import StatsSample
from opsagent.models.service import CallGraph
from opsagent.redact import redact_records


def all_findings(ctx: Context, calls: CallGraph, digests: tuple[LogDigest, ...]) -> tuple[Finding, ...]:
    """Apply every rule to everything that was seen, and set aside what is known and ignored."""
    seen, now = ctx.seen, ctx.platform.now()
    window_s = ctx.settings.thresholds.crash_window_min * 60
    logged = log_findings(digests, now=now, catalog=ctx.catalog)  # digests are redacted when they are made
    logged = judged_by_run(logged, cluster_of(seen.objects), now=now, crash_window_s=window_s)
    told = told_by(digests, logged, ctx.catalog)
    known, samples, looks = ctx.catalog, tuple(seen.samples), tuple(seen.looks)
    listed = object_findings(seen.objects, now=now, crash_window_s=window_s, told=told, catalog=known)
    found = (
        *logged,
        *redact_records(listed, seen.redact),
        *stats_findings(samples, looks, seen.services, calls, seen.objects, now=now, catalog=known),
        *suspected_by_figures(ctx, calls),
    )
    if not ctx.settings.ignore:
        return found
    sifted = sift(found, ctx.settings.ignore, services=seen.services, objects=seen.objects, now=now)
    _set_aside(ctx, sifted.ignored)
    return sifted.kept


def suspected_by_figures(ctx: Context, calls: CallGraph) -> tuple[Finding, ...]:
    """Return what the figures suspect, as far as no other source shows which services are faulty."""
    if not ctx.seen.measured.figures:
        return ()
    limits = ctx.settings.thresholds
    healths = judge(
        ctx.seen.services,
        tuple(ctx.seen.samples),
        tuple(ctx.seen.looks),
        ctx.seen.objects,
        now=ctx.platform.now(),
        response_ms=limits.response_ms,
        confirmations=1,
        crash_window_s=limits.crash_window_min * 60,
        live=ctx.platform.live,
    )
    return suspicion(ctx, healths, calls).findings


def weigh(
    ctx: Context,
    findings: tuple[Finding, ...],
    *,
    healths: tuple[ServiceHealth, ...],
    calls: CallGraph,
    patient: str | None,
) -> Ranking:
    """Return the ranked causes and their numbered evidence."""
    seen = ctx.seen
    ranking = rank(
        findings,
        graph=calls,
        healths=healths,
        patient=patient,
        changes=recent_changes(ctx),
        services=seen.services,
        objects=seen.objects,
        catalog=ctx.catalog,
    )
    if not ctx.settings.ignore:
        return ranking
    kept, ignored = without_ignored(ranking, ctx.settings.ignore, healths=healths, now=ctx.platform.now())
    _set_aside(ctx, ignored)
    return kept


def over(
    ctx: Context, findings: tuple[Finding, ...], *, healths: tuple[ServiceHealth, ...], calls: CallGraph
) -> tuple[Over, ...]:
    """Return the faults that were seen and judged to be over."""
    if not any(finding.over for finding in findings):
        return ()
    return faults_over(findings, world_of(calls, healths, ctx.seen.services, ctx.seen.objects))


def _set_aside(ctx: Context, ignored: tuple[Ignored, ...]) -> None:
    """Remember what is ignored, for it is in the report."""
    for item in ignored:
        ctx.seen.ignored.setdefault((item.code, item.object), item)


def kept_samples(ctx: Context) -> tuple[StatsSample, ...]:
    """Return the samples of the trend's window: those of earlier runs, where it is a live platform, and this one's."""
    samples = tuple(ctx.seen.samples)
    if not ctx.platform.live:
        return samples
    known = {sample.at for sample in samples}
    earlier = ctx.archive.earlier_samples(ctx.platform.now() - timedelta(minutes=ctx.settings.window_min))
    return (*(sample for sample in earlier if sample.at not in known), *samples)


def graph_of(ctx: Context, digests: tuple[LogDigest, ...]) -> CallGraph:
    """Return who calls whom, now that the logs are known too."""
    seen = ctx.seen
    return call_graph(seen.services, seen.objects, digests, ctx.platform.declared_dependencies())


def recent_changes(ctx: Context) -> tuple[Change, ...]:
    """Return what changed in the last hours."""
    return ctx.seen.changes(ctx.platform.now())
