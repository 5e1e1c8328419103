"""How far a kubelet has come with a pod that it took up: volumes, sandbox and network, images.

The kubelet waits for the volumes, then has the sandbox made and joined to the network, then pulls the images:
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-has-network.
"""

from collections.abc import Iterable

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.event import KubeEvent
from opsagent.models.observed import KubeObject

PREPARED = {
    "volumes": "the kubelet, and the storage driver",
    "sandbox": "the container runtime and the CNI of its node",
    "images": "the container runtime, and the registry",
}
_OF_VOLUMES = frozenset({"FailedMount", "FailedAttachVolume", "FailedMapVolume"})
_OF_SANDBOX = frozenset({"FailedCreatePodSandBox", "NetworkNotReady"})
_OF_IMAGES = frozenset({"Pulling", "Pulled", "BackOff", "Failed", "InspectFailed", "ErrImageNeverPull"})
_AFTER_IMAGES = frozenset({"Created", "Started"})
# Reasons for which a container waits for its image.
PULLING = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable",
     "ImageInspectError"}
)  # fmt: skip
_UNTOLD = frozenset({"ContainerCreating", "PodInitializing"})


def prepared(pod: KubeObject, events: Iterable[KubeEvent]) -> frozenset[str]:
    """Return which of the steps in PREPARED are done, by the pod's status, else by what its kubelet reported last."""
    statuses = kube.container_statuses(pod)
    waits = {reason for status in statuses if (reason := kube.text(status.waiting, "reason"))}
    if any(status.running or status.terminated or status.last_terminated for status in statuses):
        return frozenset({"volumes", "sandbox"} | ({"images"} if not waits & PULLING else set()))
    if waits & PULLING:
        return frozenset({"volumes", "sandbox"})
    if waits - _UNTOLD:  # it could not be created: CreateContainerConfigError comes after the pull
        return frozenset(PREPARED)
    last = _last_step(events)
    sandbox = kube.is_true(pod, "PodReadyToStartContainers") is True or bool(kube.text(pod, "status", "podIP"))
    if last in ("images", "created") or sandbox:
        return frozenset(PREPARED if last == "created" else {"volumes", "sandbox"})
    return frozenset({"volumes"} if last == "sandbox" else ())


def _last_step(events: Iterable[KubeEvent]) -> str:
    """Return the furthest step that the newest telling event shows; "" without one."""
    found = ""
    for event in events:  # oldest first
        for step, reasons in (("volumes", _OF_VOLUMES), ("sandbox", _OF_SANDBOX), ("images", _OF_IMAGES),
                              ("created", _AFTER_IMAGES)):  # fmt: skip
            if event.reason in reasons:
                found = step
    return found
