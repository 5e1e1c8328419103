"""Start an incident, pause at the approval, ask, resume: the one way through the graph for every front end.

The graph always pauses at `approval`; only who answers differs: the prompter that is handed in, or nobody yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from opsagent.agent import approval as asking
from opsagent.agent import graph as diagram
from opsagent.agent import reporting, trail
from opsagent.agent.context import Context
from opsagent.agent.detection import detect_now
from opsagent.agent.driving import Desk, drive, ended, go_on_with, walk
from opsagent.agent.faults import FOUND, SameFaultError
from opsagent.agent.holding import from_ledger, held
from opsagent.agent.weighing import recent_changes
from opsagent.config.settings import without_secrets
from opsagent.errors import ExitCode, IncidentError
from opsagent.models.incident import Report
from opsagent.models.moment import clock_zone
from opsagent.models.panel import Prompter
from opsagent.models.plan import Order
from opsagent.store.ids import new_id
from opsagent.store.records import to_json

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph

    from opsagent.agent.state import State

    Graph = CompiledStateGraph[State, Context, State, State]


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
        return drive(graph, ctx, config, None, desk=desk, prompter=prompter, how="panel")


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
            # Closed in the ledger alone, by an update: what its checkpoint holds is never resumed.
            raise IncidentError(
                f"incident {incident_id} has ended: {known.text}", hint="opsagent diagnose begins a new one"
            )
        if not snapshot.values:
            return drive(graph, ctx, config, from_ledger(desk, incident_id), desk=desk, prompter=prompter, how=how)
        if not snapshot.next:
            if known.open:
                # Its last process ended it and was gone before it could state it in the ledger.
                return ended(ctx, cast("State", snapshot.values), desk)
            raise IncidentError(
                f"incident {incident_id} has ended: {snapshot.values.get('status')}",
                hint=f"opsagent report show {incident_id}",
            )
        if snapshot.next == ("approval",):
            state = cast("State", snapshot.values)
            new = asking.second_check(state, ctx)
            notice = None if new.get("status") else asking.what_changed(state, new)
            graph.update_state(config, cast("dict[str, Any]", new), as_node="root_cause")
            return drive(graph, ctx, config, None, desk=desk, prompter=prompter, how=how, notice=notice)
        return drive(graph, ctx, config, None, desk=desk, prompter=prompter, how=how)


def reject(ctx: Context, incident_id: str, desk: Desk, answerer: Prompter) -> Report:
    """Close an incident that waits, or that stopped on its way, with a no; nothing is checked and nothing is done.

    Raises IncidentError where a change was approved already: that one has to be brought to its end.
    """
    graph = diagram.build(desk.checkpointer)
    config = _config(incident_id)
    with held(ctx, desk, incident_id, config, graph):
        snapshot = graph.get_state(config)
        if snapshot.next == ("approval",):
            return drive(graph, ctx, config, None, desk=desk, prompter=answerer, how="opsagent reject")
        # One that stopped before its first check kept nothing: it is closed by what the ledger knows of it.
        state = cast("State", snapshot.values) or from_ledger(desk, incident_id)
        if state.get("approval"):
            raise IncidentError(
                f"incident {incident_id} was approved and is under way", hint=f"opsagent resume {incident_id}"
            )
        closed: State = {**state, "status": "rejected", "closing": "closed before its end; nothing was done"}
        report = ended(ctx, closed, desk)
        ctx.archive.save_report(report)
        return report


def diagnose_one(
    ctx: Context, request: DiagnosisRequest, desk: Desk | None, prompter: Prompter | None
) -> tuple[Report, tuple[str, ...]]:
    """Return the report of one incident, and the services with an independent one of their own."""
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
        return walk(graph, ctx, config, state)
    known: SameFaultError | None = None
    with held(ctx, desk, incident_id, config, graph):
        try:
            report = drive(graph, ctx, config, state, desk=desk, prompter=prompter, how="panel", fresh=True)
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
        found = cast("State", {key: same.state[key] for key in FOUND if key in same.state})  # type: ignore[literal-required]
        go_on_with(graph, config, found)
        notice = f"incident {waiting.id} waits for an answer to this fault since {clock_zone(waiting.started_at)}"
        return drive(graph, ctx, config, None, desk=desk, prompter=prompter, how="panel", notice=notice)


def _opened(ctx: Context, service: str | None, desk: Desk, **asked: Any) -> str:
    """Enter the incident in the ledger, with what another process needs to reach the same system."""
    kept = {"settings": to_json(without_secrets(ctx.settings)), **asked}
    return desk.incidents.open(service, ctx.platform.where, ctx.clock(), settings=kept)


def _config(incident_id: str) -> "RunnableConfig":
    return {"configurable": {"thread_id": incident_id}}
