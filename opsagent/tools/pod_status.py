"""A pod's line as `kubectl get pods` prints it."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.kube import ContainerStatus
from opsagent.models.observed import KubeObject
from opsagent.models.status import PodSummary


def summarise(pod: KubeObject, service: str | None) -> PodSummary:
    """Return a pod's summary; every field may be missing."""
    specs = [entry for entry in kube.containers(pod) if entry.group == "container" or is_sidecar(entry.raw)]
    sidecars = {entry.name for entry in kube.containers(pod) if is_sidecar(entry.raw)}
    statuses = kube.container_statuses(pod)
    counted = [status for status in statuses if status.group == "container" or status.name in sidecars]
    ended = [kube.moment(status.last_terminated, "finishedAt") for status in statuses]
    return PodSummary(
        name=kube.name(pod),
        namespace=kube.namespace(pod),
        service=service,
        ready=f"{sum(status.ready for status in counted)}/{len(specs)}",
        status=pod_status(pod),
        restarts=sum(status.restarts for status in (counted if _initialised(pod) else statuses)),
        last_restart=max((moment for moment in ended if moment is not None), default=None),
        created=kube.created(pod),
        node=kube.text(pod, "spec", "nodeName") or None,
        containers=tuple(entry.name for entry in kube.containers(pod)),
        ip=kube.text(pod, "status", "podIP") or None,
    )


def pod_status(pod: KubeObject) -> str:
    """Return kubectl's STATUS column: "Running", "CrashLoopBackOff", "Init:0/1", "Terminating" …"""
    phase = kube.text(pod, "status", "phase") or "Unknown"
    reason = kube.text(pod, "status", "reason") or phase
    if kube.deleting(pod) and phase not in {"Succeeded", "Failed"}:
        return "Unknown" if reason == "NodeLost" else "Terminating"
    init = _init_status(pod)
    if init is not None and not _initialised(pod):
        return init
    own = [status for status in kube.container_statuses(pod) if status.group == "container"]
    for status in own:
        said = _reason(status)
        if said:
            reason = said
            break
    if reason == "Completed" and any(status.running and status.ready for status in own):
        return "Running" if kube.is_ready(pod) else "NotReady"
    return reason


def is_sidecar(container: KubeObject) -> bool:
    """Return whether an init container runs beside the others (restartPolicy Always)."""
    return container.get("restartPolicy") == "Always"


def _init_status(pod: KubeObject) -> str | None:
    """Return "Init:…" of the first init container that is not through, None where all are."""
    specs = [entry for entry in kube.containers(pod) if entry.group == "init"]
    sidecars = {entry.name for entry in specs if is_sidecar(entry.raw)}
    statuses = [status for status in kube.container_statuses(pod) if status.group == "init"]
    for place, status in enumerate(statuses):
        if status.terminated and kube.optional_integer(status.terminated, "exitCode") == 0:
            continue
        if status.name in sidecars and (status.raw.get("started") is True or status.running):
            continue
        reason = _reason(status)
        return f"Init:{reason}" if reason and reason != "PodInitializing" else f"Init:{place}/{len(specs)}"
    return None


def _initialised(pod: KubeObject) -> bool:
    stated = kube.is_true(pod, "Initialized")
    return _init_status(pod) is None if stated is None else stated


def _reason(status: ContainerStatus) -> str:
    if status.waiting:
        return kube.text(status.waiting, "reason")
    if not status.terminated:
        return ""
    code, signal = (kube.optional_integer(status.terminated, key) for key in ("exitCode", "signal"))
    return kube.text(status.terminated, "reason") or (f"Signal:{signal}" if signal else f"ExitCode:{code}")
