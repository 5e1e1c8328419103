"""Weigh all findings into ranked causes with numbered evidence, or state honestly that they carry none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.objects import kube, lifecycle
from opsagent.analysis.objects.completed import ended_well, is_of_ended
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.reasoning.basis import basis_of, within
from opsagent.analysis.reasoning.blame import accused, explain
from opsagent.analysis.reasoning.edges import agreed
from opsagent.analysis.reasoning.numbering import Numbered, interleaved
from opsagent.analysis.reasoning.since_change import since_change
from opsagent.analysis.reasoning.suspects import Suspect, merged
from opsagent.analysis.reasoning.topology_view import World, world_of
from opsagent.analysis.reasoning.within_pod import within_pod
from opsagent.models.evidence import UNKNOWN, Cause, Change, Evidence, Finding, Observation, Rung, ServiceHealth, Source
from opsagent.models.observed import Objects
from opsagent.models.service import CallGraph, Service

ENOUGH = 0.45  # below it a cause is a guess: UNKNOWN is before it
_SURE = 0.9
_WEIGHED = 200  # suspects that are held against each other; a cluster with more has one cause, or is lost
_CAUSES = 5
_UNKNOWN = 0.3
_FAINT = 0.2  # not worth a line
_STALE = timedelta(minutes=1)
# How far a finding has to do with the symptoms, by where it was made.
_CLUSTER, _CALLER, _STRANGER, _ELSEWHERE = 0.95, 0.75, 0.4, 0.85


@dataclass(frozen=True, slots=True)
class Ranking:
    """The causes, most likely first, and the evidence that they cite."""

    causes: tuple[Cause, ...]
    evidence: tuple[Evidence, ...]


def rank(
    findings: Iterable[Finding],
    *,
    graph: CallGraph,
    healths: Sequence[ServiceHealth],
    patient: str | None,
    changes: Sequence[Change],
    services: Sequence[Service] = (),
    objects: Objects | None = None,
    catalog: Catalog | None = None,
) -> Ranking:
    """Return the causes of what is wrong, most likely first.

    Findings of one mechanism are merged; complaints move to the one they name; a first link takes over what follows
    from it; what is over, or belongs to a service that /stats calls well, accuses nobody. Where something is faulty
    and nothing carries a cause, the first one is UNKNOWN with the object where known. No causes: nothing is wrong.
    With `services` and `objects`, hosts and log-only findings are resolved to the workload behind them.
    """
    world = world_of(graph, healths, services, objects or Objects(), catalog)
    placed = [world.placed(finding) for finding in findings if not finding.over and finding.observations]
    done = ended_well(objects or Objects())
    active = [finding for finding in placed if not _well(finding, world) and not is_of_ended(finding, done)]
    cluster = cluster_of(objects or Objects())
    moved = agreed([accused(within_pod(finding, cluster, world.catalog), world) for finding in active], world)
    complainers: dict[str, set[str]] = {}
    for before, after in zip(active, moved, strict=True):
        if before.service and after.service and before.service != after.service:
            complainers.setdefault(after.service, set()).add(before.service)
    suspects = merged(moved)
    suspects = merged([*moved, *since_change(suspects, changes, world.catalog)])
    for suspect in suspects:
        suspect.weight = _relevance(suspect, world, patient)
    suspects = sorted(suspects, key=lambda suspect: -suspect.score)[:_WEIGHED]
    explain(suspects, world, complainers)
    kept = sorted((s for s in suspects if s.score >= _FAINT), key=lambda s: _order(s, world.catalog))
    anything_faulty = any(health.state == "faulty" for health in healths)
    if not anything_faulty:
        kept = kept if kept and kept[0].score >= ENOUGH else []
    else:
        kept = _with_unknown(kept, world, patient)
    return _numbered(kept[:_CAUSES], world, patient, changes, objects or Objects())


def _well(finding: Finding, world: World) -> bool:
    """Whether a log complains of what answers well now: of itself by /stats, or of one that was just asked."""
    if any(observation.source != "logs" for observation in finding.observations):
        return False
    callee = world.service_at(finding.blames)
    if world.state(callee) == "faulty" or world.state(finding.service) == "faulty":
        return False
    if _answers(finding.service, world, "stats"):
        return True
    if not world.catalog.about_callee(finding.code) or (finding.blames and callee is None):
        return False
    called = world.graph.calls.get(finding.service or "", ()) if callee is None else (callee,)
    return bool(called) and all(_answers(name, world, "stats", "health") for name in called)


def _answers(name: str | None, world: World, *sources: Source) -> bool:
    health = world.healths.get(name or "")
    return health is not None and health.state == "healthy" and bool(set(sources) & set(health.read))


def _relevance(suspect: Suspect, world: World, patient: str | None) -> float:
    faulty = {name for name, health in world.healths.items() if health.state == "faulty"}
    if not faulty:
        return 1.0
    if suspect.service is None:
        return _CLUSTER
    roots = {patient} if patient else faulty
    near = roots | {callee for root in roots for callee in world.graph.below(root)}
    if suspect.service in near & faulty:
        return 1.0
    if suspect.service in near or suspect.service not in world.healths:
        return _ELSEWHERE
    if suspect.service in faulty:
        return _CALLER
    return _CALLER if near & set(world.graph.below(suspect.service)) else _STRANGER


def _order(suspect: Suspect, catalog: Catalog) -> tuple[float, ...]:
    """Sort by confidence in steps of a tenth, the sure ones as equals; then the earlier link, then the earlier time."""
    at = suspect.at
    return (
        -min(round(suspect.score, 1), _SURE),
        catalog.order(suspect.code),
        at.timestamp() if at else float("inf"),
        -suspect.score,
    )


def _with_unknown(kept: list[Suspect], world: World, patient: str | None) -> list[Suspect]:
    if kept and max(suspect.score for suspect in kept) >= ENOUGH:
        return [s for s in kept if not s.unexplained or s.score >= ENOUGH]  # what is explained is not unknown
    ill = [name for name, health in world.healths.items() if health.state == "faulty"]
    name = _culprit(ill, world, patient)
    rows = (world.catalog.message("symptom", symptom.kind) for symptom in world.healths[name].symptoms)
    named = next(filter(None, rows), None)  # a symptom that is a cause by itself
    code, strength, why = UNKNOWN, _UNKNOWN, "and the evidence does not state why"
    if named is not None:
        code, strength, why = named.code, named.strength, named.summary
    hint = next((f for s in kept if s.unexplained and s.service in (name, None) for f in s.findings), None)
    if hint is not None and named is None:
        why = f"and its log shows more: {hint.summary}"
    honest = Suspect(code, _object_of(name, world), name)
    seen = [symptom.observation for symptom in world.healths[name].symptoms]
    seen += hint.observations if hint is not None else ()
    what = "; ".join(symptom.text for symptom in world.healths[name].symptoms[:2]) or "faulty"
    summary = f"{name} is faulty ({what}), {why}{'' if why.endswith('.') else '.'}"
    honest.findings.append(Finding(code, honest.object, name, strength, summary, tuple(seen)))
    return [honest, *(suspect for suspect in kept if not suspect.unexplained)]


def _culprit(ill: list[str], world: World, patient: str | None) -> str:
    """Return the faulty service that calls no other faulty one, below the patient where there is one."""
    near = [name for name in ill if patient is None or name == patient or name in world.graph.below(patient)] or ill
    return next((name for name in near if not set(world.graph.below(name)) & set(near)), near[0])


def _object_of(name: str, world: World) -> str | None:
    if name in world.owners:
        return world.owners[name]
    places = (symptom.observation.where for symptom in world.healths[name].symptoms)
    return next(
        (place.split(":", 1)[0] for place in places if "/" in place.split(":", 1)[0][:30] and place[0].isupper()), None
    )


def _lifecycle(suspect: Suspect, objects: Objects) -> tuple[Rung, ...]:
    """Return how far the pods of the suspect's workload have come, where they have not come all the way."""
    cluster = cluster_of(objects)
    item = next((o for o in cluster.workloads() if kube.ref(o) == suspect.object), None)
    return lifecycle.climbed(lifecycle.ladder(item, cluster)) if item else ()


