"""Small total accessors over Kubernetes objects as plain dicts: any field may be missing or of another type."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from opsagent.models.observed import KubeObject

_QUANTITY = re.compile(r"([+-]?\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE]([+-]?\d{1,2}))?([numkMGTPE]|[KMGTPE]i)?")
_SCALE = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_SCALE |= {f"{letter}i": float(1024**power) for power, letter in enumerate("KMGTPE", 1)}


def dig(obj: Any, *path: str | int, default: Any = None) -> Any:
    """Return the value at `path`, or `default` where any step is missing, null or of another type."""
    for step in path:
        if isinstance(obj, dict):
            obj = obj.get(step)
        elif isinstance(obj, list) and isinstance(step, int) and -len(obj) <= step < len(obj):
            obj = obj[step]
        else:
            return default
        if obj is None:
            return default
    return obj


def text(obj: Any, *path: str | int, default: str = "") -> str:
    """Return the string at `path`; numbers as text, anything else as `default`."""
    # One step into an object is by far the most frequent.
    value = obj.get(path[0]) if len(path) == 1 and isinstance(obj, dict) else dig(obj, *path)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def integer(obj: Any, *path: str | int, default: int = 0) -> int:
    """Return the whole number at `path`, or `default`."""
    found = optional_integer(obj, *path)
    return default if found is None else found


def optional_integer(obj: Any, *path: str | int) -> int | None:
    """Return the whole number at `path`, or None where there is none."""
    value = dig(obj, *path)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    return None


def mapping(obj: Any, *path: str | int) -> dict[str, Any]:
    """Return the object at `path` with its string keys, or an empty one."""
    value = dig(obj, *path)
    return {key: item for key, item in value.items() if isinstance(key, str)} if isinstance(value, dict) else {}


def strings(obj: Any, *path: str | int) -> dict[str, str]:
    """Return the string-to-string map at `path` (labels, a selector), or an empty one."""
    return {key: value for key, value in mapping(obj, *path).items() if isinstance(value, str)}


def sequence(obj: Any, *path: str | int) -> list[Any]:
    """Return the list at `path`, or an empty one."""
    value = dig(obj, *path)
    return value if isinstance(value, list) else []


def dicts(obj: Any, *path: str | int) -> list[dict[str, Any]]:
    """Return the objects within the list at `path`."""
    return [item for item in sequence(obj, *path) if isinstance(item, dict)]


def words(obj: Any, *path: str | int) -> list[str]:
    """Return the strings within the list at `path`."""
    return [item for item in sequence(obj, *path) if isinstance(item, str)]


def kind(obj: Any) -> str:
    """Return the object's kind, "" where unknown."""
    return text(obj, "kind")


def name(obj: Any) -> str:
    """Return the object's name, "" where unknown."""
    return text(obj, "metadata", "name")


def namespace(obj: Any) -> str:
    """Return the object's namespace, "" where it has none."""
    return text(obj, "metadata", "namespace")


def labels(obj: Any) -> dict[str, str]:
    """Return the object's labels."""
    return strings(obj, "metadata", "labels")


def annotations(obj: Any) -> dict[str, str]:
    """Return the object's annotations."""
    return strings(obj, "metadata", "annotations")


def ref(obj: Any) -> str:
    """Return the object as "Kind/name"."""
    return f"{kind(obj) or 'Object'}/{name(obj)}"


def when(value: Any) -> datetime | None:
    """Return an RFC 3339 time as aware UTC (without a zone it counts as UTC), or None."""
    if not isinstance(value, str) or not 10 <= len(value) <= 64:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment(obj: Any, *path: str | int) -> datetime | None:
    """Return the time at `path` as aware UTC, or None."""
    return when(dig(obj, *path))


def created(obj: Any) -> datetime | None:
    """Return when the object was created."""
    return moment(obj, "metadata", "creationTimestamp")


def deleting(obj: Any) -> bool:
    """Return whether the object is being deleted: a Terminating pod still lists as Running for a while."""
    return bool(dig(obj, "metadata", "deletionTimestamp"))


def quantity(value: Any) -> float | None:
    """Return a Kubernetes quantity ("250m", "1.5Gi", "1e3", 2) as a plain number, or None for wrong text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) and abs(value) < 1e30 else None
    match = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 64 else None
    if match is None or (match[2] and match[3]):
        return None
    return float(match[1]) * 10.0 ** int(match[2] or 0) * _SCALE[match[3] or ""]


def bytes_of(value: Any) -> int | None:
    """Return a memory or storage quantity in bytes, rounded up, or None for wrong text."""
    found = quantity(value)
    return None if found is None else math.ceil(round(found, 6))


def wanted_replicas(workload: KubeObject) -> int:
    """Return spec.replicas, 0 at least; the API server's default is 1."""
    return max(0, integer(workload, "spec", "replicas", default=1))


