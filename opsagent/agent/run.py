"""Start an incident, pause at the approval, ask, resume: the one way through the graph for every front end.

The graph always pauses at `approval`; only who answers differs: the prompter that is handed in, or nobody yet.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from opsagent.agent import approval as asking
from opsagent.agent import graph as diagram
from opsagent.agent import reporting, trail
from opsagent.agent.charts import charts_of
from opsagent.agent.context import Context
from opsagent.agent.detection import detect_now
from opsagent.agent.faults import FOUND, SameFaultError, waiting_twin
from opsagent.agent.holding import from_ledger, held
from opsagent.agent.state import State
from opsagent.agent.weighing import recent_changes
from opsagent.config.settings import without_secrets
from opsagent.errors import ApprovedStoreError, ExitCode, IncidentError, StoreError
from opsagent.models.incident import Report
from opsagent.models.moment import clock_zone
from opsagent.models.panel import Panel, Prompter
from opsagent.models.plan import Order
from opsagent.store.ids import new_id
from opsagent.store.incidents import Incidents
from opsagent.store.records import to_json

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph


@dataclass(frozen=True)
class Desk:
    """Where incidents are kept while they have no end: the ledger, its locks, and the checkpoints."""

    incidents: Incidents
    checkpointer: "BaseCheckpointSaver[Any]"


@dataclass(frozen=True)
class DiagnosisRequest:
    """What the operator asks for."""

    service: str | None = None  # a known service's name; None: check all
    force: bool = False  # diagnose it though it is healthy


def exit_code(report: Report) -> ExitCode:
    """Return the exit status that an incident's end stands for."""
    return reporting.EXIT_CODES[report.status]


def diagnose(
    ctx: Context, request: DiagnosisRequest, desk: Desk | None, prompter: Prompter | None = None
) -> Iterator[Report]:
    """Yield the report of the incident, then of each independent one found beside it.

    Without a desk (a bundle, a state directory that cannot be used) nothing is kept that could be resumed. Raises
    CheckError where nothing could be checked.
    """
    first, others = diagnose_one(ctx, request, desk, prompter)
    yield first
    for service in others:
        yield diagnose_one(ctx, replace(request, service=service), desk, prompter)[0]


def carry_out(ctx: Context, order: Order, service: str, desk: Desk, prompter: Prompter | None) -> Report:
    """Do what the operator asked for by its own command: the same panel, guard and verification, no diagnosis."""
    ctx = replace(ctx, attended=prompter is not None)
    graph = diagram.build(desk.checkpointer)
    now = ctx.clock()
    incident_id = _opened(ctx, service, desk, order=True)
    config = _config(incident_id)
    with held(ctx, desk, incident_id, config, graph):
        found = detect_now(ctx, service, confirm=False)
        state: State = {
            "incident_id": incident_id,
            "asked": service,
            "patient": service,
            "order": order,
            "where": ctx.platform.where,
            "started_at": now,
            "healths": found.healths,
            "calls": found.calls,
            "symptoms": found.symptoms(service),
            "before": found.newest,
            "coverage": found.coverage,
            "changes": recent_changes(ctx),
            **asking.ordered(ctx, order),
        }
        # The diagram is entered at its approval: what is before it finds a cause, and there is none to find.
        graph.update_state(config, cast("dict[str, Any]", state), as_node="root_cause")
        return _drive(graph, ctx, config, None, desk=desk, prompter=prompter, how="panel")


