"""Images that cannot be pulled: a wrong name, a missing right, or a registry out of reach."""

from opsagent.analysis.catalog.records import Message
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.analysis.objects.kube import ContainerStatus
from opsagent.analysis.objects.preparing import PULLING
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_PRIVATE = "image.auth"


def image_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return why images of a pod are not pulled, from its container states and events."""
    events = scene.cluster.events_of(pod)
    waiting = [s for s in kube.container_statuses(pod) if kube.text(s.waiting, "reason") in PULLING]
    # A sandbox or volume may fail later on: an event alone counts only where no state states otherwise.
    if not waiting and (kube.container_statuses(pod) or not newest(events, "Failed", "InspectFailed")):
        return []
    pulls = [e for e in newest(events, "Failed", "InspectFailed", "ErrImageNeverPull") if e.said("image")]
    if not waiting and not pulls:
        return []
    messages = [kube.text(status.waiting, "message") for status in waiting] + [event.message for event in pulls]
    telling = [message for message in messages if not message.startswith("Back-off pulling")]
    row = _judge(scene, " ".join(kube.text(s.waiting, "reason") for s in waiting), " · ".join(telling))
    seen = [_state(pod, status) for status in waiting[:2]] + [observe_event(event) for event in pulls[:2]]
    secrets = newest(events, "FailedToRetrieveImagePullSecret")
    absent = _absent_secrets(scene, pod)
    code, strength, or_private = row.code, row.strength, row.then == "or private"
    if (secrets or absent) and row.then != "unreached":
        seen += [observe_event(event) for event in secrets[:1]]
        seen += (
            [observe(pod, "spec.imagePullSecrets", f"refers to {', '.join(absent)}, which is not there")]
            if absent
            else []
        )
        # Without its pull secret a private image reads as absent.
        code, strength, or_private = _PRIVATE, 0.9, False
    image = _image(pod, waiting)
    found = scene.finding(code, pod, strength, scene.catalog.summary("image", code).format(image=image), seen)
    if or_private:
        summary = scene.catalog.summary("image", _PRIVATE).format(image=image)
        return [found, scene.finding(_PRIVATE, pod, 0.4, summary, seen)]
    return [found]


def _judge(scene: Scene, reasons: str, message: str) -> Message:
    row = scene.catalog.message("image", message)
    assert row is not None  # its last row takes every text
    return row if row.then == "before the reason" else scene.catalog.message("image-reason", reasons) or row


def _absent_secrets(scene: Scene, pod: KubeObject) -> list[str]:
    names = [kube.text(item, "name") for item in kube.dicts(pod, "spec", "imagePullSecrets")]
    return [name for name in names if name and scene.cluster.absent("Secret", name, kube.namespace(pod))]


def _image(pod: KubeObject, waiting: list[ContainerStatus]) -> str:
    for status in waiting:
        for container in kube.containers(pod):
            if container.name == status.name and kube.text(container.raw, "image"):
                return kube.text(container.raw, "image")
        if kube.text(status.raw, "image"):
            return kube.text(status.raw, "image")
    return next((kube.text(item.raw, "image") for item in kube.containers(pod)), "") or "of the pod"


def _state(pod: KubeObject, status: ContainerStatus) -> Observation:
    reason, message = kube.text(status.waiting, "reason"), kube.text(status.waiting, "message")
    return observe(pod, f"{status.field}.state.waiting", f"{reason}: {message}" if message else reason)
