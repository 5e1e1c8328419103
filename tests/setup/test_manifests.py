"""The printed manifests: accepted by kubectl, and no right more than is used."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from opsagent.config.load import load
from opsagent.config.settings import AlertmanagerSettings, LogSettings, LokiSettings, PrometheusSettings, Settings
from opsagent.errors import UsageError
from opsagent.models.log_source import LogSource
from opsagent.models.service import Service
from opsagent.setup.access import NEEDED
from opsagent.setup.manifests import Wanted, manifests, yaml_text
from tests.session import Boxed

CRON = Wanted("reader", cluster_reads=True, image="example/opsagent:1", claim="opsagent-state")


def rights(objects: tuple[dict[str, Any], ...]) -> set[tuple[str, str, str]]:
    """Return verb, group and resource of all rules."""
    return {
        (verb, group, resource)
        for item in objects
        for rule in item.get("rules", ())
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def only(objects: tuple[dict[str, Any], ...], kind: str) -> dict[str, Any]:
    """Return the one object of a kind."""
    [found] = [item for item in objects if item["kind"] == kind]
    return found


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize("wanted", [CRON, Wanted("operator")])
def test_kubectl_accepts_them(boxed: Boxed, wanted: Wanted) -> None:
    """`kubectl apply --dry-run=client` takes every object as it is printed."""
    _, settings = boxed("healthy")
    objects = manifests(settings, wanted)
    done = subprocess.run(
        ["kubectl", "--kubeconfig", str(settings.kubernetes.kubeconfig), "apply", "--dry-run=client",
         "--validate=false", "-f", "-"],
        input=yaml_text(objects), text=True, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("created (dry run)") == len(objects)


def test_an_operators_rights_are_the_table() -> None:
    """Role and ClusterRole together are the table: not a verb more, not one less."""
    objects = manifests(Settings(), Wanted("operator", cluster_reads=True))
    assert rights(objects) == {(need.verb, need.group, need.target) for need in NEEDED}


def test_a_reader_changes_nothing() -> None:
    """A reader's rules have no verb that writes, and the cluster-wide ones come only when asked for."""
    objects = manifests(Settings(), Wanted("reader"))
    assert {verb for verb, _, _ in rights(objects)} == {"get", "list"}
    assert [item["kind"] for item in objects] == ["ServiceAccount", "Role", "RoleBinding"]


def test_scaling_is_a_right_apart() -> None:
    """deployments/scale stands in a rule of its own resource: patching Deployments does not include it."""
    writes = [
        (group, resource)
        for verb, group, resource in rights(manifests(Settings(), Wanted("operator")))
        if verb == "patch"
    ]
    assert sorted(writes) == [
        ("apps", resource) for resource in ("daemonsets", "deployments", "deployments/scale", "statefulsets")
    ]


def test_the_namespace_is_read_by_its_name() -> None:
    """Whose UID an approval is bound to: this Namespace, and no other."""
    role = next(item for item in manifests(Settings(), Wanted("operator")) if item["kind"] == "Role")
    [rule] = [rule for rule in role["rules"] if "namespaces" in rule["resources"]]
    assert rule == {
        "apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"], "resourceNames": ["titanium-local"],
    }  # fmt: skip


def test_the_proxy_is_bound_to_names() -> None:
    """services/proxy is allowed for the Services that are asked, never for all."""
    role = only(manifests(Settings(), Wanted("reader")), "Role")
    [rule] = [rule for rule in role["rules"] if "services/proxy" in rule["resources"]]
    assert rule["verbs"] == ["get"]
    assert "local-load-balancer-service:7100" in rule["resourceNames"]


