"""A row of `kubectl get pods` as the pod that it stands for: its STATUS column read back into container states."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from opsagent.clients.handed_over import ages

_RESTARTS = re.compile(r"^(?P<count>\d+)(?: \((?P<ago>\S+) ago\))?")
_INIT = re.compile(r"^Init:(?:(?P<done>\d+)/(?P<all>\d+)|(?P<reason>\S+))$")
_GATES = re.compile(r"^(?P<open>\d+)/(?P<all>\d+)$")
_SIGNAL = re.compile(r"^(?:Signal:(?P<signal>\d+)|ExitCode:(?P<code>\d+))$")
_NONE = frozenset({"", "<none>"})
# Words that kubectl takes from the pod, not from a container (printPod in kubernetes/pkg/printers/internalversion).
_PHASES = frozenset({"Pending", "Running", "Succeeded", "Failed", "Unknown"})
_OF_POD = frozenset({"Evicted", "NodeLost", "NodeAffinity", "UnexpectedAdmissionError", "Shutdown", "Terminated",
                     "Preempting", "OutOfcpu", "OutOfmemory", "OutOfpods", "NodeShutdown"})  # fmt: skip
_ENDED = frozenset({"Completed", "Error", "OOMKilled", "ContainerCannotRun", "DeadlineExceeded", "StartError",
                    "ContainerStatusUnknown"})  # fmt: skip

_STARTED_AGAIN = timedelta(minutes=10)  # a container that ended is, within its back-off of five
_WAITING = ("Init:", "ErrImage", "ImagePull", "ContainerCreating", "CreateContainer", "PodInitializing",
            "InvalidImageName", "SchedulingGated")  # fmt: skip


def pod_row(row: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return spec and status of the pod behind a row; `now` is when it was printed."""
    state = row.get("STATUS", "")
    ready, total = _ready(row.get("READY", ""))
    restarts, restarted = _restarts(row.get("RESTARTS", ""), now)
    phase = _phase(state, ready, total)
    if phase == "Running" and state in _ENDED and not restarts and not ready and _long_ended(row):
        phase = "Failed"  # a container that is to be started again would have been
    spec: dict[str, Any] = {"containers": [{"name": f"container-{place + 1}"} for place in range(total)]}
    if row.get("NODE", "") not in _NONE:
        spec["nodeName"] = row["NODE"]
    status: dict[str, Any] = {"phase": phase}
    gates = _GATES.match(row.get("READINESS GATES", ""))
    if state in _OF_POD:
        status["reason"] = state
    if row.get("IP", "") not in _NONE:
        status["podIP"] = row["IP"]
    if gates is not None:
        spec["readinessGates"] = [{"conditionType": f"gate-{place + 1}"} for place in range(int(gates["all"]))]
    init = _INIT.match(state)
    if init:
        spec["initContainers"] = [{"name": "init-1"}]
        status["initContainerStatuses"] = [_init(init, restarts)]
    if phase != "Pending" or state != "Pending":
        status["containerStatuses"] = _statuses(
            state if not init else "PodInitializing", ready, total, restarts, restarted
        )
    born = ages.age(row.get("AGE", ""))
    closed = gates is not None and gates["open"] != gates["all"]
    if ready == total and total and phase == "Running" and not closed:
        status["conditions"] = [{"type": "Ready", "status": "True"}]
    elif phase in ("Running", "Pending"):
        status["conditions"] = [{"type": "Ready", "status": "False"}]
        if closed and ready == total and total:
            since = {} if restarts or born is None else {"lastTransitionTime": ages.stamp(now - born)}
            status["conditions"].append({"type": "ContainersReady", "status": "True", **since})
    return {"spec": spec, "status": status}


def _long_ended(row: Mapping[str, str]) -> bool:
    born = ages.age(row.get("AGE", ""))
    return born is not None and born >= _STARTED_AGAIN


def _ready(text: str) -> tuple[int, int]:
    found = re.match(r"(\d+)/(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _restarts(text: str, now: datetime) -> tuple[int, str | None]:
    found = _RESTARTS.match(text)
    if found is None:
        return 0, None
    ago = ages.age(found["ago"] or "")
    return int(found["count"]), ages.stamp(now - ago) if ago is not None else None


def _phase(state: str, ready: int, total: int) -> str:
    if state in _PHASES:
        return state
    if state in _OF_POD or (state in _ENDED and state != "Completed" and ready == 0 and total <= 1):
        # A container whose end nobody saw is of a pod that its kubelet has given up: it is not started again.
        return "Failed" if state in _OF_POD or state == "ContainerStatusUnknown" else "Running"
    if state == "Completed":
        return "Succeeded"
    waits = state.startswith(_WAITING)
    return "Pending" if waits and ready == 0 else "Running"


def _init(found: re.Match[str], restarts: int) -> dict[str, Any]:
    reason = found["reason"]
    if reason is None:
        return {"name": "init-1", "ready": False, "restartCount": restarts, "state": {"running": {}}}
    return {"name": "init-1", "ready": False, "restartCount": restarts, "state": _state(reason)}


def _statuses(state: str, ready: int, total: int, restarts: int, restarted: str | None) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for place in range(total):
        is_ready = place < ready
        # The word in the STATUS column is the last container's that is not healthy.
        entry: dict[str, Any] = {
            "name": f"container-{place + 1}",
            "ready": is_ready,
            "restartCount": restarts if place == total - 1 else 0,
            "state": {"running": {}} if is_ready else _state(state),
        }
        if place == total - 1 and restarts and restarted:
            entry["lastState"] = {"terminated": {"finishedAt": restarted}}
        out.append(entry)
    return out


def _state(word: str) -> dict[str, Any]:
    ended = _SIGNAL.match(word)
    if ended:
        how = {"signal": int(ended["signal"])} if ended["signal"] else {"exitCode": int(ended["code"])}
        return {"terminated": {"reason": "Error", **how}}
    if word in _ENDED:
        code = {"Completed": {"exitCode": 0}, "OOMKilled": {"exitCode": 137}}.get(word, {})
        return {"terminated": {"reason": word, **code}}
    if word in ("Running", "Terminating", "Unknown", "NotReady"):
        return {"running": {}}
    if word in _PHASES:
        return {}
    return {"waiting": {"reason": word}}
