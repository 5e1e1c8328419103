"""Why no node takes a pod: the scheduler's words, and the join with the nodes where it is silent."""

from typing import Any

import pytest

from tests.analysis.kube_objects import broken, condition, container, event, find, first, node, pending, pod, running

CPU = {"containers": [container(resources={"requests": {"cpu": "3", "memory": "1Gi"}})]}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("0/5 nodes are available: 5 Insufficient cpu.", "scheduling.cpu"),
        (
            (
                "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
                "2 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found."
            ),
            "scheduling.cpu",
        ),
        ("No nodes are available that match all of the predicates: Insufficient cpu (4).", "scheduling.cpu"),
        ("0/4 nodes are available: 4 Insufficient memory.", "scheduling.memory"),
        ("0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.", "scheduling.memory"),
        ("0/2 nodes are available: 2 Too many pods.", "scheduling.too-many-pods"),
        ("0/2 nodes are available: 2 Insufficient pods.", "scheduling.too-many-pods"),
        ("0/2 nodes are available: 2 Insufficient nvidia.com/gpu.", "scheduling.extended-resource"),
        ("0/2 nodes are available: 2 Insufficient hugepages-2Mi.", "scheduling.extended-resource"),
        ("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", "scheduling.node-selector"),
        ("0/3 nodes are available: 3 node(s) didn't match node selector.", "scheduling.node-selector"),
        ("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.", "scheduling.pod-anti-affinity"),
        (
            "0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules.",
            "scheduling.pod-anti-affinity",
        ),
        ("0/2 nodes are available: 2 node(s) had untolerated taint {team: search}.", "scheduling.taint"),
        (  # a pool of its own has a label and a taint
            (
                "0/6 nodes are available: 1 node(s) had untolerated taint {team: search}, "
                "5 node(s) didn't match Pod's node affinity/selector."
            ),
            "scheduling.taint",
        ),
        (  # a control plane's taint is no pool's
            (
                "0/6 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
                "5 node(s) didn't match Pod's node affinity/selector."
            ),
            "scheduling.node-selector",
        ),
        ("0/2 nodes are available: 2 node(s) had taint {gpu: yes}, that the pod didn't tolerate.", "scheduling.taint"),
        (
            "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match node selector.",
            "scheduling.cordoned",
        ),
        ("0/1 nodes are available: 1 node(s) were unschedulable.", "scheduling.cordoned"),
        (
            "0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }.",
            "node.not-ready",
        ),
        (
            "0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.",
            "node.pressure",
        ),
        ("0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.", "pod.port-in-use"),
    ],
)
@pytest.mark.parametrize("told_by", ["condition", "event"])
def test_the_scheduler_states_why(message: str, code: str, told_by: str) -> None:
    """Every filter of the scheduler points to its code, recognised by condition or event."""
    waiting = pending(message if told_by == "condition" else "")
    more = [event(waiting, "FailedScheduling", message)] if told_by == "event" else []
    assert first(waiting, *more)[0] == code


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"nodeSelector": {"disk": "ssd"}}, "scheduling.node-selector"),
        (
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [
                                {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b"]}]}
                            ]
                        }
                    }
                }
            },
            "scheduling.node-affinity",
        ),
    ],
)
@pytest.mark.parametrize(
    "message", ["0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", ""]
)
def test_selector_and_affinity_are_distinguished_by_the_pod(spec: dict[str, Any], code: str, message: str) -> None:
    """The scheduler has one sentence for both; the pod and the nodes show which."""
    assert first(pending(message, spec=spec), node(labels={"disk": "hdd", "zone": "a"}))[0] == code


