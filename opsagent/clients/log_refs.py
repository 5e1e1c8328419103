"""Which logs a pod has."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from opsagent.models.json_values import mapping_at
from opsagent.models.observed import KubeObject, LogRef
from opsagent.models.service import Service

_LABELS = ("app", "app.kubernetes.io/name")
_LISTS = (
    ("initContainers", "initContainerStatuses"),
    ("containers", "containerStatuses"),
    ("ephemeralContainers", "ephemeralContainerStatuses"),
)


def log_refs(pods: Iterable[KubeObject], services: Iterable[Service]) -> tuple[LogRef, ...]:
    """Return one log a container (init, side-car and ephemeral ones too), and one more where it ran before.

    A container that waits for its first start has written nothing: there is no log of it.
    """
    known = tuple(services)
    return tuple(ref for pod in pods for ref in _of_pod(pod, known))


def log_query(
    ref: LogRef, *, tail: int | None, since_s: int | None, since_time: datetime | None, follow: bool
) -> dict[str, str | int]:
    """Return the query of `pods/NAME/log` for a log, each line with its stamp.

    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
    """
    since = since_time.astimezone(UTC).isoformat().replace("+00:00", "Z") if since_time is not None else None
    wanted = {
        "container": ref.container,
        "previous": "true" if ref.previous else None,
        "follow": "true" if follow else None,
        "sinceTime": since,
        "tailLines": tail,
        "sinceSeconds": since_s,
    }
    return {"timestamps": "true"} | {key: value for key, value in wanted.items() if value is not None}


def service_of(pod: KubeObject, services: Iterable[Service]) -> str | None:
    """Return the service that a pod belongs to: by its app label, else by its Deployment's name."""
    known = tuple(services)
    meta = mapping_at(pod.get("metadata"))
    labels = mapping_at(meta.get("labels"))
    values = [labels[label] for label in _LABELS if isinstance(labels.get(label), str)]
    names = {service.name for service in known}
    for value in values:
        if value in names:
            return str(value)
    name = meta.get("name")
    for service in known:
        if service.deployment and isinstance(name, str) and name.startswith(f"{service.deployment}-"):
            return service.name
    return str(values[0]) if values else None


def _of_pod(pod: KubeObject, services: tuple[Service, ...]) -> Iterator[LogRef]:
    meta = mapping_at(pod.get("metadata"))
    name = meta.get("name")
    if not isinstance(name, str):
        return
    namespace = meta.get("namespace")
    service = service_of(pod, services)
    for container, status in _containers(pod):
        if not _ran_before(status) and "waiting" in mapping_at(status.get("state")):
            continue
        for previous in (False, True) if _ran_before(status) else (False,):
            yield LogRef(
                where=f"logs/{name}/{container}{'.previous' if previous else ''}.log",
                pod=name,
                container=container,
                previous=previous,
                service=service,
                namespace=namespace if isinstance(namespace, str) else None,
                ended_at=ended_at(pod, container) if previous else None,
            )


def ended_at(pod: KubeObject, container: str) -> datetime | None:
    """Return when the previous run of a pod's container ended (aware, UTC); None where the pod does not show it."""
    status = next((status for name, status in _containers(pod) if name == container), {})
    at = mapping_at(mapping_at(status.get("lastState")).get("terminated")).get("finishedAt")
    try:
        return datetime.fromisoformat(at).astimezone(UTC) if isinstance(at, str) else None
    except ValueError:
        return None


def _containers(pod: KubeObject) -> Iterator[tuple[str, Mapping[str, Any]]]:
    spec, status = mapping_at(pod.get("spec")), mapping_at(pod.get("status"))
    for specs, statuses in _LISTS:
        by_name = {entry.get("name"): entry for entry in _dicts(status.get(statuses))}
        for entry in _dicts(spec.get(specs)):
            name = entry.get("name")
            if isinstance(name, str):
                yield name, by_name.get(name, {})


def _ran_before(status: Mapping[str, Any]) -> bool:
    restarts = status.get("restartCount")
    return (isinstance(restarts, int) and restarts > 0) or bool(mapping_at(status.get("lastState")).get("terminated"))


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
