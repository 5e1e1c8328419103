"""A small kube-scheduler: which nodes a pod fits on, and the message it writes where none is left.

Filter order and reasons: https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins and
https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from .model import Obj, cpu, mebibytes, name_of

if TYPE_CHECKING:
    from .world import World

TERMINAL = ("Succeeded", "Failed")
RESOURCES = ("cpu", "memory", "nvidia.com/gpu")


@cache
def amount(resource: str, text: str) -> int:
    """Read a quantity in the resource's unit: millicores, MiB or a count."""
    if resource.endswith("cpu"):
        return cpu(text)
    return mebibytes(text) if resource.endswith(("memory", "storage")) else int(text)


def asked(spec: Obj, resource: str, side: str = "requests") -> int:
    """Sum what the containers of a pod spec request of a resource."""
    lists = [c.get("resources", {}).get(side, {}) for c in spec["containers"]]
    return sum(amount(resource, str(found[resource])) for found in lists if resource in found)


def on_node(world: World, node: str) -> list[Obj]:
    """Return the pods that count against a node's room."""
    pods = [p for p in world.pods() if p["spec"].get("nodeName") == node]
    return [p for p in pods if p["status"].get("phase") not in TERMINAL]


def free(world: World, node: Obj, resource: str) -> int:
    """Return what is left of a resource on a node."""
    total = amount(resource, str(node["status"]["allocatable"].get(resource, "0")))
    return total - sum(asked(p["spec"], resource) for p in on_node(world, name_of(node)))


Room = dict[str, Counter[str]]  # node -> what its pods request of each resource, and how many "pods" they are


def rooms(world: World) -> Room:
    """Sum in one pass what is requested on every node."""
    found: Room = {name_of(n): Counter() for n in world.nodes}
    for pod in world.pods():
        node = pod["spec"].get("nodeName")
        if node and pod["status"].get("phase") not in TERMINAL:
            room = found[node]
            room["pods"] += 1
            for container in pod["spec"]["containers"]:
                for resource, text in container.get("resources", {}).get("requests", {}).items():
                    if resource in RESOURCES:
                        room[resource] += amount(resource, str(text))
    return found


def left(room: Room, node: Obj, resource: str) -> int:
    """Return what is left of a resource on a node."""
    total = amount(resource, str(node["status"]["allocatable"].get(resource, "0")))
    return total - room[name_of(node)][resource]


def tolerated(taint: Obj, tolerations: list[Obj]) -> bool:
    """Return whether one of the tolerations matches a taint."""
    for t in tolerations:
        if t.get("effect") and t["effect"] != taint["effect"]:
            continue
        if t.get("operator") == "Exists" and t.get("key") in (None, "", taint["key"]):
            return True
        if t.get("key") == taint["key"] and t.get("value", "") == taint.get("value", ""):
            return True
    return False


def selected(spec: Obj, labels: dict[str, str]) -> bool:
    """Return whether nodeSelector and required node affinity match a node's labels."""
    if any(labels.get(k) != v for k, v in spec.get("nodeSelector", {}).items()):
        return False
    required = spec.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    terms = required["nodeSelectorTerms"]
    return any(all(labels.get(e["key"]) in e["values"] for e in t["matchExpressions"]) for t in terms)


def _matching(world: World, labels: dict[str, str]) -> list[Obj]:
    pods = [p for p in world.pods() if p["spec"].get("nodeName") and p["status"].get("phase") not in TERMINAL]
    return [p for p in pods if labels.items() <= p["metadata"].get("labels", {}).items()]


def _spread(world: World, spec: Obj, node: Obj) -> str | None:
    for c in spec.get("topologySpreadConstraints", []):
        if c["whenUnsatisfiable"] != "DoNotSchedule":
            continue
        key = c["topologyKey"]
        domain = node["metadata"]["labels"].get(key)
        if domain is None:
            return "node(s) didn't match pod topology spread constraints (missing required label)"
        where = {name_of(n): n["metadata"]["labels"].get(key) for n in world.nodes}
        counts = Counter({v: 0 for v in where.values() if v is not None})
        counts.update(where[p["spec"]["nodeName"]] for p in _matching(world, c["labelSelector"]["matchLabels"]))
        if counts[domain] + 1 - min(counts.values()) > c["maxSkew"]:
            return "node(s) didn't match pod topology spread constraints"
    return None


