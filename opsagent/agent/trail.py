"""What an incident leaves on the audit trail, and the names by which it is found there again."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from opsagent.agent.context import Context
from opsagent.agent.state import State
from opsagent.analysis.figures.stats import traffic_metrics
from opsagent.errors import StoreError
from opsagent.models.audit import AuditMark, AuditRecord
from opsagent.models.incident import TrafficPoint
from opsagent.models.observed import Where
from opsagent.models.panel import Panel
from opsagent.models.plan import Answer, Approval, Plan
from opsagent.store.records import to_json

_POINTS = 600  # more do not show in a chart


def hash_of(value: Any) -> str:
    """Return the hash of a record, the same in every process."""
    return hashlib.sha256(json.dumps(to_json(value), sort_keys=True).encode()).hexdigest()


def approval_key(approval: Approval) -> str:
    """Name one approval: its intent and its change are found by it."""
    return hash_of(approval)


def facts_key(where: Where, service: str | None, code: str | None, obj: str | None, *more: str) -> str:
    """Name an incident by its facts (place, service, cause code, object), never by wording."""
    return hash_of([where.server, where.namespace, service, code, obj, *more])


def action_key(state: State, plan: Plan) -> str:
    """Name an action for these facts: what did not help is known again by it."""
    first = next(iter(state.get("causes", ())), None)
    code, obj = (first.code, first.object) if first else (None, None)
    target = plan.target.name if plan.target else ""
    return facts_key(state["where"], state.get("patient"), code, obj, plan.action, target, str(plan.replicas))


def looked(state: State, ctx: Context, node: str, text: str) -> None:
    """Record a check."""
    unread = [{"source": skipped.source, "why": skipped.why} for skipped in state.get("not_checked", ())]
    states = {health.service: health.state for health in state.get("healths", ())}
    data = {"node": node, "text": text, "services": states, "not_checked": unread}
    ctx.archive.audit("look", state["incident_id"], data, ctx.clock())


def planned(state: State, ctx: Context) -> None:
    """Record a plan and the causes and evidence that it rests on."""
    ctx.archive.audit("plan", state["incident_id"], plan_data(state), ctx.clock(), key=state["fingerprint"])


def plan_data(state: State) -> dict[str, Any]:
    """Return a plan as the trail holds it: complete, with the hashes that an approval is bound to."""
    plan = state["plan"]
    return {
        "plan": plan,
        "causes": [[cause.code, cause.object, cause.confidence] for cause in state.get("causes", ())],
        "plan_hash": hash_of(plan),
        "evidence_hash": hash_of(tuple(state.get("evidence", ()))),
    }


def shown(state: State, ctx: Context, panel: Panel) -> AuditMark | None:
    """Record what is in front of the operator, or waits for one."""
    data = {**plan_data(state), "expires_at": panel.expires_at, "notice": panel.notice}
    return ctx.archive.audit("panel", panel.incident_id, data, ctx.clock(), key=panel.fingerprint)


def rejected(state: State, ctx: Context, answer: Answer) -> None:
    """Record a no: who, from where, when, how, and to which plan and evidence."""
    data = {"answer": answer, **plan_data(state)}
    ctx.archive.audit("rejection", state["incident_id"], data, ctx.clock(), key=state["fingerprint"])


def approved(state: State, ctx: Context, approval: Approval) -> None:
    """Record a yes, complete: execution demands this very record, whoever hands it the approval."""
    data = {"approval": approval, "answer": approval.answer, **plan_data(state)}
    try:
        ctx.archive.audit("approval", state["incident_id"], data, ctx.clock(), key=approval_key(approval))
    except StoreError as error:
        text = f"the approval cannot be recorded, so nothing was changed: {error.message}"
        raise StoreError(text, hint=error.hint) from error


def knows(ctx: Context, approval: Approval) -> bool:
    """Return whether the trail holds exactly this approval, for exactly its incident."""
    held = to_json(approval)
    records = ctx.archive.audited("approval", key=approval_key(approval), incident_id=approval.incident_id)
    return any(record.data.get("approval") == held for record in records)


def in_vain(state: State, ctx: Context) -> AuditRecord | None:
    """Return the verification that shows that the planned action did not help within the window; None without one."""
    if state.get("order"):
        return None  # the operator insists
    tried = ctx.archive.audited("verification", key=action_key(state, state["plan"]))
    last = tried[-1] if tried else None
    if last is None or last.data.get("recovered"):
        return None
    # A record of the future (the clock was set back) counts: better asked of a human than done again.
    hours = (ctx.clock() - last.at).total_seconds() / 3600
    return last if hours < ctx.settings.actions.retry_after_h else None


def ended(state: State, ctx: Context, status: str, closing: str) -> AuditMark | None:
    """Record how the incident ended."""
    return ctx.archive.audit("end", state["incident_id"], {"status": status, "closing": closing}, ctx.clock())


def traffic_of(state: State, ctx: Context) -> tuple[TrafficPoint, ...]:
    """Return the kept figures from some time before the incident until now, for the charts."""
    earlier = state["started_at"] - timedelta(minutes=ctx.settings.window_min)
    kept = ctx.archive.earlier_samples(earlier) or tuple(ctx.seen.samples)
    figures = ((sample.at, traffic_metrics(sample)) for sample in kept[-_POINTS:])
    return tuple(
        TrafficPoint(at, traffic.window_requests_per_second, traffic.window_avg_response_time_ms)
        for at, traffic in figures
        if traffic is not None
    )
