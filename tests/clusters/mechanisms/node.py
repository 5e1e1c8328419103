"""Faults of nodes: family `node` (the control plane's are in control.py).

https://kubernetes.io/docs/concepts/architecture/nodes/ and https://kubernetes.io/docs/tasks/debug/debug-cluster/
"""

from __future__ import annotations

from tests.clusters import kubelet, scheduler
from tests.clusters.infra import set_condition, system
from tests.clusters.model import ROLLBACK, Expect, Obj, Workload, name_of, ref, stamp
from tests.clusters.moves import leave
from tests.clusters.pods import created, put, unscheduled
from tests.clusters.registry import mechanism
from tests.clusters.world import World, condition

from . import kit
from .pod import evict
from .rollout import extra_pod
from .scheduling import ask

HARMFUL = frozenset({ROLLBACK})


def home(world: World, w: Workload) -> Obj:
    """Return the node of a workload's first pod."""
    return next(n for n in world.nodes if name_of(n) == w.pods[0]["spec"]["nodeName"])


def about(w: Workload, node: Obj, *codes: str, also: tuple[str, ...] = ()) -> Expect:
    """Return the expectation of a fault of a node."""
    return Expect(codes, (ref(node), *also), frozenset({"none"}), HARMFUL, w.name)


def not_ready(world: World, node: Obj, status: str, reason: str, message: str) -> None:
    """Let a node's Ready condition change, with the taints and the marks on its pods that the node controller makes."""
    at = world.after(world.since, 40)
    kinds = ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready") if status == "Unknown" else ("Ready",)
    for kind in kinds:
        new = condition(kind, status, at, reason, message)
        if status == "Unknown":
            new["lastHeartbeatTime"] = stamp(world.since)
        set_condition(node, new)
    key = "node.kubernetes.io/unreachable" if status == "Unknown" else "node.kubernetes.io/not-ready"
    taints = node["spec"].setdefault("taints", [])
    taints += [{"key": key, "effect": e, "timeAdded": stamp(at)} for e in ("NoSchedule", "NoExecute")]
    text = f"Node {name_of(node)} status is now: NodeNotReady"
    world.event(node, "NodeNotReady", text, by="node-controller", first=at)
    for pod in [p for p in world.pods() if p["spec"].get("nodeName") == name_of(node)]:
        if pod["status"].get("phase") == "Running":
            put(pod, condition("Ready", "False", at))
            world.event(pod, "NodeNotReady", "Node is not ready", by="node-controller", first=at, warning=True)
    for daemons in system(world, "DaemonSet", ""):
        daemons["status"]["numberReady"] -= 1
        daemons["status"] |= {"numberAvailable": daemons["status"]["numberReady"], "numberUnavailable": 1}
    gone = (world.now - at).total_seconds() > 310
    if gone:
        for w in world.workloads:
            _taint_eviction(world, w, node)


def _taint_eviction(world: World, w: Workload, node: Obj) -> None:
    """Let the taint manager delete a workload's pods on a node; their objects stay, Deployments make new ones."""
    at = world.after(world.since, 345)
    lost = [p for p in w.pods if p["spec"].get("nodeName") == name_of(node) and p["status"]["phase"] == "Running"]
    if w.kind == "DaemonSet":
        return
    for pod in lost:
        pod["metadata"] |= {"deletionTimestamp": stamp(at), "deletionGracePeriodSeconds": 30}
        text = "Taint manager: deleting due to NoExecute taint"
        put(pod, condition("DisruptionTarget", "True", at, "DeletionByTaintManager", text))
        text = f"Marking for deletion Pod {pod['metadata']['namespace']}/{name_of(pod)}"
        world.event(pod, "TaintManagerEviction", text, by="taint-eviction-controller", first=at)
        if w.kind == "Deployment":
            leave(world, w, pod, at, keep=True)


