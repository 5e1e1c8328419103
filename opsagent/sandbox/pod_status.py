"""Change one pod's status the way a kubelet does."""

from typing import Any

from .agenda import stamp
from .facts import Json

_NOT_READY = "containers with unready status: [{}]"


def pending(pod: Json, at: float) -> None:
    """Put a pod into the state right after scheduling: containers being created."""
    status = pod["status"]
    status["phase"] = "Pending"
    status["startTime"] = stamp(at)
    status["conditions"] = []
    status["containerStatuses"] = [
        _container(spec, {"waiting": {"reason": "ContainerCreating"}}) for spec in pod["spec"]["containers"]
    ]
    if pod["spec"].get("initContainers"):
        status["initContainerStatuses"] = [
            _container(spec, {"terminated": _end(0, "Completed", at, at)}) | {"ready": True}
            for spec in pod["spec"]["initContainers"]
        ]
    for kind in ("PodReadyToStartContainers", "Initialized", "PodScheduled"):
        condition(pod, kind, holds=True, at=at)
    ready(pod, yes=False, at=at)


def unscheduled(pod: Json) -> None:
    """Put a pod into the state in which the API server takes it in: no node, no condition, no container."""
    pod["spec"].pop("nodeName", None)
    pod["status"] = {"phase": "Pending", "qosClass": pod["status"].get("qosClass", "Burstable")}


def running(pod: Json, at: float, address: str, container: str | None = None) -> None:
    """Let the containers (or one of them) run, not ready yet."""
    pod["status"] |= {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}
    for entry in entries(pod, container):
        entry["state"] = {"running": {"startedAt": stamp(at)}}
        entry["started"] = True
        entry["containerID"] = "containerd://" + pod["metadata"]["uid"].replace("-", "")
        entry["imageID"] = f"docker.io/{entry['image']}"


def ready(pod: Json, *, yes: bool, at: float) -> None:
    """Set readiness of the containers and of the pod."""
    names = [entry["name"] for entry in pod["status"]["containerStatuses"]]
    for entry in pod["status"]["containerStatuses"]:
        entry["ready"] = yes
    for kind in ("Ready", "ContainersReady"):
        if yes:
            condition(pod, kind, holds=True, at=at)
        else:
            message = _NOT_READY.format(" ".join(names))
            condition(pod, kind, holds=False, at=at, reason="ContainersNotReady", message=message)


def terminated(pod: Json, code: int, reason: str, at: float) -> None:
    """End the first container's run."""
    entry = pod["status"]["containerStatuses"][0]
    begun = entry.get("state", {}).get("running", {}).get("startedAt") or pod["status"]["startTime"]
    entry["state"] = {"terminated": {**_end(code, reason, at, at), "startedAt": begun}}
    entry["started"] = False
    ready(pod, yes=False, at=at)


def waiting(pod: Json, reason: str, message: str, at: float) -> None:
    """Let the first container wait; a run that ended before becomes its last state."""
    entry = pod["status"]["containerStatuses"][0]
    if "terminated" in entry["state"]:
        entry["lastState"] = entry["state"]
    entry["state"] = {"waiting": {"reason": reason, "message": message}}
    entry["started"] = False
    ready(pod, yes=False, at=at)


def restarted(pod: Json) -> None:
    """Count a restart of the first container; the run that ended becomes its last state."""
    entry = pod["status"]["containerStatuses"][0]
    if "terminated" in entry["state"]:
        entry["lastState"] = entry["state"]
    entry["restartCount"] += 1


def condition(pod: Json, kind: str, *, holds: bool, at: float, reason: str = "", message: str = "") -> None:
    """Set one condition; its transition time moves only when its status changes."""
    conditions = pod["status"]["conditions"]
    status = "True" if holds else "False"
    old = next((entry for entry in conditions if entry["type"] == kind), None)
    changed = old is None or old["status"] != status
    when = stamp(at) if changed or old is None else old["lastTransitionTime"]
    fresh: Json = {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": when}
    fresh |= {key: text for key, text in (("reason", reason), ("message", message)) if text}
    if old is None:
        conditions.append(fresh)
    else:
        conditions[conditions.index(old)] = fresh


def is_ready(pod: Json) -> bool:
    """Return whether a pod is Ready and not on its way out."""
    if "deletionTimestamp" in pod["metadata"]:
        return False
    conditions = pod["status"].get("conditions", [])
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)


def entries(pod: Json, container: str | None = None) -> list[Json]:
    """Return the statuses of all containers, or of one."""
    found: list[Json] = pod["status"]["containerStatuses"]
    return [entry for entry in found if container in (None, entry["name"])]


def _container(spec: Json, state: Json) -> Json:
    fixed: dict[str, Any] = {"name": spec["name"], "image": spec["image"], "imageID": "", "restartCount": 0}
    return {**fixed, "ready": False, "started": False, "state": state, "lastState": {}}


def _end(code: int, reason: str, begun: float, at: float) -> Json:
    return {"exitCode": code, "reason": reason, "startedAt": stamp(begun), "finishedAt": stamp(at)}
