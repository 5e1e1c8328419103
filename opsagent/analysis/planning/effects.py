"""What an action would do to the pods as they are: computed from the objects, not from a code's name."""

import re
from collections.abc import Iterator

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import empty_dirs, lasting_mounts, of_kind, sqlite_paths
from opsagent.analysis.objects.selectors import selector_of, selects
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.plan import Risk
from opsagent.models.service import Service

# States in which a new pod of the same specification waits for the same thing.
_WAITS = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError",
     "RunContainerError"}
)  # fmt: skip


# Words of a step that lets new pods be made.
_NEW_POD = re.compile(r"\bkubectl rollout restart\b|^Restart it\b|\bkubectl delete pod\b")
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
        return "its pods are all Ready: nothing states that new ones would be better"
    for pod in pods:
        waits = [kube.text(status.waiting, "reason") for status in kube.container_statuses(pod)]
        held = next((reason for reason in waits if reason in _WAITS), "")
        if held or (kube.text(pod, "status", "phase") == "Pending" and not any(waits)):
            return f"its pods wait ({held or 'Pending'}): new ones would wait for the same thing"
    return ""


def lost_data(workload: KubeObject, service: Service | None, code: str) -> Iterator[Risk]:
    """Yield what data a new pod costs: of a database file in the container, of an emptyDir.

    code: of the cause; db.locked of a workload without a lasting volume means that its file may be in the container.
    """
    lasting = lasting_mounts(workload)
    inside = [path for path in sqlite_paths(workload) if not any(_under(path, mount) for mount in lasting)]
    if service is not None and service.local_data:
        yield Risk("data-loss", f"its data is in the container and WILL BE LOST: {service.local_data}")
    elif inside:
        yield Risk("data-loss", f"its database is in the container and WILL BE LOST: {', '.join(inside)}")
    elif builtin().is_a(code, "file-lock") and workload and not lasting:
        yield Risk("data-loss", "it has no lasting volume: if its database is a file, IT WILL BE LOST")
    passing = empty_dirs(workload)
    if passing:
        what = ", ".join(passing)
        text = f"emptied: {what} (an emptyDir survives a container's restart, but not a new pod)"
        yield Risk("empty-dir", text)


def with_lost_data(step: str, workload: KubeObject | None, service: Service | None, code: str) -> str:
    """Return a step with the data that it costs, where it lets new pods be made."""
    lost = list(lost_data(workload, service, code)) if workload and _NEW_POD.search(step) else []
    return f"{step} — {'; '.join(risk.text for risk in lost)}" if lost else step


def _under(path: str, mount: str) -> bool:
    root = mount.rstrip("/")
    return path == root or path.startswith(f"{root}/")


def _pods(workload: KubeObject, objects: Objects) -> list[KubeObject]:
    selector = selector_of(workload)
    return [pod for pod in of_kind(objects, "Pod") if selector and selects(selector, kube.labels(pod))]