@mechanism("node.kubelet-down", scope="cluster", nodes=(4, 40))
def kubelet_down(world: World) -> Expect:
    """A node's kubelet stopped posting its status; nobody knows how its pods are.

    https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller
    """
    w = world.victim()
    node = home(world, w)
    not_ready(world, node, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
    return about(w, node, "node.kubelet-down", "node.not-ready")


@mechanism("node.not-ready", scope="cluster", nodes=(4, 40))
def node_not_ready(world: World) -> Expect:
    """The kubelet itself reports that its node is not ready.

    https://kubernetes.io/docs/reference/node/node-status/#condition
    """
    w = world.victim()
    node = home(world, w)
    texts = (
        "CSINode is not yet initialized",
        "missing node capacity for resources: ephemeral-storage",
        "failed to initialize CSINode: error updating CSINode annotation: timed out waiting for the condition",
        "kubelet nodeshutdown manager: node is shutting down",
    )
    not_ready(world, node, "False", "KubeletNotReady", world.rng.choice(texts))
    return about(w, node, "node.not-ready")


@mechanism("node.runtime-down", scope="cluster", nodes=(4, 40))
def runtime_down(world: World) -> Expect:
    """The node's container runtime does not answer its kubelet.

    https://kubernetes.io/docs/setup/production-environment/container-runtimes/
    """
    w = world.victim()
    node = home(world, w)
    texts = (
        "[container runtime is down, PLEG is not healthy: pleg was last seen active 4m12.3s ago; threshold is 3m0s]",
        "container runtime is down",
        "[container runtime is down, container runtime status check may not have completed yet]",
    )
    not_ready(world, node, "False", "KubeletNotReady", world.rng.choice(texts))
    text = 'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix '
    text += '/run/containerd/containerd.sock: connect: connection refused"'
    world.event(
        node,
        "ContainerRuntimeUnhealthy",
        text,
        by="kubelet",
        first=world.since,
        last=world.ago(20),
        count=9,
        warning=True,
        host=name_of(node),
    )
    return about(w, node, "node.runtime-down")


PRESSURES = (
    (
        "MemoryPressure",
        "memory",
        "KubeletHasInsufficientMemory",
        "kubelet has insufficient memory available",
        "100Mi",
        "61452Ki",
    ),
    (
        "DiskPressure",
        "ephemeral-storage",
        "KubeletHasDiskPressure",
        "kubelet has disk pressure",
        "10399076Ki",
        "8123212Ki",
    ),
)


@mechanism("node.pressure", scope="cluster", nodes=(4, 40))
def pressure(world: World) -> Expect:
    """A node runs out of memory or disk: the kubelet evicts pods and the node takes no new ones.

    https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
    """
    w = world.victim()
    node = home(world, w)
    kind, resource, reason, text, threshold, left = world.rng.choice(PRESSURES)
    at = world.since
    set_condition(node, condition(kind, "True", at, reason, text))
    key = {"MemoryPressure": "memory-pressure", "DiskPressure": "disk-pressure"}[kind]
    taint = {"key": f"node.kubernetes.io/{key}", "effect": "NoSchedule", "timeAdded": stamp(at)}
    node["spec"].setdefault("taints", []).append(taint)
    host = name_of(node)
    last = world.ago(15)
    text = f"Attempting to reclaim {resource}"
    world.event(node, "EvictionThresholdMet", text, by="kubelet", first=at, last=last, count=8, warning=True, host=host)
    text = f"Node {host} status is now: NodeHas{kind if kind == 'DiskPressure' else 'InsufficientMemory'}"
    world.event(node, text.rsplit(" ", 1)[1], text, by="kubelet", first=at, host=host)
    request = w.main["resources"]["requests"]["memory"]
    words = f"The node was low on resource: {resource}. Threshold quantity: {threshold}, available: {left}. "
    words += f"Container {w.container} was using 913452Ki, request is {request if resource == 'memory' else '0'}, "
    words += f"has larger consumption of {resource}. "
    hit = [p for p in w.pods if p["spec"]["nodeName"] == host]
    for pod in hit:
        when = world.after(at, world.rng.randint(5, 60))
        evict(world, w, pod, words, max(1.0, (when - created(pod)).total_seconds()))
        leave(world, w, pod, when, keep=True)
    return about(w, node, "node.pressure", "pod.evicted", also=w.refs(hit))


@mechanism("node.kube-proxy-down", scope="cluster", nodes=(2, 40))
def kube_proxy_down(world: World) -> Expect:
    """kube-proxy crashes on one node: pods there cannot reach Services any more.

    https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/
    """
    w = world.victim(called=True)
    caller = kit.caller_says(world, w, "timeout")
    node = home(world, caller)
    world.show_system = True
    pod = next(p for p in system(world, "Pod", "kube-proxy-") if p["spec"]["nodeName"] == name_of(node))
    lines = [
        (
            'E1130 server.go:1039] "Failed to execute iptables-restore" '
            'err="exit status 1: iptables-restore v1.8.9: unable to '
            "initialize table 'nat'\""
        ),
        'E1130 run.go:74] "command failed" err="can\'t initialize iptables table `nat\': Table does not exist"',
    ]
    since = world.since
    kubelet.crash_loop(
        world, w, pod, code=1, since=since, run=2, lines=lines, container="kube-proxy", lang="go", head=False
    )
    daemons = system(world, "DaemonSet", "kube-proxy")[0]
    daemons["status"]["numberReady"] -= 1
    daemons["status"] |= {"numberAvailable": daemons["status"]["numberReady"], "numberUnavailable": 1}
    return about(caller, node, "node.kube-proxy-down", also=(ref(pod), ref(daemons)))


@mechanism("node.clock-skew", scope="cluster", nodes=(2, 40))
def clock_skew(world: World) -> Expect:
    """A node's clock is wrong: the node problem detector reports it and tokens made there are refused.

    https://kubernetes.io/docs/tasks/debug/debug-cluster/monitor-node-health/
    """
    w = world.victim()
    node = home(world, w)
    text = "NTP service is not running, clock is off by 412.7 seconds"
    set_condition(
        node, condition("NTPProblem", "True", world.since, "NTPIsDown", text, lastHeartbeatTime=stamp(world.ago(30)))
    )
    by = "ntp-custom-plugin-monitor"
    world.event(
        node, "NTPIsDown", text, by=by, first=world.since, last=world.ago(30), count=6, warning=True, host=name_of(node)
    )
    lines = [f"token rejected: iat {412 - i} seconds in the future (clock skew)" for i in range(5)]
    from tests.clusters import voices

    kit.say(world, w, [voices.line(w.lang, "error", line) for line in lines])
    return about(w, node, "node.clock-skew")


@mechanism("node.device-lost", scope="cluster", nodes=(2, 40))
def device_lost(world: World) -> Expect:
    """A node's GPU dropped off the bus: its plugin reports no healthy device, so the pod made again cannot be placed.

    https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/
    """
    w = world.victim(single=True)
    node = home(world, w)
    kit.edit_all(w, lambda spec: ask(w, spec, "nvidia.com/gpu", "1"))
    node["status"]["capacity"]["nvidia.com/gpu"] = "1"
    node["status"]["allocatable"]["nvidia.com/gpu"] = "0"
    text = "NVRM: Xid (PCI:0000:3b:00): 79, pid=1423, GPU has fallen off the bus."
    set_condition(
        node, condition("GPUProblem", "True", world.since, "XidError", text, lastHeartbeatTime=stamp(world.ago(20)))
    )
    world.event(node, "XidError", text, by="kernel-monitor", first=world.since, warning=True, host=name_of(node))
    w.replicas = 0
    w.pods.clear()
    pod = extra_pod(world, w)
    w.rolling = None
    unscheduled(world, pod, scheduler.refusal(world, pod["spec"]))
    return about(w, node, "node.device-lost")
