"""From the state of an incident to its report: pure, at any point of the way."""

from datetime import datetime

from opsagent.agent.state import State
from opsagent.errors import ExitCode, OpsagentError
from opsagent.models.coverage import Coverage, Outcome
from opsagent.models.incident import FAULTLESS, Analysis, Report, Status
from opsagent.models.observed import Skipped
from opsagent.models.plan import Plan

EXIT_CODES = {
    "healthy": ExitCode.OK,
    "recovered": ExitCode.OK,
    "nothing_found": ExitCode.NOTHING_FOUND,
    "not_understood": ExitCode.FAILED,
    "not_checked": ExitCode.FAILED,
    "diagnosed": ExitCode.REPORTED,
    "rejected": ExitCode.REPORTED,
    "escalated": ExitCode.ESCALATED,
    "awaiting_approval": ExitCode.PENDING,
}
NOT_PLANNED = "the incident ended before anything was planned"
NO_CHECK = Skipped("everything", "no check was made before the incident ended", Outcome.NOT_ASKED)
_REASONS: dict[Status, str] = {
    "healthy": "nothing is wrong",
    "nothing_found": "no fault was found",
    "not_understood": "no evidence could be made of what was given",
    "not_checked": "nothing is planned for what was not read",
}


class UncheckedError(OpsagentError):
    """Nothing wrong was seen, and what was asked about was not read or not understood; `report` holds the rest."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.closing)
        self.report = report


def report_of(state: State, *, status: Status, closing: str, now: datetime) -> Report:
    """Gather everything that the incident found, did and did not check."""
    faultless, coverage = status in FAULTLESS, state.get("coverage")
    return Report(
        incident_id=state["incident_id"],
        service=state.get("patient") or state.get("asked"),
        where=state["where"],
        status=status,
        started_at=state["started_at"],
        ended_at=now,
        symptoms=tuple(state.get("symptoms", ())),
        causes=() if faultless else tuple(state.get("causes", ())),
        evidence=() if faultless else tuple(state.get("evidence", ())),
        plan=_plan(state, status),
        answers=tuple(state.get("answers", ())),
        actions=tuple(state.get("actions", ())),
        verification=state.get("verification"),
        trend=state.get("trend"),
        changes=tuple(state["changes"]) if "changes" in state else None,
        digests=tuple(state.get("digests", ())),
        not_checked=tuple(state.get("not_checked", ())) if coverage is not None else (NO_CHECK,),
        analysis=state.get("analysis", Analysis()),
        steps=tuple(state.get("steps", ())),
        closing=closing,
        ignored=tuple(state.get("ignored", ())),
        coverage=coverage,
        services=tuple(health.service for health in state.get("healths", ())),
        over=tuple(state.get("over", ())),
        looked=looked_at(state),
        audit=state.get("audit"),
        traffic=tuple(state.get("traffic", ())),
        charts=tuple(state.get("charts", ())),
        fault="" if faultless else state.get("fault", ""),
        history=None if faultless else state.get("history"),
        aftermath=state.get("aftermath"),
        response_threshold_ms=state.get("response_threshold_ms"),
    )


def _plan(state: State, status: Status) -> Plan:
    if status in FAULTLESS:
        return Plan(action="none", target=None, replicas=None, reason=_REASONS[status])
    return state.get("plan") or Plan(action="none", target=None, replicas=None, reason=NOT_PLANNED)


def looked_at(state: State) -> tuple[str, ...]:
    """Name what was really read, so that an empty list of what was not is a fact."""
    names = [health.service for health in state.get("healths", ())]
    read = state.get("coverage", Coverage()).services_read(names)
    return (*read, *(digest.where for digest in state.get("digests", ())))
