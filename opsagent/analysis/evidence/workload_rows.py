"""Each service at a glance as Kubernetes has it: ready of wanted, restarts, and when it was changed last."""

from collections.abc import Iterable
from datetime import datetime

from opsagent.analysis.evidence.workload_state import (
    WorkloadState,
    pods_by_service,
    workload_state,
    workloads_by_service,
)
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.index import cluster_of
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import Service
from opsagent.models.status import ServiceStatus, StatusWord

_LONGEST = 120


def workload_rows(
    services: Iterable[Service], objects: Objects, *, now: datetime, crash_window_s: float
) -> tuple[ServiceStatus, ...]:
    """Return the status of each service, from its workload and pods alone."""
    known, cluster = tuple(services), cluster_of(objects)
    workloads, pods = workloads_by_service(known, cluster), pods_by_service(known, cluster)
    return tuple(
        _row(service.name, workloads.get(service.name), pods[service.name], cluster, now, crash_window_s)
        for service in known
    )


def _row(  # noqa: PLR0917 - a row is made of what was looked up for it
    name: str, workload: KubeObject | None, pods: list[KubeObject], cluster: Cluster, now: datetime, window_s: float
) -> ServiceStatus:
    ready = sum(kube.is_ready(pod) for pod in pods)
    wanted = _wanted(workload, pods)
    judged = workload_state(name, workload, pods, now=now, crash_window_s=window_s)
    return ServiceStatus(
        name,
        _status(ready, wanted, judged),
        "; ".join(dict.fromkeys(symptom.text for symptom in judged.symptoms))[:_LONGEST],
        ready=f"{ready}/{wanted}" if wanted is not None else None,
        restarts=sum(status.restarts for pod in pods for status in kube.container_statuses(pod)),
        changed_at=_changed(workload, cluster),
    )


def _status(ready: int, wanted: int | None, judged: WorkloadState) -> StatusWord:
    if wanted is None:
        return "unknown"
    if wanted == 0:
        return "idle"
    if ready == 0:
        return "offline"
    return "degraded" if ready < wanted or judged.symptoms else "healthy"


def _wanted(workload: KubeObject | None, pods: list[KubeObject]) -> int | None:
    if workload is None:
        return len(pods) or None
    if kube.kind(workload) == "DaemonSet":
        return kube.optional_integer(workload, "status", "desiredNumberScheduled")
    return kube.wanted_replicas(workload)


def _changed(workload: KubeObject | None, cluster: Cluster) -> datetime | None:
    """Return when the newest revision was made; of what has no revisions, when it was made itself."""
    if workload is None:
        return None
    made = [kube.created(item) for item in cluster.owned(workload, "ReplicaSet")]
    return max((at for at in (*made, kube.created(workload)) if at is not None), default=None)