@pytest.mark.parametrize(
    ("nodes", "spec", "code"),
    [
        ([node(cpu="2")], CPU, "scheduling.cpu"),
        ([node(memory="512Mi")], CPU, "scheduling.memory"),
        ([node(pods="1")], CPU, "scheduling.too-many-pods"),
        ([node(spec={"unschedulable": True})], CPU, "scheduling.cordoned"),
        ([node(spec={"taints": [{"key": "team", "value": "x", "effect": "NoSchedule"}]})], CPU, "scheduling.taint"),
        (
            [node()],
            {"containers": [container(resources={"limits": {"acme.com/fpga": 1}})]},
            "scheduling.extended-resource",
        ),
        (
            [node()],
            {
                "affinity": {
                    "podAntiAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            {"labelSelector": {"matchLabels": {"app": "cart"}}, "topologyKey": "kubernetes.io/hostname"}
                        ]
                    }
                }
            },
            "scheduling.pod-anti-affinity",
        ),
    ],
)
def test_the_join_states_why_where_the_scheduler_is_not_heard(
    nodes: list[Any], spec: dict[str, Any], code: str
) -> None:
    """Requests, labels, taints and cordons against the nodes, minus what runs there."""
    other = pod("cart-other", running())
    assert code in {finding.code for finding in find(pending(spec=spec), other, *nodes) if finding.strength >= 0.5}


def test_a_tolerated_taint_and_enough_room_are_no_obstacle() -> None:
    """A young pod that fits is left to the scheduler."""
    spec = {**CPU, "tolerations": [{"key": "team", "operator": "Exists"}]}
    open_to_it = node(spec={"taints": [{"key": "team", "value": "x", "effect": "NoSchedule"}]})
    assert first(pending(spec=spec, age=20), open_to_it) == ("healthy", None)


def test_what_runs_on_a_node_is_taken_off_its_room() -> None:
    """Four cores, two of them reserved: three more do not fit; the bundle's own figure counts where it is larger."""
    neighbour = pod("busy", running(), spec={"containers": [container(resources={"requests": {"cpu": "2"}})]})
    assert first(pending(spec=CPU), neighbour, node())[0] == "scheduling.cpu"


def test_the_cordoned_node_is_what_has_to_change() -> None:
    """Not the pod: somebody closed the node."""
    closed = node("worker-2", spec={"unschedulable": True})
    message = "0/2 nodes are available: 1 node(s) were unschedulable, 1 Too many pods."
    assert ("scheduling.cordoned", "Node/worker-2") in {
        (finding.code, finding.object) for finding in find(pending(message), closed, node(pods="200"))
    }


def test_pressure_is_the_nodes() -> None:
    """A taint that Kubernetes sets itself points to the node."""
    short = node("worker-2", conditions=[condition("Ready", "True"), condition("DiskPressure", "True")])
    message = "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }."
    assert first(pending(message), short) == ("node.pressure", "Node/worker-2")


def test_a_scheduled_pod_is_past_that() -> None:
    """An old FailedScheduling event of a pod that found its node reports nothing any more."""
    good = pod()
    assert first(good, event(good, "FailedScheduling", "0/5 nodes are available: 5 Insufficient cpu.")) == (
        "healthy",
        None,
    )


def test_a_full_node_without_anybody_waiting() -> None:
    """A node with as many pods as it may have is named; one below is not."""
    pods = [pod(f"p-{i}", running()) for i in range(3)]
    assert first(*pods, node(pods="3")) == ("scheduling.too-many-pods", "Node/worker-1")
    assert first(*pods, node(pods="4")) == ("healthy", None)


def test_the_filter_in_every_smallest_change_is_the_cause() -> None:
    """A cordoned control plane lacks the label, too: the label alone keeps the pod off the workers."""
    master = node("cp-1", spec={"unschedulable": True}, labels={"node-role.kubernetes.io/control-plane": ""})
    said = "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector."
    lonely = pending(said, spec={"nodeSelector": {"disk": "ssd"}})
    assert first(*broken(lonely, master, node("worker-2")))[0] == "scheduling.node-selector"


def test_a_node_that_offers_less_devices_than_it_has() -> None:
    """The plug-in calls one unhealthy: the node is at fault, not the request."""
    wants = {"containers": [container(resources={"limits": {"nvidia.com/gpu": "1"}})]}
    short = pending("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", spec=wants)
    lost = node(**{"nvidia.com/gpu": "0"})
    lost["status"]["capacity"] = {"nvidia.com/gpu": "1"}
    assert first(*broken(short)[:4], lost) == ("node.device-lost", "Node/worker-1")
    never = node(**{"nvidia.com/gpu": "0"})
    assert first(*broken(short)[:4], never)[0] == "scheduling.extended-resource"
