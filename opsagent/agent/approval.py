"""The question to the operator, and what an answer is worth: the only place where an Approval is made."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from opsagent.agent import trail
from opsagent.agent.context import Context
from opsagent.agent.detection import Detection
from opsagent.agent.diagnosis import Conclusion, check_again, renumbered, with_risks
from opsagent.agent.faults import remembered
from opsagent.agent.model.opinions import doubted, heard_again, kept_evidence
from opsagent.agent.rehearsal import rehearsed
from opsagent.agent.state import State
from opsagent.analysis.objects.deployments import target_of
from opsagent.analysis.planning.plan import after, change_text, revision_before
from opsagent.errors import CheckError, PlanChangedError
from opsagent.models.evidence import Cause
from opsagent.models.incident import Analysis
from opsagent.models.moment import clock_zone
from opsagent.models.panel import Panel
from opsagent.models.plan import ACTIONS, Answer, Approval, Order, Plan
from opsagent.models.revision import desired

RECOVERED = "recovered by itself before anything was done"


class AskAgainError(PlanChangedError):
    """What the operator saw is no longer so: `update` holds the new findings and plan, to be shown again."""

    def __init__(self, message: str, update: State) -> None:
        super().__init__(message)
        self.update = update


def noted(analysis: Analysis | None) -> tuple[str, ...]:
    """Return what else to know before answering: text that speaks to its reader."""
    return analysis.notes if analysis else ()


def panel_of(state: State, ctx: Context) -> Panel:
    """Return the question: the exact change, why, and what may go wrong."""
    return Panel(
        incident_id=state["incident_id"],
        service=state.get("patient"),
        where=state["where"],
        causes=tuple(state.get("causes", ())),
        evidence=tuple(state.get("evidence", ())),
        changes=state.get("changes"),
        trend=state.get("trend"),
        plan=state["plan"],
        not_checked=tuple(state.get("not_checked", ())),
        notes=noted(state.get("analysis")),
        analysis=state.get("analysis"),
        around=ctx.seen.logs.lines.around(tuple(state.get("evidence", ())), ctx.seen.redact),
        fault=state.get("fault", ""),
        history=state.get("history"),
        fingerprint=state["fingerprint"],
        expires_at=ctx.clock() + timedelta(minutes=ctx.settings.actions.approval_expires_min),
    )


def second_check(state: State, ctx: Context) -> State:
    """Check everything again; return what is new, with status `recovered` where nothing is left to do."""
    ctx.progress.doing("approval", "checking again before anything is done")
    patient, order = state.get("patient"), state.get("order")
    if order:
        ctx.seen.check_again()
        return _noted(state, ordered(ctx, order), ctx)
    detection, conclusion = check_again(ctx, state.get("asked") or patient, patient, state.get("healths", ()))
    if conclusion is None:
        return _noted(state, {"status": "recovered", "closing": RECOVERED, "healths": detection.healths}, ctx)
    new = as_update(state, detection, conclusion)
    new = {**new, **rehearsed(ctx, new["plan"], new["causes"]), **remembered(state, ctx, tuple(new["causes"]))}
    return _noted(state, new, ctx)


def _noted(state: State, new: State, ctx: Context) -> State:
    """Put a second check, and the plan that follows from it, on record."""
    now: State = {**state, **new}
    trail.looked(now, ctx, "approval", "checked again")
    if new.get("plan"):
        trail.planned(now, ctx)
    return new


def ordered(ctx: Context, order: Order) -> State:
    """Plan the operator's own command on the object as it is now; raise NotFoundError where there is none."""
    changed = ACTIONS[order.action]
    deployment = ctx.platform.get(changed.kind, order.name)
    target = target_of(deployment, live=True)
    if target is None:
        raise CheckError(
            f"the API server's {changed.kind} {order.name} has no uid or generation", source=changed.plural
        )
    before, back_to = desired(deployment), None
    if order.action == "rollback_deployment":
        back_to = revision_before(deployment, ctx.platform.list("ReplicaSet"))
        if back_to is None:
            raise CheckError(f"{target} has no earlier revision to go back to", source="replicasets")
    to, reason = after(order.action, before, replicas=order.replicas, back_to=back_to), f"{order.asked_by} asked for it"
    change = change_text(order.action, target, to)
    plan = Plan(order.action, target, order.replicas, reason, change=change, from_=before, to=to)
    return {**rehearsed(ctx, with_risks(ctx, plan), ()), "not_checked": ctx.seen.skipped}


def not_offered(state: State, ctx: Context) -> State | None:
    """Return the plan not to act where nothing can be kept: no change without a record of who approved it."""
    plan = state["plan"]
    if not ctx.unkept or plan.action == "none":
        return None
    why = f"approval refused: {plan.change} needs a record of who approved it, and none can be kept"
    return {"plan": _not_to_act(plan, why), "status": "diagnosed"}


