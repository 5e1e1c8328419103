"""From the state of an incident to its report: pure, at any point of the way."""

from datetime import datetime

from opsagent.agent.state import State
from opsagent.models.incident import Analysis, Report, Status
from opsagent.models.plan import Plan

NOTHING = Plan(action="none", target=None, replicas=None, reason="nothing is wrong")


def report_of(state: State, *, status: Status, closing: str, now: datetime) -> Report:
    """Gather everything that the incident found, did and did not look at."""
    healthy = status == "healthy"
    return Report(
        incident_id=state["incident_id"],
        service=state.get("patient") or state.get("asked"),
        where=state["where"],
        status=status,
        started_at=state["started_at"],
        ended_at=now,
        symptoms=tuple(state.get("symptoms", ())),
        causes=() if healthy else tuple(state.get("causes", ())),
        evidence=() if healthy else tuple(state.get("evidence", ())),
        plan=NOTHING if healthy else state.get("plan", NOTHING),
        answers=tuple(state.get("answers", ())),
        actions=tuple(state.get("actions", ())),
        verification=state.get("verification"),
        trend=state.get("trend"),
        changes=tuple(state.get("changes", ())),
        digests=tuple(state.get("digests", ())),
        not_checked=tuple(state.get("not_checked", ())),
        analysis=state.get("analysis", Analysis()),
        steps=tuple(state.get("steps", ())),
        closing=closing,
        ignored=tuple(state.get("ignored", ())),
        looked=looked_at(state),
        audit=state.get("audit"),
        traffic=tuple(state.get("traffic", ())),
    )


def looked_at(state: State) -> tuple[str, ...]:
    """Name what was really read, so that an empty list of what was not is a fact."""
    read = [health.service for health in state.get("healths", ()) if health.state != "unknown"]
    return (*read, *(digest.where for digest in state.get("digests", ())))
