"""What an unattended pass states: a few lines in cron's mail, and nothing at all when nothing is wrong."""

import re
from datetime import datetime

from opsagent.analysis.evidence.sources import BY_NAME
from opsagent.models.incident import Report
from opsagent.models.sighting import BlindSpot, NoticeKind, Sighting
from opsagent.ui.evidence_lines import place_line
from opsagent.ui.inert import inert
from opsagent.ui.language import localised
from opsagent.ui.moment import between, clock_zone, in_zone
from opsagent.ui.report_view import VERDICTS
from opsagent.ui.translated import translated


def pass_text(report: Report, path: str | None = None, *, approve: str | None = None) -> str:
    """Return what was found, where the report is, and how to go on; "" for a healthy pass. Plain and inert.

    approve: the command that approves; None: that of this machine.
    """
    if report.status in ("healthy", "nothing_found"):
        return ""
    report = translated(report)
    cause = report.causes[0] if report.causes else None
    found = (
        f"{cause.code} ({cause.confidence:.2f})" if cause else "; ".join(symptom.text for symptom in report.symptoms)
    )
    since = min((symptom.observation.at for symptom in report.symptoms if symptom.observation.at), default=None)
    head = "opsagent: {service} {found} since {time} — {verdict}"
    began, verdict = clock_zone(since or report.started_at), localised(VERDICTS[report.status])
    service = report.service or localised("the platform")
    lines = [localised(head).format(service=service, found=found, time=began, verdict=verdict)]
    if cause:
        lines.append(f"{localised('cause:    ')}{in_zone(cause.sentence, report.ended_at)}")
    lines.append(f"{localised('cluster:  ')}{place_line(report.where)}")
    if report.history:
        lines.append(f"{localised('history:  ')}{report.history}")
    lines.append(f"{localised('outcome:  ')}{report.closing}")
    lines.append(f"{localised('report:   ')}{path or f'opsagent report show {report.incident_id}'}")
    if report.status == "awaiting_approval":
        elsewhere = f"from another machine: opsagent diagnose {report.service}" if report.service else ""
        hint = localised(elsewhere or "a fresh check comes first")
        lines.append(f"{localised('approve:  ')}{approve or f'opsagent approve {report.incident_id}   ({hint})'}")
    if report.not_checked:
        lines.append(
            localised("not checked: ")
            + "; ".join(f"{skipped.source}: {skipped.why}" for skipped in report.not_checked[:3])
        )
    return "\n".join(inert(line) for line in lines)


def notice_text(kind: NoticeKind, sighting: Sighting, report: Report | None, *, approve: str | None = None) -> str:
    """Return what a pass reports of an incident that is new, changed, comes and goes, or is over. Plain and inert."""
    report = translated(report)
    about = f"{sighting.service or localised('the platform')} {sighting.code or localised('no cause')}"
    where = f"{localised('report:   ')}opsagent report show {sighting.incident_id}"
    if kind == "recovered" or report is None:
        lasted = between(sighting.first_seen, sighting.last_seen)
        passes = localised(f"{sighting.count} pass{'es' * (sighting.count != 1)}")
        since = f" (since {clock_zone(sighting.first_seen)}, for {lasted}, seen in {passes})"
        first = f"opsagent: {about} — {localised('RECOVERED')}{localised(since)}"
        how = f"\n{localised('outcome:  ')}{report.closing}" if report and report.actions else ""
        return inert(f"{first}{how}\n{where}", newlines=True)
    if kind in ("escalated", "rejected"):
        first = f"opsagent: {about} — {localised(VERDICTS[report.status])}: {report.closing}"
        return inert(f"{first}\n{where}", newlines=True)
    told = pass_text(report, approve=approve)
    if kind == "changed":
        told += "\n" + localised(
            f"changed:  the same incident looks different now; first seen {clock_zone(sighting.first_seen)}"
        )
    if kind == "flapping":
        times = f"it has come back; seen in {sighting.count} passes since {clock_zone(sighting.first_seen)}"
        told += f"\n{localised(f'flapping: {inert(times)}; quiet about it for a while now')}"
    return told


def blind_text(spot: BlindSpot, namespace: str, now: datetime) -> str:
    """Return what a pass reports about a source that it cannot read any more, or can read again. Plain and inert."""
    if spot.since is None:
        began = spot.was_blind_since or now
        lasted = f"for {between(began, now)}, since {clock_zone(began)}"
        return inert(f"opsagent: sees {namespace} again: {_answers(spot)} (it was blind {lasted})")
    since = clock_zone(spot.since)
    if spot.subject in BY_NAME:
        first = f"opsagent: cannot see {namespace}: {_fails(spot)} since {since}"
    else:
        first = f"opsagent: cannot see {spot.subject} in {namespace} since {since}"
    lines = [first, f"why:      {spot.why}", "next:     opsagent doctor"]
    return "\n".join(inert(line) for line in lines)


_LABELS = {"objects": "the Kubernetes API", "stats": "/stats"}
_STATUS = re.compile(r"\bHTTP ([1-5]\d\d)\b|\b(401|403)\b")


def _answers(spot: BlindSpot) -> str:
    return f"{_LABELS.get(spot.subject, spot.subject)} {'answers' if spot.subject in _LABELS else 'is read'}"


def _fails(spot: BlindSpot) -> str:
    status = _STATUS.search(spot.why)
    label = _LABELS.get(spot.subject, spot.subject)
    return f"{label} answers {status[1] or status[2]}" if status else f"{label} cannot be read"
