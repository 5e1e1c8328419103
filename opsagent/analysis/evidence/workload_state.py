"""What Kubernetes reports about one service: whether its pods are ready, and whether they crashed lately."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opsagent.analysis.evidence.workloads import service_name
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.evidence import Observation, Symptom
from opsagent.models.observed import KubeObject
from opsagent.models.service import Service

# A container that waits for one of these starts as it should; every other reason names a fault.
_STARTING = frozenset({"", "ContainerCreating", "PodInitializing"})
_START_GRACE = timedelta(seconds=120)  # pulling, creating, first probes
_UNREADY_GRACE = timedelta(seconds=5)
_BLIP = timedelta(seconds=60)  # a probe fails three times in 30 s; as long again for what passes by itself
_ENDED_BY_REQUEST = frozenset({0, 143})  # exited with 0, or by SIGTERM
_TEXT = 300


@dataclass(frozen=True, slots=True)
class WorkloadState:
    """What was read of a service's workload: `read` is False where nothing of it was seen to be ready."""

    read: bool
    symptoms: tuple[Symptom, ...] = ()


def workloads_by_service(services: Iterable[Service], cluster: Cluster) -> Mapping[str, KubeObject]:
    """Return the Deployment (StatefulSet, DaemonSet …) of each service, by its name; of those that were seen."""
    known = tuple(services)
    return cluster.once(("workloads", known), lambda: _workloads(known, cluster))


def pods_by_service(services: Iterable[Service], cluster: Cluster) -> Mapping[str, list[KubeObject]]:
    """Return the pods of each service, those that are being deleted left out."""
    known = tuple(services)
    return cluster.once(("pods", known), lambda: _pods(known, cluster))


def held_back(pod: KubeObject) -> bool:
    """Return whether a pod is not Ready though none of its containers has ended: its Service sends nobody to it.

    A refusal then reports nothing of the program: it may run and be hung, or not have been started yet.
    """
    own = [status for status in kube.container_statuses(pod) if status.group == "container"]
    if any(status.terminated or status.last_terminated for status in own):
        return False
    if own and all(status.running for status in own):
        return kube.readiness(pod) is False
    return kube.text(pod, "status", "phase") == "Pending"


def is_blip(pod: KubeObject, others: Iterable[KubeObject], now: datetime) -> bool:
    """Return whether a pod is not Ready only for a moment, with all its containers running, while another one serves.

    Each readiness probe fails at times. Who serves is then another pod, and nobody has to be woken yet.
    """
    own = [status for status in kube.container_statuses(pod) if status.group == "container"]
    since = kube.moment(kube.condition(pod, "Ready"), "lastTransitionTime")
    if since is None or not own or not all(status.running for status in own):
        return False
    ended = (kube.moment(status.last_terminated, "finishedAt") for status in own)
    if any(at is not None and at >= since - _BLIP for at in ended):
        return False
    return timedelta(0) <= now - since < _BLIP and any(kube.is_ready(other) for other in others if other is not pod)


def none_made(cluster: Cluster, workload: KubeObject | None) -> bool:
    """Return whether a workload needs pods and none is there, although the pods of its namespace were read."""
    if workload is None or kube.kind(workload) in ("DaemonSet", "Job", "CronJob") or kube.deleting(workload):
        return False
    listed = any(kube.namespace(pod) == kube.namespace(workload) for pod in cluster.of("Pod"))
    there = any(not kube.deleting(pod) for pod in cluster.pods_of(workload))
    return listed and not there and kube.wanted_replicas(workload) > 0


def _workloads(services: tuple[Service, ...], cluster: Cluster) -> dict[str, KubeObject]:
    tops = cluster.workloads()
    by_deployment = {kube.name(item): item for item in tops if kube.kind(item) == "Deployment"}
    by_name: dict[str, KubeObject] = {}
    for item in tops:
        by_name.setdefault(kube.name(item), item)
        by_name.setdefault(service_name(item), item)
    found: dict[str, KubeObject] = {}
    for service in services:
        named = by_deployment if service.deployment else by_name
        if (workload := named.get(service.deployment or service.name)) is not None:
            found[service.name] = workload
    return found


def _pods(services: tuple[Service, ...], cluster: Cluster) -> dict[str, list[KubeObject]]:
    workloads = workloads_by_service(services, cluster)
    bare: dict[str, list[KubeObject]] = {}
    for pod in cluster.of("Pod"):
        if cluster.top(pod) is pod:
            for name in {kube.name(pod), service_name(pod)}:
                bare.setdefault(name, []).append(pod)
    found: dict[str, list[KubeObject]] = {}
    for service in services:
        workload = workloads.get(service.name)
        pods = cluster.pods_of(workload) if workload is not None else bare.get(service.name, [])
        found[service.name] = [pod for pod in pods if not kube.deleting(pod)]
    return found


def workload_state(
    service: str, workload: KubeObject | None, pods: Iterable[KubeObject], *, now: datetime, crash_window_s: float
) -> WorkloadState:
    """Return what Kubernetes reports about a service's workload and pods."""
    own, window = list(pods), timedelta(seconds=crash_window_s)
    lasting = [pod for pod in own if not is_blip(pod, own, now)]
    symptoms = [symptom for pod in lasting for symptom in _pod_symptoms(service, pod, now, window)]
    wanted, ready = _counts(workload)
    enough = wanted is not None and ready is not None and ready >= wanted
    if workload is not None and wanted == 0:
        symptoms = [_counted(service, workload, "scaled-to-zero", "spec.replicas", "0 replicas desired")]
    elif enough:  # a pod that is not ready yet is a rollout; one that cannot start is a fault
        symptoms = [s for s in symptoms if s.kind != "not-ready" or "status.conditions" not in s.observation.where]
    elif workload is not None and ready is not None and not any(kube.mapping(pod, "status") for pod in own):
        rolling = ready > 0 and kube.is_true(workload, "Progressing") is True
        text = f"{ready} of {'?' if wanted is None else wanted} pods ready"
        symptoms += [] if rolling else [_counted(service, workload, "not-ready", "status.readyReplicas", text)]
    return WorkloadState(enough or any(kube.is_ready(pod) for pod in own), tuple(symptoms))


