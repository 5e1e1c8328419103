"""Pods that no node can take: family `scheduling`. The scheduler's message is computed from the nodes.

https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import scheduler
from tests.clusters.changes import Change, main_of, new_revision, replaced
from tests.clusters.infra import set_cordon
from tests.clusters.model import ROLLBACK, Expect, Obj, Workload, cpu_text, memory_text, name_of, ref
from tests.clusters.pods import new_pod, unscheduled
from tests.clusters.registry import mechanism

from . import kit
from .rollout import extra_pod

if TYPE_CHECKING:
    from tests.clusters.world import World


def refused(world: World, w: Workload, change: Change, *codes: str) -> Expect:
    """Roll out a revision that fits nowhere."""
    broken = new_revision(world, w, change, bound=False)
    for pod in broken.pods:
        unscheduled(world, pod, scheduler.refusal(world, pod["spec"]))
    return kit.of_revision(w, broken, *codes)


def ask(w: Workload, spec: Obj, resource: str, quantity: str) -> None:
    """Let the application's container request and limit a resource."""
    resources = main_of(w, spec)["resources"]
    resources.setdefault("requests", {})[resource] = quantity
    resources.setdefault("limits", {})[resource] = quantity


@mechanism("scheduling.cpu")
def too_little_cpu(world: World) -> Expect:
    """The new revision requests more CPU than is free on any node.

    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-requests-are-scheduled
    """
    w = world.victim()
    most = max(int(n["status"]["allocatable"]["cpu"].removesuffix("m")) for n in world.nodes)
    room = max(scheduler.free(world, n, "cpu") for n in world.nodes)
    own = sum(scheduler.asked(p["spec"], "cpu") for p in w.pods)
    wanted = world.rng.choice((most + 1000, room + own + 100))
    return refused(world, w, lambda spec: ask(w, spec, "cpu", cpu_text(wanted)), "scheduling.cpu")


@mechanism("scheduling.memory")
def too_little_memory(world: World) -> Expect:
    """The new revision requests more memory than is free on any node.

    https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/#specify-a-memory-request-that-is-too-big-for-your-nodes
    """
    w = world.victim()
    room = max(scheduler.free(world, n, "memory") for n in world.nodes)
    own = sum(scheduler.asked(p["spec"], "memory") for p in w.pods)
    wanted = room + own + world.rng.choice((256, 4096, 65_536))
    return refused(world, w, lambda spec: ask(w, spec, "memory", memory_text(wanted)), "scheduling.memory")


@mechanism("scheduling.node-selector")
def node_selector(world: World) -> Expect:
    """The pod asks for a node label that no node has.

    https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodeselector
    """
    pairs = (
        ("disktype", "nvme"),
        ("pool", "highmem"),
        ("node.example.com/tier", "gold"),
        ("kubernetes.io/arch", "arm64"),
    )
    key, value = world.rng.choice(pairs)
    w = world.victim(("Deployment", "StatefulSet"))
    return refused(world, w, lambda spec: spec.update(nodeSelector={key: value}), "scheduling.node-selector")


