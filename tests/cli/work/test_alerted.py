"""diagnose --alert: the service that an alert is about."""

import json
from pathlib import Path

import pytest

from opsagent.cli.setup import Setup
from opsagent.cli.work.alerted import alerted_service
from opsagent.clients.bundle.platform import BundlePlatform, open_bundle
from opsagent.config.settings import Settings
from opsagent.errors import NotCheckedError, UsageError
from tests.agent.test_figures import workload


def bundle(folder: Path, *apps: str) -> BundlePlatform:
    """Write a bundle of two workloads and alerts of one name."""
    (folder / "bundle.json").write_text('{"version": 1, "namespace": "shop"}')
    items = [workload("cart"), workload("pay")]
    (folder / "objects.json").write_text(json.dumps({"kind": "List", "items": items}))
    alerts = [{"labels": {"alertname": "HighErrorRate", "app": app}, "state": "firing"} for app in apps]
    (folder / "alerts.json").write_text(json.dumps(alerts))
    return open_bundle(str(folder))


SETUP = Setup(Settings(), {})


def test_the_one_service_of_an_alert_is_found_in_any_case(tmp_path: Path) -> None:
    """However the operator writes the alert's name."""
    assert alerted_service(SETUP, "higherrorrate", bundle(tmp_path, "cart")) == "cart"


@pytest.mark.parametrize(
    ("apps", "name", "said"),
    [
        (("cart",), "Other", "no alert 'Other'"),
        (("elsewhere",), "HighErrorRate", "names no service"),
        (("cart", "pay"), "HighErrorRate", "several services"),
    ],
)
def test_an_alert_that_names_nobody_or_several_is_refused(
    tmp_path: Path, apps: tuple[str, ...], name: str, said: str
) -> None:
    """With what there is, so that the operator can name the service."""
    with pytest.raises(UsageError, match=said):
        alerted_service(SETUP, name, bundle(tmp_path, *apps))


def test_without_a_source_of_alerts_nothing_is_guessed() -> None:
    """No Prometheus is configured."""
    with pytest.raises(NotCheckedError):
        alerted_service(SETUP, "HighErrorRate", None)
