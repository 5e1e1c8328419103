"""The service that an alert is about, for `diagnose --alert`."""

from typing import TYPE_CHECKING, Protocol

from opsagent.analysis.evidence.alerts import LABELS, service_of
from opsagent.analysis.evidence.workloads import services_found
from opsagent.analysis.reasoning.topology import service_names
from opsagent.cli.setup import Setup
from opsagent.errors import UsageError
from opsagent.models.figures import Alert, KnowsAlerts
from opsagent.models.platform import Platform
from opsagent.tools.cluster import all_kinds

if TYPE_CHECKING:
    from opsagent.clients.bundle.platform import BundlePlatform


class KnowsObjectsAndAlerts(Platform, KnowsAlerts, Protocol):
    """What this needs of a live platform or a bundle."""


def alerted_service(setup: Setup, name: str, bundle: "BundlePlatform | None") -> str:
    """Return the one service that the alerts of a name are about; UsageError where none, or several, are known."""
    platform: KnowsObjectsAndAlerts = setup.platform
    configured = setup.named_services
    if bundle is not None:
        platform, configured = bundle, ()
    alerts = platform.alerts()
    named = [alert for alert in alerts if alert.name.lower() == name.lower()]
    if not named:
        known = ", ".join(dict.fromkeys(alert.name for alert in alerts)) or "none fires"
        raise UsageError(f"there is no alert {name!r}", hint=f"alerts: {known}")
    objects = all_kinds(platform)
    services = configured or services_found(objects)
    return _one(named, name, dict(service_names(services, objects)))


def _one(named: list[Alert], name: str, names: dict[str, str]) -> str:
    found = dict.fromkeys(service for alert in named if (service := service_of(alert, names)))
    if not found:
        labels = ", ".join(f"{key}={value}" for key, value in named[0].labels.items())
        raise UsageError(
            f"the alert {name!r} names no service of this platform: {labels}",
            hint=f"name the service; labels that can name one: {', '.join(LABELS)}",
        )
    if len(found) > 1:
        raise UsageError(f"the alert {name!r} is about several services", hint=f"name one of: {', '.join(found)}")
    return next(iter(found))
