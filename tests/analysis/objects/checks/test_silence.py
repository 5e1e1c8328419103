"""Actors that do not act: kubelet, Job controller, endpoint controller, and a node whose pods all fail."""

from typing import Any

import pytest

from tests.analysis import kube_objects as k


def bound(name: str = "cart-6d5f7c9b84-x2x2x", *, age: float = 900, node: str = "worker-1", **status: Any) -> k.Obj:
    """Return a pod that has a node and of which no kubelet has written anything."""
    made = k.pending(age=age)
    made["metadata"]["name"] = name
    made["spec"]["nodeName"] = node
    made["status"] = {"phase": "Pending", "conditions": [k.condition("PodScheduled", "True")], **status}
    return made


OLD = k.event("worker-9", "Rebooted", "x", age=9000, kind="Node")


def test_a_pod_that_its_kubelet_does_not_take_up_is_the_kubelets() -> None:
    """It has a node for ten minutes, and neither a start time nor a container's state nor an event."""
    made = k.broken(bound(), OLD)
    found = k.find(*made)[0]
    assert (found.code, found.object, found.strength) == ("node.kubelet-down", "Node/worker-1", 0.85)


@pytest.mark.parametrize(
    "objects",
    [
        [bound(startTime=k.ago(500))],
        [bound(), k.event("cart-6d5f7c9b84-x2x2x", "FailedMount", "timed out", age=20)],
        [bound(conditions=[k.condition("PodScheduled", "True") | {"lastTransitionTime": k.ago(20)}])],
    ],
)
def test_a_kubelet_that_wrote_something_or_had_no_time_is_not_silent(objects: list[k.Obj]) -> None:
    """A start time, an event of its own, and a pod that was bound a moment ago."""
    assert all(f.code != "node.kubelet-down" for f in k.find(*k.broken(*objects)))


def test_silence_weighs_less_where_events_do_not_reach_back() -> None:
    """What was stated may have been forgotten by then."""
    assert k.find(*k.broken(bound()))[0].strength == 0.7


def job(age: float, **status: Any) -> k.Obj:
    """Return a Job."""
    return k.thing("Job", "nightly", spec={}, status=status, meta={"creationTimestamp": k.ago(age)})


def test_a_job_that_nobody_starts_is_the_controllers() -> None:
    """Neither a start time nor a pod; a suspended one and a new one wait as they should."""
    assert k.first(job(600), OLD) == ("node.controller-manager-down", "Pod/kube-controller-manager")
    assert k.first(job(600, startTime=k.ago(590)), OLD)[0] != "node.controller-manager-down"
    assert k.first(job(20), OLD) == ("healthy", None)
    waits = job(600)
    waits["spec"] = {"suspend": True}
    assert k.first(waits, OLD) == ("healthy", None)


def listed(*names: str) -> k.Obj:
    """Return the EndpointSlice of `cart` with these pods."""
    made = k.endpoints("cart", len(names))
    for entry, name in zip(made["endpoints"], names, strict=True):
        entry["targetRef"] = {"kind": "Pod", "name": name}
    return made


def ready(name: str, since: float = 600) -> k.Obj:
    """Return a pod that has been ready for so many seconds."""
    made = k.pod(name, podIP="10.1.1.1")
    made["status"]["conditions"][1]["lastTransitionTime"] = k.ago(since)
    return made


def test_a_ready_pod_in_no_slice_is_the_endpoint_controllers() -> None:
    """Another pod of the Service is in one, and this one has been ready for minutes."""
    names = ("cart-6d5f7c9b84-aaaaa", "cart-6d5f7c9b84-bbbbb")
    rest = [k.deployment(replicas=2), k.replica_set(replicas=2), k.service(), k.node()]
    assert k.first(*rest, *map(ready, names), listed(names[0]))[0] == "node.controller-manager-down"
    assert k.first(*rest, *map(ready, names), listed(*names)) == ("healthy", None)
    assert k.first(*rest, ready(names[0]), ready(names[1], 5), listed(names[0])) == ("healthy", None)


def on(node: str, app: str, *, well: bool) -> list[k.Obj]:
    """Return a workload with one pod on a node."""
    made = k.pod(f"{app}-6d5f7c9b84-x2x2x", k.running(ready=well, started=900), app=app, spec={"nodeName": node})
    return [k.deployment(app, available=int(well)), k.replica_set(app), made]


def test_many_pods_of_one_node_are_the_nodes() -> None:
    """Four workloads fail on one node that calls itself ready, and nobody fails elsewhere."""
    ill = [item for app in ("a1", "b1", "c1", "d1") for item in on("worker-2", app, well=False)]
    rest = [*on("worker-1", "e1", well=True), k.node(), k.node("worker-2")]
    assert any(f.object == "Node/worker-2" and f.strength >= 0.5 for f in k.find(*ill, *rest))
    elsewhere = on("worker-1", "f1", well=False)
    assert all(f.object != "Node/worker-2" for f in k.find(*ill, *rest, *elsewhere))
    assert all(f.object != "Node/worker-2" for f in k.find(*ill[:6], *rest))
