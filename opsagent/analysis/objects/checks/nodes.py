"""Nodes that are not ready, short of something, or without their kubelet, runtime, proxy or scheduler."""

from collections.abc import Callable
from datetime import datetime

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.fit import is_control_plane, reserved_on
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.analysis.objects.event import KubeEvent
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_RUNTIME = ("container runtime", "runtime is down", "pleg", "containerd", "cri-o", "docker", "runtime service")
_PRESSURE = {
    "MemoryPressure": "memory",
    "DiskPressure": "disk space",
    "PIDPressure": "process ids",
}
# What the kubelet reports of each when it comes and when it goes.
_STATED = (
    ("NodeHasInsufficientMemory", "NodeHasSufficientMemory", "memory"),
    ("NodeHasDiskPressure", "NodeHasNoDiskPressure", "disk space"),
    ("NodeHasInsufficientPID", "NodeHasSufficientPID", "process ids"),
)
_TRIED_S = 600.0  # the longest pause before the next try is five minutes
_STATED_S = 3600.0  # events are kept for an hour
_PRESSING = ("EvictionThresholdMet", "FreeDiskSpaceFailed", "ImageGCFailed", "SystemOOM")


def node_findings(scene: Scene, node: KubeObject) -> list[Finding]:
    """Return what is wrong with a node."""
    found = _ready(scene, node)
    for name, short_of in _PRESSURE.items():
        if kube.is_true(node, name):
            found.append(_short(scene, node, short_of, _condition(node, name)))
    for condition in kube.dicts(node, "status", "conditions"):  # also of the node problem detector and cloud agents
        name = kube.text(condition, "type")
        row = scene.catalog.reason(name, "condition") if name not in (*_PRESSURE, "NetworkUnavailable") else None
        if row is not None and row.failing and row.code and kube.is_true(node, name):
            summary = f"The node reports a problem: {name}."
            found.append(scene.finding(row.code, node, 0.6, summary, [_condition(node, name)]))
    if kube.is_true(node, "NetworkUnavailable") and not found:
        seen = [_condition(node, "NetworkUnavailable")]
        found.append(_not_ready(scene, node, 0.7, "The network of the node is not set up.", seen=seen))
    return found or _events(scene, node) or _full(scene, node)


def _ready(scene: Scene, node: KubeObject) -> list[Finding]:
    ready = kube.condition(node, "Ready")
    if not ready or kube.is_true(node, "Ready") is True:
        return []
    seen: list[Observation] = [_condition(node, "Ready")]
    seen += [observe_event(event) for event in newest(scene.cluster.events_of(node), "NodeNotReady")[:1]]
    said = f"{kube.text(ready, 'reason')} {kube.text(ready, 'message')}".lower()
    at = kube.moment(ready, "lastTransitionTime")
    row = scene.catalog.message("node", said)
    if row is not None:
        return [scene.finding(row.code, node, row.strength, row.summary, seen, at=at)]
    return [_not_ready(scene, node, 0.9, "The node is not ready.", seen=seen, at=at)]


def _not_ready(
    scene: Scene,
    node: KubeObject,
    strength: float,
    summary: str,
    *,
    seen: list[Observation],
    at: datetime | None = None,
) -> Finding:
    return scene.finding("node.not-ready", node, strength, summary, seen, at=at)


def _condition(node: KubeObject, name: str) -> Observation:
    found = kube.condition(node, name)
    parts = [f"{name}={kube.text(found, 'status')}", kube.text(found, "reason"), kube.text(found, "message")]
    text = ", ".join(part for part in parts if part)
    return observe(node, f"status.conditions[{name}]", text, kube.moment(found, "lastTransitionTime"))


def _events(scene: Scene, node: KubeObject) -> list[Finding]:
    if pressing := _still_pressing(scene, node):
        return pressing
    recent = [
        e for e in newest(scene.cluster.events_of(node), *_PRESSING) if scene.recent(e.last, scene.crash_window_s)
    ]
    if recent:
        seen = [observe_event(event) for event in recent[:2]]
        return [scene.finding("node.pressure", node, 0.6, "The node was short of memory or disk a moment ago.", seen)]
    if found := _problems(scene, node):
        return found
    broken = newest(scene.cluster.events_of(node), "ContainerGCFailed", "FailedNodeAllocatableEnforcement")
    broken = [e for e in broken if scene.recent(e.last, scene.crash_window_s) and e.said(*_RUNTIME, "rpc error")]
    seen = [observe_event(event) for event in broken[:1]]
    return (
        [scene.finding("node.runtime-down", node, 0.6, "The node's container runtime does not answer.", seen)]
        if broken
        else []
    )


