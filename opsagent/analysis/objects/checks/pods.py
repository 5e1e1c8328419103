"""One pod through the stages of its life: the first link that is broken is the cause, what waits for it is not."""

import dataclasses
from collections.abc import Callable

from opsagent.analysis.evidence.rollout import rollout_status
from opsagent.analysis.evidence.workload_state import is_blip
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.config_refs import reference_findings
from opsagent.analysis.objects.checks.containers import container_findings
from opsagent.analysis.objects.checks.ended import ended_findings, replaced
from opsagent.analysis.objects.checks.images import image_findings
from opsagent.analysis.objects.checks.made_good import went_well
from opsagent.analysis.objects.checks.mounts import mount_findings, sandbox_findings
from opsagent.analysis.objects.checks.nodes import control_plane_pod
from opsagent.analysis.objects.checks.probes import probe_findings
from opsagent.analysis.objects.checks.resolving import waiting_findings
from opsagent.analysis.objects.checks.scene import Scene, newest, observe
from opsagent.analysis.objects.checks.scheduling import is_unscheduled, scheduling_findings
from opsagent.analysis.objects.left_behind import tried_again
from opsagent.analysis.objects.probe import probes_of
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_STAGES: tuple[Callable[[Scene, KubeObject], list[Finding]], ...] = (
    ended_findings,
    scheduling_findings,
    mount_findings,
    reference_findings,
    image_findings,
)
_START_GRACE_S = 120.0
_END_GRACE_S = 120.0  # beyond the grace period: kubelets are busy
_UNTAKEN_S = 30.0  # a scheduler that works takes up a new pod within a second
_PASSING = 0.35  # what a moment shows while other pods serve, and a pod that was replaced
_CARRIES = 0.5  # from here on a finding names a cause rather than hints at one


