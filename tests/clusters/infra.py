"""Nodes, namespaces and kube-system, as a running cluster reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import names
from .model import Obj, cpu_text, memory_text, name_of, stamp
from .world import World, condition, owner_ref

if TYPE_CHECKING:
    from datetime import datetime

HEALTHY = (
    ("NetworkUnavailable", "False", "CalicoIsUp", "Calico is running on this node"),
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
SIZES = ((2000, 7_800), (4000, 15_800), (8000, 31_600), (16_000, 63_200))


def _node(world: World, name: str, at: datetime, size: tuple[int, int], zone: str, *, control: bool) -> Obj:
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    labels |= {"topology.kubernetes.io/zone": zone, "topology.kubernetes.io/region": zone[:-1]}
    if control:
        labels["node-role.kubernetes.io/control-plane"] = ""
    millis, mib = size
    pods = world.rng.choice(("110", "110", "110", "58", "250"))
    capacity = {"cpu": cpu_text(millis), "memory": f"{mib * 1024}Ki", "pods": pods, "ephemeral-storage": "103079200Ki"}
    allocatable = {"cpu": cpu_text(millis - 80), "memory": memory_text(mib - 400), "pods": pods}
    allocatable["ephemeral-storage"] = "94997790914"
    address = f"10.0.{len(world.nodes)}.17"
    beat = stamp(world.ago(world.rng.randint(3, 280)))
    status = {
        "capacity": capacity,
        "allocatable": allocatable,
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
        "conditions": [condition(t, s, at, r, m, lastHeartbeatTime=beat) for t, s, r, m in HEALTHY],
        "nodeInfo": {
            "kubeletVersion": f"v1.{world.minor}.{world.rng.randint(0, 9)}",
            "containerRuntimeVersion": world.rng.choice(
                ("containerd://1.7.13", "containerd://2.0.2", "cri-o://1.29.1")
            ),
            "operatingSystem": "linux",
            "architecture": "amd64",
            "osImage": world.rng.choice(("Ubuntu 22.04.4 LTS", "Bottlerocket OS 1.19.2", "Flatcar Container Linux")),
        },
    }
    spec: Obj = {"podCIDR": f"10.244.{len(world.nodes)}.0/24"}
    return world.new("v1", "Node", name, at, namespace="", labels=labels, spec=spec, status=status)


def make_nodes(world: World, count: int) -> None:
    """Add `count` nodes: control plane tainted or cordoned where there are others, workers of one or two sizes."""
    rng = world.rng
    controls = 1 if count < 5 else rng.choice((1, 3))
    born = world.ago(rng.randint(20, 500) * 86400)
    form, size = rng.choice(names.NODE_FORMS), rng.choice(SIZES[1:] if count > 4 else SIZES[2:])
    cordoned = rng.random() < 0.2
    for i in range(count):
        control = i < controls
        name = (f"cp-{i + 1}" if control else form.format(i * 7 + 3)) if count > 1 else "kind-control-plane"
        shape = SIZES[1] if control and count > 1 else rng.choice((size, size, SIZES[2]))
        node = _node(world, name, born, shape, names.ZONES[i % 3], control=control)
        if control and count > 1:
            if cordoned:
                set_cordon(node, born)
            else:
                node["spec"]["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
        world.nodes.append(node)


def set_cordon(node: Obj, at: datetime) -> None:
    """Cordon a node: the field, and the taint that the node controller adds for it."""
    node["spec"]["unschedulable"] = True
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": stamp(at)}
    node["spec"].setdefault("taints", []).append(taint)


def set_condition(obj: Obj, new: Obj) -> None:
    """Replace the condition of the same type in an object's status, or add it."""
    found = obj.setdefault("status", {}).setdefault("conditions", [])
    beats = [c.get("lastHeartbeatTime") for c in found if c["type"] == new["type"]]
    if beats and beats[0] and "lastHeartbeatTime" not in new:
        new["lastHeartbeatTime"] = beats[0]
    found[:] = [c for c in found if c["type"] != new["type"]] + [new]


def system_pod(world: World, name: str, node: Obj, owner: Obj | None, requests: dict[str, str], at: datetime) -> Obj:
    """Make a ready pod of kube-system with one container named as its component."""
    component = name.removesuffix(f"-{name_of(node)}") if owner is node else name.rsplit("-", 1)[0]
    pod = world.new("v1", "Pod", name, at, namespace="kube-system", labels={"k8s-app": component})
    if owner is not None:
        pod["metadata"]["ownerReferences"] = [owner_ref(owner)]
    image = f"registry.k8s.example/{component}:v1.{world.minor}.1"
    pod["spec"] = {"nodeName": name_of(node), "hostNetwork": True, "priorityClassName": "system-node-critical"}
    pod["spec"] |= {"containers": [{"name": component, "image": image, "resources": {"requests": requests}}]}
    pod["spec"]["tolerations"] = [{"operator": "Exists"}]
    address = node["status"]["addresses"][0]["address"]
    kinds = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    state = {"running": {"startedAt": stamp(at)}}
    status = {"name": component, "image": image, "imageID": "", "ready": True, "restartCount": 0, "started": True}
    status |= {"state": state, "lastState": {}, "containerID": f"containerd://{world.rng.getrandbits(256):064x}"}
    pod["status"] = {"phase": "Running", "podIP": address, "hostIP": address, "startTime": stamp(at)}
    pod["status"] |= {"conditions": [condition(k, "True", at) for k in kinds], "containerStatuses": [status]}
    return pod


def make_system(world: World) -> None:
    """Add kube-system: static control-plane pods, and kube-proxy and calico-node on every node."""
    born = world.ago(world.rng.randint(10, 18) * 86400)
    for node in world.nodes:
        if "node-role.kubernetes.io/control-plane" not in node["metadata"]["labels"]:
            continue
        for component, millis in (("etcd", "100m"), ("kube-apiserver", "250m"), ("kube-controller-manager", "200m")):
            world.system.append(system_pod(world, f"{component}-{name_of(node)}", node, node, {"cpu": millis}, born))
        scheduler = system_pod(world, f"kube-scheduler-{name_of(node)}", node, node, {"cpu": "100m"}, born)
        world.system.append(scheduler)
    for component, requests in (("kube-proxy", {}), ("calico-node", {"cpu": "250m"})):
        _daemons(world, component, requests, born)


def _daemons(world: World, component: str, requests: dict[str, str], born: datetime) -> None:
    total = len(world.nodes)
    labels = {"k8s-app": component}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {}}}
    status = {"desiredNumberScheduled": total, "currentNumberScheduled": total, "numberReady": total}
    status |= {"numberAvailable": total, "numberMisscheduled": 0, "observedGeneration": 1}
    daemons = world.new("apps/v1", "DaemonSet", component, born, namespace="kube-system", labels=labels)
    daemons |= {"spec": spec, "status": status}
    world.system.append(daemons)
    for node in world.nodes:
        name = f"{component}-{names.suffix(world.rng)}"
        world.system.append(system_pod(world, name, node, daemons, requests, born))


def system(world: World, kind: str, start: str) -> list[Obj]:
    """Return the objects of kube-system of a kind whose name begins so."""
    return [o for o in world.system if o["kind"] == kind and name_of(o).startswith(start)]
