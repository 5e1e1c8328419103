"""What alerts report about a service: evidence beside what was read, and never the only reason to call it faulty."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from opsagent.models.evidence import Observation, ServiceHealth, Symptom
from opsagent.models.figures import Alert

# The labels that may name a service, the surest first; a pod's name begins with its workload's.
LABELS = ("app", "service", "destination_service_name", "deployment", "statefulset", "daemonset", "pod", "job")
_ACTIVE = frozenset({"firing", "active", "suppressed"})
_ALWAYS = frozenset({"none", "info"})  # severities of alerts that fire to show that alerting works
_GENERATED = re.compile(r"(-[a-z0-9]{5,10})?-[a-z0-9]{5}$|-\d{1,4}$")
_MOST = 3


def service_of(alert: Alert, names: Mapping[str, str]) -> str | None:
    """Return the service that an alert is about; names: any spelling in lower case -> service."""
    for label in LABELS:
        value = alert.labels.get(label, "").lower()
        plain = _GENERATED.sub("", value) if label == "pod" else value.rsplit("/", 1)[-1]
        if plain in names:
            return names[plain]
    return None


def with_alerts(
    healths: Iterable[ServiceHealth], alerts: Iterable[Alert], names: Mapping[str, str]
) -> tuple[ServiceHealth, ...]:
    """Return the judgement with the alerts that fire for who is faulty, as further symptoms."""
    by_service: dict[str, list[Symptom]] = {}
    for alert in alerts:
        name = service_of(alert, names)
        if name and alert.state in _ACTIVE and alert.labels.get("severity", "") not in _ALWAYS:
            by_service.setdefault(name, []).append(_symptom(name, alert))
    return tuple(
        replace(health, symptoms=(*health.symptoms, *by_service.get(health.service, ())[:_MOST]))
        if health.state == "faulty"
        else health
        for health in healths
    )


def _symptom(name: str, alert: Alert) -> Symptom:
    said = alert.annotations.get("summary") or alert.annotations.get("description") or ""
    silenced = f", silenced by {alert.silence or 'an operator'}" if alert.silenced else ""
    text = f"alert {alert.name} fires for {name}{silenced}" + (f": {said}" if said else "")
    return Symptom(name, "alert", text, Observation("alerts", f"alerts:{alert.name}", text, alert.since))
