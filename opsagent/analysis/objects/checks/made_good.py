"""What failed on the way and has been done since: a pod that got its node, an image that was pulled."""

import re
from collections.abc import Iterator, Sequence

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.event import KubeEvent, about
from opsagent.analysis.objects.left_behind import of_complete
from opsagent.models.observed import KubeObject

_IMAGES = frozenset({"Failed", "BackOff", "ErrImagePull", "ImagePullBackOff", "InspectFailed"})
_PULLED = ("Pulled", "Created", "Started")
_DELETED = re.compile(r"^Deleted pod: (\S+)$")
# What shows that the step which a warning is about was taken after all.
_DONE = {
    "FailedScheduling": ("Scheduled", "Pulling", *_PULLED),
    "FailedMount": _PULLED,
    "FailedAttachVolume": ("SuccessfulAttachVolume", *_PULLED),
    "FailedCreatePodSandBox": ("Pulling", *_PULLED),
}
_ROUNDED_S = 60.0  # kubectl prints ages in minutes
_FEW, _QUIET_S = 3, 120.0  # probes are repeated every few seconds: one that fails again is reported within two minutes


def went_well(scene: Scene, pod: KubeObject) -> bool:
    """Return whether all that events complain of about a pod that was not read itself has been done since."""
    if pod.get("spec") or pod.get("status"):
        return False
    events = scene.cluster.events_of(pod)
    warnings = [event for event in events if event.warning]
    if not warnings:
        return False
    done = all(_done(scene, event, events) for event in warnings)
    return done or of_complete(scene.cluster, pod) or _key(pod) in _deleted(scene)


def _deleted(scene: Scene) -> frozenset[tuple[str, str]]:
    """Return (namespace, name) of the pods that their ReplicaSets deleted: such a name does not come again."""
    return scene.cluster.once("pods deleted by their ReplicaSet", lambda: frozenset(_deletions(scene)))


def _deletions(scene: Scene) -> Iterator[tuple[str, str]]:
    for item in scene.cluster.of("Event"):
        if kube.text(item, "reason") == "SuccessfulDelete" and about(item)[0] == "ReplicaSet":
            found = _DELETED.search(kube.text(item, "message") or kube.text(item, "note"))
            if found:
                yield about(item)[2], found[1]


def _key(pod: KubeObject) -> tuple[str, str]:
    return kube.namespace(pod), kube.name(pod)


def _done(scene: Scene, event: KubeEvent, events: Sequence[KubeEvent]) -> bool:
    if event.last is None:
        return False
    if event.reason == "Unhealthy":
        return _asked_to_end(event, events) or _quiet_since(scene, event)
    pulls = event.reason in _IMAGES and event.said("pull", "image")
    good = _PULLED if pulls else _DONE.get(event.reason, ())
    return any(other.reason in good and other.last is not None and other.last >= event.last for other in events)


def _asked_to_end(event: KubeEvent, events: Sequence[KubeEvent]) -> bool:
    """Return whether the pod was being stopped in good order then: a program that ends answers no probe."""
    ends = [other for other in events if other.reason == "Killing" and other.said("stopping container")]
    return any(
        other.last is not None and event.last is not None and (event.last - other.last).total_seconds() >= -_ROUNDED_S
        for other in ends
    )


def _quiet_since(scene: Scene, event: KubeEvent) -> bool:
    age = scene.age(event.last)
    return event.count <= _FEW and age is not None and age >= _QUIET_S
