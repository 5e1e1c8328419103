"""Alerts of Prometheus and of Alertmanager as one list: who knows the rule's health, and who knows of silences."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from opsagent.clients.alertmanager import SOURCE, Alertmanager
from opsagent.clients.cluster_type import ClusterChecks
from opsagent.clients.http_access import through
from opsagent.config.settings import Settings
from opsagent.errors import CheckError
from opsagent.models.coverage import outcome_of
from opsagent.models.figures import Alert
from opsagent.models.observed import Skipped


def alertmanager_of(
    settings: Settings, environ: Mapping[str, str], cluster: Callable[[], ClusterChecks]
) -> Alertmanager:
    """Return the configured server; a URL counts before a Service."""
    proxy = through(settings.alertmanager, settings.kubernetes.namespace, cluster, name=SOURCE)
    return Alertmanager(settings.alertmanager, environ, proxy)


def alerts_of(
    settings: Settings,
    environ: Mapping[str, str],
    cluster: Callable[[], ClusterChecks],
    rules: Callable[[], tuple[Alert, ...]] | None,
) -> tuple[tuple[Alert, ...], tuple[Skipped, ...]]:
    """Return the alerts of both sources, and what kept one of them from being read.

    rules: asks Prometheus; None where there is none. Raises the first CheckError where no source answered.
    """
    manager = alertmanager_of(settings, environ, cluster)
    answers: list[tuple[Alert, ...]] = []
    errors: list[CheckError] = []
    for ask in (manager.alerts, rules):
        if ask is None:
            continue
        try:
            answers.append(ask())
        except CheckError as error:
            answers.append(())
            errors.append(error)
    if len(errors) == len(answers):
        raise errors[0]
    gaps = tuple(Skipped(SOURCE, error.message, outcome_of(error)) for error in errors)
    return merged(answers[0], answers[1] if len(answers) > 1 else ()), gaps


def merged(managed: Iterable[Alert], ruled: Iterable[Alert]) -> tuple[Alert, ...]:
    """Return each alert once: as Alertmanager has it, with what Prometheus reports about its rule.

    Alertmanager adds the external labels of the Prometheus that sent it, so labels are compared as a part.
    """
    own = tuple(ruled)
    found: list[Alert] = []
    used: set[int] = set()
    for alert in managed:
        labels = alert.labels.items()
        same = [n for n, other in enumerate(own) if other.name == alert.name and other.labels.items() <= labels]
        used.update(same)
        wrong = next((own[n].rule_error for n in same if own[n].rule_error), None)
        found.append(replace(alert, rule_error=wrong) if wrong else alert)
    return (*found, *(alert for n, alert in enumerate(own) if n not in used))