def _numbered(
    kept: list[Suspect], world: World, patient: str | None, changes: Sequence[Change], objects: Objects
) -> Ranking:
    numbers = Numbered()
    causes: list[Cause] = []
    for index, suspect in enumerate(kept):
        seen = _fresh_first(interleaved([finding.observations for finding in suspect.findings]))
        if index == 0:
            why = _why_ill(suspect, world, patient)
            seen = seen[:4] + why + _changed(suspect, changes) + seen[4:]
            seen += _fresh_first(interleaved([finding.observations for finding in suspect.support]))
        ids = numbers.cite(seen, first=index == 0)
        best = suspect.findings[0]
        basis = basis_of(suspect, world.catalog)
        confidence = round(min(within(basis, suspect.score), causes[-1].confidence if causes else 1.0), 2)
        rungs = _lifecycle(suspect, objects)
        cause = Cause(suspect.code, suspect.object, suspect.service, confidence, best.summary, ids, best.variant, basis)
        causes.append(replace(cause, lifecycle=rungs))
    return Ranking(tuple(causes), tuple(numbers.evidence))


def _fresh_first(seen: list[Observation]) -> list[Observation]:
    """Move to the end what was logged long before the newest of these: the same words of an earlier day."""
    newest = max((observation.at for observation in seen if observation.at is not None), default=None)
    return sorted(seen, key=lambda o: o.at is not None and newest is not None and newest - o.at > _STALE)


def _why_ill(suspect: Suspect, world: World, patient: str | None) -> list[Observation]:
    names = dict.fromkeys(name for name in (suspect.service, patient) if name in world.healths)
    return [symptom.observation for name in names if name for symptom in world.healths[name].symptoms[:2]]


def _changed(suspect: Suspect, changes: Sequence[Change]) -> list[Observation]:
    """Return the newest changes of the object; that it was created once is not news."""
    own = [change.observation for change in changes if change.object == suspect.object and change.text != "created"]
    return own[-2:]
