"""Pods that wait for their volumes or sandbox: what the kubelet states while it prepares them."""

import re

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.attachments import attachment_findings
from opsagent.analysis.objects.checks.config_refs import missing_of
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.analysis.objects.event import KubeEvent
from opsagent.models.evidence import UNKNOWN, Finding
from opsagent.models.observed import KubeObject

_CLAIM_MISSING = re.compile(r"(?i)persistentvolumeclaim \"([^\"]+)\" not found")
# The kubelet's own caches need a moment after a start: no fault of the pod's.
_PASSING = ("not registered", "failed to sync configmap cache", "failed to sync secret cache", "token request")
_OF_VOLUMES = frozenset({"volume", UNKNOWN})  # families of what an event reports about volumes
# What the kubelet reports after the sandbox is there.
_AFTER_SANDBOX = ("Pulling", "Pulled", "Created", "Started")


def mount_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return why volumes of a pod cannot be attached or mounted, or its sandbox not be made."""
    statuses = kube.container_statuses(pod)
    if any(status.running or status.terminated or status.last_terminated for status in statuses):
        return []  # volumes and sandbox are there by then
    events = scene.cluster.events_of(pod)
    started = newest(events, "Created", "Started")
    if started and not any(e.last and started[0].last and e.last > started[0].last for e in events if e.warning):
        return []  # the same, of a pod that only events name
    mounts = newest(
        events, "FailedMount", "FailedAttachVolume", "FailedMapVolume", "VolumeMountFailed", "FailedBinding"
    )
    telling = [event for event in mounts if not event.said(*_PASSING)]
    attached = attachment_findings(scene, pod)  # what the objects state outweighs what an event reported about it
    found = [_mount(scene, pod, event) for event in telling]
    found = attached + [one for one in found if not attached or scene.catalog[one.code].family not in _OF_VOLUMES]
    found.sort(key=lambda finding: finding.strength, reverse=True)
    return found[:2] or _missing_claims(scene, pod) or sandbox_findings(scene, pod, events)


def _mount(scene: Scene, pod: KubeObject, event: KubeEvent) -> Finding:
    seen = [observe_event(event)]
    row = scene.catalog.message("mount", event.message)
    if row is not None:
        summary = missing_of(event.message) if row.then == "names" else ""
        return scene.finding(row.code, pod, row.strength, summary or row.summary, seen, variant=row.variant)
    summary = "A volume of the pod cannot be attached or mounted."
    return scene.finding("volume.mount-failed", pod, 0.85, summary, seen)


def _missing_claims(scene: Scene, pod: KubeObject) -> list[Finding]:
    for index, volume in enumerate(kube.dicts(pod, "spec", "volumes")):
        claim = kube.text(volume, "persistentVolumeClaim", "claimName")
        if claim and scene.cluster.absent("PersistentVolumeClaim", claim, kube.namespace(pod)):
            seen = [observe(pod, f"spec.volumes[{index}].persistentVolumeClaim", f"{claim}, which is not there")]
            seen += [observe_event(event) for event in newest(scene.cluster.events_of(pod), "FailedScheduling")[:1]]
            summary = f"The PersistentVolumeClaim {claim} that the pod mounts does not exist."
            return [scene.finding("config.missing-object", pod, 0.85, summary, seen)]
    told = [e for e in newest(scene.cluster.events_of(pod), "FailedScheduling") if _CLAIM_MISSING.search(e.message)]
    if told and kube.kind(pod) == "Pod":
        summary = "The PersistentVolumeClaim that the pod mounts does not exist."
        return [scene.finding("config.missing-object", pod, 0.88, summary, [observe_event(told[0])])]
    return []


def sandbox_findings(scene: Scene, pod: KubeObject, events: list[KubeEvent]) -> list[Finding]:
    """Return why the pod's sandbox cannot be made or removed; nothing where a container was made since."""
    if _came_further(events):
        return []
    failed = newest(events, "FailedCreatePodSandBox", "FailedCreatePodContainer", "FailedKillPod")
    network = newest(events, "NetworkNotReady")
    if not failed and not network:
        return []
    seen = [observe_event(event) for event in [*failed, *network][:2]]
    node = kube.text(pod, "spec", "nodeName")
    on_node = f"Node/{node}" if node else None
    text = "\n".join(event.message for event in [*failed, *network])
    row = scene.catalog.message("sandbox", text + ("\nnetwork is not ready" if network else ""))
    if row is not None:
        own = scene.catalog.is_a(row.code, "whole-node") or scene.catalog.order(row.code) == 0
        return [scene.finding(row.code, pod, row.strength, row.summary, seen, change=on_node if own else None)]
    return [scene.unexplained(pod, 0.5, "The pod's sandbox cannot be made, and nothing states why.", seen)]


def _came_further(events: list[KubeEvent]) -> bool:
    """Whether the pod got past its sandbox after the newest failure to make one."""
    failed = max((e.last for e in newest(events, "FailedCreatePodSandBox") if e.last), default=None)
    after = max((e.last for e in newest(events, *_AFTER_SANDBOX) if e.last), default=None)
    return failed is not None and after is not None and after > failed
