"""From checks to a plan: the work of the boxes between `detect` and `approval`, by rules alone.

Called box by box on the way down the diagram, and as a whole when an answer is in and everything is checked again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from opsagent.agent.context import Context
from opsagent.agent.detection import Detection, detect_now
from opsagent.agent.weighing import all_findings, graph_of, kept_samples, recent_changes, weigh
from opsagent.analysis.evidence.change_order import patient_first
from opsagent.analysis.figures.trend import trend
from opsagent.analysis.planning.plan import plan
from opsagent.analysis.planning.risks import risks
from opsagent.analysis.reasoning.numbering import with_known_numbers
from opsagent.analysis.reasoning.ranking import Ranking
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Cause, Change, Evidence, Finding, ServiceHealth, Trend
from opsagent.models.observed import KubeObject
from opsagent.models.plain import plain
from opsagent.models.plan import MODEL_RISK, Plan
from opsagent.models.service import CallGraph, Service


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the rules make of everything that was seen."""

    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    ranking: Ranking
    plan: Plan  # not tried out yet: what an answer counts for comes of its rehearsal


def collect(ctx: Context, calls: CallGraph, patient: str | None) -> tuple[LogDigest, ...]:
    """Digest the logs of the patient, of all that it calls, and of all that call it (they show hung from dead)."""
    if patient is None or not ctx.platform.live:
        return ctx.seen.digests(None)
    near = dict.fromkeys((patient, *calls.below(patient)))
    callers = list(calls.callers(patient))
    while callers:
        caller = callers.pop()
        if caller not in near:
            near[caller] = None
            callers.extend(calls.callers(caller))
    return ctx.seen.digests(near)


def traffic(ctx: Context) -> Trend | None:
    """Return the traffic's trend over the window, from kept samples and those of this check."""
    return trend(kept_samples(ctx), now=ctx.platform.now(), window_s=ctx.settings.window_min * 60)


def conclude(
    ctx: Context,
    *,
    patient: str | None,
    healths: tuple[ServiceHealth, ...],
    findings: tuple[Finding, ...],
    digests: tuple[LogDigest, ...],
) -> Conclusion:
    """Weigh the findings, and plan for the first cause."""
    calls = graph_of(ctx, digests)
    ranking = weigh(ctx, findings, healths=healths, calls=calls, patient=patient)
    changed = changes_near(ctx, ranking, patient=patient, calls=calls)
    made = planned(ctx, ranking.causes, patient=patient, calls=calls)
    return Conclusion(findings, changed, ranking, made)


def changes_near(ctx: Context, ranking: Ranking, *, patient: str | None, calls: CallGraph) -> tuple[Change, ...]:
    """Return what changed in the last hours: near the patient first, the newest first."""
    return patient_first(
        recent_changes(ctx),
        patient=patient,
        cause=ranking.causes[0].object if ranking.causes else None,
        graph=calls,
        services=ctx.seen.services,
        objects=ctx.seen.objects,
    )


def renumbered(concluded: Conclusion, known: Sequence[Evidence]) -> Conclusion:
    """Return a conclusion whose evidence has the numbers that it had before in this incident."""
    causes, evidence = with_known_numbers(concluded.ranking.causes, concluded.ranking.evidence, known)
    return replace(concluded, ranking=Ranking(causes, evidence))


def planned(ctx: Context, causes: tuple[Cause, ...], *, patient: str | None, calls: CallGraph) -> Plan:
    """Return the plan for the first cause, its risks asked of the cluster beforehand."""
    seen, bounds = ctx.seen, ctx.settings.actions
    made = plan(
        causes,
        patient=service_named(ctx, patient),
        objects=seen.objects,
        graph=calls,
        live=ctx.platform.live,
        min_replicas=bounds.min_replicas,
        max_replicas=bounds.max_replicas,
        catalog=ctx.catalog,
    )
    return with_risks(ctx, made, causes[0].code if causes else "")


def with_risks(ctx: Context, made: Plan, code: str = "") -> Plan:
    """Return the plan with what the operator has to know before approving, asked of the cluster beforehand."""
    if made.action == "none" or made.target is None:
        return made
    target, seen = made.target, ctx.seen
    owner = next((service for service in seen.services if service.deployment == target.name), None)
    deployment = object_named(ctx, target.kind, target.name)
    known = risks(made.action, deployment, owner, seen.objects, ctx.platform.may, replicas=made.replicas, code=code)
    return replace(made, risks=known)


def check_again(
    ctx: Context, asked: str | None, patient: str | None, before: Sequence[ServiceHealth] = ()
) -> "tuple[Detection, Conclusion | None]":
    """Check everything again and conclude again; no conclusion where nothing is wrong by now.

    before: the judgement that the incident began with; who was faulty in it has to be read as healthy.
    """
    detection = detect_now(ctx, asked)
    if detection.well(patient, detection.faulty_before(before, patient)):
        # One good check may be the blip: it takes as many to believe in a recovery as in a fault.
        for _ in range(ctx.settings.thresholds.confirmations - 1):
            ctx.pause(ctx.settings.thresholds.confirm_interval_s)
            detection = detect_now(ctx, asked)
            if not detection.well(patient, detection.faulty_before(before, patient)):
                break
        else:
            return detection, None
    digests = collect(ctx, detection.calls, patient)
    findings = all_findings(ctx, detection.calls, digests)
    return detection, conclude(ctx, patient=patient, healths=detection.healths, findings=findings, digests=digests)


def fingerprint(made: Plan, causes: tuple[Cause, ...]) -> str:
    """Return the hash of the exact change and the facts it rests on: code and objects, never wording or counts.

    The generation is not among them: it moves with annotations, too. What was read of the object is compared instead.
    """
    first = causes[0] if causes else None
    target = made.target
    facts = {
        "platform": plain(made.platform),
        "action": made.action,
        "replicas": made.replicas,
        "target": [target.namespace, target.name, target.uid, target.spec_hash] if target else None,
        "from": plain(made.from_),
        "to": plain(made.to),
        "cause": [first.code, first.object] if first else None,
        # A dry run that could not be made is not a fact, and the next one may be; nor is what a model doubts.
        "risks": sorted({risk.kind for risk in made.risks} - {"untried", MODEL_RISK}),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def service_named(ctx: Context, name: str | None) -> Service | None:
    """Return the service of that name, if it is one."""
    return next((service for service in ctx.seen.services if service.name == name), None)


def object_named(ctx: Context, kind: str, name: str) -> KubeObject:
    """Return the object as it was seen; an empty object where it was not."""
    for item in ctx.seen.objects.items:
        if item.get("kind") == kind and (item.get("metadata") or {}).get("name") == name:
            return item
    return {}