def condition(obj: Any, wanted: str) -> dict[str, Any]:
    """Return the condition of this type (the last one where there are several), {} where it is absent."""
    found = [item for item in dicts(obj, "status", "conditions") if item.get("type") == wanted]
    return found[-1] if found else {}


def is_true(obj: Any, wanted: str) -> bool | None:
    """Return whether the condition is True; None where it is absent or Unknown."""
    return {"True": True, "False": False}.get(text(condition(obj, wanted), "status"))


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """One container's status and its place in the pod."""

    group: Literal["init", "container", "ephemeral"]
    index: int
    name: str
    raw: dict[str, Any]
    field: str  # "status.containerStatuses[0]"

    @property
    def ready(self) -> bool:
        """Whether the kubelet states that the container is ready."""
        return self.raw.get("ready") is True

    @property
    def restarts(self) -> int:
        """How often the container was restarted."""
        return max(0, integer(self.raw, "restartCount"))

    @property
    def waiting(self) -> dict[str, Any]:
        """state.waiting, or {}."""
        return mapping(self.raw, "state", "waiting")

    @property
    def terminated(self) -> dict[str, Any]:
        """state.terminated, or {}."""
        return mapping(self.raw, "state", "terminated")

    @property
    def last_terminated(self) -> dict[str, Any]:
        """lastState.terminated, or {}."""
        return mapping(self.raw, "lastState", "terminated")

    @property
    def running(self) -> bool:
        """Whether the container runs now."""
        return isinstance(dig(self.raw, "state", "running"), dict)

    @property
    def started_at(self) -> datetime | None:
        """When the running container was started."""
        return moment(self.raw, "state", "running", "startedAt")


_GROUPS: tuple[tuple[Literal["init", "container", "ephemeral"], str, str], ...] = (
    ("init", "initContainerStatuses", "initContainers"),
    ("container", "containerStatuses", "containers"),
    ("ephemeral", "ephemeralContainerStatuses", "ephemeralContainers"),
)


def container_statuses(pod: KubeObject) -> tuple[ContainerStatus, ...]:
    """Return the statuses of all containers: init first, then containers, then ephemeral ones."""
    return tuple(
        ContainerStatus(group, index, text(raw, "name"), raw, f"status.{field}[{index}]")
        for group, field, _ in _GROUPS
        for index, raw in enumerate(sequence(pod, "status", field))
        if isinstance(raw, dict)
    )


@dataclass(frozen=True, slots=True)
class Container:
    """One container as a pod or pod template specifies it."""

    group: Literal["init", "container", "ephemeral"]
    index: int
    name: str
    raw: dict[str, Any]
    field: str  # "spec.containers[0]", relative to the pod or the template


def pod_spec(obj: KubeObject) -> dict[str, Any]:
    """Return the pod spec of a Pod, or of the template of a workload (of a CronJob too)."""
    if kind(obj) == "Pod":
        return mapping(obj, "spec")
    if kind(obj) == "CronJob":
        return mapping(obj, "spec", "jobTemplate", "spec", "template", "spec")
    return mapping(obj, "spec", "template", "spec")


def containers(obj: KubeObject) -> tuple[Container, ...]:
    """Return the containers of a Pod or of a workload's pod template: init, containers, ephemeral."""
    spec = pod_spec(obj)
    return tuple(
        Container(group, index, text(raw, "name"), raw, f"spec.{field}[{index}]")
        for group, _, field in _GROUPS
        for index, raw in enumerate(sequence(spec, field))
        if isinstance(raw, dict)
    )


def owners(obj: KubeObject) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of each owner, the controlling one first."""
    references = dicts(obj, "metadata", "ownerReferences")
    for reference in sorted(references, key=lambda item: item.get("controller") is not True):
        if text(reference, "kind") and text(reference, "name"):
            yield text(reference, "kind"), text(reference, "name")


def readiness(pod: KubeObject) -> bool | None:
    """Return whether a pod is ready: by its condition, else by its containers' statuses; None where neither shows."""
    said = is_true(pod, "Ready")
    own = [status for status in container_statuses(pod) if status.group == "container"]
    if said is not None or not own:
        return said
    return all(status.ready for status in own)


def is_ready(pod: KubeObject) -> bool:
    """Return whether a pod is known to be ready."""
    return readiness(pod) is True
