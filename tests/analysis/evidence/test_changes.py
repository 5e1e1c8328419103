"""The time line: what changed, newest last."""

from typing import Any

import pytest

from opsagent.analysis.evidence.changes import changes
from opsagent.analysis.evidence.revisions import differences
from tests.analysis.kube_objects import (
    NOW,
    ago,
    condition,
    container,
    crashing,
    deployment,
    event,
    node,
    pod,
    replica_set,
    seen,
    stack,
    thing,
)


def lines(*items: dict[str, object], hours: float = 6.0) -> list[str]:
    """Return the changes as "object text"."""
    return [f"{change.object} {change.text}" for change in changes(seen(*items), now=NOW, hours=hours)]


def test_a_revision_states_what_differs() -> None:
    """Image, environment by name only, resources."""
    old = replica_set(
        spec={"containers": [container(env=[{"name": "TOKEN", "value": "one"}, {"name": "GONE", "value": "x"}])]}
    )
    spec = container(env=[{"name": "TOKEN", "value": "two"}], resources={"limits": {"memory": "64Mi"}})
    spec["image"] = "acme/main:2.0"
    new = replica_set(suffix="7fffd8b9c5", revision=2, age=600, spec={"containers": [spec]})
    found = lines(deployment(), old, new)
    assert found == [
        (
            "Deployment/cart revision 1 → 2: image acme/main:1.4 → 2.0; GONE removed; TOKEN changed; "
            "memory limit none → 64Mi"
        )
    ]
    assert "two" not in found[0]


def test_scalings_restarts_and_nodes_in_order() -> None:
    """Events of scaling, a restart on request, a crash, a node that went away: by time."""
    asked = deployment()
    asked["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": ago(300)}
    gone = node(conditions=[condition("Ready", "False", "KubeletNotReady")])
    scaled = event(
        "cart", "ScalingReplicaSet", "Scaled up replica set cart-6d5f7c9b84 to 3 from 1", kind="Deployment", age=400
    )
    found = lines(asked, replica_set(), pod("cart-1", crashing(3)), gone, scaled)
    assert [line.split()[0] for line in found] == ["Node/worker-1", "Deployment/cart", "Deployment/cart", "Pod/cart-1"]
    assert "Scaled up" in found[1]
    assert "restarted on request" in found[2]
    assert "exit code 3" in found[3]


def test_events_of_several_pods_are_one_line() -> None:
    """The same change of three replicas is reported once, with its count."""
    pods = [pod(f"cart-6d5f7c9b84-{index}") for index in range(3)]
    told = [event(item, "Evicted", f"The node was low on memory: {index}") for index, item in enumerate(pods)]
    found = lines(deployment(), replica_set(), *pods, *told)
    assert len(found) == 1
    assert "Evicted ×9" in found[0]
    assert found[0].startswith("Deployment/cart")


@pytest.mark.parametrize(
    "reason", ["Unhealthy", "BackOff", "FailedScheduling", "FailedMount", "FailedCreate", "Killing"]
)
def test_symptoms_are_no_changes(reason: str) -> None:
    """What goes wrong answers another question than what changed."""
    item = pod("cart-1")
    assert lines(deployment(), replica_set(), item, event(item, reason, "it goes wrong", age=60)) == []


def made(name: str, age: float) -> dict[str, Any]:
    """Return a Deployment of that age."""
    item: dict[str, Any] = deployment(name)
    item["metadata"]["creationTimestamp"] = ago(age)
    return item


def scaled(text: str, age: float) -> dict[str, object]:
    """Return the event of a Deployment's scaling."""
    return event("cart", "ScalingReplicaSet", text, kind="Deployment", age=age)


def test_what_a_rollout_brings_along_is_one_line() -> None:
    """New ReplicaSet up, old one down: the revision states it. The other way round is somebody's doing."""
    old, new = replica_set(), replica_set(suffix="7fffd8b9c5", revision=2, age=600)
    told = lines(
        deployment(),
        old,
        new,
        scaled("Scaled up replica set cart-7fffd8b9c5 from 0 to 1", 600),
        scaled("Scaled down replica set cart-6d5f7c9b84 from 1 to 0", 580),
        scaled("Scaled down replica set cart-7fffd8b9c5 from 1 to 0", 300),
    )
    assert [line.split(maxsplit=1)[1][:8] for line in told] == ["revision", "Scaled d"]
    assert "cart-7fffd8b9c5 from 1 to 0" in told[1]


