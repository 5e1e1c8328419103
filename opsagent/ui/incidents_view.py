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
from opsagent.ui.layout import BAD, GOOD, POOR, STRONG, joined, listing, say
from opsagent.ui.moment import age, day_clock, span
from opsagent.ui.report_view import action_line

_STYLES = {"healthy": GOOD, "recovered": GOOD, "escalated": BAD, "failed": BAD}


def incidents_view(incidents: Sequence[Incident], now: datetime) -> RenderableType:
    """Draw one row an incident, newest first, each with the command that goes on with it."""
    if not incidents:
        return say("no incident waits for anybody")
    table = listing("ID", "SERVICE", "CAUSE", "STANDS", "SINCE", "NEXT")
    for incident in incidents:
        table.add_row(
            say(incident.id, STRONG),
            say(incident.service or "-"),
            say(incident.code or "-"),
            _stands(incident.stage),
            say(f"{day_clock(incident.started_at, now)} ({age(incident.started_at, now)})"),
            _next(incident, now),
        )
    return Group(table)


def report_list_view(reports: Sequence[Report], now: datetime, *, damaged: Sequence[Skipped] = ()) -> RenderableType:
    """Draw one row a report, and by name those that could not be read."""
    lines: list[RenderableType] = []
    if reports:
        table = listing("ID", "ENDED", "SERVICE", "STATUS", "CAUSE", "OUTCOME")
        for report in reports:
            cause = report.causes[0] if report.causes else None
            table.add_row(
                say(report.incident_id, STRONG),
                say(day_clock(report.ended_at, now)),
                say(report.service or "-"),
                _stands(report.status),
                say(f"{cause.code} ({cause.confidence:.2f})" if cause else "-"),
                say(report.closing),
            )
        lines.append(table)
    elif not damaged:
        lines.append(say("no reports are kept yet"))
    if damaged:
        lines.append(joined(say("not readable: ", BAD), unseen_text(damaged)))
    return Group(*lines)


def history_view(records: Sequence[ActionRecord], now: datetime) -> RenderableType:
    """Draw every change that was made to the cluster, newest first, with who approved it and how."""
    if not records:
        return say("nothing was ever changed from here")
    table = listing("WHEN", "INCIDENT", "CHANGE", "BY")
    for record in sorted(records, key=lambda record: record.at.timestamp(), reverse=True):
        what = action_line(record).split(" ", 1)[1]
        table.add_row(
            say(day_clock(record.at, now)), say(record.incident_id), say(what), say(f"{record.by} ({record.how})")
        )
    return Group(table)


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
