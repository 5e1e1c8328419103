"""What Kubernetes says of one service: whether its pods are ready, and whether they crashed lately."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from opsagent.models.evidence import Observation, Symptom
from opsagent.models.look import KubeObject, Objects
from opsagent.models.service import Service

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController")
# A pod that waits for one of these starts as it should; every other reason names a fault.
_STARTING = frozenset({"", "ContainerCreating", "PodInitializing"})
_START_GRACE = timedelta(seconds=120)  # pulling, creating, first probes
_UNREADY_GRACE = timedelta(seconds=5)
_RESTART_ON_PURPOSE = frozenset({0, 143})  # exited well, or ended by SIGTERM


@dataclass(frozen=True, slots=True)
class WorkloadState:
    """What was read of a service's workload: `read` is False where nothing of it was seen."""

    read: bool
    symptoms: tuple[Symptom, ...] = ()


def workload_state(service: Service, objects: Objects, *, now: datetime, crash_window_s: float) -> WorkloadState:
    """Return what Kubernetes says of the service's workload and its pods."""
    workload = _workload(service, objects)
    pods = [pod for pod in _pods(service, workload, objects) if not _meta(pod).get("deletionTimestamp")]
    window = timedelta(seconds=crash_window_s)
    symptoms = [symptom for pod in pods for symptom in _pod_symptoms(service, pod, now, window)]
    wanted, ready = _counts(workload)
    enough = wanted is not None and ready is not None and ready >= wanted
    if workload is not None and wanted == 0:
        symptoms = [_scaled_to_zero(service, workload)]
    elif enough:  # a new pod that is not ready yet is a rollout; one that cannot start is a fault
        symptoms = [s for s in symptoms if s.kind != "not-ready" or "status.conditions" not in s.observation.where]
    elif workload is not None and ready is not None and not any(_has_status(pod) for pod in pods):
        rolling = ready > 0 and _progressing(_dict(workload.get("status")))
        symptoms += [] if rolling else [_too_few(service, workload, wanted, ready)]
    read = enough or any(_ready(pod) is True for pod in pods)
    return WorkloadState(read, tuple(symptoms))


def pods_of_service(service: Service, objects: Objects) -> tuple[KubeObject, ...]:
    """Return the service's pods, those that are being deleted left out."""
    found = _pods(service, _workload(service, objects), objects)
    return tuple(pod for pod in found if not _meta(pod).get("deletionTimestamp"))


def workload_of_service(service: Service, objects: Objects) -> KubeObject | None:
    """Return the Deployment (StatefulSet, DaemonSet …) behind a service, None where none was seen."""
    return _workload(service, objects)


def _workload(service: Service, objects: Objects) -> KubeObject | None:
    named = [o for o in _of(objects, *_WORKLOADS) if service.deployment and _name(o) == service.deployment]
    if named or service.deployment:
        return named[0] if named else None
    for kind in _WORKLOADS:
        for item in _of(objects, kind):
            if _name(item) == service.name or _label(item) == service.name:
                return item
    return None


def _pods(service: Service, workload: KubeObject | None, objects: Objects) -> list[KubeObject]:
    pods = list(_of(objects, "Pod"))
    if workload is None:
        return [p for p in pods if _label(p) == service.name or _name(p) == service.name]
    name = _name(workload)
    owners = {name} | {_name(rs) for rs in _of(objects, "ReplicaSet") if name in _owners(rs)}
    owned = [pod for pod in pods if owners & _owners(pod)]
    if owned:
        return owned
    selector = _dict(_dict(_dict(workload.get("spec")).get("selector")).get("matchLabels"))
    if selector:
        return [p for p in pods if not _owners(p) and selector.items() <= _dict(_meta(p).get("labels")).items()]
    return []


def _counts(workload: KubeObject | None) -> tuple[int | None, int | None]:
    if workload is None or not _has_status(workload):
        return None, None
    spec, status = _dict(workload.get("spec")), _dict(workload.get("status"))
    if workload.get("kind") == "DaemonSet":
        return _int(status.get("desiredNumberScheduled")), _int(status.get("numberReady", 0))
    return _int(spec.get("replicas", 1)), _int(status.get("readyReplicas", 0))


def _scaled_to_zero(service: Service, workload: KubeObject) -> Symptom:
    seen = Observation("objects", f"{workload.get('kind')}/{_name(workload)}:spec.replicas", "0")
    return Symptom(service.name, "scaled-to-zero", "scaled to 0 replicas", seen)


def _too_few(service: Service, workload: KubeObject, wanted: int | None, ready: int) -> Symptom:
    text = f"{ready} of {'?' if wanted is None else wanted} ready"
    seen = Observation("objects", f"{workload.get('kind')}/{_name(workload)}:status.readyReplicas", text)
    return Symptom(service.name, "not-ready", f"pods {text}", seen)


def _progressing(status: Mapping[str, Any]) -> bool:
    for condition in _list(status.get("conditions")):
        if _dict(condition).get("type") == "Progressing":
            return _dict(condition).get("status") == "True"
    return False


