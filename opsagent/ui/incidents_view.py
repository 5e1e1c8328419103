"""The incidents that wait for somebody, what was done to the cluster, and the reports that are kept."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.incident import Report
from opsagent.models.look import Skipped
from opsagent.models.plan import ActionRecord
from opsagent.store.incidents import Incident
from opsagent.ui.evidence_lines import unseen_text
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, STRONG, hanging, joined, say, stacked
from opsagent.ui.moment import age, day_clock, span
from opsagent.ui.report_view import action_line

_STYLES = {"healthy": GOOD, "recovered": GOOD, "escalated": BAD, "failed": BAD}


def incidents_view(incidents: Sequence[Incident], now: datetime) -> RenderableType:
    """Draw each incident, newest first, and below it the command that goes on with it."""
    if not incidents:
        return say("no incident waits for anybody")
    return hanging((say(incident.id, STRONG), _incident(incident, now)) for incident in incidents)


def report_list_view(reports: Sequence[Report], now: datetime, *, damaged: Sequence[Skipped] = ()) -> RenderableType:
    """Draw each report with its end, and by name those that could not be read."""
    lines: list[RenderableType] = []
    if reports:
        lines.append(hanging((say(report.incident_id, STRONG), _report(report, now)) for report in reports))
    elif not damaged:
        lines.append(say("no reports are kept yet"))
    if damaged:
        lines.append(joined(say("not readable: ", BAD), unseen_text(damaged)))
    return Group(*lines)


def history_view(records: Sequence[ActionRecord], now: datetime) -> RenderableType:
    """Draw every change that was made to the cluster, newest first, with who approved it and how."""
    if not records:
        return say("nothing was ever changed from here")
    newest = sorted(records, key=lambda record: record.at.timestamp(), reverse=True)
    return hanging((day_clock(record.at, now), _change(record)) for record in newest)


def _incident(incident: Incident, now: datetime) -> Text:
    began = f"{day_clock(incident.started_at, now)}, {age(incident.started_at, now)} ago"
    head = joined(
        _stands(incident.stage), incident.service or "all services", incident.code or "no cause", began, between=" · "
    )
    return stacked([head, _next(incident, now)])


def _report(report: Report, now: datetime) -> Text:
    cause = report.causes[0] if report.causes else None
    named = f"{cause.code} ({cause.confidence:.2f})" if cause else "no cause"
    about = report.service or "all services"
    head = joined(_stands(report.status), about, named, day_clock(report.ended_at, now), between=" · ")
    return stacked([head, report.closing])


def _change(record: ActionRecord) -> Text:
    what = action_line(record).split(" ", 1)[1]
    return stacked([what, say(f"by {record.by} ({record.how}) · incident {record.incident_id}", QUIET)])


def _stands(stage: str) -> Text:
    return say(stage.replace("_", " "), _STYLES.get(stage, POOR))


def _next(incident: Incident, now: datetime) -> Text:
    if incident.stage == "awaiting_approval":
        left = (incident.expires_at - now).total_seconds() if incident.expires_at else 0
        until = f"{span(left)} left" if left > 0 else "expired: it looks again"
        return say(f"opsagent approve {incident.id} ({until})")
    if incident.stage in {"interrupted", "failed"}:
        why = f" ({incident.text})" if incident.text else ""
        return say(f"opsagent resume {incident.id}{why}")
    if incident.stage == "running":
        return say("another process works on it")
    return say(f"opsagent report show {incident.id}")
