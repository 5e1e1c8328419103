"""Volumes that are not attached to the node of a pod that waits for them: which actor is silent, and what refused.

The attach/detach controller of the controller manager writes a VolumeAttachment for each pair of volume and node, the
driver's external attacher carries it out and states how it went: https://kubernetes-csi.github.io/docs/external-attacher.html.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.nodes import control_plane_pod
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

KIND = "VolumeAttachment"
_WRITTEN_S = 60.0  # the controller writes it within a second of the binding
_ATTACHED_S = 180.0  # a cloud's disk takes up to a minute; attachers try again after failures
_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})
_SAID = ("FailedAttachVolume", "SuccessfulAttachVolume")


def attachment_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return what keeps a pod's volumes from being attached to its node; nothing where attachments were not read."""
    node, age = kube.text(pod, "spec", "nodeName"), scene.age(_bound(pod))
    if KIND not in scene.cluster.looked or not node or age is None:
        return []
    for volume in _attachable(scene, pod):
        of_volume = _by_volume(scene).get(kube.name(volume), [])
        own = next((item for item in of_volume if kube.text(item, "spec", "nodeName") == node), None)
        elsewhere = [item for item in of_volume if item is not own and kube.dig(item, "status", "attached") is True]
        if own is not None and kube.dig(own, "status", "attached") is True:
            continue
        if elsewhere and not _SHARED & set(kube.words(volume, "spec", "accessModes")):
            return [_held(scene, pod, volume, elsewhere[0])]
        if own is None and age >= _WRITTEN_S and not newest(scene.cluster.events_of(pod), *_SAID):
            return [_unwritten(scene, pod, volume, node)]
        if own is not None and (found := _not_carried_out(scene, pod, own)):
            return found
    return []


def _bound(pod: KubeObject) -> datetime | None:
    return kube.moment(kube.condition(pod, "PodScheduled"), "lastTransitionTime") or kube.created(pod)


def _attachable(scene: Scene, pod: KubeObject) -> Iterator[KubeObject]:
    """Yield the bound CSI volumes of a pod whose driver has its volumes attached."""
    for entry in kube.dicts(pod, "spec", "volumes"):
        claim = scene.cluster.get(
            "PersistentVolumeClaim", kube.text(entry, "persistentVolumeClaim", "claimName"), kube.namespace(pod)
        )
        volume = scene.cluster.get("PersistentVolume", kube.text(claim, "spec", "volumeName"))
        driver = kube.text(volume, "spec", "csi", "driver")
        if volume is not None and driver and _attaches(scene, driver):
            yield volume


def _attaches(scene: Scene, driver: str) -> bool:
    """Whether a driver's volumes are attached: its CSIDriver states it, else any attachment that it has shows it."""
    known = scene.cluster.get("CSIDriver", driver)
    if known is not None:
        return kube.dig(known, "spec", "attachRequired") is not False
    return any(kube.text(item, "spec", "attacher") == driver for item in scene.cluster.of(KIND))


def _by_volume(scene: Scene) -> dict[str, list[KubeObject]]:
    def grouped() -> dict[str, list[KubeObject]]:
        found: dict[str, list[KubeObject]] = defaultdict(list)
        for item in scene.cluster.of(KIND):
            found[kube.text(item, "spec", "source", "persistentVolumeName")].append(item)
        return found

    return scene.cluster.once("attachments by volume", grouped)


def _held(scene: Scene, pod: KubeObject, volume: KubeObject, attachment: KubeObject) -> Finding:
    """The volume is attached to another node: one that is gone or not ready cannot let go of it."""
    other = kube.text(attachment, "spec", "nodeName")
    seen: list[Observation] = [
        observe(attachment, "spec.nodeName", f"{kube.ref(volume)} is attached to {other}"),
        *[observe_event(e) for e in newest(scene.cluster.events_of(pod), "FailedAttachVolume")[:1]],
    ]
    if other in scene.sick_nodes:
        summary = f"The volume is attached to {other}, which is not ready and so does not let go of it."
        return scene.finding("node.not-ready", pod, 0.88, summary, seen, change=f"Node/{other}")
    gone = scene.cluster.absent("Node", other)
    if gone:
        seen.append(observe(attachment, "spec.nodeName", f"Node/{other} is not there any more"))
        summary = f"The volume is still attached to {other}, a node that is gone; nobody detaches it."
    else:
        seen += [observe(user, "spec.nodeName", f"uses it on {other}") for user in _users(scene, volume, other)[:1]]
        summary = f"The volume is attached to {other}, and can be attached only once."
    change, variant = (kube.ref(attachment), "node-gone") if gone else (None, "")
    return scene.finding("volume.occupied", pod, 0.9, summary, seen, change=change, variant=variant)


def _users(scene: Scene, volume: KubeObject, node: str) -> list[KubeObject]:
    claim, space = kube.text(volume, "spec", "claimRef", "name"), kube.text(volume, "spec", "claimRef", "namespace")
    return [
        pod
        for pod in scene.pod_running_on(node)
        if kube.namespace(pod) == space
        and any(
            kube.text(entry, "persistentVolumeClaim", "claimName") == claim
            for entry in kube.dicts(pod, "spec", "volumes")
        )
    ]


def _unwritten(scene: Scene, pod: KubeObject, volume: KubeObject, node: str) -> Finding:
    since = _bound(pod)
    seen = [observe(volume, "status.phase", f"Bound, and no VolumeAttachment to {node} was written", since)]
    summary = "The attach/detach controller does not act: nobody asks for the volume to be attached to the pod's node."
    strength, manager = 0.82 if scene.events_reach(since) else 0.65, control_plane_pod(scene, "kube-controller-manager")
    return scene.finding("node.controller-manager-down", pod, strength, summary, seen, change=manager, at=since)


def _not_carried_out(scene: Scene, pod: KubeObject, attachment: KubeObject) -> list[Finding]:
    driver = kube.text(attachment, "spec", "attacher")
    if said := kube.text(attachment, "status", "attachError", "message"):
        seen = [
            observe(attachment, "status.attachError", said, kube.moment(attachment, "status", "attachError", "time"))
        ]
        row = scene.catalog.message("mount", said)
        code, strength, summary = (row.code, row.strength, row.summary) if row else _REFUSED
        return [scene.finding(code, pod, strength, summary, seen, variant=row.variant if row else "")]
    age = scene.age(kube.created(attachment))
    if age is None or age < _ATTACHED_S:
        return []
    seen = [observe(attachment, "status.attached", f"false for {age:.0f} s, without an error")]
    summary = f"The attacher of the driver {driver} does not act: the volume is asked for, and nobody attaches it."
    return [scene.finding("volume.mount-failed", pod, 0.85, summary, seen, variant="attacher-silent")]


_REFUSED = ("volume.mount-failed", 0.88, "The driver cannot attach the volume to the pod's node.")
