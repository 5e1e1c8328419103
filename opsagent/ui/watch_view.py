"""What an unattended pass says: a few lines in cron's mail, and nothing at all when all is well."""

from opsagent.models.incident import Report
from opsagent.models.sighting import NoticeKind, Sighting
from opsagent.ui.inert import inert
from opsagent.ui.moment import between, clock
from opsagent.ui.report_view import VERDICTS


def pass_text(report: Report, path: str | None = None) -> str:
    """Return what was found, where the report is, and how to go on; "" for a healthy pass. Plain and inert."""
    if report.status in ("healthy", "nothing_found"):
        return ""
    cause = report.causes[0] if report.causes else None
    found = (
        f"{cause.code} ({cause.confidence:.2f})" if cause else "; ".join(symptom.text for symptom in report.symptoms)
    )
    since = min((symptom.observation.at for symptom in report.symptoms if symptom.observation.at), default=None)
    began = f" since {clock(since or report.started_at)}"
    lines = [f"opsagent: {report.service or 'the platform'} {found}{began} — {VERDICTS[report.status]}"]
    if cause:
        lines.append(f"cause:    {cause.sentence}")
    lines.append(f"outcome:  {report.closing}")
    lines.append(f"report:   {path or f'opsagent report show {report.incident_id}'}")
    if report.status == "awaiting_approval":
        lines.append(f"approve:  opsagent approve {report.incident_id}   (a fresh look comes first)")
    if report.not_checked:
        lines.append(
            "not checked: " + "; ".join(f"{skipped.source}: {skipped.why}" for skipped in report.not_checked[:3])
        )
    return "\n".join(inert(line) for line in lines)


def notice_text(kind: NoticeKind, sighting: Sighting, report: Report | None) -> str:
    """Return what a pass says of an incident that is new, changed, comes and goes, or is over. Plain and inert."""
    about = f"{sighting.service or 'the platform'} {sighting.code or 'no cause'}"
    if kind == "recovered" or report is None:
        lasted = between(sighting.first_seen, sighting.last_seen)
        passes = f"{sighting.count} pass{'es' * (sighting.count != 1)}"
        first = f"opsagent: {about} — RECOVERED (since {clock(sighting.first_seen)}, for {lasted}, seen in {passes})"
        return inert(f"{first}\nreport:   opsagent report show {sighting.incident_id}", newlines=True)
    told = pass_text(report)
    if kind == "changed":
        told += f"\nchanged:  the same incident looks different now; first seen {clock(sighting.first_seen)}"
    if kind == "flapping":
        times = f"it has come back; seen in {sighting.count} passes since {clock(sighting.first_seen)}"
        told += f"\nflapping: {inert(times)}; quiet about it for a while now"
    return told
