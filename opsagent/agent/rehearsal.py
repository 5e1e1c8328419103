"""What the API server makes of a planned change before somebody is asked: where it would go, and a dry run of it."""

from dataclasses import replace
from typing import cast

from opsagent.agent.context import Context
from opsagent.agent.diagnosis import fingerprint, object_named
from opsagent.agent.state import State
from opsagent.analysis.evidence.revisions import differences
from opsagent.errors import ActionError, CheckError, TransientCheckError, UnauthorizedError
from opsagent.models.evidence import Cause
from opsagent.models.plan import Plan, Risk
from opsagent.models.platform import ChangeablePlatform
from opsagent.models.revision import revision_at

_NO_DRY_RUN = "does not support dry run"  # the API server's words for an admission webhook with side effects


def rehearsed(ctx: Context, plan: Plan, causes: tuple[Cause, ...]) -> State:
    """Return the plan bound to its platform and tried out with dryRun=All, and its fingerprint.

    A plan that changes nothing, and one of a bundle, stay as they are. Where nobody is asked nothing is tried out: an
    unattended pass sends reading requests alone. A dry run never counts as the change.
    """
    if plan.action != "none" and plan.target is not None and ctx.platform.live:
        platform = cast(ChangeablePlatform, ctx.platform)
        plan = replace(plan, platform=platform.identity(), differences=_differences(ctx, plan))
        if ctx.attended:
            ctx.progress.doing("root_cause", "asking the API server whether it would accept the change (dry run)")
            plan = replace(plan, risks=(*plan.risks, *_refusals(ctx, platform, plan)))
    return {"plan": plan, "fingerprint": fingerprint(plan, causes)}


def _differences(ctx: Context, plan: Plan) -> tuple[str, ...]:
    """Return what a rollback changes in the pod template, from → to: a revision's number does not state it."""
    if plan.action != "rollback_deployment" or plan.target is None or plan.to is None or plan.to.revision is None:
        return ()
    deployment = object_named(ctx, "Deployment", plan.target.name)
    replica_sets = [item for item in ctx.seen.objects.items if item.get("kind") == "ReplicaSet"]
    back_to = revision_at(deployment, replica_sets, int(plan.to.revision))
    return tuple(differences(deployment, back_to.replica_set)) if back_to else ()


def _refusals(ctx: Context, platform: ChangeablePlatform, plan: Plan) -> tuple[Risk, ...]:
    if any(risk.kind == "forbidden" for risk in plan.risks):
        return ()  # asked and refused already: a request that is denied reports nothing more
    try:
        platform.try_out(plan)
    except (CheckError, ActionError) as error:
        message = ctx.seen.redact(error.message)
        unknown = isinstance(error, TransientCheckError | UnauthorizedError) or _NO_DRY_RUN in message
        if unknown:
            return (Risk("untried", f"not tried beforehand: {message}"),)
        return (Risk("refused", f"the API server refuses it (dry run): {message}"),)
    return ()