def _still_pressing(scene: Scene, node: KubeObject) -> list[Finding]:
    """Of a node that only events name: it came under pressure, and no event states that this ended."""
    if kube.mapping(node, "status"):
        return []
    for came, went, short_of in _STATED:
        told = newest(scene.cluster.events_of(node), came, went)
        if told and told[0].reason == came and scene.recent(told[0].last, _STATED_S):
            return [_short(scene, node, short_of, observe_event(told[0]))]
    return []


def _short(scene: Scene, node: KubeObject, short_of: str, seen: Observation) -> Finding:
    return scene.finding("node.pressure", node, 0.9, f"The node is short of {short_of}.", [seen])


def _problems(scene: Scene, node: KubeObject) -> list[Finding]:
    """What the node problem detector reports of clock and devices as events."""
    for event in reversed(scene.cluster.events_of(node)):
        if not event.warning or not scene.recent(event.last, 3600):
            continue
        row = scene.catalog.message("node-problem", f"{event.reason} {event.message}")
        if row is not None:
            return [scene.finding(row.code, node, row.strength, row.summary, [observe_event(event)])]
    return []


def _full(scene: Scene, node: KubeObject) -> list[Finding]:
    offered = kube.quantity(kube.dig(node, "status", "allocatable", "pods"))
    count = reserved_on(scene, kube.name(node), "pods")
    if not offered or count < offered:
        return []
    seen = [observe(node, "status.allocatable.pods", f"{count:.0f} pods run, {offered:.0f} may")]
    return [scene.finding("scheduling.too-many-pods", node, 0.58, "The node runs as many pods as it may.", seen)]


def system_findings(scene: Scene) -> list[Finding]:
    """Return what is wrong with the cluster's own parts: kube-proxy, scheduler, DNS."""
    return [*_proxy(scene), *_part(scene, _is_scheduler, "node.scheduler-down", _SCHEDULER), *_dns(scene)]


_SCHEDULER = "The scheduler is down: new pods get no node."


def is_proxy(obj: KubeObject) -> bool:
    """Return whether a pod or DaemonSet is kube-proxy."""
    return kube.labels(obj).get("k8s-app") == "kube-proxy" or kube.name(obj).startswith("kube-proxy")


def _is_scheduler(obj: KubeObject) -> bool:
    return kube.labels(obj).get("component") == "kube-scheduler" or kube.name(obj).startswith("kube-scheduler")


def is_controller_manager(obj: KubeObject) -> bool:
    """Return whether a pod is the cluster's controller manager."""
    name = "kube-controller-manager"
    return kube.labels(obj).get("component") == name or kube.name(obj).startswith(name)


def control_plane_pod(scene: Scene, part: str) -> str:
    """Return "Pod/<name>" of a part of the control plane: as it was read, else as the kubelet names its static pod.

    That name is the part's and the node's: https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/.
    """
    system = [pod for pod in scene.cluster.of("Pod") if kube.namespace(pod) == "kube-system"]
    known = sorted(kube.name(pod) for pod in system if kube.name(pod).startswith(part))
    if system:
        return f"Pod/{known[0] if known else part}"
    nodes = sorted(kube.name(node) for node in scene.cluster.of("Node") if is_control_plane(node))
    return f"Pod/{part}-{nodes[0]}" if nodes else f"Pod/{part}"


def is_dns(obj: KubeObject) -> bool:
    """Return whether a pod, Deployment or Service is the cluster's DNS."""
    return kube.labels(obj).get("k8s-app") == "kube-dns" or kube.name(obj).startswith(("coredns", "kube-dns"))


def is_system(pod: KubeObject) -> bool:
    """Return whether a pod is one of the cluster's own parts, which `system_findings` judges."""
    return is_proxy(pod) or _is_scheduler(pod) or is_dns(pod) or is_controller_manager(pod)