def go_on(ctx: Context, incident_id: str, desk: Desk, prompter: Prompter | None, *, how: str) -> Report:
    """Go on with an incident that was left pending or interrupted; a fresh check comes before the panel.

    Raises IncidentError where it has ended, or where another process is working on it.
    """
    ctx = replace(ctx, attended=prompter is not None)
    graph = diagram.build(desk.checkpointer)
    config = _config(incident_id)
    with held(ctx, desk, incident_id, config, graph):
        snapshot = graph.get_state(config)
        known = desk.incidents.get(incident_id)
        if not known.open and snapshot.next:
            # Closed in the ledger alone, by an update: what its checkpoint holds is never gone on with.
            raise IncidentError(
                f"incident {incident_id} has ended: {known.text}", hint="opsagent diagnose begins a new one"
            )
        if not snapshot.values:
            return _drive(graph, ctx, config, from_ledger(desk, incident_id), desk=desk, prompter=prompter, how=how)
        if not snapshot.next:
            if known.open:
                # Its last process ended it and was gone before it could state it in the ledger.
                return _ended(ctx, cast("State", snapshot.values), desk)
            raise IncidentError(
                f"incident {incident_id} has ended: {snapshot.values.get('status')}",
                hint=f"opsagent report show {incident_id}",
            )
        if snapshot.next == ("approval",):
            state = cast("State", snapshot.values)
            new = asking.second_check(state, ctx)
            notice = None if new.get("status") else asking.what_changed(state, new)
            graph.update_state(config, cast("dict[str, Any]", new), as_node="root_cause")
            return _drive(graph, ctx, config, None, desk=desk, prompter=prompter, how=how, notice=notice)
        return _drive(graph, ctx, config, None, desk=desk, prompter=prompter, how=how)


def reject(ctx: Context, incident_id: str, desk: Desk, answerer: Prompter) -> Report:
    """Close an incident that waits, or that stopped on its way, with a no; nothing is checked and nothing is done.

    Raises IncidentError where a change was approved already: that one has to be brought to its end.
    """
    graph = diagram.build(desk.checkpointer)
    config = _config(incident_id)
    with held(ctx, desk, incident_id, config, graph):
        snapshot = graph.get_state(config)
        if snapshot.next == ("approval",):
            return _drive(graph, ctx, config, None, desk=desk, prompter=answerer, how="opsagent reject")
        # One that stopped before its first check kept nothing: it is closed by what the ledger knows of it.
        state = cast("State", snapshot.values) or from_ledger(desk, incident_id)
        if state.get("approval"):
            raise IncidentError(
                f"incident {incident_id} was approved and is under way", hint=f"opsagent resume {incident_id}"
            )
        closed: State = {**state, "status": "rejected", "closing": "closed before its end; nothing was done"}
        report = _ended(ctx, closed, desk)
        ctx.archive.save_report(report)
        return report


def diagnose_one(
    ctx: Context, request: DiagnosisRequest, desk: Desk | None, prompter: Prompter | None
) -> tuple[Report, tuple[str, ...]]:
    ctx = replace(ctx, attended=prompter is not None)
    graph = diagram.build(desk.checkpointer if desk else None)
    now = ctx.clock()
    incident_id = _opened(ctx, request.service, desk, force=request.force) if desk else new_id(4)
    config = _config(incident_id)
    state: State = {
        "incident_id": incident_id,
        "asked": request.service,
        "force": request.force,
        "where": ctx.platform.where,
        "started_at": now,
    }
    if desk is None:
        return _walk(graph, ctx, config, state)
    known: SameFaultError | None = None
    with held(ctx, desk, incident_id, config, graph):
        try:
            report = _drive(graph, ctx, config, state, desk=desk, prompter=prompter, how="panel", fresh=True)
        except SameFaultError as same:
            known = same
        others = tuple(graph.get_state(config).values.get("others", ()))
    return (_opened_again(ctx, desk, prompter, known) if known else report), others


def _opened_again(ctx: Context, desk: Desk, prompter: Prompter | None, same: SameFaultError) -> Report:
    """Go on with the incident that waits, on what was just read; the new one is closed."""
    graph = diagram.build(desk.checkpointer)
    waiting, now = same.waiting, ctx.clock()
    config = _config(waiting.id)
    closing = f"the same fault as incident {waiting.id}, which is opened instead"
    trail.ended(same.state, ctx, "diagnosed", closing)
    desk.incidents.closed_with(same.state["incident_id"], "diagnosed", closing, now)
    with held(ctx, desk, waiting.id, config, graph):
        found = cast("dict[str, Any]", {key: same.state[key] for key in FOUND if key in same.state})  # type: ignore[literal-required]
        graph.update_state(config, found, as_node="root_cause")
        notice = f"incident {waiting.id} waits for an answer to this fault since {clock_zone(waiting.started_at)}"
        return _drive(graph, ctx, config, None, desk=desk, prompter=prompter, how="panel", notice=notice)