def is_done(workload: KubeObject | None, pods: Iterable[KubeObject]) -> bool:
    """Return whether a service's work is complete: its Job, or each of its pods, ended successfully."""
    if workload is not None and kube.kind(workload) == "Job":
        return kube.is_true(workload, "Complete") is True
    own = list(pods)
    return workload is None and bool(own) and all(kube.text(pod, "status", "phase") == "Succeeded" for pod in own)


def _counts(workload: KubeObject | None) -> tuple[int | None, int | None]:
    if workload is None or not kube.mapping(workload, "status") or kube.kind(workload) in ("Job", "CronJob"):
        return None, None
    if kube.kind(workload) == "DaemonSet":
        wanted = kube.optional_integer(workload, "status", "desiredNumberScheduled")
        return wanted, _first_count(workload, "numberReady", "numberAvailable")
    return kube.wanted_replicas(workload), _first_count(workload, "readyReplicas", "availableReplicas")


def _first_count(workload: KubeObject, *fields: str) -> int:
    """Return the first of these counts that is there: what is available was ready; the API leaves out a zero."""
    counts = (kube.optional_integer(workload, "status", field) for field in fields)
    return next((count for count in counts if count is not None), 0)


def _counted(service: str, workload: KubeObject, kind: str, field: str, text: str) -> Symptom:
    return Symptom(service, kind, text, Observation("objects", f"{kube.ref(workload)}:{field}", text))


def _pod_symptoms(service: str, pod: KubeObject, now: datetime, window: timedelta) -> Iterator[Symptom]:
    phase, name = kube.text(pod, "status", "phase"), kube.name(pod)
    if phase == "Succeeded":
        return
    if phase == "Failed":
        reason = kube.text(pod, "status", "reason", default="Failed")
        if reason != "Evicted":  # its replacement is another pod, judged by itself
            seen = Observation("objects", f"Pod/{name}:status.phase", f"Failed: {reason}")
            yield Symptom(service, "not-ready", f"pod {name} failed: {reason}", seen)
        return
    found = [
        s for status in kube.container_statuses(pod) for s in _container_symptoms(service, name, status, now, window)
    ]
    yield from found
    unready = kube.is_true(pod, "Ready") is False or (not kube.is_ready(pod) and phase in ("Pending", "Unknown"))
    if unready and not any(symptom.kind == "not-ready" for symptom in found) and not _new(pod, now):
        unscheduled = kube.is_true(pod, "PodScheduled") is False
        which = "PodScheduled" if unscheduled else "Ready"
        said = kube.condition(pod, which)
        text = ": ".join(part for part in (kube.text(said, "reason"), kube.text(said, "message")) if part)
        seen = Observation(
            "objects",
            f"Pod/{name}:status.conditions[{which}]",
            (text or f"{which} is not True")[:_TEXT],
            kube.moment(said, "lastTransitionTime"),
        )
        yield Symptom(service, "not-ready", f"pod {name} is not Ready", seen)


def _container_symptoms(
    service: str, pod: str, status: kube.ContainerStatus, now: datetime, window: timedelta
) -> Iterator[Symptom]:
    where, name = f"Pod/{pod}:{status.field}", status.name or "container"
    reason = kube.text(status.waiting, "reason")
    if status.waiting and reason not in _STARTING:
        text = ": ".join(part for part in (reason, kube.text(status.waiting, "message")) if part)
        yield Symptom(service, "not-ready", f"{name} waits: {reason}", _seen(f"{where}.state.waiting", text))
    ended = status.terminated
    if ended and (status.group != "init" or ended.get("exitCode") != 0):
        kind = "oom-killed" if kube.text(ended, "reason") == "OOMKilled" else "not-ready"
        text = _ended(ended)
        seen = _seen(f"{where}.state.terminated", text, kube.moment(ended, "finishedAt"))
        yield Symptom(service, kind, f"{name} ended: {text}", seen)
    before = status.last_terminated
    at = kube.moment(before, "finishedAt")
    lately = at is None or now - at <= window  # a crash without a time cannot be called old
    oom = kube.text(before, "reason") == "OOMKilled"
    if before and lately and (oom or before.get("exitCode") not in _ENDED_BY_REQUEST):
        seen = _seen(f"{where}.lastState.terminated", _ended(before), at)
        yield Symptom(service, "oom-killed" if oom else "crashed", f"{name} was restarted: {_ended(before)}", seen)


def _seen(where: str, text: str, at: datetime | None = None) -> Observation:
    return Observation("objects", where, text[:_TEXT], at)


def _ended(terminated: dict[str, Any]) -> str:
    code = kube.optional_integer(terminated, "exitCode")
    reason = kube.text(terminated, "reason", default="Error")
    return f"{reason}, exit code {'unknown' if code is None else code}"


def _new(pod: KubeObject, now: datetime) -> bool:
    if kube.text(kube.condition(pod, "PodScheduled"), "reason") == "Unschedulable":
        return False
    created, since = kube.created(pod), kube.moment(kube.condition(pod, "Ready"), "lastTransitionTime")
    young = created is not None and timedelta(0) <= now - created < _START_GRACE
    just = since is not None and timedelta(0) <= now - since < _UNREADY_GRACE
    return just or (young and not any(status.restarts for status in kube.container_statuses(pod)))