@mechanism("scheduling.node-affinity")
def node_affinity(world: World) -> Expect:
    """Required node affinity names values that no node's label has.

    https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
    """
    pairs = (("topology.kubernetes.io/zone", "eu-west-1d"), ("node.kubernetes.io/instance-type", "m7g.4xlarge"))
    key, value = world.rng.choice((*pairs, ("kubernetes.io/os", "windows")))
    w = world.victim()
    term = {"matchExpressions": [{"key": key, "operator": "In", "values": [value]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
    return refused(world, w, lambda spec: spec.update(affinity=affinity), "scheduling.node-affinity")


def one_on_each(world: World, w: Workload) -> None:
    """Put exactly one pod of a workload on each worker."""
    w.pods.clear()
    small = {"cpu": "10m", "memory": "16Mi"}
    kit.edit_all(w, lambda spec: [c["resources"].update(requests=dict(small)) for c in spec["containers"]])
    nodes = world.workers()
    w.replicas = len(nodes)
    for node in nodes:
        new_pod(world, w, w.latest, world.after(w.latest.at, world.rng.randint(60, 9000)), node=node)


@mechanism("scheduling.pod-anti-affinity", nodes=(2, 8))
def pod_anti_affinity(world: World) -> Expect:
    """Each node may hold one pod of the workload, and there are more pods than nodes.

    https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
    """
    w = world.victim()
    term = {"labelSelector": {"matchLabels": dict(w.selector)}, "topologyKey": "kubernetes.io/hostname"}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    kit.edit_all(w, lambda spec: spec.update(affinity=affinity))
    one_on_each(world, w)
    pod = extra_pod(world, w)
    unscheduled(world, pod, scheduler.refusal(world, pod["spec"]))
    return kit.in_place(w, "scheduling.pod-anti-affinity", pods=[pod])


@mechanism("scheduling.pod-anti-affinity", nodes=(2, 8))
def surge_against_anti_affinity(world: World) -> Expect:
    """A rolling update wants one pod more than there are nodes, and may not take an old one away first.

    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
    """
    w = world.victim()
    term = {"labelSelector": {"matchLabels": dict(w.selector)}, "topologyKey": "kubernetes.io/hostname"}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    kit.edit_all(w, lambda spec: spec.update(affinity=affinity))
    w.obj["spec"]["strategy"]["rollingUpdate"] = {"maxSurge": 1, "maxUnavailable": 0}
    one_on_each(world, w)
    broken = new_revision(
        world, w, lambda spec: main_of(w, spec)["env"].append({"name": "V", "value": "2"}), bound=False, first=False
    )
    for pod in broken.pods:
        unscheduled(world, pod, scheduler.refusal(world, pod["spec"]))
    return kit.of_revision(w, broken, "scheduling.pod-anti-affinity", "rollout.stuck")


@mechanism("scheduling.taint", scope="cluster")
def tainted_workers(world: World) -> Expect:
    """Every worker got a taint that the pod, made again, does not tolerate.

    https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
    """
    key, value = world.rng.choice((("dedicated", "batch"), ("example.com/maintenance", "true"), ("gpu", "only")))
    nodes = world.workers()
    for node in nodes:
        node["spec"].setdefault("taints", []).append({"key": key, "value": value, "effect": "NoSchedule"})
    return _made_again(world, "scheduling.taint", nodes)


@mechanism("scheduling.cordoned", scope="cluster")
def cordoned_workers(world: World) -> Expect:
    """Every worker is cordoned, so a pod that had to be made again has nowhere to go.

    https://kubernetes.io/docs/concepts/nodes/node/#manual-node-administration
    """
    nodes = world.workers()
    for node in nodes:
        set_cordon(node, world.since)
        text = f"Node {name_of(node)} status is now: NodeNotSchedulable"
        world.event(node, "NodeNotSchedulable", text, by="kubelet", first=world.since, host=name_of(node))
    return _made_again(world, "scheduling.cordoned", nodes)


def _made_again(world: World, code: str, nodes: list[Obj]) -> Expect:
    w = world.victim(("Deployment", "StatefulSet"))
    hit = replaced(world, w, world.rng.randint(1, w.replicas), bound=False, at=world.after(world.since, 20))
    for pod in hit:
        unscheduled(world, pod, scheduler.refusal(world, pod["spec"]))
    also = tuple(map(ref, nodes))
    return kit.in_place(w, code, pods=hit, also=also, harmful=frozenset({"restart_deployment"}))


@mechanism("scheduling.too-many-pods", scope="cluster", nodes=(1, 6))
def too_many_pods(world: World) -> Expect:
    """Every worker already holds as many pods as its kubelet allows.

    https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/#kubelet-config-k8s-io-v1beta1-KubeletConfiguration
    """
    w = world.victim(("Deployment", "StatefulSet"))
    pod = extra_pod(world, w)
    for node in world.workers():
        held = str(len(scheduler.on_node(world, name_of(node))))
        node["status"]["capacity"]["pods"] = node["status"]["allocatable"]["pods"] = held
    unscheduled(world, pod, scheduler.refusal(world, pod["spec"]))
    also = tuple(map(ref, world.workers()))
    return kit.in_place(w, "scheduling.too-many-pods", pods=[pod], also=also)


@mechanism("scheduling.extended-resource")
def no_gpu(world: World) -> Expect:
    """The pod asks for a GPU: no node offers one, or the only one is taken.

    https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/
    """
    w = world.victim()
    if world.chance(0.5):
        holder = world.victim(single=True)
        holder.replicas = 1
        del holder.pods[1:]
        node = next(n for n in world.nodes if name_of(n) == holder.pods[0]["spec"]["nodeName"])
        kit.edit_all(holder, lambda spec: ask(holder, spec, "nvidia.com/gpu", "1"))
        node["status"]["capacity"]["nvidia.com/gpu"] = node["status"]["allocatable"]["nvidia.com/gpu"] = "1"
    return refused(world, w, lambda spec: ask(w, spec, "nvidia.com/gpu", "1"), "scheduling.extended-resource")


@mechanism("scheduling.topology-spread", nodes=(2, 8))
def topology_spread(world: World) -> Expect:
    """Spread constraints cannot be met: no node has the key, or the tainted control plane counts as an empty domain.

    https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
    """
    w = world.victim()
    select = {"labelSelector": {"matchLabels": dict(w.selector)}, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}
    if world.chance(0.5) or len(world.workers()) == len(world.nodes):
        constraint = select | {"topologyKey": world.rng.choice(("rack", "topology.example.com/cell"))}
        return refused(
            world, w, lambda spec: spec.update(topologySpreadConstraints=[constraint]), "scheduling.topology-spread"
        )
    constraint = select | {"topologyKey": "kubernetes.io/hostname"}
    kit.edit_all(w, lambda spec: spec.update(topologySpreadConstraints=[constraint]))
    one_on_each(world, w)
    pod = extra_pod(world, w)
    unscheduled(world, pod, scheduler.refusal(world, pod["spec"]))
    return kit.expect(w, "scheduling.topology-spread", pods=[pod], harmful=frozenset({ROLLBACK}))
