"""Whose logs are asked for: a service, a pod, a workload, a label selector; and which of their containers have none."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.selectors import selects
from opsagent.clients.log_refs import service_of
from opsagent.errors import CheckError, NotFoundError, UsageError
from opsagent.models.coverage import Outcome
from opsagent.models.observed import KubeObject, LogRef, Skipped
from opsagent.models.platform import KnowsLogs, Platform
from opsagent.models.service import Service, resolve
from opsagent.tools.label_selector import parse_selector
from opsagent.tools.logs import log_gaps, ordered, service_refs
from opsagent.tools.named_objects import find, pods_behind, split_name

Services = Callable[[], Iterable[Service]]  # asked only where a service has to be resolved: they may have to be found


@dataclass(frozen=True, slots=True)
class LogTarget:
    """The logs of what was asked for."""

    name: str  # as the operator reads it again: "blog-service", "Deployment/web", "app=web"
    refs: tuple[LogRef, ...]  # of one container the earlier run first
    silent: tuple[Skipped, ...] = ()  # containers that have written no log, and why
    gaps: tuple[Skipped, ...] = ()  # what kept more logs from being listed


def find_logs(platform: Platform, services: Services, target: str | None, selector: str | None = None) -> LogTarget:
    """Return the logs of a service, "pod/x", "deploy/x", "svc/x" and the like, or of all pods of a label selector.

    A bare name is a pod's where there is one, else a service's. Raises UsageError, UnknownServiceError, NotFoundError.
    """
    wanted = parse_selector(selector) if selector is not None else None
    kind, name = split_name(target) if target is not None else (None, "")
    try:
        pods = platform.list("Pod")
    except CheckError:
        if wanted is not None or kind is not None:
            raise
        return _without_cluster(platform, services, name)  # other sources may hold the service's logs
    service: Service | None = None
    if wanted is not None:
        called, chosen = selector or "", tuple(pod for pod in pods if selects(wanted, kube.labels(pod)))
    elif kind is not None:
        called, chosen = f"{kind}/{name}", pods_behind(platform, _named(platform, kind, name, pods), pods)
    elif own := tuple(pod for pod in pods if kube.name(pod) == name):
        called, chosen = f"Pod/{name}", own
    else:
        known = tuple(services())
        service = resolve(name, known)
        called, chosen = service.name, tuple(pod for pod in pods if service_of(pod, known) == service.name)
    refs, gaps = _refs(platform, chosen, service), log_gaps(platform, service) if service else ()
    if not chosen and not refs:
        raise NotFoundError(
            f"there is no pod of {called} in {platform.where.namespace}, so no log",
            source="logs",
            hint="opsagent pods lists them",
        )
    return LogTarget(called, ordered(refs), tuple(_silent(chosen)), gaps)


def _without_cluster(platform: Platform, services: Services, name: str) -> LogTarget:
    service, refs = service_refs(platform, services(), name)
    return LogTarget(service.name, refs, gaps=log_gaps(platform, service))


def of_containers(target: LogTarget, container: str | None, *, previous: bool) -> LogTarget:
    """Return the target with one container of each pod, or with the runs before the last restart alone.

    Raises NotFoundError where nothing is left.
    """
    refs = target.refs
    if container is not None:
        refs = tuple(ref for ref in refs if ref.container == container)
        silent = tuple(skip for skip in target.silent if _container_of(skip) == container)
        if not refs and not silent:
            names = {ref.container for ref in target.refs if ref.container} | set(map(_container_of, target.silent))
            raise NotFoundError(
                f"no pod of {target.name} has a container {container}",
                source="logs",
                hint=f"containers: {', '.join(sorted(names))}",
            )
        target = replace(target, silent=silent)
    if previous:
        before = tuple(ref for ref in refs if ref.previous)
        if not before:
            raise NotFoundError(f"no container of {target.name} has run before this run", source="logs")
        return replace(target, refs=before, silent=())
    return replace(target, refs=refs)


def _named(platform: Platform, kind: str, name: str, pods: Iterable[KubeObject]) -> KubeObject:
    if kind == "Pod":
        for pod in pods:
            if kube.name(pod) == name:
                return pod
    return find(platform, kind, name)


def _refs(platform: Platform, pods: tuple[KubeObject, ...], service: Service | None) -> tuple[LogRef, ...]:
    """Return the logs of these pods that were written, and those of a service that other sources hold."""
    if not isinstance(platform, KnowsLogs):
        raise UsageError("this platform names no logs of single pods", hint="ask for a service")
    unstarted = {(kube.name(pod), name) for pod in pods for name, _ in _unstarted(pod)}
    names = {kube.name(pod) for pod in pods}
    return tuple(
        ref
        for ref in platform.logs_of(pods)
        if (ref.pod, ref.container) not in unstarted
        and (ref.pod in names or (service is not None and ref.service == service.name))
    )


def _silent(pods: Iterable[KubeObject]) -> Iterator[Skipped]:
    for pod in pods:
        for name, why in _unstarted(pod):
            where = f"logs/{kube.name(pod)}/{name}.log"
            yield Skipped(where, f"container {name} has not started: {why}", Outcome.NOT_ASKED)


def _unstarted(pod: KubeObject) -> Iterator[tuple[str, str]]:
    """Yield each container that has never run, and what it waits for."""
    statuses = {(status.group, status.name): status for status in kube.container_statuses(pod)}
    for container in kube.containers(pod):
        status = statuses.get((container.group, container.name))
        if status is None:
            if kube.text(pod, "status", "phase") == "Pending":
                yield container.name, _pending(pod)
        elif status.waiting and not status.restarts and not status.last_terminated:
            parts = (kube.text(status.waiting, "reason"), kube.text(status.waiting, "message"))
            yield container.name, ": ".join(part for part in parts if part) or "waiting"


def _pending(pod: KubeObject) -> str:
    scheduled = kube.condition(pod, "PodScheduled")
    if kube.text(scheduled, "status") == "False":
        return f"the pod is not scheduled: {kube.text(scheduled, 'message') or kube.text(scheduled, 'reason')}"
    return "the pod is Pending"


def _container_of(skipped: Skipped) -> str:
    return skipped.source.rpartition("/")[2].removesuffix(".log")
