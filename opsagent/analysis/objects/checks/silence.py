"""Actors that do not act: what was handed to them is not taken up for longer than that ever takes.

What an object states comes first; that no event is there counts only where events were read and reach back past the
moment at which the actor had to act. Many pods of one node that nobody explains are the node's.
"""

from collections import defaultdict
from collections.abc import Collection

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.nodes import control_plane_pod
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_TAKEN_S = 60.0  # a kubelet admits a pod within a second or two
_JOB_S = 60.0  # the Job controller makes the first pod at once
_SERVED_S = 60.0  # the endpoint controller takes a second
_MANY, _OF_WORKLOADS = 3, 2
_MOST_OF = 0.75  # of a node's pods
# Events of a pod that its kubelet does not write: the scheduler, the attach/detach controller and the taint manager do.
_OF_OTHERS = frozenset(
    {"Scheduled", "FailedScheduling", "SuccessfulAttachVolume", "FailedAttachVolume", "TaintManagerEviction"}
)
_MANAGER = "kube-controller-manager"
_CONTROLLER = "node.controller-manager-down"


def silence_findings(scene: Scene, explained: Collection[str]) -> list[Finding]:
    """Return which kubelet, controller or node does not act. `explained`: objects that have a cause of their own."""
    found = [finding for pod in scene.cluster.of("Pod") for finding in _untaken(scene, pod)]
    found += [finding for job in scene.cluster.of("Job") for finding in _unstarted(scene, job)]
    found += [finding for service in scene.cluster.of("Service") for finding in _unlisted(scene, service)]
    return found + _many_of_one_node(scene, explained)


def _untaken(scene: Scene, pod: KubeObject) -> list[Finding]:
    """A pod that has a node, and of which that node's kubelet has written nothing."""
    node = kube.text(pod, "spec", "nodeName")
    if not node or kube.deleting(pod) or node in scene.sick_nodes or kube.text(pod, "status", "phase") != "Pending":
        return []
    status = kube.mapping(pod, "status")
    if status.get("startTime") or kube.container_statuses(pod) or kube.condition(pod, "Initialized"):
        return []
    bound = kube.moment(kube.condition(pod, "PodScheduled"), "lastTransitionTime")
    since = bound or kube.created(pod)
    age = scene.age(since)
    if age is None or age < _TAKEN_S or _kubelet_wrote(scene, pod):
        return []
    seen = [
        observe(pod, "status", f"Pending on {node}, and its kubelet has written nothing", since),
        *_of_node(scene, node),
    ]
    summary = f"The kubelet of {node} does not take up the pods that are bound to it."
    strength = 0.85 if scene.events_reach(since) else 0.7
    return [scene.finding("node.kubelet-down", pod, strength, summary, seen, change=f"Node/{node}", at=since)]


def _kubelet_wrote(scene: Scene, pod: KubeObject) -> bool:
    return any(event.reason not in _OF_OTHERS for event in scene.cluster.events_of(pod))


def _of_node(scene: Scene, node: str) -> list[Observation]:
    found = scene.cluster.get("Node", node)
    ready = kube.condition(found or {}, "Ready")
    if not found or not ready:
        return []
    beat = kube.text(ready, "lastHeartbeatTime")
    text = f"Ready={kube.text(ready, 'status')}" + (f", last heartbeat {beat}" if beat else "")
    return [observe(found, "status.conditions[Ready]", text)]


def _unstarted(scene: Scene, job: KubeObject) -> list[Finding]:
    """A Job that no controller has started: neither a start time nor a pod nor an event of it."""
    if kube.dig(job, "spec", "suspend") is True or kube.deleting(job) or kube.text(job, "spec", "managedBy"):
        return []
    age, made = scene.age(kube.created(job)), kube.created(job)
    if kube.mapping(job, "status") or age is None or age < _JOB_S or not scene.events_reach(made):
        return []
    if scene.cluster.events_of(job) or scene.cluster.pods_of(job):
        return []
    seen = [observe(job, "status", "no start time, no pod", made)]
    summary = "The Job controller does not act: the Job has neither a start time nor a pod."
    manager = control_plane_pod(scene, _MANAGER)
    return [scene.finding(_CONTROLLER, job, 0.85, summary, seen, change=manager, at=made)]


