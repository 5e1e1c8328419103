"""Do an approved change at most once, on record: the intent is on disk before the first byte leaves."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast

from opsagent.agent import approval as asking
from opsagent.agent import trail
from opsagent.agent.context import Context
from opsagent.agent.state import State
from opsagent.agent.trail import approval_key, hash_of
from opsagent.errors import ActionError, CheckError, PlanChangedError
from opsagent.models.moment import clock_zone
from opsagent.models.observed import KubeObject
from opsagent.models.plan import ACTIONS, ActionRecord, Approval, Verb
from opsagent.models.platform import ChangeablePlatform
from opsagent.tools import kubectl

CHANGES: Mapping[Verb, Callable[[ChangeablePlatform, Approval], KubeObject]] = {
    "restart": kubectl.restart_deployment,
    "scale": kubectl.scale_deployment,
    "rollback": kubectl.rollback_deployment,
}
_SKEW = timedelta(minutes=1)  # clocks differ; one that was set back further makes an approval void


def act(state: State, ctx: Context) -> ActionRecord:
    """Do what was approved, or find out what an earlier process did of it.

    Raises AskAgainError where nothing was done and the approval is void, StoreError where the intent cannot be kept
    (then nothing was done either), CheckError where an earlier process' change cannot be searched for.
    """
    approved = _on_trail(state, ctx)
    key = approval_key(approved)
    known = ctx.archive.audited("change", key=key)
    if known:
        return _as_known(state, ctx, approved, str(known[-1].data.get("outcome")))
    if ctx.archive.audited("intent", key=key):
        outcome = _found(state, ctx, approved)
    else:
        _still_good(state, ctx, approved)
        ctx.archive.audit("intent", state["incident_id"], _intent(approved), ctx.clock(), key=key)
        outcome = _sent(state, ctx, approved)
    return _on_record(state, ctx, approved, outcome)


def _on_trail(state: State, ctx: Context) -> Approval:
    """Return the approval; AskAgainError where the audit trail does not hold this very one for this incident.

    A checkpoint is a file like any other: what is in it was approved by nobody unless the trail states it.
    """
    kept = state["approval"]
    if not isinstance(kept, Approval) or kept.incident_id != state["incident_id"]:
        raise _again(state, ctx, "the approval that was kept is none of this incident; nothing was done")
    if not trail.knows(ctx, kept):
        raise _again(state, ctx, "the approval that was kept has no record in the audit trail; nothing was done")
    return kept


def _sent(state: State, ctx: Context, approved: Approval) -> str:
    try:
        CHANGES[ACTIONS[approved.action].verb](cast(ChangeablePlatform, ctx.platform), approved)
    except PlanChangedError as error:
        # Nothing was written. The operator is asked again about what is there now.
        _on_record(state, ctx, approved, f"not done: {error.message}")
        raise _again(state, ctx, error.message) from error
    except (ActionError, CheckError) as error:
        return f"failed: {error.message}"
    return "done"


def _found(state: State, ctx: Context, approved: Approval) -> str:
    """Find out what the process that wrote the intent did before it ended."""
    stands = cast(ChangeablePlatform, ctx.platform).shows(approved)
    if stands:
        return "already so"
    if stands is None:
        return (
            f"not known: opsagent was interrupted while it changed {approved.target}, and somebody has changed it "
            "since: it cannot be determined whether the change was made, and it is not repeated"
        )
    # Not made. The same change with the same precondition: should the earlier request still arrive, one of the two is
    # refused by the API server.
    _still_good(state, ctx, approved)
    return _sent(state, ctx, approved)


def _still_good(state: State, ctx: Context, approved: Approval) -> None:
    """Raise AskAgainError where the approval has expired or is not for this plan and evidence."""
    now, given = ctx.clock(), approved.answer.at
    if not given - _SKEW <= now <= approved.expires_at:
        raise _again(state, ctx, f"the approval of {clock_zone(given)} has expired; nothing was done")
    held = (hash_of(state["plan"]), hash_of(tuple(state.get("evidence", ()))))
    if held != (approved.plan_hash, approved.evidence_hash):
        raise _again(state, ctx, "the plan that was kept is not the one that was approved; nothing was done")


def _as_known(state: State, ctx: Context, approved: Approval, outcome: str) -> ActionRecord:
    if outcome.startswith("not done: "):
        raise _again(state, ctx, outcome.removeprefix("not done: "))
    return _recorded(state, ctx, approved, outcome)


def _on_record(state: State, ctx: Context, approved: Approval, outcome: str) -> ActionRecord:
    data = {"outcome": outcome, "action": approved.action, "target": approved.target.name}
    ctx.archive.audit("change", state["incident_id"], data, ctx.clock(), key=approval_key(approved))
    return _recorded(state, ctx, approved, outcome)


def _recorded(state: State, ctx: Context, approved: Approval, outcome: str) -> ActionRecord:
    record = ActionRecord(
        incident_id=state["incident_id"],
        action=approved.action,
        target=approved.target.ref,
        replicas=approved.to.replicas if approved.action == "scale_deployment" else None,
        at=ctx.clock(),
        by=approved.answer.by,
        how=approved.answer.how,
        outcome=outcome,
        detail={"approval": approval_key(approved)},
    )
    if not outcome.startswith("not done: "):
        ctx.archive.record_action(record)
    return record


def _intent(approved: Approval) -> dict[str, Any]:
    return {"approval": approved, "seen": approved.target.resource_version}


def _again(state: State, ctx: Context, why: str) -> asking.AskAgainError:
    ctx.archive.audit("asked-again", state["incident_id"], {"why": why}, ctx.clock())
    return asking.AskAgainError(why, {**asking.second_check(state, ctx), "approval": None})
