"""Nodes and the cluster's own parts."""

from typing import Any

import pytest

from opsagent.analysis.objects.checks.nodes import control_plane_pod
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.cluster import Cluster
from tests.analysis.kube_objects import (
    NOW,
    ago,
    condition,
    crashing,
    deployment,
    event,
    first,
    node,
    pod,
    running,
    seen,
    stack,
    thing,
)

READY = condition("Ready", "True", "KubeletReady")


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        (
            [condition("Ready", "False", "KubeletNotReady", "PLEG is not healthy: last seen active 4m")],
            "node.runtime-down",
        ),
        ([condition("Ready", "False", "KubeletNotReady", "[container runtime is down]")], "node.runtime-down"),
        (
            [
                condition(
                    "Ready",
                    "False",
                    "KubeletNotReady",
                    "container runtime network not ready: cni plugin not initialized",
                )
            ],
            "node.not-ready",
        ),
        (
            [condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")],
            "node.kubelet-down",
        ),
        (
            [condition("Ready", "Unknown", "NodeStatusNeverUpdated", "Kubelet never posted node status.")],
            "node.kubelet-down",
        ),
        ([condition("Ready", "False")], "node.not-ready"),
        ([READY, condition("DiskPressure", "True", "KubeletHasDiskPressure")], "node.pressure"),
        ([READY, condition("PIDPressure", "True")], "node.pressure"),
        ([READY, condition("NetworkUnavailable", "True", "NoRouteCreated")], "node.not-ready"),
        ([READY, condition("FrequentKubeletRestart", "True")], "node.kubelet-down"),
        ([READY, condition("FrequentContainerdRestart", "True")], "node.runtime-down"),
    ],
)
def test_a_condition_names_what_is_wrong(conditions: list[Any], code: str) -> None:
    """The conditions of the kubelet and of problem detectors."""
    assert first(node(conditions=conditions)) == (code, "Node/worker-1")


def test_conditions_that_report_nothing_bad() -> None:
    """Ready, no pressure, and conditions of other agents."""
    well = [
        READY,
        condition("MemoryPressure", "False"),
        condition("EtcdIsVoter", "True"),
        condition("KernelDeadlock", "False"),
    ]
    assert first(node(conditions=well)) == ("healthy", None)


def test_a_fresh_shortage_recognised_by_an_event() -> None:
    """The kernel killed something on the node a minute ago; an hour ago is over."""
    told = "System OOM encountered, victim process: java"
    assert first(node(), event(node(), "SystemOOM", told, age=60))[0] == "node.pressure"
    assert first(node(), event(node(), "SystemOOM", told, age=7200)) == ("healthy", None)


def system(name: str, label: tuple[str, str], *statuses: Any, on: str = "worker-1") -> Any:
    """Return a pod of the cluster's own parts."""
    made = pod(name, *statuses)
    made["metadata"] |= {"labels": dict([label]), "namespace": "kube-system", "ownerReferences": []}
    made["spec"]["nodeName"] = on
    return made


PROXY, SCHEDULER, DNS = ("k8s-app", "kube-proxy"), ("component", "kube-scheduler"), ("k8s-app", "kube-dns")


def test_a_proxy_that_is_down_or_absent() -> None:
    """kube-proxy crashes on a node, runs on all nodes but one, or nowhere."""
    well = system("kube-proxy-b", PROXY, on="worker-2")
    nodes = [node(), node("worker-2")]
    assert first(system("kube-proxy-a", PROXY, crashing(1)), well, *nodes) == ("node.kube-proxy-down", "Node/worker-1")
    assert first(well, *nodes) == ("node.kube-proxy-down", "Node/worker-1")
    nowhere = thing("DaemonSet", "kube-proxy", status={"desiredNumberScheduled": 0, "numberReady": 0})
    assert first(nowhere, *nodes) == ("node.kube-proxy-down", "DaemonSet/kube-proxy")
    assert first(system("kube-proxy-a", PROXY), well, *nodes) == ("healthy", None)


def test_a_scheduler_that_is_down() -> None:
    """The scheduler's pod is named; a well one is not."""
    assert first(system("kube-scheduler-m", SCHEDULER, crashing(1))) == ("node.scheduler-down", "Pod/kube-scheduler-m")
    assert first(system("kube-scheduler-m", SCHEDULER)) == ("healthy", None)


def test_a_dns_that_is_down() -> None:
    """All of it, half of it, scaled away, or well."""
    down, well = system("coredns-a", DNS, crashing(1)), system("coredns-b", DNS)
    assert first(down)[0] == "network.dns"
    assert first(down, well)[0] == "network.dns"
    assert first(deployment("coredns", replicas=0))[0] in ("network.dns", "rollout.zero-replicas")
    assert first(well) == ("healthy", None)


def test_a_healthy_cluster_with_its_parts() -> None:
    """Parts that just started are given time."""
    young = system("coredns-a", DNS, running(ready=False, started=20))
    young["metadata"]["creationTimestamp"] = ago(20)
    assert first(*stack(), young) == ("healthy", None)


CONTROL = {"node-role.kubernetes.io/control-plane": ""}


@pytest.mark.parametrize(
    ("objects", "named"),
    [
        ([node("cp-1", labels=CONTROL), node()], "Pod/kube-scheduler-cp-1"),
        ([node()], "Pod/kube-scheduler"),
        ([system("kube-scheduler-a", ("component", "kube-scheduler")), node("cp-1", labels=CONTROL)],
         "Pod/kube-scheduler-a"),
        ([system("coredns-a", ("k8s-app", "kube-dns")), node("cp-1", labels=CONTROL)], "Pod/kube-scheduler"),
    ],
)  # fmt: skip
def test_a_part_of_the_control_plane_is_named_as_it_was_read_or_as_a_static_pod(objects: list[Any], named: str) -> None:
    """By its node, where kube-system was not read; a managed control plane has neither node nor pod."""
    assert control_plane_pod(Scene(Cluster(seen(*objects)), NOW), "kube-scheduler") == named


def test_a_node_that_only_events_name() -> None:
    """It came under pressure, and nothing states that this ended; where it did, or its object is there, it is not."""
    came = event("steel-4", "NodeHasDiskPressure", "status is now: NodeHasDiskPressure", age=1500, kind="Node")
    went = event("steel-4", "NodeHasNoDiskPressure", "status is now: NodeHasNoDiskPressure", age=300, kind="Node")
    came["type"] = went["type"] = "Normal"  # as the kubelet reports both
    assert first(came) == ("node.pressure", "Node/steel-4")
    assert first(came, went)[0] == "healthy"
    assert first(came, node("steel-4"), looked=("Node",))[0] == "healthy"


def test_a_kube_proxy_that_only_events_name() -> None:
    """Its container is started again and again without result; long ago, it may run by now."""
    told = [event("kube-proxy-q9r8t", "BackOff", "restarting failed container", age=age) for age in (240, 2400)]
    assert first(told[0])[0] == "node.kube-proxy-down"
    assert first(told[1])[0] != "node.kube-proxy-down"
