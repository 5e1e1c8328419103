"""Alerts as Prometheus, Alertmanager and alerts.json write them."""

from typing import Any

from opsagent.clients.bundle.time import parse_time
from opsagent.models.figures import Alert


def read_alerts(document: object) -> tuple[Alert, ...]:
    """Return the alerts of an alerts.json: a list, or an answer of Prometheus or Alertmanager around one."""
    found = document
    if isinstance(found, dict):
        data = found.get("data", found)
        found = data.get("alerts") if isinstance(data, dict) else data
    if not isinstance(found, list):
        raise ValueError("it is not a list of alerts")  # noqa: TRY004 - what is wrong is the file, not an argument
    return tuple(alert_of(entry) for entry in found if isinstance(entry, dict))


def alert_of(entry: dict[str, Any]) -> Alert:
    """Return one alert of Prometheus (`activeAt`, `state`) or of Alertmanager (`startsAt`, `status.state`)."""
    labels, status = _strings(entry.get("labels")), entry.get("status")
    state = status.get("state") if isinstance(status, dict) else entry.get("state") or status
    silenced = bool(status.get("silencedBy")) if isinstance(status, dict) else False
    since, fingerprint, url = entry.get("activeAt") or entry.get("startsAt"), entry.get("fingerprint"), None
    if isinstance(entry.get("generatorURL"), str):
        url = entry["generatorURL"]
    return Alert(
        labels.get("alertname", "an alert without a name"),
        labels,
        _strings(entry.get("annotations")),
        state if isinstance(state, str) else "firing",
        parse_time(since),
        fingerprint if isinstance(fingerprint, str) else None,
        silenced,
        url,
    )


def alert_entry(alert: Alert) -> dict[str, Any]:
    """Return an alert as alerts.json holds it."""
    entry: dict[str, Any] = {"labels": alert.labels, "annotations": alert.annotations, "state": alert.state}
    if alert.since is not None:
        entry["activeAt"] = alert.since.isoformat()
    return entry


def _strings(value: object) -> dict[str, str]:
    return {str(key): item for key, item in value.items() if isinstance(item, str)} if isinstance(value, dict) else {}
