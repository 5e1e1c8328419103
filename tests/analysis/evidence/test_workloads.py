"""Which services there are, whose a pod is, and which pods a service has."""

from typing import Any

import pytest

from opsagent.analysis.evidence.service_changes import of_service
from opsagent.analysis.evidence.workloads import pods_of, service_name, service_of, services_found
from opsagent.models.evidence import Change, Observation
from opsagent.models.observed import Objects
from opsagent.models.service import Service
from tests.store.records_made import AT


def item(kind: str, name: str, labels: dict[str, str] | None = None, owner: str = "", **spec: Any) -> dict[str, Any]:
    """Return one object; `owner`: "Kind/name" of its controller."""
    kind_of, _, name_of = owner.partition("/")
    owners = [{"kind": kind_of, "name": name_of, "uid": name_of, "controller": True}] if owner else []
    meta = {"name": name, "namespace": "shop", "uid": name, "labels": labels or {}, "ownerReferences": owners}
    return {"kind": kind, "metadata": meta, "spec": spec}


def deployment(name: str, **labels: str) -> dict[str, Any]:
    """Return a Deployment whose pods carry these labels."""
    return item("Deployment", name, template={"metadata": {"labels": labels}}, selector={"matchLabels": labels})


WEB = [
    deployment("web-deployment", app="web"),
    item("ReplicaSet", "web-deployment-1a", {"app": "web"}, "Deployment/web-deployment"),
    item("Pod", "web-deployment-1a-x", {"app": "web"}, "ReplicaSet/web-deployment-1a", nodeName="node-1"),
    item("Service", "web-svc", selector={"app": "web"}),
]
BARE = item("Pod", "probe", {"app": "probe"})
JOB = item("Job", "migrate")
JOBS_POD = item("Pod", "migrate-x", {}, "Job/migrate")


def objects(*items: dict[str, Any]) -> Objects:
    """Return what was seen."""
    return Objects(tuple(items), frozenset({"Deployment", "ReplicaSet", "Pod", "Service", "Job"}))


def found(*items: dict[str, Any]) -> dict[str, str | None]:
    """Return the services with their Deployments."""
    return {service.name: service.deployment for service in services_found(objects(*items))}


def test_each_workload_is_a_service_by_its_label() -> None:
    """A bare pod is one too; a Job is one only where there is nothing else."""
    assert found(*WEB, BARE, JOB, JOBS_POD) == {"web": "web-deployment", "probe": None}
    assert found(JOB, JOBS_POD) == {"migrate": None}


def test_two_workloads_of_one_label_are_known_by_their_names() -> None:
    """The label of the complete platform names no service."""
    assert found(deployment("a", app="shop"), deployment("b", app="shop")) == {"a": "a", "b": "b"}


def test_pods_alone_of_one_owner_are_one_service() -> None:
    """Of a list of pods without their controllers."""
    pods = [item("Pod", f"web-1a-{n}", {"app": "web"}, "ReplicaSet/web-1a") for n in "xy"]
    assert found(*pods) == {"web": None}


def test_a_service_whose_workload_is_gone_is_still_one() -> None:
    """Its selector matches nothing that is there or would be made; one of a selector that does is no further one."""
    orphan = item("Service", "pay", selector={"app": "pay"})
    assert found(*WEB, orphan, item("Service", "external")) == {"web": "web-deployment", "pay": None}


@pytest.mark.parametrize(
    ("workload", "name"),
    [
        (deployment("x", app="web"), "web"),
        (item("StatefulSet", "shop-db", {"app.kubernetes.io/component": "db"}), "db"),
        (item("StatefulSet", "orders", {"app.kubernetes.io/name": "shop"}), "orders"),
        (item("Pod", "web-1a-x", {"pod-template-hash": "1a"}, "ReplicaSet/web-1a"), "web"),
        (item("Pod", "alone"), "alone"),
    ],
)
def test_a_workload_is_called_as_operators_call_it(workload: dict[str, Any], name: str) -> None:
    """By `app`; by another label that its own name confirms; else by its name without a hash."""
    assert service_name(workload) == name


def test_pods_and_services_find_each_other() -> None:
    """By the owner chain, by the Deployment's name where the chain was not seen, by the label."""
    seen, web = objects(*WEB, BARE), Service("web", "web-deployment")
    pod = WEB[2]
    assert pods_of(web, seen) == [pod]
    assert pods_of(WEB[0], seen) == [pod]
    assert pods_of(Service("web", None), seen) == [pod]
    assert pods_of(Service("web", "gone"), seen) == [pod]
    assert pods_of(Service("probe", None), seen) == [BARE]
    others = (Service("other", "other"), web)
    assert service_of(pod, others, seen) == web
    alone = item("Pod", "w-1a-x", {}, "ReplicaSet/web-deployment-1a")
    assert service_of(alone, others) == web
    assert service_of(item("Pod", "z", {"app": "web"}), others) == web
    assert service_of(item("Pod", "z"), others) is None


def test_changes_of_a_service_are_those_that_can_concern_it() -> None:
    """Its workload, pods, Service, scaler and nodes, and rules of the namespace; nothing of another service."""
    scaler = item("HorizontalPodAutoscaler", "web", scaleTargetRef={"kind": "Deployment", "name": "web-deployment"})
    seen = objects(*WEB, scaler, deployment("pay", app="pay"), item("Service", "pay", selector={"app": "pay"}))
    about = [
        "Deployment/web-deployment", "ReplicaSet/web-deployment-1a", "Pod/web-deployment-1a-x", "Service/web-svc",
        "HorizontalPodAutoscaler/web", "Node/node-1", "NetworkPolicy/deny",
    ]  # fmt: skip
    foreign = ["Deployment/pay", "Service/pay", "Node/node-2"]
    changes = [Change(AT, name, "changed", Observation("objects", name, "x")) for name in (*about, *foreign)]
    assert [one.object for one in of_service(changes, Service("web", "web-deployment"), seen)] == about
