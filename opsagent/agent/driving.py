"""One graph, run to its end or to the approval that nobody answers now."""

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from opsagent.agent import approval as asking
from opsagent.agent import reporting, trail
from opsagent.agent.charts import charts_of
from opsagent.agent.context import Context
from opsagent.agent.faults import SameFaultError, waiting_twin
from opsagent.agent.state import State
from opsagent.errors import ApprovedStoreError, StoreError
from opsagent.models.incident import Report
from opsagent.models.moment import clock_zone
from opsagent.models.panel import Panel, Prompter
from opsagent.store.incidents import Incidents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

    Graph = CompiledStateGraph[State, Context, State, State]


@dataclass(frozen=True)
class Desk:
    """Where incidents are kept while they have no end: the ledger, its locks, and the checkpoints."""

    incidents: Incidents
    checkpointer: "BaseCheckpointSaver[Any]"


def walk(graph: "Graph", ctx: Context, config: "RunnableConfig", first: State) -> tuple[Report, tuple[str, ...]]:
    """Run to the end where nothing is kept: there is no pause. Of a bundle the others are in the one report."""
    try:
        state = cast("State", graph.invoke(first, config, context=ctx))
    except reporting.UncheckedError as unchecked:
        return unchecked.report, ()
    return ended(ctx, state, None), tuple(state.get("others", ())) if ctx.unkept else ()


def drive(
    graph: "Graph",
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
            with _store_fault_named(approved=approved):
                state = graph.invoke(command, config, context=ctx, durability="sync")
        except reporting.UncheckedError as unchecked:
            desk.incidents.ended(unchecked.report)
            return unchecked.report
        except asking.AskAgainError as changed:
            go_on_with(graph, config, changed.update)
            command, notice, approved = None, changed.message, False
            continue
        paused = state.get("__interrupt__")
        if not paused:
            return ended(ctx, cast("State", state), desk)
        panel: Panel = asking.with_notice(paused[0].value, notice, how)
        if fresh:
            _refuse_twin(ctx, desk, panel, cast("State", state))
        mark = trail.shown(cast("State", state), ctx, panel)
        desk.incidents.pending(panel, ctx.clock())
        ctx.progress.rest()
        shown = time.monotonic()
        answer = prompter.ask(panel) if prompter else None
        if answer is None or answer.decision == "leave":
            return _waiting(ctx, cast("State", {**state, "audit": mark}), panel)
        if answer.decision == "approve" and asking.too_late(ctx, panel, time.monotonic() - shown):
            command, notice = None, "the answer came after the panel had expired"
            go_on_with(graph, config, asking.second_check(cast("State", state), ctx))
            continue
        approved = answer.decision == "approve"
        if approved:
            desk.incidents.resumed(panel.incident_id, ctx.clock())
        command = Command(resume=answer)


def go_on_with(graph: "Graph", config: "RunnableConfig", found: State) -> None:
    """Put newer findings in place of the older ones, as if `root_cause` had just returned them."""
    graph.update_state(config, cast("dict[str, Any]", found), as_node="root_cause")


def _refuse_twin(ctx: Context, desk: Desk, panel: Panel, state: State) -> None:
    """Raise SameFaultError where another incident waits for an answer to the same fault."""
    twin = waiting_twin(ctx, desk.incidents, panel)
    if twin is not None:
        raise SameFaultError(twin, state)


@contextmanager
def _store_fault_named(*, approved: bool) -> "Iterator[None]":
    """Raise a StoreError after an approval as ApprovedStoreError: whether the change was made has to be checked."""
    try:
        yield
    except StoreError as error:
        if approved:
            raise ApprovedStoreError(error.message, hint=error.hint) from error
        raise


def ended(ctx: Context, state: State, desk: Desk | None) -> Report:
    """Return the report of a run that came to its end; a desk closes its incident."""
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