def test_the_cron_job_is_a_careful_reader() -> None:
    """It reports and exits, never twice at once, never again by itself, as nobody, on a read-only disk."""
    objects = manifests(Settings(), CRON)
    spec = only(objects, "CronJob")["spec"]
    job = spec["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    [container] = pod["containers"]
    assert (spec["concurrencyPolicy"], job["backoffLimit"], pod["restartPolicy"]) == ("Forbid", 0, "Never")
    assert container["command"] == ["opsagent", "watch", "--auto-report", "--exit-zero"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {"persistentVolumeClaim": {"claimName": "opsagent-state"}, "name": "state"} in pod["volumes"]
    assert pod["serviceAccountName"] == only(objects, "ServiceAccount")["metadata"]["name"] == "opsagent-reader"
    assert "services/proxy" not in {resource for _, _, resource in rights(objects)}


def test_the_cron_jobs_configuration_is_the_operators(tmp_path: Path) -> None:
    """The ConfigMap loads to the same platform: namespace, services, thresholds; asked directly from inside."""
    here = Settings()
    checkout = Service("checkout", None, "checkout", "http://checkout:8080/health", (), "all carts")
    settings = replace(
        here,
        kubernetes=replace(here.kubernetes, namespace="shop", context="laptop", kubeconfig="/somewhere"),
        thresholds=replace(here.thresholds, response_ms=250.0),
        services=(checkout,),
        notify=replace(here.notify, webhook_url="https://hooks.example/secret-part", cool_down_min=5.0),
    )
    text = only(manifests(settings, CRON), "ConfigMap")["data"]["config.yaml"]
    (tmp_path / "config.yaml").write_text(text, "utf-8")
    inside = load(tmp_path / "config.yaml", {}, {})
    assert inside.services == (checkout,)
    assert inside.thresholds.response_ms == 250.0
    assert (inside.notify.webhook_url, inside.notify.cool_down_min) == (None, 5.0)
    assert "secret-part" not in yaml_text(manifests(settings, CRON))
    assert inside.kubernetes == replace(here.kubernetes, namespace="shop")
    assert (inside.reach, inside.stats.url) == ("direct", "http://local-load-balancer-service:7100")


def test_what_cannot_work_is_refused() -> None:
    """A CronJob without its claim, or with an operator's rights, is refused by name of the flag."""
    with pytest.raises(UsageError, match="--claim"):
        manifests(Settings(), Wanted("reader", image="x"))
    with pytest.raises(UsageError, match="only looks"):
        manifests(Settings(), replace(CRON, role="operator"))


def test_the_text_is_one_yaml_stream() -> None:
    """Each object is a document of its own, unchanged."""
    objects = manifests(Settings(), CRON)
    assert tuple(yaml.safe_load_all(yaml_text(objects))) == objects


MONITORED = replace(
    Settings(),
    prometheus=PrometheusSettings(service="monitoring/prometheus:9090"),
    loki=LokiSettings(service="monitoring/loki-gateway:80"),
    alertmanager=AlertmanagerSettings(service="alerts/alertmanager:9093"),
)


def test_sources_in_other_namespaces_get_a_role_there() -> None:
    """services/proxy of the named Services alone, in their namespace, bound to the account of the platform's own."""
    objects = manifests(MONITORED, Wanted("reader"))
    found = {}
    for item in objects:
        if item["kind"] == "Role" and item["metadata"]["namespace"] != "titanium-local":
            [rule] = item["rules"]
            assert (rule["resources"], rule["verbs"]) == (["services/proxy"], ["get"])
            found[item["metadata"]["namespace"]] = rule["resourceNames"]
    assert found == {"alerts": ["alertmanager:9093"], "monitoring": ["loki-gateway:80", "prometheus:9090"]}
    bound = [item for item in objects if item["kind"] == "RoleBinding"]
    assert len(bound) == 3
    assert {item["subjects"][0]["namespace"] for item in bound} == {"titanium-local"}


def test_a_source_in_the_own_namespace_is_one_more_name() -> None:
    """No second Role: its Service stands beside those that are asked anyway."""
    own = replace(Settings(), prometheus=PrometheusSettings(service="prometheus:9090"))
    role = only(manifests(own, Wanted("reader")), "Role")
    [rule] = [rule for rule in role["rules"] if "services/proxy" in rule["resources"]]
    assert {"prometheus:9090", "local-load-balancer-service:7100"} <= set(rule["resourceNames"])


def test_a_pod_asks_the_sources_directly(tmp_path: Path) -> None:
    """Inside the cluster no proxy is needed: the CronJob's configuration names their addresses, and no file of here."""
    here = replace(MONITORED, logs=LogSettings(sources=(LogSource(files="/var/log/*.log"),)))
    objects = manifests(here, CRON)
    path = tmp_path / "config.yaml"
    path.write_text(only(objects, "ConfigMap")["data"]["config.yaml"])
    inside = load(path, {}, {})
    assert inside.prometheus.url == "http://prometheus.monitoring:9090"
    assert inside.loki.url == "http://loki-gateway.monitoring:80"
    assert inside.alertmanager.url == "http://alertmanager.alerts:9093"
    assert inside.logs.sources == ()
    assert "services/proxy" not in {resource for _, _, resource in rights(objects)}


def test_without_a_cluster_there_are_no_roles() -> None:
    """It is refused with the setting that says so."""
    without = replace(Settings(), kubernetes=replace(Settings().kubernetes, enabled=False))
    with pytest.raises(UsageError, match=r"kubernetes\.enabled is false"):
        manifests(without, Wanted("reader"))