def _apart(world: World, spec: Obj, node: Obj) -> bool:
    """Return whether required anti-affinity on the host name keeps the pod off this node."""
    terms = (
        spec.get("affinity", {}).get("podAntiAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", [])
    )
    near = [p for t in terms for p in _matching(world, t["labelSelector"]["matchLabels"])]
    return any(p["spec"]["nodeName"] == name_of(node) for p in near)


def _barred(spec: Obj, node: Obj, tolerations: list[Obj]) -> str | None:
    """Return the reason that no preemption can remove: cordon, taint, selector or affinity."""
    if node["spec"].get("unschedulable"):
        return "node(s) were unschedulable"
    for taint in node["spec"].get("taints", []):
        if taint["effect"] != "PreferNoSchedule" and not tolerated(taint, tolerations):
            return f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"
    matched = selected(spec, node["metadata"]["labels"])
    return None if matched else "node(s) didn't match Pod's node affinity/selector"


def reasons(world: World, spec: Obj, node: Obj, room: Room) -> tuple[list[str], bool]:
    """Return why a pod does not fit on a node (empty where it does), and whether preemption could help."""
    tolerations = spec.get("tolerations", [])
    barred = _barred(spec, node, tolerations)
    if barred:
        return [barred], False
    short = [f"Insufficient {r}" for r in RESOURCES if asked(spec, r) > max(0, left(room, node, r))]
    if left(room, node, "pods") < 1:
        short.insert(0, "Too many pods")
    if short:
        return short, True
    skew = _spread(world, spec, node)
    if skew:
        return [skew], "missing required label" not in skew
    if _apart(world, spec, node):
        return ["node(s) didn't match pod anti-affinity rules"], True
    return [], True


def fits(world: World, spec: Obj) -> list[Obj]:
    """Return the nodes that a pod of this spec could be put on."""
    room = rooms(world)
    return [n for n in world.nodes if not reasons(world, spec, n, room)[0]]


def histogram(total: int, counts: Counter[str]) -> str:
    """Write a FitError: counted reasons, sorted as text."""
    return f"0/{total} nodes are available: " + ", ".join(sorted(f"{v} {k}" for k, v in counts.items())) + "."


def refusal(world: World, spec: Obj) -> str:
    """Return the scheduler's message for a pod that fits nowhere; raise ValueError where it does fit."""
    why: Counter[str] = Counter()
    preemption: Counter[str] = Counter()
    room = rooms(world)
    for node in world.nodes:
        found, helpful = reasons(world, spec, node, room)
        if not found:
            raise ValueError(f"the pod fits on {name_of(node)}")
        why.update(found)
        no_victims = "No preemption victims found for incoming pod"
        preemption[no_victims if helpful else "Preemption is not helpful for scheduling"] += 1
    total = len(world.nodes)
    return f"{histogram(total, why)} preemption: {histogram(total, preemption)}"


def immediate_claims(world: World) -> str:
    """Return the message for a pod whose claims have to be bound first and are not."""
    total = len(world.nodes)
    return (
        f"0/{total} nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: "
        f"0/{total} nodes are available: {total} Preemption is not helpful for scheduling."
    )


def place(world: World, spec: Obj) -> Obj:
    """Choose a node for a pod as the scheduler would, or the roomiest worker where none fits."""
    room = rooms(world)
    pool = [n for n in world.nodes if not reasons(world, spec, n, room)[0]] or world.workers() or world.nodes
    return min(pool, key=lambda n: (room[name_of(n)]["pods"], -left(room, n, "cpu"), name_of(n)))
