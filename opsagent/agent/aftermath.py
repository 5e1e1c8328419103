"""After a change that did not help: what is there now, read again, and what a person should check first."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from opsagent.agent.context import Context
from opsagent.agent.diagnosis import Conclusion, check_again, object_named, renumbered
from opsagent.agent.scope import selected_pods
from opsagent.agent.state import State
from opsagent.analysis.objects import kube
from opsagent.errors import CheckError, OpsagentError
from opsagent.models.evidence import Cause, Evidence
from opsagent.models.incident import Aftermath
from opsagent.models.moment import local
from opsagent.models.observed import KubeObject
from opsagent.models.plan import Plan
from opsagent.tools.pod_status import summarise

_PODS, _PIECES, _LINES = 3, 5, 8


def after_failure(state: State, ctx: Context) -> State:
    """Return the state as it is after the change: pods, the new pod's log, changed evidence, causes and advice.

    What cannot be read is stated, and the report keeps what was known before: an escalation never fails for it.
    """
    ctx.progress.doing("escalate", "reading the state after the change")
    tried = tuple(f"{local(one.at):%H:%M:%S} {one.words}: {one.outcome}" for one in state.get("actions", ()))
    try:
        asked = state.get("asked") or state.get("patient")
        _, conclusion = check_again(ctx, asked, state.get("patient"), state.get("healths", ()))
        pods = _pods_of(state, ctx)
    except (CheckError, OpsagentError) as error:
        return {"aftermath": Aftermath(ctx.clock(), tried, unread=ctx.seen.redact(error.message))}
    shown = tuple(_pod_line(pod) for pod in pods[:_PODS])
    log_of, log = _own_log(ctx, pods)
    found = Aftermath(ctx.clock(), tried, shown, log_of, log)
    if conclusion is None:
        late = "every check is good by now: it may have recovered after the time of the verification"
        return {"aftermath": found, "plan": replace(state["plan"], recommendations=(late,))}
    return _with_evidence(state, ctx, found, conclusion)


def _with_evidence(state: State, ctx: Context, found: Aftermath, conclusion: Conclusion) -> State:
    before = tuple(state.get("evidence", ()))
    concluded = renumbered(conclusion, before)
    now = concluded.ranking.evidence
    old_ids, new_ids = {piece.id for piece in before}, {piece.id for piece in now}
    found = replace(
        found,
        new=_named(piece for piece in now if piece.id not in old_ids),
        gone=_named(piece for piece in before if piece.id not in new_ids),
    )
    kept = {piece.id: piece for piece in (*before, *now)}
    return {
        "aftermath": found,
        "causes": concluded.ranking.causes or tuple(state.get("causes", ())),
        "evidence": tuple(kept.values()),
        "plan": _advised(state["plan"], ctx, concluded, found),
    }


def _advised(plan: Plan, ctx: Context, concluded: Conclusion, found: Aftermath) -> Plan:
    """Return the plan that was carried out, with what a person should do now: nothing that was advised before it."""
    remedy = _remedy(ctx, concluded.ranking.causes)
    check = (f"check first: kubectl logs {found.log_of} -n {ctx.platform.where.namespace}",) if found.log_of else ()
    other = (concluded.plan.reason,) if concluded.plan.action == "none" else ()
    fresh = (text for text in concluded.plan.recommendations if text not in plan.recommendations)
    return replace(plan, recommendations=tuple(dict.fromkeys((*check, *remedy, *other, *fresh))))


def prevented(state: State, ctx: Context) -> State:
    """Return the plan with what prevents the fault first: the change that helped ended it, and removed no cause."""
    plan = state["plan"]
    remedy = (text for text in _remedy(ctx, tuple(state.get("causes", ()))) if not _in_a_step(text, plan))
    return {"plan": replace(plan, recommendations=tuple(dict.fromkeys((*remedy, *plan.recommendations))))}


def _in_a_step(remedy: str, plan: Plan) -> bool:
    """Return whether a step begins with the remedy's own words, and goes on with the command for it."""
    begun = remedy.rstrip(".").lower()
    return any(step != remedy and step.lower().startswith(begun) for step in plan.recommendations)


def _remedy(ctx: Context, causes: Sequence[Cause]) -> tuple[str, ...]:
    info = ctx.catalog.get(causes[0].code) if causes else None
    return (info.of(causes[0].variant).remedy,) if info else ()


def _pods_of(state: State, ctx: Context) -> list[KubeObject]:
    """Return the pods that the changed object selects, newest first; none where it is not there any more."""
    target = state["plan"].target
    workload = object_named(ctx, target.kind, target.name) if target else None
    pods = selected_pods(ctx.platform, workload) if workload else ()
    return sorted(pods, key=lambda pod: kube.text(pod, "metadata", "creationTimestamp"), reverse=True)


def _pod_line(pod: KubeObject) -> str:
    seen = summarise(pod, None)
    return f"{seen.name}: {seen.ready} {seen.status}, restarts {seen.restarts}"


def _own_log(ctx: Context, pods: Sequence[KubeObject]) -> tuple[str | None, tuple[str, ...]]:
    """Return the newest pod that has a log, and that log's last lines."""
    for name in map(kube.name, pods):
        for digest in ctx.seen.digests(None):
            if digest.pod == name and digest.tail:
                return name, digest.tail[-_LINES:]
    return None, ()


def _named(pieces: Iterable[Evidence]) -> tuple[str, ...]:
    lines = [f"{piece.id} {piece.source} {piece.where}: {_last_line(piece)}" for piece in pieces]
    return tuple(lines[:_PIECES]) + ((f"and {len(lines) - _PIECES} more",) if len(lines) > _PIECES else ())


def _last_line(piece: Evidence) -> str:
    lines = [line.strip() for line in piece.text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "(empty)"
