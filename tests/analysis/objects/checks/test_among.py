"""The scheduler's filters that hold a pod against the pods and volumes that are there."""

from typing import Any

import pytest

from opsagent.analysis.objects.checks.among import among
from opsagent.analysis.objects.checks.fit import requests_of
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.cluster import Cluster
from tests.analysis import kube_objects as k

ZONE = "topology.kubernetes.io/zone"
CART = {"matchLabels": {"app": "cart"}}


def zoned(name: str, zone: str) -> k.Obj:
    """Return a node in a zone."""
    return k.node(name, labels={ZONE: zone})


def on(node: str, name: str, **spec: Any) -> k.Obj:
    """Return a pod of cart on a node."""
    return k.pod(f"cart-6d5f7c9b84-{name}", spec={"nodeName": node, **spec})


def reasons(spec: dict[str, Any], node: str, *objects: k.Obj) -> list[str]:
    """Return the codes of what keeps a new pod of cart off a node."""
    new = k.pending(spec=spec)
    seen = k.seen(zoned("a1", "a"), zoned("a2", "a"), zoned("b1", "b"), *objects, new)
    cluster = Cluster(seen)
    found = cluster.get("Node", node)
    assert found is not None
    made = next(item for item in cluster.of("Pod") if not item["spec"].get("nodeName"))
    return [code for code, _ in among(Scene(cluster, k.NOW), made, found)]


def spread(**more: Any) -> dict[str, Any]:
    """Return a pod spec with a topology spread constraint over zones."""
    rule = {"topologyKey": ZONE, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": CART, **more}
    return {"topologySpreadConstraints": [rule]}


def test_a_zone_that_has_more_than_the_others_takes_no_further_pod() -> None:
    """One pod in a, none in b: the next one goes to b, unless it may be scheduled anyway."""
    assert reasons(spread(), "a2", on("a1", "x1x1x")) == ["scheduling.topology-spread"]
    assert reasons(spread(), "b1", on("a1", "x1x1x")) == []
    assert reasons(spread(maxSkew=2), "a2", on("a1", "x1x1x")) == []
    assert reasons(spread(whenUnsatisfiable="ScheduleAnyway"), "a2", on("a1", "x1x1x")) == []


def test_zones_that_the_pod_may_not_use_do_not_count() -> None:
    """A nodeSelector leaves one zone: there is nothing to spread over."""
    chosen = {**spread(), "nodeSelector": {ZONE: "a"}}
    assert reasons(chosen, "a2", on("a1", "x1x1x")) == []


def test_a_node_without_the_label_is_not_a_domain_and_fewer_domains_than_wanted_count_as_empty() -> None:
    """Such a node takes no pod; minDomains makes the smallest count zero."""
    assert reasons(spread(topologyKey="rack"), "a1") == ["scheduling.topology-spread"]
    both = (on("a1", "x1x1x"), on("b1", "y1y1y"))
    assert reasons(spread(minDomains=3), "a2", *both) == ["scheduling.topology-spread"]
    assert reasons(spread(), "a2", *both) == []


def affinity(kind: str, **labels: str) -> dict[str, Any]:
    """Return a pod spec with a required (anti-)affinity by zone."""
    term = {"topologyKey": ZONE, "labelSelector": {"matchLabels": labels}}
    return {"affinity": {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


@pytest.mark.parametrize(
    ("spec", "node", "kept"),
    [
        (affinity("podAntiAffinity", app="cart"), "a2", True),
        (affinity("podAntiAffinity", app="cart"), "b1", False),
        (affinity("podAffinity", app="cart"), "a2", False),
        (affinity("podAffinity", app="cart"), "b1", True),
        (affinity("podAffinity", app="redis"), "a1", True),
    ],
)
def test_affinity_by_zone(spec: dict[str, Any], node: str, kept: bool) -> None:
    """One pod of cart runs in zone a."""
    assert (reasons(spec, node, on("a1", "x1x1x")) == ["scheduling.pod-anti-affinity"]) == kept


def test_the_first_of_a_group_may_go_anywhere() -> None:
    """Its affinity is to itself, and no other is there."""
    assert reasons(affinity("podAffinity", app="cart"), "a1") == []


def test_a_port_of_the_node_is_taken_once() -> None:
    """By a hostPort, or by a pod on the node's network."""
    spec = {"containers": [k.container() | {"ports": [{"containerPort": 80, "hostPort": 8080}]}]}
    assert reasons(spec, "a1", on("a1", "x1x1x", hostNetwork=True)) == ["pod.port-in-use"]
    assert reasons(spec, "a2", on("a1", "x1x1x", hostNetwork=True)) == []


def test_a_volume_at_another_place() -> None:
    """It is bound, and only zone b reaches it."""
    terms = {"nodeSelectorTerms": [{"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["b"]}]}]}
    volume = k.volume(phase="Bound", nodeAffinity={"required": terms})
    spec = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}
    bound = k.claim(volumeName="pv-1")
    assert reasons(spec, "a1", volume, bound) == ["volume.mount-failed"]
    assert reasons(spec, "b1", volume, bound) == []


def test_a_runtime_class_costs_its_overhead() -> None:
    """It is reserved beside what the containers request."""
    spec = {"containers": [k.container(resources={"requests": {"cpu": "1"}})], "overhead": {"cpu": "250m"}}
    assert requests_of(k.pending(spec=spec))["cpu"] == 1.25
