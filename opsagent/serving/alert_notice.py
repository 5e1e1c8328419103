"""The result of an alert's diagnosis, sent to `notify`: with the alert's name and link, never for a silenced one."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from opsagent.errors import CheckError, OpsagentError
from opsagent.models.figures import Alert, KnowsAlerts
from opsagent.models.incident import Report
from opsagent.models.plain import plain
from opsagent.ui.inert import inert
from opsagent.ui.report_view import verdict_word
from opsagent.ui.watch_view import pass_text


def unsilenced(alerts: Sequence[Alert], platform: object) -> tuple[Alert, ...]:
    """Return the alerts that nobody silenced since they were delivered.

    Where that cannot be asked all are kept: a notice too many is better than one too few.
    """
    try:
        known = platform.alerts() if isinstance(platform, KnowsAlerts) else ()
    except CheckError:
        return tuple(alerts)
    silenced = {alert.fingerprint for alert in known if alert.silenced and alert.fingerprint}
    return tuple(alert for alert in alerts if alert.fingerprint not in silenced)


def notice(alerts: Sequence[Alert], outcome: Report | OpsagentError) -> dict[str, Any]:
    """Return the message for the webhook, its text plain and inert."""
    named = [{"name": inert(alert.name), "url": link(alert), "since": alert.since} for alert in alerts]
    message = {"schema": "opsagent.notice/1", "notice": "alert", "alerts": plain(named), "text": _text(alerts, outcome)}
    if isinstance(outcome, OpsagentError):
        return {
            **message,
            "status": "failed",
            "verdict": verdict_word("failed"),
            "incident_id": None,
            "service": None,
            "code": None,
            "approve": None,
        }
    waits = outcome.status == "awaiting_approval"
    return {
        **message,
        "status": outcome.status,
        "verdict": verdict_word(outcome.status),
        "incident_id": outcome.incident_id,
        "service": outcome.service,
        "code": outcome.causes[0].code if outcome.causes else None,
        "approve": f"opsagent approve {outcome.incident_id}" if waits else None,
    }


def link(alert: Alert) -> str | None:
    """Return the alert's link where it is one of the web."""
    try:
        parts = urlsplit(alert.url or "")
    except ValueError:
        return None
    plain_text = alert.url is not None and alert.url.isprintable() and " " not in alert.url
    return alert.url if parts.scheme in ("http", "https") and parts.netloc and plain_text else None


def _text(alerts: Sequence[Alert], outcome: Report | OpsagentError) -> str:
    names = ", ".join(dict.fromkeys(alert.name for alert in alerts))
    if isinstance(outcome, OpsagentError):
        first = f"opsagent: the alert {names} could not be diagnosed: {outcome.message}"
    else:
        found = f"{outcome.service or 'the platform'}: {outcome.status.replace('_', ' ')} ({outcome.closing})"
        first = pass_text(outcome) or f"opsagent: {found}"
    links = [f"alert:    {alert.name} {link(alert) or ''}".rstrip() for alert in alerts[:5]]
    return "\n".join([inert(first, newlines=True), *map(inert, links)])