def _not_to_act(plan: Plan, why: str) -> Plan:
    return replace(plan, action="none", target=None, replicas=None, risks=(), change="", reason=why)


def escalated_again(state: State, ctx: Context) -> State | None:
    """Return the plan not to act, where the same action did not help on the same facts a short while ago."""
    failed = trail.in_vain(state, ctx)
    if failed is None:
        return None
    plan, hours = state["plan"], ctx.settings.actions.retry_after_h
    why = (
        f"{plan.change} did not help at {clock_zone(failed.at)} (incident {failed.incident_id}), and the cause is the "
        f"same; it is not offered again within {hours:g} h"
    )
    return {"plan": _not_to_act(plan, why), "status": "escalated"}


def approved(state: State, answer: Answer, ctx: Context) -> Approval:
    """Turn a human's yes to the plan in the state into the record that the changing tools accept."""
    plan = state["plan"]
    if answer.decision != "approve" or answer.shown != state["fingerprint"]:
        raise AskAgainError("the answer was to another plan", {})
    if plan.target is None or plan.from_ is None or plan.to is None or plan.platform is None:
        raise AskAgainError("the plan does not hold what it changes, from what to what and where", {})
    first = next(iter(state.get("causes", ())), None)
    return Approval(
        incident_id=state["incident_id"],
        platform=plan.platform,
        action=plan.action,
        target=plan.target,
        from_=plan.from_,
        to=plan.to,
        cause=(first.code, first.object) if first else (None, None),
        risks=plan.risks,
        restarted_at=_stamp(answer.at),
        answer=answer,
        plan_hash=trail.hash_of(plan),
        evidence_hash=trail.hash_of(tuple(state.get("evidence", ()))),
        expires_at=answer.at + timedelta(minutes=ctx.settings.actions.approval_expires_min),
    )


def what_changed(state: State, new: State) -> str | None:
    """State in what the new check differs from the plan that was answered; None where it is the same plan."""
    if new["fingerprint"] == state["fingerprint"]:
        return None
    old_plan, plan = state["plan"], new["plan"]
    differences = [*_object_changed(old_plan, plan)]
    was, now = (next(iter(causes), None) for causes in (state.get("causes", ()), new.get("causes", ())))
    if was and now and (was.code, was.object) != (now.code, now.object):
        differences.append(f"the cause looks different now: {_named(was)} → {_named(now)}")
    if (old_plan.action, old_plan.to) != (plan.action, plan.to):
        differences.append(f"the plan is another one now: {plan.change or plan.action}")
    known = {risk.kind for risk in old_plan.risks}
    differences += [f"a risk that was not shown: {risk.text}" for risk in plan.risks if risk.kind not in known]
    return "; ".join(differences) or "the evidence changed"


def _object_changed(old: Plan, new: Plan) -> Iterator[str]:
    was, now = old.target, new.target
    if was is None or now is None:
        return
    if old.platform != new.platform:
        yield "this is not the platform that was shown"
    if was.uid != now.uid:
        yield f"{now} was deleted and made again"
    elif (old.from_, was.spec_hash) != (new.from_, now.spec_hash):
        yield f"{now} was changed by somebody (generation {was.generation} → {now.generation})"


def _named(cause: Cause) -> str:
    return f"{cause.code} of {cause.object}" if cause.object else cause.code


def as_update(state: State, detection: Detection, conclusion: Conclusion) -> State:
    """Return the part of the state that a new conclusion replaces; what a model looked up and stated stays."""
    conclusion = renumbered(conclusion, state.get("evidence", ()))
    analysis = state.get("analysis") or Analysis()
    heard = heard_again(analysis, conclusion.ranking.causes)
    numbered = {piece.id: piece for piece in kept_evidence(state.get("reading"), analysis)}
    numbered |= {piece.id: piece for piece in conclusion.ranking.evidence}
    return {
        "healths": detection.healths,
        "calls": detection.calls,
        "symptoms": detection.symptoms(state.get("patient")),
        "findings": conclusion.findings,
        "changes": conclusion.changes,
        "causes": conclusion.ranking.causes,
        "evidence": tuple(sorted(numbered.values(), key=lambda piece: int(piece.id[1:]))),
        "analysis": heard,
        "plan": doubted(conclusion.plan, heard.opinion),
        "not_checked": detection.not_checked,
        "coverage": detection.coverage,
    }


def too_late(ctx: Context, panel: Panel, stood_s: float) -> bool:
    """Return whether a panel has expired, by the clock or, where that was set back, by the time that it was there."""
    return ctx.clock() > panel.expires_at or stood_s > ctx.settings.actions.approval_expires_min * 60


def with_notice(panel: Panel, notice: str | None, how: str) -> Panel:
    """Return the panel as it is shown: why it is asked again, and by which command."""
    return replace(panel, notice=notice, how=how)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
