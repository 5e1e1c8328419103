"""What is known beside the findings: who calls whom, which services are faulty, and what everything is called."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.evidence.workload_state import held_back, none_made, pods_by_service, workloads_by_service
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.reasoning.topology import service_at, service_names
from opsagent.models.evidence import Finding, ServiceHealth
from opsagent.models.observed import Objects
from opsagent.models.service import CallGraph, Service

# What a workload adds to its own name for a pod: a hash and a suffix, a suffix, or a number.
_GENERATED = re.compile(r"-(?:[a-z0-9]{5,10}-)?[a-z0-9]{5}|-\d{1,4}")


_OF_NO_WORKLOAD = frozenset({"Ingress", "Node"})


@dataclass(frozen=True)
class World:
    """The platform around the findings."""

    graph: CallGraph
    healths: Mapping[str, ServiceHealth]
    names: Mapping[str, str]  # lower-case name or host -> service
    owners: Mapping[str, str]  # service -> "Deployment/x"
    pods: Mapping[str, tuple[str | None, str]] = field(default_factory=dict)  # pod -> its service, its workload
    catalog: Catalog = field(default_factory=builtin)
    held_back: frozenset[str] = frozenset()  # services without a Ready pod, and none of whose containers has ended

    def service_at(self, blamed: str | None) -> str | None:
        """Return the service behind a host, host:port or URL that a complaint names."""
        if not blamed:
            return None
        host = blamed.split("//", 1)[-1].rsplit("@", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0].lower().strip("[]")
        return service_at(host, self.names)

    def state(self, service: str | None) -> str:
        """Return healthy, faulty or unknown."""
        health = self.healths.get(service) if service else None
        return health.state if health else "unknown"

    def placed(self, finding: Finding) -> Finding:
        """Return the finding with its service by the known name, and with the workload where it has no object.

        A log names its pod, and the pod its workload: that is surer than any name.
        """
        if (finding.object or "").partition("/")[0] in _OF_NO_WORKLOAD:
            return finding  # a proxy's log about an Ingress is evidence, and no word about the proxy
        for observation in finding.observations:
            place = self._place(observation.where)
            if place is not None:
                return replace(finding, service=place[0] or finding.service, object=finding.object or place[1])
        service = finding.service
        if service is not None:
            service = self.names.get(service.lower(), service)
        else:
            service = next((name for name, owner in self.owners.items() if owner == finding.object), None)
        return replace(finding, service=service, object=finding.object or self.owners.get(service or ""))

    def _place(self, where: str) -> tuple[str | None, str] | None:
        parts = where.split("/")
        if len(parts) < 3 or parts[0] != "logs":
            return None
        pod = parts[1]
        if pod in self.pods:
            return self.pods[pod]
        for service, owner in self.owners.items():  # a pod that is gone still shows by its name whose it was
            name = owner.split("/", 1)[-1]
            if pod.startswith(name) and _GENERATED.fullmatch(pod[len(name) :]):
                return service, owner
        return None


def world_of(
    graph: CallGraph,
    healths: Sequence[ServiceHealth],
    services: Sequence[Service],
    objects: Objects,
    catalog: Catalog | None = None,
) -> World:
    """Return what is known of the platform."""
    known, cluster = tuple(services), cluster_of(objects)
    owners = {name: kube.ref(item) for name, item in workloads_by_service(known, cluster).items()}
    pods = cluster.once(("places", known), lambda: _places(known, cluster))
    names = {health.service.lower(): health.service for health in healths} | dict(service_names(known, objects))
    held_back = cluster.once(("held back", known), lambda: _all_held_back(known, cluster))
    states = {health.service: health for health in healths}
    return World(graph, states, names, owners, pods, catalog or builtin(), held_back)


def _places(services: tuple[Service, ...], cluster: Cluster) -> dict[str, tuple[str | None, str]]:
    """Return each pod's service and workload."""
    named = {id(pod): name for name, pods in pods_by_service(services, cluster).items() for pod in pods}
    return {kube.name(pod): (named.get(id(pod)), kube.ref(cluster.top(pod))) for pod in cluster.of("Pod")}


def _all_held_back(services: tuple[Service, ...], cluster: Cluster) -> frozenset[str]:
    """Return the services whose Kubernetes Service refuses everybody because no pod is Ready, or none is there."""
    by_service, workloads = pods_by_service(services, cluster), workloads_by_service(services, cluster)
    return frozenset(
        name
        for name, pods in by_service.items()
        if (all(map(held_back, pods)) if pods else none_made(cluster, workloads.get(name)))
    )
