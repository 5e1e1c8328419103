"""Whether a pod fits a node: the scheduler's filters, joined from the objects."""

import json
from dataclasses import dataclass
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.among import REQUIRED, among, labels_of
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.selectors import covers, fits_terms, taint_tolerated
from opsagent.models.observed import KubeObject

CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_NOT_COUNTED = frozenset({"ephemeral-storage"})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why one node does not take a pod."""

    code: str
    text: str
    node: str = ""
    weight: int = 2  # 0 for a control plane that is closed to everybody, 1 for a choice of nodes, 2 for what is left


def obstacles(scene: Scene, pod: KubeObject, node: KubeObject) -> list[Obstacle]:
    """Return everything that keeps the pod off the node, in the order of the scheduler's filters."""
    spec, where = kube.pod_spec(pod), kube.name(node)
    found: list[Obstacle] = []
    tolerations = kube.dicts(spec, "tolerations")
    if kube.dig(node, "spec", "unschedulable") is True:
        closed = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
        if not taint_tolerated(closed, tolerations):
            found.append(Obstacle("scheduling.cordoned", f"Node/{where} is cordoned", where))
    found += [
        taint_obstacle(kube.text(taint, "key"), kube.text(taint, "value"), where)
        for taint in kube.dicts(node, "spec", "taints")
        if kube.text(taint, "effect") in ("NoSchedule", "NoExecute")
        and kube.text(taint, "key") != "node.kubernetes.io/unschedulable"
        and not taint_tolerated(taint, tolerations)
    ]
    choice = choice_obstacle(spec, labels_of(node), where)
    found += [choice] if choice else []
    found += _resources(scene, pod, node)
    return found + [Obstacle(code, text, where) for code, text in among(scene, pod, node)]


_OF_NODE = ("nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "overhead", "hostNetwork")


def asked_of_node(pod: KubeObject) -> str:
    """Return everything that a pod asks of a node, as one text: pods of one template ask the same."""
    spec = kube.pod_spec(pod)
    asked: list[Any] = [kube.namespace(pod), kube.labels(pod), [spec.get(field) for field in _OF_NODE]]
    asked += [
        [c.group, c.raw.get("resources"), c.raw.get("ports"), c.raw.get("restartPolicy")] for c in kube.containers(pod)
    ]
    asked += [kube.text(volume, "persistentVolumeClaim", "claimName") for volume in kube.dicts(spec, "volumes")]
    return json.dumps(asked, sort_keys=True, default=str)


def choice_obstacle(spec: dict[str, Any], labels: dict[str, str], node: str) -> Obstacle | None:
    """Return whether nodeSelector or required node affinity keep the pod off a node with these labels."""
    wanted = kube.strings(spec, "nodeSelector")
    if wanted and not covers(wanted, labels):
        missing = ", ".join(f"{key}={value}" for key, value in wanted.items() if labels.get(key) != value)
        return Obstacle("scheduling.node-selector", f"Node/{node} has no label {missing}", node, 1)
    terms = kube.dicts(spec, "affinity", "nodeAffinity", REQUIRED, "nodeSelectorTerms")
    if terms and not fits_terms(terms, labels, node):
        return Obstacle("scheduling.node-affinity", f"Node/{node} meets no required node affinity term", node, 1)
    return None


def is_control_plane(node: KubeObject) -> bool:
    """Return whether a node is labelled or tainted as one of the control plane."""
    marks = [*kube.labels(node), *(kube.text(taint, "key") for taint in kube.dicts(node, "spec", "taints"))]
    return any(mark in CONTROL_PLANE for mark in marks)


def taint_obstacle(key: str, value: str, node: str = "") -> Obstacle:
    """Return the obstacle that an untolerated taint is: Kubernetes sets some itself, and they mean something else."""
    text = f"taint {key}{'=' + value if value else ''} is not tolerated" + (f" on Node/{node}" if node else "")
    if key in CONTROL_PLANE:
        return Obstacle("scheduling.taint", text, node, 0)
    if key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        return Obstacle("node.not-ready", text, node)
    if key in tuple(f"node.kubernetes.io/{kind}-pressure" for kind in ("disk", "memory", "pid")):
        return Obstacle("node.pressure", text, node)
    if key == "node.kubernetes.io/unschedulable":
        return Obstacle("scheduling.cordoned", text, node)
    return Obstacle("scheduling.taint", text, node, 1)


def requests_of(pod: KubeObject) -> dict[str, float]:
    """Return what a pod reserves: the sum of its containers, or the largest init container where that is more."""
    total: dict[str, float] = {"pods": 1.0}
    largest: dict[str, float] = {}
    for container in kube.containers(pod):
        if container.group == "ephemeral":
            continue
        limits = kube.mapping(container.raw, "resources", "limits")
        for resource, value in (limits | kube.mapping(container.raw, "resources", "requests")).items():
            amount = kube.quantity(value) or 0.0
            stays = container.group == "container" or kube.text(container.raw, "restartPolicy") == "Always"
            if stays:
                total[resource] = total.get(resource, 0.0) + amount
            else:
                largest[resource] = max(largest.get(resource, 0.0), amount)
    wanted = {key: max(total.get(key, 0.0), largest.get(key, 0.0)) for key in total.keys() | largest.keys()}
    for resource, value in kube.mapping(kube.pod_spec(pod), "overhead").items():  # of its runtime class
        wanted[resource] = wanted.get(resource, 0.0) + (kube.quantity(value) or 0.0)
    return wanted


def reserved_on(scene: Scene, node: str, resource: str) -> float:
    """Return how much of a resource is reserved on a node: by the pods seen, or what the bundle shows if more."""
    seen = scene.cluster.once(("reserved", node), lambda: _reserved(scene, node)).get(resource, 0.0)
    told = kube.quantity(kube.dig(scene.cluster.allocated.get(node), resource, "requests")) or 0.0
    return max(seen, told)


def _reserved(scene: Scene, node: str) -> dict[str, float]:
    """Return what all pods of a node reserve together, by resource."""
    total: dict[str, float] = {}
    for pod in scene.pod_running_on(node):
        for resource, amount in requests_of(pod).items():
            total[resource] = total.get(resource, 0.0) + amount
    return total


def _resources(scene: Scene, pod: KubeObject, node: KubeObject) -> list[Obstacle]:
    found = []
    for resource, wanted in requests_of(pod).items():
        offered = kube.mapping(node, "status", "allocatable") or kube.mapping(node, "status", "capacity")
        if not offered or not wanted or resource in _NOT_COUNTED or resource.startswith("hugepages-"):
            continue
        total = kube.quantity(offered.get(resource)) or 0.0
        if resource == "pods" and not total:
            continue
        if reserved_on(scene, kube.name(node), resource) + wanted > total * (1 + 1e-9):
            text = f"Insufficient {resource} on Node/{kube.name(node)}"
            row = scene.catalog.message("scheduling", text)
            found += [Obstacle(row.code, text, kube.name(node))] if row else []
    return found
