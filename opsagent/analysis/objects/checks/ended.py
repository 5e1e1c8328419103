"""Pods that ended without being restarted: evicted, refused by the kubelet, or lost with their node."""

from opsagent.analysis.evidence.rollout import rollout_status
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.analysis.objects.left_behind import of_complete
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject


def ended_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return why a pod ended for good, from its reason and message; weak where its workload has replaced it."""
    reason, message = kube.text(pod, "status", "reason"), kube.text(pod, "status", "message")
    evicted = newest(scene.cluster.events_of(pod), "Evicted") if not reason else []
    if not reason and not evicted:
        return []
    text = f"{reason}: {message}" if message else reason
    seen = [observe(pod, "status.reason", text)] if reason else [observe_event(evicted[0])]
    strength = 0.35 if replaced(scene, pod) else 0.93
    if reason == "Evicted" or evicted:
        told = (message or evicted[0].message) if evicted or message else ""
        summary = "The pod was evicted from its node" + (", which was short of a resource." if _short(told) else ".")
        own = "own-limit" if "exceeds the total limit" in told or "exceeded its local" in told else ""
        return [scene.finding("pod.evicted", pod, strength, summary, seen, variant=own)]
    row = scene.catalog.reason(reason, "pod")
    if row is not None and row.rung == "admitted":  # put on a node where it does not fit
        return [scene.finding(row.code, pod, min(strength, 0.85), f"The node refused the pod ({reason}).", seen)]
    if reason.startswith("OutOf"):
        summary = f"The node refused the pod ({reason})."
        return [scene.finding("scheduling.extended-resource", pod, min(strength, 0.85), summary, seen)]
    if row is not None and scene.catalog.is_a(row.code, "whole-node"):
        node = kube.text(pod, "spec", "nodeName")
        summary = "The node under the pod was lost or shut down."
        change = f"Node/{node}" if node else None
        return [scene.finding(row.code, pod, min(strength, 0.6), summary, seen, change=change)]
    return []


def replaced(scene: Scene, pod: KubeObject) -> bool:
    """Return whether the pod's workload is complete without it: then the pod is history."""
    top = scene.cluster.top(pod)
    if top is pod and next(kube.owners(pod), None) is None:
        return of_complete(scene.cluster, pod)
    if kube.kind(top) not in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        return False
    return bool(kube.mapping(top, "status")) and rollout_status(top).complete


def _short(message: str) -> bool:
    said = message.lower()
    return "low on resource" in said or "pressure" in said or "exceed" in said or "threshold" in said
