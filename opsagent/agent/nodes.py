"""One function a box of the diagram: same name, same order. Routers return the arrow's label."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from opsagent.agent import approval as asking
from opsagent.agent import diagnosis, exactly_once, reporting, trail, verification
from opsagent.agent.aftermath import after_failure, prevented
from opsagent.agent.charts import charts_of
from opsagent.agent.context import Context
from opsagent.agent.detection import observe
from opsagent.agent.faults import remembered
from opsagent.agent.judging import first_judgement, last_judgement, suspected
from opsagent.agent.rehearsal import rehearsed
from opsagent.agent.state import State
from opsagent.agent.weighing import all_findings, over, recent_changes, weigh
from opsagent.analysis.evidence.verdict import UNCHECKED
from opsagent.models.evidence import Symptom
from opsagent.models.incident import Status, Step
from opsagent.models.plan import DONE

if TYPE_CHECKING:
    from opsagent.models.plan import Answer

Work = Callable[[State, Context], tuple[State, str]]


class Node(Protocol):
    """A box of the graph."""

    __name__: str

    def __call__(self, state: State, runtime: Runtime[Context]) -> State:
        """Return what the box adds to the state."""


def box(work: Work) -> Node:
    """Make a node of a function that returns what it adds to the state and one line for the operator."""

    def node(state: State, runtime: Runtime[Context]) -> State:
        ctx, begun = runtime.context, time.monotonic()
        update, text = work(state, ctx)
        step = Step(work.__name__, ctx.clock(), time.monotonic() - begun, text, ok=_succeeded(update))
        _on_record({**state, **update}, ctx, step)
        ctx.progress.done(step)
        if ctx.seen.ignored:
            update["ignored"] = tuple(ctx.seen.ignored.values())
        whole: State = {**update, "steps": (step,)}
        if update.get("status") in UNCHECKED:
            raise _unchecked({**state, **whole}, ctx)
        return whole

    # Not functools.wraps: LangGraph would follow __wrapped__ and search for the runtime in the wrong signature.
    node.__name__, node.__qualname__, node.__doc__ = work.__name__, work.__qualname__, work.__doc__
    return node


def _succeeded(update: State) -> bool:
    """Return whether a box did what it is for: a change that was not made, or did not help, is a failed step."""
    checked = update.get("verification")
    done = all(action.outcome in DONE for action in update.get("actions", ()))
    return done and (checked is None or checked.recovered)


@box
def detect(state: State, ctx: Context) -> tuple[State, str]:
    """Ask /stats and Kubernetes whether anything is wrong, and confirm it."""
    ctx.progress.doing("detect", "asking /stats, the cluster and the health paths")
    asked = state.get("asked")
    found = observe(ctx, asked)
    patient = found.patients[0] if found.patients else asked if state.get("force") else None
    symptoms = found.symptoms(patient) if found.patients else ()
    update: State = {
        "healths": found.healths,
        "calls": found.calls,
        "patient": patient,
        "others": tuple(name for name in found.patients[1:] if name),
        "symptoms": symptoms,
        "before": found.newest,
        "not_checked": found.not_checked,
        "coverage": found.coverage,
        "over": found.over,
    }
    if found.patients:
        ctx.progress.found(state["incident_id"], patient, symptoms)
        return update, "; ".join(_told(symptom) for symptom in symptoms[:3]) or f"{patient} is faulty"
    verdict = found.verdict
    if verdict is None:  # unreachable: a pass without a patient has one
        raise AssertionError("a pass without a patient has no verdict")
    closing = f"{verdict.closing}; {found.note}" if found.note else verdict.closing
    why = suspected(ctx, found)
    if why:
        update["faultless"] = closing
        return update, f"{closing}; asking the model: {why}"
    if not state.get("force") or verdict.status in UNCHECKED:
        update |= {"status": verdict.status, "closing": closing}
    if not ctx.platform.live:
        update["digests"] = ctx.seen.digests(None)
    return update, closing


def detected(state: State) -> Literal["healthy", "faulty"]:
    """Choose the arrow out of `detect`; what was not read or not understood takes none: it ends the run."""
    return "healthy" if state.get("status") in ("healthy", "nothing_found") else "faulty"


@box
def end_ok(state: State, ctx: Context) -> tuple[State, str]:
    """End well: the state was read and nothing is wrong, or what was given shows no fault."""
    return _end(state, ctx, state["status"], state["closing"])


@box
def collect_logs(state: State, ctx: Context) -> tuple[State, str]:
    """Read and digest the logs of the patient and its neighbours."""
    ctx.progress.doing("collect_logs", "reading logs side by side")
    ctx.seen.check_if_new()
    digests = diagnosis.collect(ctx, state["calls"], state.get("patient"))
    pods = len({digest.pod or digest.where for digest in digests})
    lines, groups = sum(digest.lines for digest in digests), sum(len(digest.groups) for digest in digests)
    text = f"{pods} pod{'s' * (pods != 1)}, {lines:,} lines → {groups} groups" if digests else "no log could be read"
    coverage = ctx.seen.coverage(tuple(state["healths"]))
    return {"digests": digests, "not_checked": ctx.seen.skipped, "coverage": coverage}, text


@box
def analyze(state: State, ctx: Context) -> tuple[State, str]:
    """Judge the logs and objects by rules, and ask the model where one is configured."""
    ctx.progress.doing("analyze", "applying the rules")
    ctx.seen.check_if_new()
    findings = all_findings(ctx, state["calls"], tuple(state["digests"]))
    judged = first_judgement(state, ctx, findings)
    ranking = weigh(ctx, findings, healths=tuple(state["healths"]), calls=state["calls"], patient=state.get("patient"))
    text = ranking.causes[0].sentence if ranking.causes else "no rule recognises what is wrong"
    ended = over(ctx, findings, healths=tuple(state["healths"]), calls=state["calls"])
    return {"findings": findings, "over": ended, **judged}, text


@box
def check_metrics(state: State, ctx: Context) -> tuple[State, str]:  # noqa: ARG001  (a box takes both)
    """Compare the traffic now with the traffic before."""
    ctx.seen.check_if_new()
    trend = diagnosis.traffic(ctx)
    return {"trend": trend, "changes": recent_changes(ctx)}, trend.text if trend else "no traffic figures"


@box
def root_cause(state: State, ctx: Context) -> tuple[State, str]:
    """Weigh everything into ranked causes and one plan."""
    ctx.seen.check_if_new()
    concluded = diagnosis.conclude(
        ctx,
        patient=state.get("patient"),
        healths=state["healths"],
        findings=tuple(state["findings"]),
        digests=tuple(state["digests"]),
    )
    update = last_judgement(state, ctx, concluded)
    causes = update["causes"]
    update |= rehearsed(ctx, update["plan"], causes)
    update |= remembered(state, ctx, causes)
    return update, f"{causes[0].code} ({causes[0].confidence:.2f})" if causes else "no cause found"


@box
def approval(state: State, ctx: Context) -> tuple[State, str]:
    """Ask the operator, then check again: an answer counts only for the plan just shown.

    Raises AskAgainError where something else is there by now. Nothing with an effect is before the interrupt:
    the box runs from its top again when the answer is in.
    """
    if state.get("status") == "recovered":
        return {}, asking.RECOVERED
    refused = asking.escalated_again(state, ctx) or asking.not_offered(state, ctx)
    if refused:
        return refused, refused["plan"].reason
    if state["plan"].action == "none" or not ctx.platform.live:
        return {"status": "diagnosed"}, "nothing to approve"
    answer: Answer = interrupt(asking.panel_of(state, ctx))
    if answer.decision != "approve":
        trail.rejected(state, ctx, answer)
        reason = f": {answer.reason}" if answer.reason else ""
        return {"answers": (answer,), "status": "rejected"}, f"rejected by {answer.by}{reason}"
    approved = asking.approved(state, answer, ctx)
    trail.approved(state, ctx, approved)
    new = asking.second_check(state, ctx)
    if new.get("status") == "recovered":
        return {**new, "answers": (answer,)}, asking.RECOVERED
    difference = asking.what_changed(state, new)
    if difference:
        ctx.archive.audit("asked-again", state["incident_id"], {"why": difference}, ctx.clock())
        raise asking.AskAgainError(difference, {**new, "answers": (answer,)})
    by = f"approved by {answer.by} ({answer.terminal or answer.how})"
    return {"answers": (answer,), "approval": approved}, by


def decided(state: State) -> Literal["approved", "rejected"]:
    """Choose the arrow out of `approval`."""
    return "approved" if state.get("approval") else "rejected"


@box
def execute(state: State, ctx: Context) -> tuple[State, str]:
    """Do the approved change, at most once."""
    ctx.progress.doing("execute", state["plan"].change)
    record = exactly_once.act(state, ctx)
    done = record.outcome in DONE
    return {"actions": (record,)}, state["plan"].change if done else record.outcome


@box
def verify(state: State, ctx: Context) -> tuple[State, str]:
    """Wait for the rollout and for the figure that raised the incident to be good and stay good."""
    checked = verification.verify(state, ctx)
    acted = any(action.outcome in DONE for action in state.get("actions", ()))
    # What was not done cannot have failed to help.
    key = trail.action_key(state, state["plan"]) if acted else None
    data = {"recovered": checked.recovered, "text": checked.text, "before": checked.before, "after": checked.after}
    ctx.archive.audit("verification", state["incident_id"], data, ctx.clock(), key=key)
    return {"verification": checked}, checked.text


def verified(state: State) -> Literal["recovered", "still_faulty"]:
    """Choose the arrow out of `verify`."""
    checked = state.get("verification")
    return "recovered" if checked and checked.recovered else "still_faulty"


@box
def report_success(state: State, ctx: Context) -> tuple[State, str]:
    """Report a repair that was verified."""
    minutes, seconds = divmod(int((ctx.clock() - state["started_at"]).total_seconds()), 60)
    closing = f"recovered in {f'{minutes} min ' if minutes else ''}{seconds} s"
    found = prevented(state, ctx)
    update, text = _end({**state, **found}, ctx, "recovered", closing)
    return {**found, **update}, text


@box
def report_only(state: State, ctx: Context) -> tuple[State, str]:
    """Report what was found; nothing was done."""
    status = state.get("status", "diagnosed")
    if status == "recovered":
        return _end(state, ctx, "recovered", asking.RECOVERED)
    if status == "escalated":
        return _end(state, ctx, "escalated", f"ESCALATED: {state['plan'].reason}")
    if status == "diagnosed" and "faultless" in state and not state.get("causes"):
        return _end(state, ctx, "nothing_found", state["faultless"])
    why = "rejected" if status == "rejected" else state["plan"].reason
    return _end(state, ctx, status, f"reported, nothing done ({why})")


@box
def escalate(state: State, ctx: Context) -> tuple[State, str]:
    """Hand over to a human with everything that is known."""
    checked = state.get("verification")
    closing = f"ESCALATED: {checked.text if checked else 'the change could not be verified'}"
    found = after_failure(state, ctx)
    update, text = _end({**state, **found}, ctx, "escalated", closing)
    return {**found, **update}, text


def _told(symptom: Symptom) -> str:
    """Name the service, unless the text does."""
    service = symptom.service or ""
    return symptom.text if service in symptom.text else f"{service} {symptom.text}"


def _end(state: State, ctx: Context, status: Status, closing: str) -> tuple[State, str]:
    added: State = {
        "audit": trail.ended(state, ctx, status, closing),
        "traffic": trail.traffic_of(state, ctx),
        "charts": charts_of(state, ctx),
        "response_threshold_ms": ctx.settings.thresholds.response_ms,
    }
    whole: State = {**state, **added}
    ctx.archive.save_report(reporting.report_of(whole, status=status, closing=closing, now=ctx.clock()))
    return {**added, "status": status, "closing": closing}, closing


def _unchecked(state: State, ctx: Context) -> reporting.UncheckedError:
    """Save the report of a run that could not answer, and return the error that ends it."""
    whole: State = {**state, **_end(state, ctx, state["status"], state["closing"])[0]}
    report = reporting.report_of(whole, status=whole["status"], closing=whole["closing"], now=ctx.clock())
    return reporting.UncheckedError(report)


def _on_record(state: State, ctx: Context, step: Step) -> None:
    """Put what was checked and what was planned on the trail; answers, changes and ends put themselves there."""
    if step.node in {"detect", "collect_logs", "check_metrics"}:
        trail.looked(state, ctx, step.node, step.text)
    elif step.node == "root_cause":
        trail.planned(state, ctx)
