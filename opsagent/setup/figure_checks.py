"""The check-up of Prometheus and Alertmanager: what answers, what it holds, and which rules can never fire."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from opsagent.analysis.figures.profiles import profile_rows
from opsagent.analysis.figures.rules import metrics_of
from opsagent.clients.alert_sources import alertmanager_of
from opsagent.clients.cluster import ClusterClient
from opsagent.clients.prometheus import Prometheus
from opsagent.clients.prometheus_access import prometheus_of
from opsagent.config.settings import Settings
from opsagent.errors import OpsagentError
from opsagent.models.checkup import Check

_SHOWN = 5


def figure_checks(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield the checks of a configured Prometheus and Alertmanager; nothing of what is not configured."""
    if settings.alertmanager.configured:
        yield alertmanager_check(settings, environ)
    if not settings.prometheus.configured:
        return
    now = datetime.now(UTC)
    try:
        server = prometheus_of(settings, environ, lambda: ClusterClient(settings.kubernetes))
        text = server.check(profile_rows(), now)
    except OpsagentError as error:
        yield Check("prometheus", "fail", error.message, error.hint)
        return
    empty = "0 figures" in text
    hint = "is prometheus.profiles right, and are the targets of the namespace scraped?" if empty else None
    yield Check("prometheus", "warn" if empty else "ok", text, hint)
    yield rules_check(server, now)


def alertmanager_check(settings: Settings, environ: Mapping[str, str]) -> Check:
    """Ask Alertmanager what it is, and how many alerts and silences it holds."""
    try:
        found = alertmanager_of(settings, environ, lambda: ClusterClient(settings.kubernetes)).check()
    except OpsagentError as error:
        return Check("alertmanager", "fail", error.message, error.hint)
    text = f"version {found.version}; alerts: {found.active}, silences: {found.silences}"
    return Check("alertmanager", "ok", text)


def rules_check(server: Prometheus, now: datetime) -> Check:
    """Name the alerting rules that are broken, and those that read metrics which do not exist: they never fire."""
    try:
        rules = server.rules()
        wanted = {str(rule.get("name")): metrics_of(str(rule.get("query"))) for rule in rules}
        there = server.existing(frozenset().union(*wanted.values()), now) if wanted else frozenset()
    except OpsagentError as error:
        return Check("alerting rules", "warn", error.message, error.hint)
    if not rules:
        return Check("alerting rules", "ok", "none here: no alert means nothing")
    broken = [f"{rule.get('name')}: {rule.get('lastError')}" for rule in rules if rule.get("health") == "err"]
    idle = [
        f"{name} reads {', '.join(sorted(metrics - there))}, which has no series"
        for name, metrics in wanted.items()
        if metrics and not metrics & there
    ]
    faults = [*broken, *idle]
    if not faults:
        return Check("alerting rules", "ok", f"{len(rules)}, all of them can fire")
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    text = f"{len(faults)} of {len(rules)} cannot fire: {'; '.join(faults[:_SHOWN])}{more}"
    return Check("alerting rules", "warn", text, "until then no alert is not a sign of health")
