"""What the operator is reported before approving."""

from typing import Any

import pytest

from opsagent.analysis.planning.risks import risks
from opsagent.models.observed import KubeObject
from opsagent.models.plan import Action
from opsagent.models.service import Service
from tests.analysis.workloads import autoscaler, claim, deployment, seen, volumes

RESTART: Action = "restart_deployment"
SCALE: Action = "scale_deployment"
ROLLBACK: Action = "rollback_deployment"


def told(
    action: Action, obj: KubeObject, *beside: KubeObject, service: Service | None = None, **more: Any
) -> dict[str, str]:
    may = more.pop("may", lambda verb, resource, subresource: None)
    found = risks(action, obj, service, seen(obj, *beside), may, **more)
    return {risk.kind: risk.text for risk in reversed(found)}


def sqlite(path: str, **volume: str) -> dict[str, Any]:
    spec: dict[str, Any] = volumes(**volume) if volume else {"containers": [{"name": "c"}]}
    spec["containers"][0]["env"] = [{"name": "DB", "value": f"sqlite:///{path}"}]
    return spec


def test_known_local_data_is_lost_first() -> None:
    """What the configuration states a restart erases is first, for restart and rollback alike."""
    service = Service("web", local_data="all carts")
    for action in (RESTART, ROLLBACK):
        found = risks(action, deployment(), service, seen(), lambda *_: None)
        assert found[0].kind == "data-loss"
        assert "all carts" in found[0].text


def test_an_sqlite_file_in_the_container_is_lost_and_one_on_a_volume_is_not() -> None:
    """The path in the environment is held against the mounts; an emptyDir does not keep it."""
    assert "/app/x.db" in told(RESTART, deployment(pod=sqlite("/app/x.db")))["data-loss"]
    assert "data-loss" in told(RESTART, deployment(pod=sqlite("/data/x.db", empty="tmp")))
    assert "data-loss" not in told(RESTART, deployment(pod=sqlite("/data/x.db", claim="c")))
    assert "data-loss" in told(RESTART, deployment(pod=sqlite("/database/x.db", claim="c")))


def test_a_lock_without_a_lasting_volume_warns_too() -> None:
    """A locked database and no volume: the file probably is in the container; other causes do not warn so."""
    assert "data-loss" in told(RESTART, deployment(), code="db.locked")
    assert "data-loss" not in told(RESTART, deployment(), code="pod.hung")
    assert "data-loss" not in told(RESTART, deployment(pod=volumes(claim="c")), code="db.locked")


def test_an_empty_dir_survives_a_container_but_not_a_new_pod() -> None:
    """The emptyDir volumes are named; a claim is none."""
    assert "scratch" in told(RESTART, deployment(pod=volumes(empty="scratch")))["empty-dir"]
    assert "empty-dir" not in told(RESTART, deployment(pod=volumes(claim="c")))


@pytest.mark.parametrize(
    ("replicas", "spec", "text"),
    [
        (1, {}, "one replica: about 25 s"),
        (3, {"strategy": {"type": "Recreate"}}, "Recreate: all pods end first, about 25 s"),
        (8, {}, "up to 2 of 8"),
        (3, {"strategy": {"rollingUpdate": {"maxUnavailable": 2}}}, "up to 2 of 3"),
        (3, {}, None),
        (0, {}, None),
        (4, {"strategy": {"rollingUpdate": {"maxUnavailable": "many"}}}, None),
    ],
)
def test_the_time_without_service_follows_replicas_strategy_and_probe(
    replicas: int, spec: dict[str, Any], text: str | None
) -> None:
    """One replica or Recreate is an outage of about the probe's delay; several are away in part or not at all."""
    containers = {"containers": [{"name": "c", "readinessProbe": {"initialDelaySeconds": 15}}]}
    said = told(RESTART, deployment(replicas=replicas, spec=spec, pod=containers)).get("outage")
    assert (said is None) == (text is None)
    assert text is None or text in (said or "")


def test_one_volume_for_old_and_new_pod_is_stated() -> None:
    """A claim for one node makes a rolling change wait; one for many nodes or Recreate does not."""
    one, many = claim("data", "ReadWriteOnce"), claim("data", "ReadWriteMany")
    spec = volumes(claim="data")

    def wants(beside: KubeObject, **spec_more: Any) -> bool:
        obj = deployment(pod=spec, spec=spec_more)
        return any(
            "want one volume" in risk.text for risk in risks(RESTART, obj, None, seen(obj, beside), lambda *_: None)
        )

    assert wants(one)
    assert not wants(many)
    assert not wants(one, strategy={"type": "Recreate"})


def test_an_autoscaler_reverts_a_scaling_only() -> None:
    """The HPA is named for a scaling, and is not a risk of a restart."""
    assert "web-hpa" in told(SCALE, deployment(), autoscaler("web"))["reverted"]
    assert "reverted" not in told(RESTART, deployment(), autoscaler("web"))
    assert "reverted" not in told(SCALE, deployment(), autoscaler("other"))


@pytest.mark.parametrize(
    ("mark", "keeper"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "x"}}, "Argo CD"),
        ({"labels": {"argocd.argoproj.io/instance": "x"}}, "Argo CD"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}}, "Flux"),
        ({"labels": {"app.kubernetes.io/managed-by": "argocd"}}, "Argo CD"),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, "helm upgrade"),
        ({}, None),
    ],
)
def test_a_gitops_controller_reverts_scaling_and_rollback(mark: dict[str, Any], keeper: str | None) -> None:
    """Argo CD, Flux and Helm are known by their marks; the annotation of a restart they leave alone."""
    said = told(SCALE, deployment(**mark)).get("reverted", "")
    assert (keeper or "keeps this") in said or keeper is None
    assert bool(said) == bool(keeper)
    assert "reverted" not in told(RESTART, deployment(**mark))


