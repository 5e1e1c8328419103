"""Images that cannot be pulled: a wrong name, a missing right, or a registry out of reach."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.analysis.objects.kube import ContainerStatus
from opsagent.analysis.objects.preparing import PULLING
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject


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
    code, strength = _judge(scene, " ".join(kube.text(s.waiting, "reason") for s in waiting), " · ".join(telling))
    seen = [_state(pod, status) for status in waiting[:2]] + [observe_event(event) for event in pulls[:2]]
    secrets = newest(events, "FailedToRetrieveImagePullSecret")
    absent = _absent_secrets(scene, pod)
    if (secrets or absent) and code != "image.registry-unreachable":
        seen += [observe_event(event) for event in secrets[:1]]
        seen += (
            [observe(pod, "spec.imagePullSecrets", f"refers to {', '.join(absent)}, which is not there")]
            if absent
            else []
        )
        # Without its pull secret a private image reads as absent.
        code, strength = "image.auth", 0.9
    image = _image(pod, waiting)
    found = scene.finding(code, pod, strength, scene.catalog.summary("image", code).format(image=image), seen)
    if strength < 0.8 and code == "image.not-found":
        summary = scene.catalog.summary("image", "image.auth").format(image=image)
        return [found, scene.finding("image.auth", pod, 0.4, summary, seen)]
    return [found]


def _judge(scene: Scene, reasons: str, message: str) -> tuple[str, float]:
    row = scene.catalog.message("image", message)
    limited = row is not None and row.then == "before the reason"
    if not limited and ("InvalidImageName" in reasons or "ErrImageNeverPull" in reasons):
        return "image.not-found", 0.95
    if not limited and "RegistryUnavailable" in reasons:
        return "image.registry-unreachable", 0.9
    return (row.code, row.strength) if row is not None else ("image.not-found", 0.55)


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
