"""Whether an object has to do with a service: by what owns, selects, names or carries its pods.

A service that was asked about is not ill because something else of the namespace is: a Job that failed, a certificate
of another host. What is on its way is found by references, whatever kind refers to it, and by the service's own name.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.evidence.workload_state import pods_by_service, workloads_by_service
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.selectors import covers
from opsagent.models.evidence import Cause
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import Service

# What leads from one to another: an Ingress names a Service, a Certificate the Secret that the Ingress names.
_LINKS = frozenset(
    {"Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "Gateway", "VirtualService", "HorizontalPodAutoscaler",
     "PersistentVolumeClaim", "PersistentVolume", "Secret"}
)  # fmt: skip
_SYSTEM = "kube-system"
_OF_ALL = frozenset({"Node", "Namespace", "APIService", "ResourceQuota", "LimitRange", "StorageClass", "IngressClass"})
_DEEPEST = 12
_TELLING = 4  # letters of a name that show something inside another


def concerns(
    cause: Cause, reach: Collection[str], services: Sequence[Service], objects: Objects, catalog: Catalog
) -> bool:
    """Return whether a cause can be one of the services in `reach`; what was not read is not excluded."""
    if cause.service is not None:
        own = (cause.object or "").removeprefix("Service/")  # one that selects nothing is asked about by its own name
        return cause.service in reach or (own != cause.object and own in reach)
    if cause.object is None or catalog.is_a(cause.code, "control-plane"):
        return True
    cluster = cluster_of(objects)
    kind, _, name = cause.object.partition("/")
    found = [item for item in cluster.of(kind) if kube.name(item) == name]
    if not found or kind in _OF_ALL or any(kube.namespace(item) == _SYSTEM for item in found):
        return True
    way = _way(frozenset(reach), tuple(services), cluster)
    if not way:
        return True  # nothing is known of the service's own objects
    there = {stop.ref for stop in way}
    stops = [_stop(item) for item in found]
    # A route that points to the wrong place names nothing that is there, but bears the service's name.
    meant = any(one in text for one in reach if len(one) >= _TELLING for stop in stops for text in (name, *stop.names))
    return meant or any((kind, name) in there or _joined(stop, way) for stop in stops)


@dataclass(frozen=True, slots=True)
class _Stop:
    """An object on the way, with the names that it gives."""

    item: KubeObject
    ref: tuple[str, str]
    space: str
    names: frozenset[str]
    secrets: frozenset[str]
    owners: frozenset[tuple[str, str]]


def _stop(item: KubeObject) -> _Stop:
    spec = item.get("spec")
    names, secrets = frozenset(_names(spec, 0)), frozenset(_names(spec, 0, only="secretname"))
    ref = kube.kind(item), kube.name(item)
    return _Stop(item, ref, kube.namespace(item), names, secrets, frozenset(kube.owners(item)))


def _way(reach: frozenset[str], services: tuple[Service, ...], cluster: Cluster) -> list[_Stop]:
    return cluster.once(("way", reach, services), lambda: _all_on_the_way(reach, services, cluster))


def _all_on_the_way(reach: frozenset[str], services: tuple[Service, ...], cluster: Cluster) -> list[_Stop]:
    workloads, pods = workloads_by_service(services, cluster), pods_by_service(services, cluster)
    way: list[KubeObject] = []
    for name in reach:
        own = [*([workloads[name]] if name in workloads else []), *pods.get(name, [])]
        labels = [kube.labels(pod) for pod in pods.get(name, [])]
        labels += [kube.strings(item, "spec", "template", "metadata", "labels") for item in own[:1]]
        spaces = {kube.namespace(item) for item in own}
        way += [*own, *_selecting(cluster, spaces, labels)]
    stops = [_stop(item) for item in way]
    for _ in range(2):  # Service -> Ingress -> Secret
        there = {stop.ref for stop in stops}
        links = [_stop(item) for kind in _LINKS for item in cluster.of(kind)]
        stops += [link for link in links if link.ref not in there and _joined(link, stops)]
    return stops


def _selecting(cluster: Cluster, spaces: Collection[str], labels: Sequence[dict[str, str]]) -> list[KubeObject]:
    return [
        item
        for item in cluster.of("Service")
        if kube.namespace(item) in spaces
        and (selector := kube.strings(item, "spec", "selector"))
        and any(covers(selector, one) for one in labels)
    ]


def _joined(one: _Stop, way: Iterable[_Stop]) -> bool:
    """Return whether an object and one on the way refer to each other, by owner, by name or by a common Secret."""
    for other in way:
        if one.space and other.space not in ("", one.space):
            continue
        if one.ref in other.owners or other.ref in one.owners:
            return True
        if other.ref[1] in one.names or one.ref[1] in other.names or one.names & other.secrets:
            return True
    return False


def _names(value: Any, depth: int, *, only: str = "name") -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and isinstance(key, str) and key.lower().endswith(only):
                yield item
            else:
                yield from _names(item, depth + 1, only=only)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item, depth + 1, only=only)
