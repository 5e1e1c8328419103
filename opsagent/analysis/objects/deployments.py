"""What a plan has to know of a Deployment: which one is meant, its revisions, its volumes, its autoscaler."""

import json
import re
from collections.abc import Iterator
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.selectors import covers, selector_of, selects
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.plan import Target
from opsagent.models.revision import REVISION, spec_hash
from opsagent.models.service import Service

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet")
_SQLITE = re.compile(r"sqlite\w*:/{2,3}(?P<url>/?[^?\s]*)|(?P<path>/[^\s:?]+\.(?:db|sqlite3?))$", re.IGNORECASE)


def find(objects: Objects, kind: str, name: str) -> KubeObject | None:
    """Return an object by kind and name."""
    return next((item for item in of_kind(objects, kind) if kube.name(item) == name), None)


def of_kind(objects: Objects, kind: str) -> Iterator[KubeObject]:
    """Yield the objects of a kind."""
    return (item for item in objects.items if kube.kind(item) == kind)


def workload_of(ref: str | None, service: str | None, patient: Service | None, objects: Objects) -> KubeObject | None:
    """Return the workload behind "Kind/name": itself, its owner, or what a Service selects; else the service's own."""
    kind, _, name = (ref or "").partition("/")
    start = find(objects, kind, name) if name else None
    if start is not None and kind == "Service":
        return _selected(start, objects)
    if start is not None and kind in ("Pod", *WORKLOADS):
        return _topmost(start, objects)
    if kind in ("Pod", "Service", *WORKLOADS) and service is None:
        return None
    return _of_service(service, patient, objects)


def target_of(deployment: KubeObject, *, live: bool) -> Target | None:
    """Return the object as it was read; None where a live one lacks what makes a change safe."""
    metadata = kube.mapping(deployment, "metadata")
    uid, version = kube.text(metadata, "uid"), kube.text(metadata, "resourceVersion")
    generation = kube.optional_integer(metadata, "generation")
    if not kube.name(deployment) or (live and (not uid or not version or generation is None)):
        return None
    return Target(
        name=kube.name(deployment),
        namespace=kube.namespace(deployment) or "default",
        uid=uid,
        generation=generation or 0,
        resource_version=version,
        replicas=kube.wanted_replicas(deployment),
        revision=kube.annotations(deployment).get(REVISION),
        spec_hash=spec_hash(deployment),
        kind=kube.kind(deployment) or "Deployment",
    )


def autoscaler_of(deployment: KubeObject, objects: Objects) -> KubeObject | None:
    """Return the HorizontalPodAutoscaler that scales a Deployment."""
    for item in of_kind(objects, "HorizontalPodAutoscaler"):
        ref = kube.mapping(item, "spec", "scaleTargetRef")
        if (ref.get("kind"), ref.get("name")) == ("Deployment", kube.name(deployment)):
            return item
    return None


def earlier_replicas(deployment: KubeObject, objects: Objects) -> int:
    """Return how many replicas a Deployment that is at zero had: the autoscaler's minimum, as applied, else one."""
    scaler = autoscaler_of(deployment, objects)
    if scaler is not None:
        return max(1, kube.integer(scaler, "spec", "minReplicas", default=1))
    try:
        applied = json.loads(kube.annotations(deployment).get(LAST_APPLIED, "{}"))
    except (ValueError, RecursionError):
        applied = {}
    return max(1, kube.integer(applied, "spec", "replicas", default=1))


def single_writer(deployment: KubeObject, service: Service | None, objects: Objects) -> str | None:
    """Return why a second pod would write beside the first one, None where nothing speaks against it."""
    claims = exclusive_claims(deployment, objects)
    if claims:
        return f"two pods would write to one volume (claim {', '.join(claims)}, for one node or pod at a time)"
    if service is not None and service.local_data:
        return f"each pod has its own copy behind one name: {service.local_data}"
    if sqlite_paths(deployment):
        return "it keeps its data in an SQLite file, which takes one writer at a time"
    return None


def exclusive_claims(deployment: KubeObject, objects: Objects) -> tuple[str, ...]:
    """Return the claims of a Deployment's pods that are not known to be mountable by many nodes."""
    return tuple(name for name in _claims(deployment) if not _shared(find(objects, "PersistentVolumeClaim", name)))


def empty_dirs(deployment: KubeObject) -> tuple[str, ...]:
    """Return the names of the emptyDir volumes."""
    volumes = kube.dicts(kube.pod_spec(deployment), "volumes")
    return tuple(kube.text(volume, "name") for volume in volumes if isinstance(volume.get("emptyDir"), dict))


def lasting_mounts(deployment: KubeObject) -> tuple[str, ...]:
    """Return the mount paths of volumes that outlive a pod (claims, host paths, network shares)."""
    passing = ("emptyDir", "configMap", "secret", "projected", "downwardAPI", "ephemeral", "name")
    volumes = kube.dicts(kube.pod_spec(deployment), "volumes")
    lasting = {kube.text(volume, "name") for volume in volumes if any(key not in passing for key in volume)}
    return tuple(
        kube.text(mount, "mountPath")
        for container in kube.containers(deployment)
        for mount in kube.dicts(container.raw, "volumeMounts")
        if kube.text(mount, "name") in lasting
    )


def sqlite_paths(deployment: KubeObject) -> tuple[str, ...]:
    """Return the SQLite files that the containers' environment names."""
    hits = (
        _SQLITE.search(kube.text(entry, "value"))
        for container in kube.containers(deployment)
        for entry in kube.dicts(container.raw, "env")
    )
    return tuple(dict.fromkeys(hit["url"] or hit["path"] or "" for hit in hits if hit))


def _topmost(start: KubeObject, objects: Objects) -> KubeObject:
    for _ in range(4):  # Pod → ReplicaSet → Deployment, and a bound for owners that own each other
        owner = next((found for kind, name in kube.owners(start) if (found := find(objects, kind, name))), None)
        if owner is None or kube.kind(owner) not in WORKLOADS:
            break
        start = owner
    if kube.kind(start) in ("Pod", "ReplicaSet"):
        for deployment in of_kind(objects, "Deployment"):
            selector = selector_of(deployment)
            if selector and selects(selector, kube.labels(start)):
                return deployment
    return start


def _selected(service: KubeObject, objects: Objects) -> KubeObject | None:
    wanted = kube.strings(service, "spec", "selector")
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for item in of_kind(objects, kind):
            if covers(wanted, kube.strings(item, "spec", "template", "metadata", "labels")):
                return item
    return None


def _of_service(service: str | None, patient: Service | None, objects: Objects) -> KubeObject | None:
    if patient is not None and service in (None, patient.name) and patient.deployment:
        return find(objects, "Deployment", patient.deployment)
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for item in of_kind(objects, kind):
            template = kube.strings(item, "spec", "template", "metadata", "labels")
            if service and service in (template.get("app"), kube.labels(item).get("app"), kube.name(item)):
                return item
    return None


def _claims(deployment: KubeObject) -> tuple[str, ...]:
    volumes = kube.dicts(kube.pod_spec(deployment), "volumes")
    names = (kube.text(volume, "persistentVolumeClaim", "claimName") for volume in volumes)
    return tuple(name for name in names if name)


def _shared(claim: Any) -> bool:
    return "ReadWriteMany" in kube.words(claim, "spec", "accessModes")