def _pod_symptoms(service: Service, pod: KubeObject, now: datetime, window: timedelta) -> Iterator[Symptom]:
    status, name = _dict(pod.get("status")), _name(pod)
    if status.get("phase") == "Succeeded":
        return
    if status.get("phase") == "Failed":
        reason = str(status.get("reason") or "Failed")
        seen = Observation("objects", f"Pod/{name}:status.phase", f"Failed {status.get('reason') or ''}".strip())
        if reason != "Evicted":  # its replacement is another pod, judged by itself
            yield Symptom(service.name, "not-ready", f"pod {name} failed: {reason}", seen)
        return
    named = False
    for field in ("initContainerStatuses", "containerStatuses"):
        for index, entry in enumerate(_list(status.get(field))):
            for symptom in _container_symptoms(
                service, f"Pod/{name}:status.{field}[{index}]", _dict(entry), now, window
            ):
                named = named or symptom.kind == "not-ready"
                yield symptom
    unready = _ready(pod) is False or (_ready(pod) is None and status.get("phase") in {"Pending", "Unknown"})
    if not named and unready and not _new(pod, now):
        condition = _condition(pod, "Ready") if _condition(pod, "PodScheduled").get("status") != "False" else {}
        said = condition or _condition(pod, "PodScheduled")
        text = " ".join(str(said[key]) for key in ("reason", "message") if said.get(key)) or "not Ready"
        kind = "Ready" if condition else "PodScheduled"
        seen = Observation(
            "objects", f"Pod/{name}:status.conditions[{kind}]", text[:300], _time(said, "lastTransitionTime")
        )
        yield Symptom(service.name, "not-ready", f"pod {name} is not Ready", seen)


def _container_symptoms(
    service: Service, where: str, entry: Mapping[str, Any], now: datetime, window: timedelta
) -> Iterator[Symptom]:
    state, last = _dict(entry.get("state")), _dict(entry.get("lastState"))
    waiting, ended = _dict(state.get("waiting")), _dict(state.get("terminated"))
    name = str(entry.get("name") or "container")
    reason = str(waiting.get("reason") or "")
    if waiting and reason not in _STARTING:
        text = f"{reason}: {waiting.get('message')}" if waiting.get("message") else reason
        seen = Observation("objects", f"{where}.state.waiting", text[:300])
        yield Symptom(service.name, "not-ready", f"{name} waits: {reason}", seen)
    if ended and ended.get("exitCode") != 0:
        text = _ended(ended)
        seen = Observation("objects", f"{where}.state.terminated", text, _time(ended, "finishedAt"))
        kind = "oom-killed" if ended.get("reason") == "OOMKilled" else "not-ready"
        yield Symptom(service.name, kind, f"{name} ended: {text}", seen)
    before = _dict(last.get("terminated"))
    at = _time(before, "finishedAt")
    lately = at is None or now - at <= window  # a crash without a time cannot be called old
    oom = before.get("reason") == "OOMKilled"
    if before and lately and (oom or before.get("exitCode") not in _RESTART_ON_PURPOSE):
        seen = Observation("objects", f"{where}.lastState.terminated", _ended(before), at)
        yield Symptom(service.name, "oom-killed" if oom else "crashed", f"{name} restarted: {_ended(before)}", seen)


def _ended(terminated: Mapping[str, Any]) -> str:
    code = terminated.get("exitCode")
    return f"{terminated.get('reason') or 'Error'}, exit code {code if isinstance(code, int) else 'unknown'}"


def _new(pod: KubeObject, now: datetime) -> bool:
    created = _time(_meta(pod), "creationTimestamp")
    if _condition(pod, "PodScheduled").get("reason") == "Unschedulable":
        return False
    since = _time(_condition(pod, "Ready"), "lastTransitionTime")
    young = created is not None and timedelta(0) <= now - created < _START_GRACE
    just = since is not None and timedelta(0) <= now - since < _UNREADY_GRACE
    return just or (young and not any(_dict(c).get("restartCount") for c in _statuses(pod)))


def _statuses(pod: KubeObject) -> list[Any]:
    return _list(_dict(pod.get("status")).get("containerStatuses"))


def _ready(pod: KubeObject) -> bool | None:
    said = _condition(pod, "Ready").get("status")
    if said in {"True", "False", "Unknown"}:
        return bool(said == "True")
    flags = [_dict(entry).get("ready") for entry in _statuses(pod)]
    return all(flag is True for flag in flags) if flags else None


def _condition(pod: KubeObject, kind: str) -> Mapping[str, Any]:
    for condition in _list(_dict(pod.get("status")).get("conditions")):
        if _dict(condition).get("type") == kind:
            return _dict(condition)
    return {}


def _has_status(item: KubeObject | None) -> bool:
    return item is not None and bool(_dict(item.get("status")))


def _of(objects: Objects, *kinds: str) -> Iterator[KubeObject]:
    return (item for item in objects.items if isinstance(item, dict) and item.get("kind") in kinds)


def _owners(item: KubeObject) -> set[str]:
    return {str(_dict(owner).get("name")) for owner in _list(_meta(item).get("ownerReferences"))}


def _label(item: KubeObject) -> str | None:
    labels = _dict(_meta(item).get("labels"))
    value = labels.get("app") or labels.get("app.kubernetes.io/name") or labels.get("k8s-app")
    return value if isinstance(value, str) else None


def _meta(item: KubeObject) -> dict[str, Any]:
    return _dict(item.get("metadata"))


def _name(item: KubeObject) -> str:
    return str(_meta(item).get("name") or "")


def _time(entry: Mapping[str, Any], key: str) -> datetime | None:
    value = entry.get(key)
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
