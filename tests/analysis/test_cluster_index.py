"""Owners, pods, events and services as the index joins them."""

from typing import Any

import pytest

from opsagent.analysis.evidence.workload_state import pods_by_service
from opsagent.analysis.evidence.workloads import pods_of, service_name, service_of, services_found
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.event import event_of
from opsagent.models.service import Service
from tests.analysis.kube_objects import ago, deployment, event, node, pod, replica_set, seen, stack, thing


def test_a_pod_points_to_its_deployment() -> None:
    """Through its ReplicaSet, or by selector where that was not seen, or by no reference at all."""
    made = stack()
    for items in (made, [made[0], made[2]]):
        cluster = Cluster(seen(*items))
        assert kube.ref(cluster.top(cluster.of("Pod")[0])) == "Deployment/cart"
        assert pods_of(cluster.of("Deployment")[0], cluster) == cluster.of("Pod")
    bare = pod()
    del bare["metadata"]["ownerReferences"]
    cluster = Cluster(seen(deployment(), bare))
    assert kube.ref(cluster.top(cluster.of("Pod")[0])) == "Deployment/cart"


def test_owners_that_own_each_other_end_somewhere() -> None:
    """Hostile references do not loop."""
    first, second = replica_set("a"), replica_set("b")
    for item, other in ((first, second), (second, first)):
        item["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": other["metadata"]["name"]}]
    cluster = Cluster(seen(first, second))
    assert cluster.top(cluster.of("ReplicaSet")[0]) is not None


@pytest.mark.parametrize(
    "raw",
    [
        {"involvedObject": {"kind": "Pod", "name": "a"}, "message": "m", "count": 4, "lastTimestamp": ago(5)},
        {"regarding": {"kind": "Pod", "name": "a"}, "note": "m", "series": {"count": 4, "lastObservedTime": ago(5)}},
        {"regarding": {"kind": "Pod", "name": "a"}, "note": "m", "deprecatedCount": 4, "eventTime": ago(5)},
    ],
)
def test_both_shapes_of_an_event(raw: dict[str, Any]) -> None:
    """core v1 and events.k8s.io show the same."""
    found = event_of({"kind": "Event", "metadata": {"namespace": "shop"}, "reason": "BackOff", **raw})
    assert (found.kind, found.name, found.namespace, found.message, found.count) == ("Pod", "a", "shop", "m", 4)
    assert found.last == kube.when(ago(5))


def test_events_belong_to_the_object_they_name() -> None:
    """By kind, namespace and name; nodes have no namespace; all of them, oldest first."""
    made = pod("a")
    items = [made, node(), event(made, "X", "new", age=1), event(made, "X", "old", age=99), event(node(), "Y", "z")]
    cluster = Cluster(seen(*items, event("b", "X", "other")))
    assert [found.message for found in cluster.events_of(cluster.of("Pod")[0])] == ["old", "new"]
    assert [found.message for found in cluster.events_of(cluster.of("Node")[0])] == ["z"]


def test_absent_is_only_what_was_searched_for() -> None:
    """A kind that was not checked is not known to lack anything."""
    cluster = Cluster(seen(*stack(), looked=("Secret",)))
    assert cluster.absent("Secret", "x", "shop")
    assert not cluster.absent("ConfigMap", "x", "shop")
    assert not cluster.absent("Service", "cart", "shop")


def test_services_are_the_workloads_found() -> None:
    """Named by the app label, else by the workload; replicas of one owner are one service."""
    other = deployment("billing")
    other["spec"]["template"]["metadata"]["labels"] = {
        "app.kubernetes.io/name": "billing",
        "app.kubernetes.io/part-of": "shop",
    }
    orphans = [pod(f"solo-6d5f7c9b84-{index}", app="solo") for index in range(3)]
    found = services_found(seen(*stack(), other, *orphans, thing("Job", "once")))
    assert [(service.name, service.deployment) for service in found] == [
        ("billing", "billing"),
        ("cart", "cart"),
        ("solo", None),
    ]
    assert [service.name for service in services_found(seen(thing("Job", "once")))] == ["once"]


def test_two_workloads_with_one_label_keep_their_names() -> None:
    """A database labelled like its application is a service of its own."""
    store = deployment("store")
    store["spec"]["template"]["metadata"]["labels"]["app"] = "cart"
    assert [service.name for service in services_found(seen(deployment(), store))] == ["cart", "store"]


def test_a_pod_knows_its_service() -> None:
    """By Deployment, by ReplicaSet name, by label; a stranger's is None."""
    made = stack()
    services = (Service("the-cart", "cart"), Service("cart-label"))
    assert service_of(made[2], services, seen(*made[:3])) is not None
    assert service_of(made[2], services) == services[0]
    labelled = pod("x", app="cart-label")
    assert service_of(labelled, services) == services[1]
    assert service_of(pod("y", app="nobody"), services) is None
    assert service_name(made[0]) == "cart"
    assert len(pods_of(services[0], seen(*made))) == 1


def test_a_join_is_made_once() -> None:
    """The same question over the same objects gives the very answer of before; of other services another one."""
    cluster = Cluster(seen(*stack()))
    services = [Service("cart", "cart")]
    assert pods_by_service(services, cluster) is pods_by_service(tuple(services), cluster)
    assert pods_by_service((), cluster) == {}
