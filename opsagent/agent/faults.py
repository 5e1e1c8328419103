"""A fault has an identity and a past: the same one is one incident, and what was tried before is shown.

Known by facts (the Namespace's UID, service, cause, variant, object), never by wording. A fault that recovered and
began again is another incident; an estimate of its beginning that moves is not.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from opsagent.agent.context import Context
from opsagent.agent.state import State
from opsagent.agent.trail import hash_of
from opsagent.analysis.evidence.workloads import pods_of
from opsagent.analysis.reasoning.onset import began_again
from opsagent.errors import IncidentError, StoreError
from opsagent.models.evidence import Cause
from opsagent.models.incident import Report
from opsagent.models.moment import clock_zone, span
from opsagent.models.observed import Where
from opsagent.models.panel import Panel
from opsagent.models.plan import ACTIONS, DONE, ActionRecord
from opsagent.store.incidents import Incident, Incidents
from opsagent.store.store import Store

MEMORY = timedelta(days=7)
# What one check found: a waiting incident takes it over from a new one of the same fault.
FOUND = (
    "healths", "calls", "symptoms", "findings", "changes", "causes", "evidence", "analysis", "plan", "fingerprint",
    "not_checked", "coverage", "fault", "history", "trend", "digests",
)  # fmt: skip


def place_of(ctx: Context) -> str:
    """Return the platform by its Namespace's UID; by server and namespace where that was not read."""
    where = ctx.platform.where
    for item in ctx.seen.objects.items:
        meta = item.get("metadata")
        if item.get("kind") == "Namespace" and isinstance(meta, dict) and meta.get("name") == where.namespace:
            uid = meta.get("uid")
            return uid if isinstance(uid, str) and uid else named_place(where)
    return named_place(where)


def named_place(where: Where) -> str:
    """Return the platform by its address, where nothing better is known of it."""
    return f"{where.server} {where.namespace}"


def fault_key(place: str, service: str | None, cause: Cause | None) -> str:
    """Return the identity of a fault."""
    facts = [cause.code, cause.variant, cause.object] if cause else [None, None, None]
    return hash_of([place, service, *facts])


def remembered(state: State, ctx: Context, causes: tuple[Cause, ...]) -> State:
    """Return the fault's identity and what is kept of it, for the state."""
    key = fault_key(place_of(ctx), state.get("patient"), causes[0] if causes else None)
    return {"fault": key, "history": history_line(ctx, key, state["incident_id"], state["started_at"])}


def history_line(ctx: Context, key: str, incident_id: str, started_at: datetime) -> str | None:
    """Return "3rd time in 7 days; the last restart held 2 h"; None where it never was before.

    A past that cannot be read is not a reason not to act now: the incident's own records are checked elsewhere.
    """
    try:
        before = [one for one in ctx.archive.earlier_incidents(key, started_at - MEMORY) if one.id != incident_id]
        before = [one for one in before if not one.open and one.started_at < started_at]
        done = [record for one in before for record in ctx.archive.actions_of(one.id) if record.outcome in DONE]
    except StoreError:
        return None
    if not before:
        return None
    fields = {"nth": _nth(len(before) + 1), "n": len(before) + 1, "days": MEMORY.days}
    if not done:
        return "{nth} time in {days} days; nothing was changed before".format(**fields)
    last = max(done, key=lambda record: record.at)
    verb = ACTIONS[last.action].verb if last.action in ACTIONS else "change"
    if _helped(last, before):
        back = min((one.started_at for one in before if one.started_at > last.at), default=started_at)
        held = span((back - last.at).total_seconds())
        return "{nth} time in {days} days; the last {verb} held {held}".format(verb=verb, held=held, **fields)
    return "{nth} time in {days} days; the last {verb} did not help".format(verb=verb, **fields)


def _helped(action: ActionRecord, incidents: list[Incident]) -> bool:
    return any(one.id == action.incident_id and one.stage == "recovered" for one in incidents)


def _nth(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def waiting_twin(ctx: Context, incidents: Incidents, panel: Panel) -> Incident | None:
    """Return the oldest other incident of the same fault and onset that waits for an answer.

    One whose fault recovered, and began again since it was last seen, is closed: that is another incident.
    """
    for one in incidents.of_fault(panel.fault):
        if one.id == panel.incident_id or one.stage != "awaiting_approval":
            continue
        again = began_again_at(ctx, panel.service, one.updated_at)
        if again is None:
            return one
        closing = f"recovered by itself; it began again at {clock_zone(again)}: incident {panel.incident_id}"
        incidents.closed_with(one.id, "recovered", closing, ctx.clock())
    return None


def began_again_at(ctx: Context, service: str | None, seen_ill: datetime) -> datetime | None:
    """Return when a service that was faulty then became faulty again after a recovery; None where none is proven."""
    known = next((one for one in ctx.seen.services if one.name == service), None)
    return began_again(pods_of(known, ctx.seen.objects), seen_ill) if known else None


def close_twins(store: Store, report: Report) -> tuple[str, ...]:
    """Close what waits for an answer to the fault that `report` ended, and return the ids.

    Each is closed with what is true of it: it was not approved, the change was made for another incident. One that
    another process is asking about now is left to that process: its next check finds the fault gone.
    """
    done = [action for action in report.actions if action.outcome in DONE]
    if not report.fault or not (done or report.status == "recovered"):
        return ()
    closing = _closing_of_twin(report, done)
    closed: list[str] = []
    for twin in store.incidents.of_fault(report.fault):
        if twin.id == report.incident_id or twin.stage != "awaiting_approval":
            continue
        store.incidents.closed_with(twin.id, report.status, closing, report.ended_at)
        closed.append(twin.id)
        try:
            kept = store.reports.load(twin.id)
        except (IncidentError, StoreError):
            continue  # its report was removed, or is damaged: the ledger holds its end
        store.reports.save(replace(kept, status=report.status, closing=closing, ended_at=report.ended_at))
    return tuple(closed)


def _closing_of_twin(report: Report, done: list[ActionRecord]) -> str:
    if not done:
        return f"recovered by itself, as incident {report.incident_id} found"
    past = {"restart": "restarted", "scale": "scaled", "rollback": "rolled back"}[ACTIONS[done[-1].action].verb]
    return f"{past} by incident {report.incident_id}: {report.closing}"


class SameFaultError(Exception):
    """A new incident found what another one waits for already: that one is opened instead."""

    def __init__(self, waiting: Incident, state: State) -> None:
        super().__init__(waiting.id)
        self.waiting = waiting
        self.state = state
