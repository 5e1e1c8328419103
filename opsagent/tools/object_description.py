"""A workload or a Service as `kubectl describe` shows it, with the pods behind it and the events of them all."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from opsagent.analysis.evidence.rollout import rollout_status
from opsagent.analysis.evidence.workloads import service_of
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.selectors import selector_of, selector_text
from opsagent.errors import CheckError, NotFoundError
from opsagent.models.observed import KubeObject, Skipped
from opsagent.models.platform import Platform
from opsagent.models.revision import revision_number
from opsagent.models.service import Service, resolve
from opsagent.models.status import ObjectDescription, PodDescription
from opsagent.redact import Redactor, redact_object
from opsagent.tools.kubectl import describe_pod
from opsagent.tools.named_objects import find, pods_behind, split_name
from opsagent.tools.pod_description import conditions_of, events_text
from opsagent.tools.pod_status import summarise

Result = TypeVar("Result")
_COUNTS = {
    "desired": ("spec", "replicas"),
    "updated": ("status", "updatedReplicas"),
    "ready": ("status", "readyReplicas"),
    "available": ("status", "availableReplicas"),
}
_DAEMON_COUNTS = {
    "desired": ("status", "desiredNumberScheduled"),
    "updated": ("status", "updatedNumberScheduled"),
    "ready": ("status", "numberReady"),
    "available": ("status", "numberAvailable"),
}
_JOB_COUNTS = {key: ("status", key) for key in ("active", "succeeded", "failed")}


def describe_target(
    platform: Platform, services: Callable[[], Iterable[Service]], target: str, *, redact: Redactor | None = None
) -> PodDescription | ObjectDescription:
    """Describe a pod, "deploy/x", "svc/x" and the like, or the workload of a service; secrets redacted.

    A bare name is a pod's where there is one, else a service's. Raises UsageError, UnknownServiceError, NotFoundError.
    """
    kind, name = split_name(target)
    if kind == "Pod":
        return describe_pod(platform, name, (), redact=redact)
    pods = platform.list("Pod")
    if kind is not None:
        return _describe(platform, find(platform, kind, name), pods, None, redact or Redactor())
    if any(kube.name(pod) == name for pod in pods):
        return describe_pod(platform, name, (), redact=redact)
    known = tuple(services())
    service = resolve(name, known)
    own = [pod for pod in pods if service_of(pod, known) == service]
    found = _workload(platform, service, own)
    if found is None:
        return describe_pod(platform, kube.name(own[0]), known, redact=redact)
    return _describe(platform, found, pods, service.name, redact or Redactor())


def _workload(platform: Platform, service: Service, pods: list[KubeObject]) -> KubeObject | None:
    """Return the workload of a service; None where its pods have no owner."""
    if service.deployment is not None:
        return find(platform, "Deployment", service.deployment)
    if not pods:
        raise NotFoundError(f"{service.name} has no workload and no pod here", source="pods", hint="opsagent pods")
    kind, name = next(kube.owners(pods[0]), ("", ""))
    if kind == "ReplicaSet":
        owner = next(kube.owners(find(platform, kind, name)), None)
        kind, name = owner or (kind, name)
    return find(platform, kind, name) if kind else None


def _describe(
    platform: Platform, found: KubeObject, every: Iterable[KubeObject], service: str | None, redactor: Redactor
) -> ObjectDescription:
    skipped: list[Skipped] = []
    pods = pods_behind(platform, found, every)
    about = {(kube.kind(item), kube.name(item)) for item in (found, *pods)}
    about |= {owner for pod in pods for owner in kube.owners(pod)}
    events = _read(skipped, "events", lambda: platform.list("Event"))
    own = [event for event in events or () if _about(event) in about]
    clean = redact_object(found, redactor)
    facts = {name: text for name, text in _facts(platform, clean, skipped) if text}
    return ObjectDescription(
        kind=kube.kind(found),
        name=kube.name(found),
        namespace=kube.namespace(found),
        service=service,
        created=kube.created(found),
        facts=facts,
        conditions=conditions_of(clean),
        containers={entry.name: kube.text(entry.raw, "image") for entry in kube.containers(clean)},
        pods=tuple(summarise(pod, service) for pod in pods),
        events=events_text(redact_object(event, redactor) for event in own),
        labels=kube.labels(clean),
        not_checked=tuple(skipped),
    )


def _facts(platform: Platform, item: KubeObject, skipped: list[Skipped]) -> Iterator[tuple[str, str]]:
    kind = kube.kind(item)
    if kind == "Service":
        yield "type", kube.text(item, "spec", "type", default="ClusterIP")
        yield "address", kube.text(item, "spec", "clusterIP")
        yield "ports", ", ".join(_port(entry) for entry in kube.dicts(item, "spec", "ports"))
        yield "selector", selector_text(kube.mapping(item, "spec", "selector")) or "none: it has no pods of its own"
        yield "endpoints", _endpoints(platform, item, skipped)
        return
    counts = {"DaemonSet": _DAEMON_COUNTS, "Job": _JOB_COUNTS}.get(kind, _COUNTS)
    if kind != "CronJob":
        yield "replicas", " · ".join(f"{kube.integer(item, *path)} {name}" for name, path in counts.items())
    if kind in {"Deployment", "StatefulSet", "DaemonSet"}:
        yield "rollout", rollout_status(item).text
        strategy = "strategy" if kind == "Deployment" else "updateStrategy"
        yield "strategy", kube.text(item, "spec", strategy, "type")
    if kind == "Deployment":
        yield "revision", str(revision_number(item) or "")
    yield "schedule", kube.text(item, "spec", "schedule")
    yield "selector", selector_text(selector_of(item))


def _endpoints(platform: Platform, service: KubeObject, skipped: list[Skipped]) -> str:
    found = _read(skipped, "endpoints", lambda: platform.list("Endpoints"))
    if found is None:
        return "not read"
    own = next((item for item in found if kube.name(item) == kube.name(service)), None)
    ready = [kube.text(entry, "ip") for part in kube.dicts(own, "subsets") for entry in kube.dicts(part, "addresses")]
    waiting = [e for part in kube.dicts(own, "subsets") for e in kube.dicts(part, "notReadyAddresses")]
    return f"{', '.join(ready) or 'none ready'}" + (f" · {len(waiting)} not ready" if waiting else "")


def _port(entry: KubeObject) -> str:
    number, protocol = kube.text(entry, "port"), kube.text(entry, "protocol", default="TCP")
    return f"{kube.text(entry, 'name')} {number}→{kube.text(entry, 'targetPort', default=number)}/{protocol}".strip()


def _about(event: KubeObject) -> tuple[str, str]:
    return kube.text(event, "involvedObject", "kind"), kube.text(event, "involvedObject", "name")


def _read(skipped: list[Skipped], source: str, read: Callable[[], Result]) -> Result | None:
    try:
        return read()
    except CheckError as error:
        skipped.append(Skipped(source, error.message))
        return None