def pod_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return what is wrong with a pod; nothing for one that is ready, completed or being deleted."""
    if kube.deleting(pod):
        return _stuck_end(scene, pod)
    if kube.text(pod, "status", "phase") == "Succeeded" or _done_for(scene, pod) or went_well(scene, pod):
        return []
    if kube.text(pod, "spec", "nodeName") in scene.sick_nodes:
        return []  # the node is to blame, and what it last reported about the pod is old
    if kube.is_ready(pod):
        return _after_crash(scene, pod)
    found = _first_link(scene, pod)
    passing = is_blip(pod, scene.cluster.pods_of(scene.cluster.top(pod)), scene.now)
    if passing or (kube.text(pod, "status", "phase") == "Failed" and replaced(scene, pod)):
        return [dataclasses.replace(finding, strength=min(finding.strength, _PASSING)) for finding in found]
    return found


def _first_link(scene: Scene, pod: KubeObject) -> list[Finding]:
    for stage in _STAGES:
        if found := stage(scene, pod):
            return found
    return _gated(scene, pod) or _running(scene, pod) or waiting_findings(scene, pod) or _stalled(scene, pod)


def _gated(scene: Scene, pod: KubeObject) -> list[Finding]:
    """All containers are ready and the pod is not: a readiness gate's condition that nobody has set.

    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate
    """
    gates = [kube.text(gate, "conditionType") for gate in kube.dicts(pod, "spec", "readinessGates")]
    closed = [gate for gate in gates if gate and kube.is_true(pod, gate) is not True]
    ready = kube.condition(pod, "ContainersReady")
    age = scene.age(kube.moment(ready, "lastTransitionTime"))
    if not closed or kube.is_true(pod, "ContainersReady") is not True or (age is not None and age < _START_GRACE_S):
        return []
    seen = [
        observe(pod, "spec.readinessGates", ", ".join(closed)),
        observe(pod, "status.conditions[ContainersReady]", "True", kube.moment(ready, "lastTransitionTime")),
    ]
    summary = f"All containers are ready, but nobody sets the readiness gate {closed[0]}, which the pod waits for."
    return [scene.finding("rollout.stuck", pod, 0.88, summary, seen)]


def _after_crash(scene: Scene, pod: KubeObject) -> list[Finding]:
    found = container_findings(scene, pod)
    killed = [finding for finding in found if scene.catalog.about(finding.code).family == "probe"]
    return (probe_findings(scene, pod) or found) if killed or _killed_by_probe(scene, pod) else found


def _killed_by_probe(scene: Scene, pod: KubeObject) -> bool:
    """Whether the kubelet itself ended a container a moment ago because its probe failed."""
    told = newest(scene.cluster.events_of(pod), "Killing")
    return any(
        event.said("failed liveness probe", "failed startup probe") and scene.recent(event.last, scene.crash_window_s)
        for event in told
    )


def _stuck_end(scene: Scene, pod: KubeObject) -> list[Finding]:
    """A pod that should be gone for longer than its grace period, where the kubelet states what holds it."""
    grace = kube.integer(pod, "metadata", "deletionGracePeriodSeconds", default=30)
    age = scene.age(kube.moment(pod, "metadata", "deletionTimestamp"))
    if age is not None and age < grace + _END_GRACE_S:
        return []
    if newest(scene.cluster.events_of(pod), "FailedKillPod", "FailedUnmount"):
        return sandbox_findings(scene, pod, scene.cluster.events_of(pod))
    return _held_by_finalizer(scene, pod)


def _held_by_finalizer(scene: Scene, pod: KubeObject) -> list[Finding]:
    """A pod that a finalizer keeps, and that its workload waits for before it makes the next one.

    Recreate waits until every old pod is gone, a StatefulSet for each pod of the same name:
    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment.
    """
    held = [text for text in kube.sequence(pod, "metadata", "finalizers") if isinstance(text, str)]
    top = scene.cluster.top(pod)
    waits = kube.kind(top) == "StatefulSet" or kube.text(top, "spec", "strategy", "type") == "Recreate"
    if not held or top is pod or not waits or rollout_status(top).complete:
        return []
    seen = [
        observe(pod, "metadata.finalizers", ", ".join(held)),
        observe(pod, "metadata.deletionTimestamp", "still there", kube.moment(pod, "metadata", "deletionTimestamp")),
    ]
    summary = f"The rollout waits for {kube.ref(pod)} to go, and the finalizer {held[0]} keeps it."
    return [scene.finding("rollout.stuck", pod, 0.93, summary, seen, variant="held-pod")]


def _running(scene: Scene, pod: KubeObject) -> list[Finding]:
    crashed = container_findings(scene, pod)
    if any(finding.strength >= _CARRIES and not finding.unexplained for finding in crashed):
        return crashed
    return probe_findings(scene, pod) or crashed


def _stalled(scene: Scene, pod: KubeObject) -> list[Finding]:
    """A pod that is not ready for longer than a start takes, and nothing states why."""
    phase = kube.text(pod, "status", "phase")
    statuses = kube.container_statuses(pod)
    if kube.readiness(pod) is None and phase in ("", "Running", "Unknown"):
        return []  # too little is known of it to call it unhealthy
    began = max((s.started_at for s in statuses if s.started_at), default=None) or kube.created(pod)
    patience = max([_START_GRACE_S, *(float(probe.patience_s) for probe in probes_of(pod))])
    age = scene.age(began)
    untaken = is_unscheduled(pod) and phase == "Pending" and (age is None or age >= _UNTAKEN_S)
    if untaken and (quiet := _no_scheduler(scene, pod)):
        return quiet
    if age is not None and age < patience and phase != "Failed":
        return []
    said = kube.condition(pod, "Ready")
    reason = kube.text(said, "message") or kube.text(said, "reason")
    seen = [observe(pod, "status.phase", f"{phase or 'unknown'}, not ready" + (f": {reason}" if reason else ""))]
    seen += [observe(pod, f"{s.field}.state", _state(s.raw)) for s in statuses if not s.ready][:2]
    creating = any(kube.text(s.waiting, "reason") == "ContainerCreating" for s in statuses)
    strength = 0.4 if (creating and age is None) or replaced(scene, pod) else 0.5
    return [scene.unexplained(pod, strength, "The pod is not ready, and its objects do not state why.", seen)]


def _no_scheduler(scene: Scene, pod: KubeObject) -> list[Finding]:
    """A pod that no scheduler has judged, though there are nodes: the scheduler has stopped.

    The missing condition speaks first; that no event is there counts only where events reach back past its creation.
    """
    if kube.condition(pod, "PodScheduled") or scene.cluster.events_of(pod) or kube.created(pod) is None:
        return []
    if not scene.cluster.of("Node"):
        return []
    other = kube.text(pod, "spec", "schedulerName", default="default-scheduler")
    seen = [observe(pod, "status.phase", f"Pending, and the scheduler {other} has not checked it")]
    if other != "default-scheduler":
        summary = f"No scheduler called {other} takes up the pod."
        return [scene.finding("config.invalid", pod, 0.65, summary, seen)]
    summary = "No scheduler takes up new pods: the pod has neither a node nor a condition that explains why."
    strength = 0.8 if scene.events_reach(kube.created(pod)) else 0.6
    scheduler = control_plane_pod(scene, "kube-scheduler")
    return [scene.finding("node.scheduler-down", pod, strength, summary, seen, change=scheduler)]


def _done_for(scene: Scene, pod: KubeObject) -> bool:
    """Whether the pod belonged to a Job that succeeded after all."""
    top = scene.cluster.owner(pod)
    return (kube.kind(top) == "Job" and kube.is_true(top, "Complete") is True) or tried_again(scene.cluster, pod)


def _state(raw: object) -> str:
    for state in ("waiting", "terminated", "running"):
        if isinstance(kube.dig(raw, "state", state), dict):
            return f"{state} {kube.text(raw, 'state', state, 'reason')}".strip()
    return "unknown"