def _proxy(scene: Scene) -> list[Finding]:
    found = _part(
        scene, is_proxy, "node.kube-proxy-down", "kube-proxy is down: Services are not reached from its node."
    )
    if found:
        return found
    sets = [item for item in scene.cluster.of("DaemonSet") if is_proxy(item)]
    nodes = [kube.name(node) for node in scene.cluster.of("Node") if kube.name(node) not in scene.sick_nodes]
    served = {kube.text(pod, "spec", "nodeName") for pod in scene.cluster.of("Pod") if is_proxy(pod)}
    # One pod seen shows that this cluster runs kube-proxy, and that its namespace was checked.
    bare = [node for node in nodes if node not in served] if served else []
    if bare and len(bare) < len(nodes):
        seen = [observe(scene.cluster.get("Node", bare[0]) or {}, "spec", "no kube-proxy pod runs here")]
        summary = "No kube-proxy runs on the node: Services are not reached from it."
        return [scene.finding("node.kube-proxy-down", scene.cluster.get("Node", bare[0]) or {}, 0.7, summary, seen)]
    for item in sets:
        wanted = kube.integer(item, "status", "desiredNumberScheduled")
        if kube.mapping(item, "status") and (wanted == 0 or kube.integer(item, "status", "numberReady") < wanted):
            text = f"{kube.integer(item, 'status', 'numberReady')} of {wanted} ready"
            seen = [observe(item, "status.numberReady", text)]
            return [scene.finding("node.kube-proxy-down", item, 0.75, "kube-proxy does not run on every node.", seen)]
    return []


def _part(scene: Scene, is_it: Callable[[KubeObject], bool], code: str, summary: str) -> list[Finding]:
    broken = [
        pod
        for pod in [*scene.cluster.of("Pod"), *scene.cluster.stand_ins("Pod")]
        if is_it(pod)
        and (_down(scene, pod) or _told_down(scene, pod))
        and kube.text(pod, "spec", "nodeName") not in scene.sick_nodes
    ]
    found = []
    for pod in broken[:3]:
        node = kube.text(pod, "spec", "nodeName")
        change = f"Node/{node}" if node and is_it is is_proxy else None
        told = [observe_event(event) for event in _told_down(scene, pod)[:2]]
        found.append(scene.finding(code, pod, 0.85, summary, told or _why_down(pod), change=change))
    return found


def _told_down(scene: Scene, pod: KubeObject) -> list[KubeEvent]:
    """Return the events of a pod that only they name, which state that it is started again and again without result."""
    if kube.mapping(pod, "status"):
        return []
    told = newest(scene.cluster.events_of(pod), "BackOff", "CrashLoopBackOff", "FailedCreatePodSandBox")
    return [event for event in told if scene.recent(event.last, _TRIED_S)]


def _down(scene: Scene, pod: KubeObject) -> bool:
    if kube.deleting(pod) or not kube.mapping(pod, "status") or kube.is_ready(pod):
        return False
    statuses = kube.container_statuses(pod)
    if any(status.restarts or status.waiting or status.terminated for status in statuses):
        return True
    age = scene.age(max((s.started_at for s in statuses if s.started_at), default=kube.created(pod)))
    return age is None or age > 120


def _why_down(pod: KubeObject) -> list[Observation]:
    states = [s for s in kube.container_statuses(pod) if not s.ready]
    seen = [
        observe(
            pod, f"{s.field}.state", kube.text(s.waiting, "reason") or kube.text(s.terminated, "reason") or "not ready"
        )
        for s in states[:2]
    ]
    return seen or [observe(pod, "status.conditions[Ready]", "False")]


def _dns(scene: Scene) -> list[Finding]:
    pods = [pod for pod in scene.cluster.of("Pod") if is_dns(pod) and not kube.deleting(pod)]
    down = [pod for pod in pods if _down(scene, pod)]
    zero = [d for d in scene.cluster.of("Deployment") if is_dns(d) and kube.dig(d, "spec", "replicas") == 0]
    if down and len(down) == len(pods):
        strength, summary = 0.85, "The cluster's DNS is down: no Service is found by its name."
    elif down:
        strength, summary = 0.5, "Part of the cluster's DNS is down."
    elif zero:
        strength, summary = 0.9, "The cluster's DNS is scaled to zero."
    else:
        return []
    seen = _why_down(down[0]) if down else [observe(zero[0], "spec.replicas", "0")]
    return [scene.finding("network.dns", [*down, *zero][0], strength, summary, seen)]
