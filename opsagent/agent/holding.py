"""One process holds an incident: its lock, what the ledger states when it is left, where it begins again."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from opsagent.agent.context import Context
from opsagent.agent.state import State
from opsagent.errors import IncidentError, OpsagentError, StoreError
from opsagent.store.lock import incident_lock

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph

    from opsagent.agent.driving import Desk
    from opsagent.models.incident import Stage


@contextmanager
def held(
    ctx: Context,
    desk: "Desk",
    incident_id: str,
    config: "RunnableConfig",
    graph: "CompiledStateGraph[State, Context, State, State]",
) -> Iterator[None]:
    """Hold the incident's lock, and state in the ledger how it was left where it did not come to its end."""
    with incident_lock(desk.incidents.state_dir, incident_id):
        try:
            yield
        except IncidentError:
            raise
        except (KeyboardInterrupt, OpsagentError) as left:
            waits = graph.get_state(config).next == ("approval",)
            stopped: Stage = "interrupted" if isinstance(left, KeyboardInterrupt) else "failed"
            why = left.message if isinstance(left, OpsagentError) else ""
            # A ledger that cannot be written must not hide why: the lock that is let go states that it was left.
            with suppress(StoreError):
                desk.incidents.left(incident_id, "awaiting_approval" if waits else stopped, why, ctx.clock())
            raise
        finally:
            # The next process gives the same secrets the same numbers; where they cannot be kept it has its own.
            with suppress(StoreError):
                desk.incidents.keep_redaction(incident_id, ctx.seen.redact.state())


def from_ledger(desk: "Desk", incident_id: str) -> State:
    """Return the first state of an incident that was stopped before its first step was kept."""
    known = desk.incidents.get(incident_id)
    if known.settings.get("order"):
        desk.incidents.update(incident_id, stage="rejected", text="stopped before anything was done")
        raise IncidentError(
            f"incident {incident_id} was stopped before anything was done", hint="give the command again"
        )
    return {
        "incident_id": known.id,
        "asked": known.service,
        "force": bool(known.settings.get("force")),
        "where": known.where,
        "started_at": known.started_at,
    }
