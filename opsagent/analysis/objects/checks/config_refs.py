"""References of a pod to ConfigMaps, Secrets and keys, against what exists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.analysis.objects.kube import ContainerStatus
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_ABSENT = re.compile(
    r"(?i)(configmap|secret)s? \"?[\w./-]+\"? not found|couldn't find key|could not find key|references non-existent"
)
_OBJECT = re.compile(r"(?i)\b(?P<kind>configmap|secret)s? \"?(?:[\w-]+/)?(?P<name>[a-z0-9][\w.-]*)\"? not found")
_KEY = re.compile(
    r"(?i)could(?:n't| not) find key \"?(?P<key>[\w.-]+)\"? in (?P<kind>configmap|secret) (?:[\w-]+/)?(?P<name>[\w.-]+)"
)
_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}
_USER = ("runasnonroot", "run as root", "non-root", "non-numeric user", "runasuser")
_PATH = ("subpath", "mount")


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference from a pod or template to a ConfigMap or Secret."""

    kind: str
    name: str
    field: str


def references(obj: KubeObject) -> Iterator[Reference]:
    """Yield every reference that has to be there for the pod to start; optional ones are left out."""
    for container in kube.containers(obj):
        for index, source in enumerate(kube.dicts(container.raw, "envFrom")):
            for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                yield from _one(kind, kube.mapping(source, key), f"{container.field}.envFrom[{index}].{key}")
        for variable in kube.dicts(container.raw, "env"):
            for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                where = f"{container.field}.env[{kube.text(variable, 'name')}].valueFrom.{key}"
                yield from _one(kind, kube.mapping(variable, "valueFrom", key), where)
    for index, volume in enumerate(kube.dicts(kube.pod_spec(obj), "volumes")):
        where = f"spec.volumes[{index}]"
        yield from _one("ConfigMap", kube.mapping(volume, "configMap"), f"{where}.configMap")
        yield from _one("Secret", kube.mapping(volume, "secret"), f"{where}.secret", "secretName")
        for source in kube.dicts(volume, "projected", "sources"):
            yield from _one("ConfigMap", kube.mapping(source, "configMap"), f"{where}.projected")
            yield from _one("Secret", kube.mapping(source, "secret"), f"{where}.projected")


def reference_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return what a pod that cannot start refers to and is missing, or how its configuration forbids its start."""
    statuses = kube.container_statuses(pod)
    refused = [s for s in statuses if kube.text(s.waiting, "reason") == "CreateContainerConfigError"]
    found = [_refused(scene, pod, status) for status in refused]
    if found or not _starting(pod):
        return found[:1]
    absent = [r for r in references(pod) if scene.cluster.absent(r.kind, r.name, kube.namespace(pod))]
    if not absent:
        return []
    seen = [observe(pod, r.field, f"refers to {r.kind}/{r.name}, which is not there") for r in absent[:3]]
    first = absent[0]
    return [_absent(scene, pod, 0.8, _missing(first.kind, first.name), seen)]


def _absent(scene: Scene, pod: KubeObject, strength: float, summary: str, seen: list[Observation]) -> Finding:
    return scene.finding("config.missing-object", pod, strength, summary, seen)


def missing_of(message: str) -> str:
    """Return which object or key the kubelet misses, as a sentence; "" where its message does not name it."""
    if key := _KEY.search(message):
        return f"The {_KINDS[key['kind'].lower()]} {key['name']} has no key {key['key']}, which the pod refers to."
    found = _OBJECT.search(message)
    return _missing(_KINDS[found["kind"].lower()], found["name"]) if found else ""


def _missing(kind: str, name: str) -> str:
    return f"The {kind} {name} that the pod refers to does not exist."


def _refused(scene: Scene, pod: KubeObject, status: ContainerStatus) -> Finding:
    message = kube.text(status.waiting, "message")
    said = message.lower()
    text = f"CreateContainerConfigError: {message}" if message else "CreateContainerConfigError"
    seen: list[Observation] = [observe(pod, f"{status.field}.state.waiting", text)]
    if _ABSENT.search(message):
        summary = missing_of(message) or "A ConfigMap, Secret or key that the container refers to does not exist."
        return _absent(scene, pod, 0.95, summary, seen)
    if any(part in said for part in _USER):
        summary = "The security context forbids the user that the image runs as."
        return scene.finding("access.permission-denied", pod, 0.88, summary, seen)
    if any(part in said for part in _PATH):
        return scene.finding(
            "volume.mount-failed", pod, 0.7, "A volume path of the container cannot be prepared.", seen
        )
    absent = [r for r in references(pod) if scene.cluster.absent(r.kind, r.name, kube.namespace(pod))]
    if absent:
        seen += [observe(pod, r.field, f"refers to {r.kind}/{r.name}, which is not there") for r in absent[:2]]
        return _absent(scene, pod, 0.9, _missing(absent[0].kind, absent[0].name), seen)
    return _absent(scene, pod, 0.6, "The container's configuration cannot be put together.", seen)


def _starting(pod: KubeObject) -> bool:
    """Whether nothing of the pod ever ran: a reference that vanished later does no harm until the next start."""
    statuses = [status for status in kube.container_statuses(pod) if status.group == "container"]
    ran = any(s.running or s.terminated or s.last_terminated or s.restarts for s in statuses)
    return not ran and kube.text(pod, "status", "phase") in ("", "Pending")


def _one(kind: str, reference: dict[str, Any], field: str, key: str = "name") -> Iterator[Reference]:
    name = kube.text(reference, key)
    if name and reference.get("optional") is not True:
        yield Reference(kind, name, field)