def _walk(
    graph: "CompiledStateGraph[State, Context, State, State]", ctx: Context, config: "RunnableConfig", first: State
) -> tuple[Report, tuple[str, ...]]:
    """Run to the end where nothing is kept: there is no pause. Of a bundle the others are in the one report."""
    try:
        state = cast("State", graph.invoke(first, config, context=ctx))
    except reporting.UncheckedError as unchecked:
        return unchecked.report, ()
    return _ended(ctx, state, None), tuple(state.get("others", ())) if ctx.unkept else ()


def _drive(
    graph: "CompiledStateGraph[State, Context, State, State]",
    ctx: Context,
    config: "RunnableConfig",
    first: State | None,
    *,
    desk: Desk,
    prompter: Prompter | None,
    how: str,
    notice: str | None = None,
    fresh: bool = False,
) -> Report:
    """Run to the end, or to the approval that nobody answers now.

    fresh: raise SameFaultError where another incident waits for an answer to the same fault.
    """
    # LangGraph costs over a second at import: only who runs the graph pays it.
    from langgraph.types import Command  # noqa: PLC0415

    command: Any = first
    approved = False
    while True:
        try:
            state = graph.invoke(command, config, context=ctx, durability="sync")
        except reporting.UncheckedError as unchecked:
            desk.incidents.ended(unchecked.report)
            return unchecked.report
        except StoreError as error:
            if approved:
                raise ApprovedStoreError(error.message, hint=error.hint) from error
            raise
        except asking.AskAgainError as changed:
            # Something else is there by now: the new findings stand as if `root_cause` had just stated it.
            graph.update_state(config, cast("dict[str, Any]", changed.update), as_node="root_cause")
            command, notice, approved = None, changed.message, False
            continue
        paused = state.get("__interrupt__")
        if not paused:
            return _ended(ctx, cast("State", state), desk)
        panel: Panel = asking.with_notice(paused[0].value, notice, how)
        twin = waiting_twin(ctx, desk.incidents, panel) if fresh else None
        if twin is not None:
            raise SameFaultError(twin, cast("State", state))
        mark = trail.shown(cast("State", state), ctx, panel)
        desk.incidents.pending(panel, ctx.clock())
        ctx.progress.rest()
        shown = time.monotonic()
        answer = prompter.ask(panel) if prompter else None
        if answer is None or answer.decision == "leave":
            return _waiting(ctx, cast("State", {**state, "audit": mark}), panel)
        if answer.decision == "approve" and asking.too_late(ctx, panel, time.monotonic() - shown):
            answer = None
            command, notice = None, "the answer came after the panel had expired"
            new = asking.second_check(cast("State", state), ctx)
            graph.update_state(config, cast("dict[str, Any]", new), as_node="root_cause")
            continue
        approved = answer.decision == "approve"
        if approved:
            desk.incidents.resumed(panel.incident_id, ctx.clock())
        command = Command(resume=answer)


def _opened(ctx: Context, service: str | None, desk: Desk, **asked: Any) -> str:
    """Enter the incident in the ledger, with what another process needs to reach the same system."""
    kept = {"settings": to_json(without_secrets(ctx.settings)), **asked}
    return desk.incidents.open(service, ctx.platform.where, ctx.clock(), settings=kept)


def _ended(ctx: Context, state: State, desk: Desk | None) -> Report:
    report = reporting.report_of(state, status=state["status"], closing=state["closing"], now=ctx.clock())
    if desk:
        desk.incidents.ended(report)
    return report


def _waiting(ctx: Context, state: State, panel: Panel) -> Report:
    until = clock_zone(panel.expires_at)
    closing = f"awaiting approval: opsagent approve {panel.incident_id} (until {until}; later it checks again)"
    state = cast("State", {**state, "traffic": trail.traffic_of(state, ctx), "charts": charts_of(state, ctx)})
    report = reporting.report_of(state, status="awaiting_approval", closing=closing, now=ctx.clock())
    ctx.archive.save_report(report)
    return report


def _config(incident_id: str) -> "RunnableConfig":
    return {"configurable": {"thread_id": incident_id}}