def test_a_platform_that_is_set_up_is_one_line() -> None:
    """Seven creations within a minute state one thing; a policy that comes later is news of its own."""
    names = ("cart", "web", "mail", "search")
    stack_of = [made(name, 3000 + 20 * place) for place, name in enumerate(names)]
    policy: dict[str, Any] = {
        "kind": "NetworkPolicy",
        "metadata": {"name": "deny", "namespace": "shop", "creationTimestamp": ago(60)},
    }
    service: dict[str, Any] = {
        "kind": "Service",
        "metadata": {"name": "cart", "namespace": "shop", "creationTimestamp": ago(2990)},
    }
    assert lines(*stack_of, service, policy) == [
        "Namespace/shop set up at once: 4 Deployments, 1 Service",
        "NetworkPolicy/deny created",
    ]


def test_one_new_workload_is_a_change() -> None:
    """Beside old ones a new Deployment is just what an operator asks for, its first pods are not."""
    told = lines(
        made("web", 90_000),
        made("cart", 300),
        scaled("Scaled up replica set cart-6d5f7c9b84 to 2", 299),
    )
    assert told == ["Deployment/cart created"]


def test_a_new_node_is_reported_once() -> None:
    """That it is Ready and under no pressure goes without stating; that it went away later does not."""
    fresh = node(conditions=[condition("Ready", "True", "KubeletReady"), condition("DiskPressure", "False", "x")])
    fresh["metadata"]["creationTimestamp"] = ago(120)
    for said in fresh["status"]["conditions"]:
        said["lastTransitionTime"] = ago(100)
    assert lines(fresh) == ["Node/worker-1 created"]
    fresh["status"]["conditions"][0] |= {"status": "False", "lastTransitionTime": ago(30)}
    assert [line.split(" since")[0] for line in lines(fresh)] == [
        "Node/worker-1 created",
        "Node/worker-1 Ready is False",
    ]


def test_what_is_old_or_ordinary_is_left_out() -> None:
    """Yesterday, and what every start of a pod states."""
    made = stack()[:5]
    assert (
        lines(*made, event(made[2], "Pulled", "Successfully pulled"), event(made[2], "Evicted", "x", age=90_000)) == []
    )


def test_a_flood_is_bounded() -> None:
    """Only the newest sixty lines are reported."""
    words = ["alpha", "beta", "gamma", "delta"]
    told = [event(f"pod-{i}", "Evicted", f"{words[i % 4]} evicted", age=i) for i in range(300)]
    assert len(lines(*told)) == 60


def test_differences_of_added_and_removed_containers() -> None:
    """Containers come and go; more than four differences are counted."""
    before = replica_set(spec={"containers": [container("a")]})
    after = replica_set(spec={"containers": [container("b", command=["x"])], "nodeSelector": {"a": "b"}})
    assert differences(before, after) == ["container b added", "container a removed", "nodeSelector changed"]
    assert differences(before, before) == []


def test_an_edit_of_what_has_no_revisions_is_a_change() -> None:
    """By a person's tool, after it was made, and not of its status: who changed a policy when."""

    def policy(name: str, who: str, seconds: float, **more: str) -> Any:
        entry = {"manager": who, "time": ago(seconds), **more}
        made = {"creationTimestamp": ago(90_000), "managedFields": [entry]}
        return thing("NetworkPolicy", name, meta=made, spec={})

    assert lines(
        policy("a", "kubectl-edit", 600),
        policy("b", "kube-controller-manager", 600),
        policy("c", "kubectl-edit", 600, subresource="status"),
        policy("d", "kubectl-create", 90_000),
    ) == ["NetworkPolicy/a changed by kubectl-edit"]
