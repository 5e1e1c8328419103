"""What kubectl does, by the design's names: three that read, three that change and need an Approval."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from opsagent.analysis.evidence.workloads import service_of
from opsagent.analysis.objects import kube
from opsagent.errors import CheckError, NotFoundError
from opsagent.models.observed import KubeObject, LogRef, Skipped
from opsagent.models.plan import Approval
from opsagent.models.platform import ChangeablePlatform, Platform
from opsagent.models.service import Service
from opsagent.models.status import LogExcerpt, PodDescription, PodList
from opsagent.tools.log_lines import last_lines
from opsagent.tools.pod_description import describe, is_about
from opsagent.tools.pod_status import summarise

if TYPE_CHECKING:
    from opsagent.redact import Redactor

_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


def list_pods(platform: Platform, namespace: str | None = None, services: Iterable[Service] = ()) -> PodList:
    """List the pods of a namespace, as `kubectl get pods` does.

    namespace: another one than the platform's own. Returns for each pod its name, service, ready count ("1/1"),
    status ("Running", "CrashLoopBackOff", "Terminating" …), restarts, node and containers.
    """
    known = tuple(services)
    pods = platform.list("Pod", namespace)
    return PodList(platform.where, tuple(summarise(pod, _service_name(pod, known)) for pod in pods))


def describe_pod(
    platform: Platform, pod_name: str, services: Iterable[Service] = (), *, redact: "Redactor | None" = None
) -> PodDescription:
    """Describe one pod, as `kubectl describe pod` does.

    pod_name: the pod's full name. Returns its conditions; each container's state, last state, exit code, restarts,
    probes, resources, ports and environment (secrets redacted); volumes, owner, node, tolerations, and its events,
    oldest first. What could not be read is in `not_checked`.
    """
    # Late: a list of pods shows nothing to redact, and need not wait for the patterns.
    from opsagent.redact import Redactor, redact_object  # noqa: PLC0415

    redactor = redact or Redactor()
    pod = _pod(platform, pod_name)
    skipped: list[Skipped] = []
    events: tuple[KubeObject, ...] = ()
    try:
        events = platform.list("Event", kube.namespace(pod) or None)
    except CheckError as error:
        skipped.append(Skipped("events", error.message))
    return describe(
        redact_object(pod, redactor),
        service=_service_name(pod, tuple(services)),
        owner=_owner(platform, pod, skipped),
        events=[redact_object(event, redactor) for event in events if is_about(event, pod)],
        not_checked=tuple(skipped),
    )


def get_pod_logs(
    platform: Platform,
    pod_name: str,
    tail: int = 100,
    container: str | None = None,
    *,
    previous: bool = False,
    redact: "Redactor | None" = None,
) -> LogExcerpt:
    """Read the last lines of one container of a pod, with time stamps, secrets redacted.

    pod_name: the pod's full name. tail: how many lines, -1 for all. container: which one; without it the pod's default.
    previous: read the log of the container's run before its last restart.
    """
    from opsagent.redact import Redactor  # noqa: PLC0415 - late, as in describe_pod

    ref = _log_of(platform, pod_name, container, previous=previous)
    wanted = tail if tail >= 0 else None  # kubectl's -1 asks for all
    lines, broke_off = last_lines(platform.read_log(ref, tail=wanted), wanted)
    clean = (redact or Redactor())("\n".join(lines)).split("\n") if lines else []
    return LogExcerpt(ref.where, ref.pod, ref.container, ref.previous, tuple(clean), broke_off)


def restart_deployment(platform: ChangeablePlatform, approval: Approval) -> KubeObject:
    """Restart the approved Deployment's pods one after another, as `kubectl rollout restart` does.

    Returns the Deployment after the change. Raises PlanChangedError where it is no longer what was approved,
    ActionError where the change was refused or its outcome is not known.
    """
    return platform.restart(approval)


def scale_deployment(platform: ChangeablePlatform, approval: Approval) -> KubeObject:
    """Set the approved number of replicas through the scale subresource, as `kubectl scale` does.

    Returns the Deployment after the change. Raises PlanChangedError where it is no longer what was approved,
    ActionError where the change was refused or its outcome is not known.
    """
    return platform.scale(approval)


def rollback_deployment(platform: ChangeablePlatform, approval: Approval) -> KubeObject:
    """Go back to the revision before the approved one, as `kubectl rollout undo` does.

    Returns the Deployment after the change. Raises PlanChangedError where it is no longer what was approved,
    ActionError where the change was refused or its outcome is not known.
    """
    return platform.rollback(approval)


def _pod(platform: Platform, pod_name: str) -> KubeObject:
    name = pod_name.removeprefix("pods/").removeprefix("pod/")
    try:
        return platform.get("Pod", name)
    except NotFoundError as error:
        raise NotFoundError(error.message, source=error.source, hint=_near(name, _names(platform))) from error


def _names(platform: Platform) -> list[str]:
    try:
        return [kube.name(pod) for pod in platform.list("Pod")]
    except CheckError:  # only the hint would have used them
        return []


def _near(name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, n=3, cutoff=0.4)
    return f"nearest: {', '.join(near)}" if near else "opsagent pods lists them"


def _owner(platform: Platform, pod: KubeObject, skipped: list[Skipped]) -> str | None:
    """Return the pod's chain of owners: "ReplicaSet/x → Deployment/y"."""
    chain: list[str] = []
    here = next(kube.owners(pod), None)
    while here is not None and len(chain) < 4:
        kind, name = here
        chain.append(f"{kind}/{name}")
        if kind not in {"ReplicaSet", "Job"}:
            break
        try:
            here = next(kube.owners(platform.get(kind, name)), None)
        except CheckError as error:
            skipped.append(Skipped("owner", error.message))
            break
    return " → ".join(chain) or None


