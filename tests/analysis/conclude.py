"""From observations to causes in one call: the pieces that the graph's boxes use one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from opsagent.analysis.evidence.changes import changes
from opsagent.analysis.evidence.log_facts import told_by
from opsagent.analysis.evidence.service_health import judge
from opsagent.analysis.figures.stats_causes import stats_findings
from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.objects.checks import object_findings
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.reasoning.earlier_runs import judged_by_run
from opsagent.analysis.reasoning.patients import patients
from opsagent.analysis.reasoning.ranking import Ranking, rank
from opsagent.analysis.reasoning.topology import call_graph
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Finding, ServiceHealth
from opsagent.models.observed import HealthAnswer, Objects, StatsSample
from opsagent.models.service import CallGraph, Service


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows from everything that was seen; healthy exactly where the ranking has no cause."""

    healths: tuple[ServiceHealth, ...]
    graph: CallGraph
    patient: str | None
    findings: tuple[Finding, ...]
    ranking: Ranking


def conclude(
    *,
    services: Sequence[Service],
    samples: Sequence[StatsSample],
    looks: Iterable[HealthAnswer],
    objects: Objects,
    digests: Sequence[LogDigest],
    declared: Mapping[str, Iterable[str]],
    patient: str | None,
    now: datetime,
    response_ms: float = 1000.0,
    confirmations: int = 2,
    crash_window_s: float = 600.0,
    live: bool = False,
) -> Conclusion:
    """Return the causes of what is wrong with the patient, or with whoever is ill where none is named."""
    answered = tuple(looks)
    graph = call_graph(services, objects, digests, declared)
    healths = judge(
        services,
        samples,
        answered,
        objects,
        now=now,
        response_ms=response_ms,
        confirmations=confirmations,
        crash_window_s=crash_window_s,
        live=live,
    )
    logged = log_findings(digests, now=now)
    logged = judged_by_run(logged, cluster_of(objects), now=now, crash_window_s=crash_window_s)
    findings = (
        *logged,
        *object_findings(objects, now=now, crash_window_s=crash_window_s, told=told_by(digests, logged)),
        *stats_findings(samples, answered, services, graph, objects, now=now),
    )
    who = next(iter(patients(healths, graph, patient)), patient)
    ranking = rank(
        findings,
        graph=graph,
        healths=healths,
        patient=who,
        changes=changes(objects, now=now),
        services=services,
        objects=objects,
    )
    return Conclusion(healths, graph, who, findings, ranking)
