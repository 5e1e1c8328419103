"""A control plane that has stopped."""

from typing import Any

import pytest

from tests.analysis.kube_objects import ago, deployment, event, first, node, pod, replica_set, service, stack, thing

CODE = "node.controller-manager-down"


def vanished(killed: float | None = 60) -> list[Any]:
    """Return the service `cart` whose pod is gone, while every status still counts it."""
    gone = "cart-6d5f7c9b84-x2x2x"
    target = {"kind": "Pod", "name": gone}
    slices = thing(
        "EndpointSlice",
        "cart-1",
        endpoints=[{"addresses": ["10.0.0.9"], "conditions": {"ready": True}, "targetRef": target}],
    )
    slices["metadata"]["labels"] = {"kubernetes.io/service-name": "cart"}
    told = [event(gone, "Killing", "Stopping container main", age=killed)] if killed is not None else []
    return [deployment(), replica_set(), service(), node(), pod("other-1", app="other"), slices, *told]


def test_a_status_that_counts_a_pod_that_is_gone_was_not_kept() -> None:
    """The ReplicaSet counts one, endpoints name it, and it went a minute ago."""
    assert first(*vanished()) == (CODE, "Deployment/cart")


def test_a_pod_that_went_just_now_is_not_a_stopped_controller() -> None:
    """Between the two lists of one check a controller may be half a second behind."""
    assert first(*vanished(killed=2))[0] != CODE


def test_without_the_pods_nothing_is_contradicted() -> None:
    """Where no pod of the namespace was read, none can be missing."""
    assert first(*[item for item in vanished() if item["kind"] != "Pod"])[0] != CODE


@pytest.mark.parametrize(("written", "found"), [(120, CODE), (3, "healthy"), (None, "healthy")])
def test_a_change_that_stays_unobserved(written: float | None, found: str) -> None:
    """The generation moved two minutes ago and nobody took it up; without its time, or just now, nothing is stated."""
    items = stack()
    items[0]["metadata"] |= {"generation": 5}
    items[0]["status"]["observedGeneration"] = 4
    if written is not None:
        items[0]["metadata"]["managedFields"] = [
            {"manager": "kubectl", "time": ago(written)},
            {"manager": "kube-controller-manager", "subresource": "status", "time": ago(1)},
        ]
    assert first(*items)[0] == found


@pytest.mark.parametrize(
    ("name", "code"), [("kube-controller-manager", CODE), ("kube-scheduler", "node.scheduler-down")]
)
def test_a_lease_that_is_not_renewed(name: str, code: str) -> None:
    """A lease lasts 15 s; two minutes without a renewal is nobody's; a fresh one is well."""
    lease = thing("Lease", name, spec={"renewTime": ago(120), "leaseDurationSeconds": 15})
    lease["metadata"]["namespace"] = "kube-system"
    assert first(*stack(), lease)[0] == code
    lease["spec"]["renewTime"] = ago(2)
    assert first(*stack(), lease)[0] == "healthy"


def test_a_deployment_whose_replica_set_was_not_told() -> None:
    """In a table the only ReplicaSet at work asks for fewer pods than its Deployment: nobody passed the change on."""
    items = stack()
    items[0]["spec"]["replicas"] = 5
    items[0]["metadata"].pop("generation", None)
    items[0]["status"] = {"readyReplicas": 1, "availableReplicas": 1, "unavailableReplicas": 4}
    assert first(*items) == ("node.controller-manager-down", "Deployment/cart")
    items[0]["spec"]["paused"] = True
    assert first(*items)[0] != "node.controller-manager-down"