def _unlisted(scene: Scene, service: KubeObject) -> list[Finding]:
    """Pods that are Ready, that a Service selects, and that none of its slices names: nobody keeps its endpoints.

    https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
    """
    selector, space = kube.strings(service, "spec", "selector"), kube.namespace(service)
    if not selector or "EndpointSlice" not in scene.cluster.looked or kube.deleting(service):
        return []
    pods = [pod for pod in scene.cluster.selected(selector, space) if kube.is_ready(pod) and not kube.deleting(pod)]
    since = {kube.name(pod): kube.moment(kube.condition(pod, "Ready"), "lastTransitionTime") for pod in pods}
    long = [pod for pod in pods if (scene.age(since[kube.name(pod)]) or 0.0) >= _SERVED_S]
    slices = _slices_of(scene, space, kube.name(service))
    named = {kube.text(e, "targetRef", "name") for item in slices for e in kube.dicts(item, "endpoints")}
    missing = [pod for pod in long if kube.name(pod) not in named and kube.text(pod, "status", "podIP")]
    if not slices or not missing or not any(named):
        return []  # no slice at all is another check's; addresses without a pod's name are kept by somebody else
    seen = [
        observe(missing[0], "status.conditions[Ready]", "True", since[kube.name(missing[0])]),
        observe(slices[0], "endpoints", f"{len(missing)} of {len(pods)} Ready pods are in no slice"),
    ]
    summary = f"The endpoint controller does not act: Ready pods of {kube.ref(service)} are in none of its slices."
    manager, at = control_plane_pod(scene, _MANAGER), since[kube.name(missing[0])]
    return [scene.finding(_CONTROLLER, service, 0.82, summary, seen, change=manager, at=at)]


def _slices_of(scene: Scene, space: str, service: str) -> list[KubeObject]:
    def by_service() -> dict[tuple[str, str], list[KubeObject]]:
        grouped: dict[tuple[str, str], list[KubeObject]] = defaultdict(list)
        for item in scene.cluster.of("EndpointSlice"):
            grouped[kube.namespace(item), kube.labels(item).get("kubernetes.io/service-name", "")].append(item)
        return grouped

    return scene.cluster.once("slices by service", by_service).get((space, service), [])


def _many_of_one_node(scene: Scene, explained: Collection[str]) -> list[Finding]:
    """Most pods of one node are not ready, of several workloads that nothing else explains, and elsewhere all are."""
    waiting: dict[str, list[KubeObject]] = defaultdict(list)
    well: dict[str, int] = defaultdict(int)
    for pod in scene.cluster.of("Pod"):
        node = kube.text(pod, "spec", "nodeName")
        ended = kube.text(pod, "status", "phase") in ("Succeeded", "Failed") or kube.deleting(pod)
        if not node or ended or node in scene.sick_nodes:
            continue
        if kube.is_ready(pod):
            well[node] += 1
        elif (scene.age(kube.created(pod)) or 0.0) >= 2 * _TAKEN_S:
            waiting[node].append(pod)
    if len(well.keys() | waiting.keys()) < 2:
        return []  # one node alone cannot be held against another
    ill = {node: [p for p in pods if kube.ref(scene.cluster.top(p)) not in explained] for node, pods in waiting.items()}
    worst = max(ill, key=lambda node: len(ill[node]), default="")
    pods = ill.get(worst, [])
    tops = {kube.ref(scene.cluster.top(pod)) for pod in pods}
    elsewhere = sum(len(found) for node, found in waiting.items() if node != worst)
    all_there = len(pods) + well[worst]
    if len(pods) < _MANY or len(tops) < _OF_WORKLOADS or elsewhere or len(pods) < _MOST_OF * all_there:
        return []
    node_object = scene.cluster.get("Node", worst)
    seen = [observe(pod, "status.conditions[Ready]", f"not Ready on {worst}") for pod in pods[:3]]
    summary = f"{len(pods)} of {all_there} pods on {worst} are not Ready, of {len(tops)} workloads; elsewhere all are."
    subject = node_object or pods[0]
    return [scene.unexplained(subject, 0.6, summary, seen, change=f"Node/{worst}")]
