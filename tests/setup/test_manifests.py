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
from opsagent.setup.manifests import SecretKey, Wanted, approve_pod, manifests, yaml_text
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
    """deployments/scale is in a rule of its own resource: patching Deployments does not include it."""
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
    assert pod["serviceAccountName"] == only(objects, "ServiceAccount")["metadata"]["name"] == "opsagent-watch"
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


def test_nothing_that_is_printed_undoes_what_was_printed_before() -> None:
    """Reader, operator and CronJob applied one after the other: no object of one is another of the others."""
    printed = [
        manifests(Settings(), wanted) for wanted in (Wanted("reader", cluster_reads=True), Wanted("operator"), CRON)
    ]
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for item in (item for objects in printed for item in objects):
        key = item["kind"], item["metadata"]["name"]
        assert seen.setdefault(key, item) == item, key


def test_the_webhook_comes_from_a_secret() -> None:
    """The kubelet hands the URL over from a Secret's key; no rule lets opsagent read Secrets."""
    objects = manifests(Settings(), replace(CRON, webhook=SecretKey.parsed("hooks:slack")))
    [container] = only(objects, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["env"][-1] == {
        "name": "OPSAGENT_NOTIFY_WEBHOOK_URL", "valueFrom": {"secretKeyRef": {"name": "hooks", "key": "slack"}},
    }  # fmt: skip
    assert not any(resource == "secrets" for _, _, resource in rights(objects))
    assert SecretKey.parsed("hooks") == SecretKey("hooks", "url")
    for wrong in ("", "Hooks", "hooks:", "hooks:a b"):
        with pytest.raises(UsageError, match="invalid Secret reference"):
            SecretKey.parsed(wrong)


def test_messages_of_the_cron_job_name_the_cluster_and_a_command_for_elsewhere(tmp_path: Path) -> None:
    """Inside a pod there is no context and no way in: the name and the command are the operator's."""
    here = Settings()
    settings = replace(here, kubernetes=replace(here.kubernetes, context="prod-seoul"))
    for wanted, cluster in ((CRON, "prod-seoul"), (replace(CRON, cluster="seoul 1"), "seoul 1")):
        text = only(manifests(settings, wanted), "ConfigMap")["data"]["config.yaml"]
        (tmp_path / "config.yaml").write_text(text, "utf-8")
        notify = load(tmp_path / "config.yaml", {}, {}).notify
        assert notify.cluster == cluster
        assert notify.approve
        assert notify.approve.startswith("opsagent manifests --approve-pod $id --image example/opsagent:1 ")
        assert "kubectl attach -n titanium-local -it opsagent-approve-$id" in notify.approve


def test_the_pod_that_approves_has_the_state_and_a_terminal() -> None:
    """An operator's account, the CronJob's claim and configuration, standard input; gone after an hour."""
    pod = approve_pod(Settings(), "b7k2", image="example/opsagent:1", claim="opsagent-state")
    spec = pod["spec"]
    [container] = spec["containers"]
    assert pod["metadata"]["name"] == "opsagent-approve-b7k2"
    assert container["command"] == ["opsagent", "approve", "b7k2"]
    assert (container["stdin"], container["tty"], spec["restartPolicy"]) == (True, True, "Never")
    assert (
        spec["serviceAccountName"]
        == only(manifests(Settings(), Wanted("operator")), "ServiceAccount")["metadata"]["name"]
    )
    cron = only(manifests(Settings(), CRON), "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert spec["volumes"] == cron["volumes"]
    assert 0 < spec["activeDeadlineSeconds"] <= 3600
    with pytest.raises(UsageError, match="invalid incident id"):
        approve_pod(Settings(), "b7k2; rm", image="x", claim="y")


def test_what_cannot_work_is_refused() -> None:
    """A CronJob without its claim, or with an operator's rights, is refused by name of the flag."""
    with pytest.raises(UsageError, match="--claim"):
        manifests(Settings(), Wanted("reader", image="x"))
    with pytest.raises(UsageError, match="only checks"):
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
    """No second Role: its Service is beside those that are asked anyway."""
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
    """It is refused with the setting that states it."""
    without = replace(Settings(), kubernetes=replace(Settings().kubernetes, enabled=False))
    with pytest.raises(UsageError, match=r"kubernetes\.enabled is false"):
        manifests(without, Wanted("reader"))


def test_credentials_of_sources_come_from_a_secret() -> None:
    """Each variable that a source's settings name, from the key of its own name; nothing of it is in the ConfigMap."""
    prometheus = PrometheusSettings(url="http://prom:9090", bearer_env="PROM_TOKEN")
    loki = LokiSettings(url="http://loki:3100", username_env="LOKI_USER", password_env="LOKI_PASSWORD")
    settings = replace(Settings(), prometheus=prometheus, loki=loki)
    cron = only(manifests(settings, replace(CRON, sources="opsagent-sources")), "CronJob")
    env = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["env"]
    names = ["LOKI_PASSWORD", "LOKI_USER", "PROM_TOKEN"]
    assert [one for one in env if "valueFrom" in one] == [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": "opsagent-sources", "key": name}}} for name in names
    ]
    with pytest.raises(UsageError, match="LOKI_PASSWORD, LOKI_USER, PROM_TOKEN") as needed:
        manifests(settings, CRON)
    assert "--sources-secret NAME" in (needed.value.hint or "")
    with pytest.raises(UsageError, match="no source names a variable"):
        manifests(Settings(), replace(CRON, sources="opsagent-sources"))
    with pytest.raises(UsageError, match="invalid Secret name"):
        manifests(settings, replace(CRON, sources="No/Name"))