def _log_of(platform: Platform, pod_name: str, container: str | None, *, previous: bool) -> LogRef:
    name = pod_name.removeprefix("pods/").removeprefix("pod/")
    every = platform.logs()
    of_pod = [ref for ref in every if ref.pod == name]
    names = list(dict.fromkeys(ref.container for ref in of_pod if ref.container))
    if not of_pod or len(names) > 1 or (container and container not in names):
        names, container = _containers(platform, name, sorted({ref.pod for ref in every if ref.pod}), container)
    wanted = container or names[0]
    if wanted not in names:
        raise NotFoundError(
            f"pod {name} has no container {wanted}", source="logs", hint=f"containers: {', '.join(names)}"
        )
    found = next((ref for ref in of_pod if ref.previous == previous and ref.container == wanted), None)
    if found is None and previous:
        raise NotFoundError(f"container {wanted} of pod {name} has no run before this one", source="logs")
    # One that has not run yet is asked for all the same: the answer states what it waits for.
    return found or LogRef(f"logs/{name}/{wanted}.log", name, wanted)


def _containers(
    platform: Platform, pod_name: str, pods: list[str], container: str | None
) -> tuple[list[str], str | None]:
    """Return a pod's containers, and the one asked for, else the one that kubectl would take."""
    try:
        pod = platform.get("Pod", pod_name)
    except NotFoundError as error:
        raise NotFoundError(f"there is no pod {pod_name}", source="logs", hint=_near(pod_name, pods)) from error
    names = [entry.name for entry in kube.containers(pod)]
    first = next((entry.name for entry in kube.containers(pod) if entry.group == "container"), None)
    if first is None:
        raise NotFoundError(f"pod {pod_name} has no containers", source="logs")
    return names, container or kube.annotations(pod).get(_DEFAULT_CONTAINER) or first


def _service_name(pod: KubeObject, services: tuple[Service, ...]) -> str | None:
    service = service_of(pod, services)
    labels = kube.labels(pod)
    return service.name if service else labels.get("app") or labels.get("app.kubernetes.io/name")
