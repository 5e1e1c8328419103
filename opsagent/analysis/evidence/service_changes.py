"""The changes that can concern one service."""

from collections.abc import Iterable, Iterator

from opsagent.analysis.evidence.workloads import pods_of
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.selectors import covers
from opsagent.models.evidence import Change
from opsagent.models.observed import Objects
from opsagent.models.service import Service

# They act on the pods of a namespace, whoever owns those.
_SHARED = frozenset({"Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "Ingress"})


def of_service(changes: Iterable[Change], service: Service, objects: Objects) -> tuple[Change, ...]:
    """Return the changes of a service's own objects, of the nodes that run its pods, and of its namespace's rules."""
    own = set(_own(service, objects))
    return tuple(c for c in changes if c.object in own or c.object.partition("/")[0] in _SHARED)


def _own(service: Service, objects: Objects) -> Iterator[str]:
    cluster, pods = cluster_of(objects), pods_of(service, objects)
    workloads = {f"Deployment/{service.deployment}"} if service.deployment else set()
    for pod in pods:
        yield kube.ref(pod)
        yield f"Node/{kube.text(pod, 'spec', 'nodeName')}"
        workloads.add(kube.ref(cluster.top(pod)))
        owner = cluster.owner(pod)
        if owner is not None:
            workloads.add(kube.ref(owner))
    yield from workloads
    for item in cluster.of("Service"):
        selector = kube.strings(item, "spec", "selector")
        if any(covers(selector, kube.labels(pod)) for pod in pods):
            yield kube.ref(item)
    for item in cluster.of("HorizontalPodAutoscaler"):
        target = kube.mapping(item, "spec", "scaleTargetRef")
        if f"{kube.text(target, 'kind')}/{kube.text(target, 'name')}" in workloads:
            yield kube.ref(item)
