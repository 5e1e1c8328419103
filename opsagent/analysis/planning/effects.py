"""What an action would do to the pods as they are: computed from the objects, not from a code's name."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import of_kind
from opsagent.analysis.objects.selectors import selector_of, selects
from opsagent.models.look import KubeObject, Objects

# States in which a new pod of the same specification waits for the same thing.
_WAITS = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError",
     "RunContainerError"}
)  # fmt: skip


_ENOUGH = 3  # restarts by the kubelet with one end are a proof; one or two may be a coincidence


def same_end_again(workload: KubeObject, objects: Objects) -> str:
    """Return why a restart was tried already: the kubelet restarted a container and it ended the same way each time.

    "" where that is not known. What starts again and again and never stays up is not helped by one start more.
    """
    for pod in _pods(workload, objects):
        for status in kube.container_statuses(pod):
            looping = kube.text(status.waiting, "reason") == "CrashLoopBackOff" or not status.ready
            end = kube.optional_integer(status.last_terminated, "exitCode")
            if status.group == "container" and looping and status.restarts >= _ENOUGH and end is not None:
                return f"the kubelet restarted it {status.restarts} times, and each time it ended (exit code {end})"
    return ""


def new_pods_wait(workload: KubeObject, objects: Objects) -> str:
    """Return why new pods of this Deployment would be no better, "" where they may be."""
    pods = _pods(workload, objects)
    if not pods:
        return "none of its pods was seen: why it has none comes first"
    if all(map(kube.deleting, pods)):
        return "its pods are being deleted already: what keeps them comes first"
    if all(kube.is_ready(pod) and not kube.deleting(pod) for pod in pods):
        return "its pods are all Ready: nothing says that new ones would be better"
    for pod in pods:
        waits = [kube.text(status.waiting, "reason") for status in kube.container_statuses(pod)]
        held = next((reason for reason in waits if reason in _WAITS), "")
        if held or (kube.text(pod, "status", "phase") == "Pending" and not any(waits)):
            return f"its pods wait ({held or 'Pending'}): new ones would wait for the same thing"
    return ""


def _pods(workload: KubeObject, objects: Objects) -> list[KubeObject]:
    selector = selector_of(workload)
    return [pod for pod in of_kind(objects, "Pod") if selector and selects(selector, kube.labels(pod))]
