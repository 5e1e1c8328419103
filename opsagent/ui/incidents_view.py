"""The incidents that wait for somebody, what was done to the cluster, and the reports that are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.incident import Report
from opsagent.models.mute import Mute
from opsagent.models.observed import Skipped
from opsagent.models.plan import ActionRecord
from opsagent.store.incidents import Incident
from opsagent.ui.evidence_lines import unseen_text
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, STRONG, hanging, joined, own, say, stacked
from opsagent.ui.moment import ago, day_clock, span

_STYLES = {"healthy": GOOD, "recovered": GOOD, "escalated": BAD, "failed": BAD}


def incidents_view(incidents: Sequence[Incident], now: datetime) -> RenderableType:
    """Draw each incident, newest first, and below it the command that goes on with it."""
    if not incidents:
        return own("no incident waits for anybody")
    return hanging((say(incident.id, STRONG), _incident(incident, now)) for incident in incidents)


def report_list_view(reports: Sequence[Report], now: datetime, *, damaged: Sequence[Skipped] = ()) -> RenderableType:
    """Draw each report with its end, and by name those that could not be read."""
    lines: list[RenderableType] = []
    if reports:
        lines.append(hanging((say(report.incident_id, STRONG), _report(report, now)) for report in reports))
    elif not damaged:
        lines.append(own("no reports are kept yet"))
    if damaged:
        lines.append(joined(own("not readable: ", BAD), unseen_text(damaged)))
    return Group(*lines)


def actions_view(records: Sequence[ActionRecord], ledger: Mapping[str, Incident], now: datetime) -> RenderableType:
    """Draw every change that was made to the cluster, in the order given, with who approved it and how it went."""
    if not records:
        return own("nothing was changed from here")
    return hanging((ago(record.at, now), _change(record, ledger.get(record.incident_id))) for record in records)


def mutes_view(mutes: Sequence[Mute], now: datetime) -> RenderableType:
    """Draw what is known and not announced: until when, by whom, and why."""
    if not mutes:
        return own("nothing is muted")
    return hanging((own(f"until {day_clock(mute.until, now)}", STRONG), _mute(mute)) for mute in mutes)


def _mute(mute: Mute) -> Text:
    what = localised(f"the fault of incident {mute.incident_id}") if mute.fault else mute.code or ""
    head = joined(say(what, STRONG), localised(f" at {mute.object}") if mute.object else "")
    return stacked([head, say(f"{localised(f'by {mute.by}')}: {mute.reason}", QUIET)])


def _incident(incident: Incident, now: datetime) -> Text:
    began = ago(incident.started_at, now)
    head = joined(
        _stands(incident.stage),
        incident.service or localised("all services"),
        incident.code or localised("no cause"),
        began,
        between=" · ",
    )
    return stacked([head, _next(incident, now)])


def _report(report: Report, now: datetime) -> Text:
    cause = report.causes[0] if report.causes else None
    named = f"{cause.code} ({cause.confidence:.2f})" if cause else localised("no cause")
    about = report.service or localised("all services")
    head = joined(_stands(report.status), about, named, day_clock(report.ended_at, now), between=" · ")
    return stacked([head, own(report.closing)])


def _change(record: ActionRecord, incident: Incident | None) -> Text:
    what = joined(own(record.words), ": ", own(record.outcome))
    end = own(incident.text or incident.stage, _STYLES.get(incident.stage, POOR)) if incident else say("")
    by = localised(f"by {record.by}")
    who = say(f"{by} ({record.how}) · {localised(f'incident {record.incident_id}')}", QUIET)
    return stacked([what, *([end] if end.plain else []), who])


def _stands(stage: str) -> Text:
    return own(stage.replace("_", " "), _STYLES.get(stage, POOR))


def _next(incident: Incident, now: datetime) -> Text:
    if incident.stage == "awaiting_approval":
        left = (incident.expires_at - now).total_seconds() if incident.expires_at else 0
        until = localised(f"{span(left)} left" if left > 0 else "expired: it checks again")
        return say(f"opsagent approve {incident.id} ({until})")
    if incident.stage in {"interrupted", "failed"}:
        why = f" ({localised(incident.text)})" if incident.text else ""
        return say(f"opsagent resume {incident.id}{why}")
    if incident.stage == "running":
        return own("another process works on it")
    return say(f"opsagent report show {incident.id}")
