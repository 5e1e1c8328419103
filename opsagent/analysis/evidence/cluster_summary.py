"""The state of the cluster in short lines: pods and nodes that are not healthy, warnings, who serves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from opsagent.analysis.evidence.workload_state import workloads_by_service
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.probe import probes_of
from opsagent.analysis.objects.selectors import selector_text
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import Service

_PODS = 6
_RESTARTED = 2  # beside others that are not well
_NODES = 4
_SPECIFIED = 3  # containers
_NAMES = 8  # of environment variables
_COMMAND = 160  # characters
_UNSELECTING = 2  # Services
_NEAR = 2  # pods
_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
_WARNINGS = 5
_SERVICES = 15
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def standing(objects: Objects, services: Sequence[Service]) -> tuple[str, ...]:
    """Return lines that a reader without the cluster at hand needs beside the evidence; to be redacted."""
    cluster = cluster_of(objects)
    owners = {name: kube.ref(item) for name, item in workloads_by_service(services, cluster).items()}
    ill = [pod for pod in cluster.of("Pod") if _unwell(pod)]
    restarted = [pod for pod in cluster.of("Pod") if not _unwell(pod) and _ended_before(pod)]
    pods = (ill or restarted)[:_PODS]
    warnings = sorted(
        (event for event in objects.items if kube.kind(event) == "Event" and kube.text(event, "type") == "Warning"),
        key=_seen_at,
        reverse=True,
    )
    lines = [f"{'not well' if ill else 'restarted'}: {_pod(pod)}" for pod in pods]
    # Replicas are specified alike: stated once.
    lines += list(dict.fromkeys(line for pod in pods for line in _specified(pod)))[:_SPECIFIED]
    lines += list(islice(_unselecting(cluster), _UNSELECTING))
    lines += list(islice(_nodes(cluster), _NODES))
    lines += [_warning(event) for event in warnings[:_WARNINGS]]
    lines += [f"restarted: {_pod(pod)}" for pod in restarted[:_RESTARTED]] if ill else []
    named = [f"{name} = {ref}" for name, ref in list(owners.items())[:_SERVICES]]
    lines += ["workloads: " + "; ".join(named[at : at + 4]) for at in range(0, len(named), 4)]
    # Which names resolve: a name that a program waits for is one of them, or none.
    names = list(dict.fromkeys(map(kube.name, cluster.of("Service"))))
    lines += [f"all Services: {', '.join(names[:_SERVICES])}"] if names and len(names) <= _SERVICES else []
    return tuple(lines)


def _unwell(pod: KubeObject) -> bool:
    """Return whether its status states it; one without a status was not checked closely enough."""
    phase = kube.text(pod, "status", "phase")
    return phase not in ("", "Succeeded") and (not kube.is_ready(pod) or kube.deleting(pod))


def _ended_before(pod: KubeObject) -> bool:
    return any(status.last_terminated for status in kube.container_statuses(pod))


def _pod(pod: KubeObject) -> str:
    said = [kube.text(pod, "status", "phase"), "being deleted" if kube.deleting(pod) else ""]
    for status in kube.container_statuses(pod):
        waits, ended, before = (
            kube.text(state, "reason") for state in (status.waiting, status.terminated, status.last_terminated)
        )
        code = kube.optional_integer(status.last_terminated or status.terminated, "exitCode")
        now = f"waits: {waits}" if waits else f"ended: {ended}" if ended else "runs" if status.running else ""
        last = f", before: {before or 'ended'}" if status.last_terminated else ""
        exit_code = f", exit code {code}" if code is not None else ""
        said.append(
            f"{status.name} {now}{', not ready' * (not status.ready)}, {status.restarts} restarts{last}{exit_code}"
        )
    unmet = [
        f"{kube.text(condition, 'type')}=False: {kube.text(condition, 'message') or kube.text(condition, 'reason')}"
        for condition in kube.dicts(pod, "status", "conditions")
        if kube.text(condition, "status") == "False" and kube.text(condition, "type") == "PodScheduled"
    ]
    return f"Pod/{kube.name(pod)}: " + "; ".join(part for part in (*said, *unmet) if part)


def _specified(pod: KubeObject) -> list[str]:
    """Return what is asked of the containers that are not ready: where they are probed, what they may take.

    Of the environment names alone; what is not there is not called missing, for a bundle may hold less than the API.
    """
    unready = {status.name for status in kube.container_statuses(pod) if not status.ready or status.last_terminated}
    probes = probes_of(pod)
    lines = []
    for container in kube.containers(pod):
        limits = kube.mapping(container.raw, "resources", "limits")
        ports = [_port(port) for port in kube.dicts(container.raw, "ports")]
        names = [kube.text(entry, "name") for entry in kube.dicts(container.raw, "env")][:_NAMES]
        image = kube.text(container.raw, "image")
        runs = " ".join((*kube.words(container.raw, "command"), *kube.words(container.raw, "args")))
        said = [
            f"image {image}" if image else "",
            f"runs {' '.join(runs.split())[:_COMMAND]}" if runs else "",
            f"ports {', '.join(ports)}" if ports else "",
            *(
                f"{probe.kind} probe {probe.text().partition(' #success')[0]}"
                for probe in probes
                if probe.container == container
            ),
            f"limits {', '.join(f'{name}={amount}' for name, amount in limits.items())}" if limits else "",
            f"env {', '.join(names)}" if names else "",
        ]
        if container.name in unready and any(said):
            lines.append(f"specified for {container.name}: {'; '.join(filter(None, said))}")
    return lines


def _port(port: KubeObject) -> str:
    name = kube.text(port, "name")
    return f"{kube.text(port, 'containerPort')}{f' ({name})' if name else ''}"


def _unselecting(cluster: Cluster) -> Iterator[str]:
    """Yield the Services whose selector no pod meets, with the labels of the pods that meet a part of it."""
    for service in cluster.of("Service"):
        selector, space = kube.strings(service, "spec", "selector"), kube.namespace(service)
        if not selector or cluster.selected(selector, space):
            continue
        pods = [pod for pod in cluster.of("Pod") if kube.namespace(pod) == space]
        near = [pod for pod in pods if selector.items() & kube.labels(pod).items()][:_NEAR]
        others = "; ".join(f"Pod/{kube.name(pod)} has {selector_text(kube.labels(pod))}" for pod in near)
        none = f"{len(pods)} pod{'s are' if len(pods) > 1 else ' is'} known" if pods else "no pod is known at all"
        yield f"not well: Service/{kube.name(service)}: no pod has {selector_text(selector)}; {others or none}"


def _nodes(cluster: Cluster) -> Iterator[str]:
    """Yield the nodes that are not healthy, with what is wrong."""
    taken = Counter(
        kube.text(pod, "spec", "nodeName")
        for pod in cluster.of("Pod")
        if kube.text(pod, "status", "phase") not in ("Succeeded", "Failed")
    )
    for node in cluster.of("Node"):
        ready, count = kube.condition(node, "Ready"), taken[kube.name(node)]
        offered = kube.quantity(kube.dig(node, "status", "allocatable", "pods"))
        not_ready = ready and kube.text(ready, "status") != "True"
        wrong = [
            f"not Ready: {kube.text(ready, 'message') or kube.text(ready, 'reason')}" if not_ready else "",
            *(pressure for pressure in _PRESSURES if kube.is_true(node, pressure)),
            "cordoned" if kube.dig(node, "spec", "unschedulable") is True else "",
            f"{count} pods, and it takes {offered:.0f} at the most" if offered and count >= offered else "",
        ]
        if any(wrong):
            yield f"not well: Node/{kube.name(node)}: {'; '.join(filter(None, wrong))}"


def _warning(event: KubeObject) -> str:
    about = kube.mapping(event, "involvedObject") or kube.mapping(event, "regarding")
    count = kube.integer(event, "count")
    times = f" ×{count}" if count > 1 else ""
    what = f"{kube.text(about, 'kind')}/{kube.text(about, 'name')}"
    message = kube.text(event, "message") or kube.text(event, "note")
    return f"warned {_seen_at(event):%H:%M:%S} {what}: {kube.text(event, 'reason')}{times}: {message}"


def _seen_at(event: KubeObject) -> datetime:
    times = (kube.moment(event, key) for key in ("lastTimestamp", "eventTime", "firstTimestamp"))
    return next((at for at in times if at is not None), None) or kube.created(event) or _LONG_AGO