def test_field_managers_and_helm_are_known() -> None:
    """The field manager shows the controller; Helm brings a rolled back change again with its next upgrade."""
    managed = deployment()
    managed["metadata"]["managedFields"] = [{"manager": "argocd-controller"}, 5]
    assert "Argo CD" in told(ROLLBACK, managed)["reverted"]
    assert "helm upgrade" in told(ROLLBACK, deployment(labels={"app.kubernetes.io/managed-by": "Helm"}))["reverted"]


def test_scaling_a_single_writer_causes_what_it_is_to_fix() -> None:
    """Two pods on one SQLite file or two databases behind one name; not for one replica."""
    obj, service = deployment(pod=volumes(claim="data")), Service("web", local_data="all carts")
    assert "claim data" in told(SCALE, obj)["causes-more"]
    assert "all carts" in told(SCALE, deployment(), service=service, replicas=2)["causes-more"]
    assert "causes-more" not in told(SCALE, obj, replicas=1)
    assert "causes-more" not in told(SCALE, deployment())


def test_scaling_down_loses_what_the_pods_keep() -> None:
    """Zero replicas serve nobody, and pods that go take their data along."""
    said = told(SCALE, deployment(replicas=2), service=Service("web", local_data="all carts"), replicas=0)
    assert "data-loss" in said
    assert "zero" in said["outage"]


def test_the_load_balancer_loses_its_counters() -> None:
    """Restarting what answers /stats resets what it counts; other services have no such risk."""
    assert "counters" in told(RESTART, deployment(), service=Service("lb", stats_key="load-balancer"))
    assert "counters" not in told(RESTART, deployment(), service=Service("web", stats_key="web"))


@pytest.mark.parametrize(("action", "subresource"), [(RESTART, ""), (ROLLBACK, ""), (SCALE, "scale")])
def test_a_missing_verb_is_stated_beforehand(action: Action, subresource: str) -> None:
    """The very verb that the change needs is asked for; unknown is not a refusal."""
    asked: list[tuple[str, str, str]] = []

    def may(verb: str, resource: str, sub: str) -> bool:
        asked.append((verb, resource, sub))
        return False

    assert "may not patch" in told(action, deployment(), may=may)["forbidden"]
    assert asked == [("patch", "deployments", subresource)]
    for answer in (True, None):
        assert "forbidden" not in told(action, deployment(), may=lambda *_, said=answer: said)


def test_no_action_no_risk_and_an_empty_object_is_survived() -> None:
    """Nothing is stated about doing nothing; an object that was not seen gives what is known without it."""
    assert risks("none", deployment(), None, seen(), lambda *_: False) == ()
    assert risks(RESTART, {}, None, seen(), lambda *_: None)
    assert risks(RESTART, {"spec": 5, "metadata": []}, None, seen(), lambda *_: None)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"replicas": 3}, {"ordered", "outage"}),
        ({"replicas": 3, "podManagementPolicy": "Parallel"}, {"outage"}),
        ({"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}}, {"ordered", "outage", "partial"}),
        ({"replicas": 1, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}, {"outage", "kept"}),
        ({"replicas": 3, "updateStrategy": {"type": "OnDelete"}}, {"no-effect"}),
    ],
)
def test_a_restart_of_a_stateful_set_has_its_own_risks(spec: dict[str, Any], told: set[str]) -> None:
    """The order, the partition, what the claims keep, and a strategy that replaces nothing."""
    item: dict[str, Any] = {"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec}
    found = risks("restart_statefulset", item, None, seen(item), lambda *_: True)
    assert {risk.kind for risk in found} == told


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        ({}, ["up to 1 of 8 nodes"]),
        ({"rollingUpdate": {"maxUnavailable": "50%"}}, ["up to 4 of 8 nodes"]),
        ({"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}, []),
        ({"type": "OnDelete"}, ["updateStrategy OnDelete"]),
    ],
)
def test_a_restart_of_a_daemon_set_has_its_own_risks(strategy: dict[str, Any], told: list[str]) -> None:
    """How many nodes are without it at a time; none where new pods come first."""
    item: dict[str, Any] = {"kind": "DaemonSet", "metadata": {"name": "agent"}, "spec": {"updateStrategy": strategy}}
    item["status"] = {"desiredNumberScheduled": 8}
    found = risks("restart_daemonset", item, None, seen(item), lambda *_: True)
    assert [risk.text[: len(text)] for risk, text in zip(found, told, strict=True)] == told


def test_a_restart_of_another_kind_that_is_not_allowed_is_reported() -> None:
    """The right that is asked for is that of the kind that is changed."""
    item: dict[str, Any] = {"kind": "DaemonSet", "metadata": {"name": "agent"}, "spec": {}}
    asked: list[tuple[str, str, str]] = []

    def may(*what: str) -> bool:
        asked.append((what[0], what[1], what[2]))
        return False

    found = risks("restart_daemonset", item, None, seen(item), may)
    assert asked == [("patch", "daemonsets", "")]
    assert "forbidden" in {risk.kind for risk in found}
