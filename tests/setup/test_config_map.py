"""The configuration that a pod gets."""

from dataclasses import replace
from pathlib import Path

import yaml

from opsagent.config.settings import KubernetesSettings, PrometheusSettings, Settings
from opsagent.setup.config_map import block_yaml, config_text, settings_inside

SETTINGS = Settings(
    kubernetes=KubernetesSettings(namespace="shop", kubeconfig="/home/me/config", context="prod"),
    prometheus=PrometheusSettings(service="monitoring/prometheus:9090"),
    state_dir=Path("/home/me/state"),
)


def test_a_pod_asks_services_directly() -> None:
    """No proxy of the API server is needed there, and messages name what the operator knows."""
    inside = settings_inside(SETTINGS, cluster="prod", approve="opsagent approve {id}")
    assert inside.reach == "direct"
    assert (inside.prometheus.url, inside.prometheus.service) == ("http://prometheus.monitoring:9090", None)
    assert (inside.notify.cluster, inside.notify.approve) == ("prod", "opsagent approve {id}")


def test_what_belongs_to_the_operators_machine_stays_there() -> None:
    """No kubeconfig, no context and no state directory; what equals the default is left out."""
    written = yaml.safe_load(config_text(replace(SETTINGS, reach="direct")))
    assert written["kubernetes"]["namespace"] == "shop"
    assert not {"kubeconfig", "context"} & written["kubernetes"].keys()
    assert written.keys() == {"kubernetes", "reach", "prometheus"}


def test_a_text_of_several_lines_is_written_as_lines() -> None:
    """A file in a ConfigMap can be read by a human."""
    assert block_yaml({"config.yaml": "a: 1\nb: 2\n"}) == "config.yaml: |\n  a: 1\n  b: 2\n"
