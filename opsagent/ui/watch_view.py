"""What an unattended pass says: a few lines in cron's mail, and nothing at all when all is well."""

from opsagent.models.incident import Report
from opsagent.ui.inert import inert
from opsagent.ui.moment import clock
from opsagent.ui.report_view import VERDICTS


def pass_text(report: Report, path: str | None = None) -> str:
    """Return what was found, where the report is, and how to go on; "" for a healthy pass. Plain and inert."""
    if report.status == "healthy":
        return ""
    cause = report.causes[0] if report.causes else None
    found = (
        f"{cause.code} ({cause.confidence:.2f})" if cause else "; ".join(symptom.text for symptom in report.symptoms)
    )
    since = min((symptom.observation.at for symptom in report.symptoms if symptom.observation.at), default=None)
    began = f" since {clock(since or report.started_at)}"
    lines = [f"opsagent: {report.service or 'the platform'} {found}{began} — {VERDICTS[report.status]}"]
    if cause:
        lines.append(f"cause:    {cause.summary}")
    lines.append(f"outcome:  {report.closing}")
    lines.append(f"report:   {path or f'opsagent report show {report.incident_id}'}")
    if report.status == "awaiting_approval":
        lines.append(f"approve:  opsagent approve {report.incident_id}   (a fresh look comes first)")
    if report.not_checked:
        lines.append("unseen:   " + "; ".join(f"{skipped.source}: {skipped.why}" for skipped in report.not_checked[:3]))
    return "\n".join(inert(line) for line in lines)
