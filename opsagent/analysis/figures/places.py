"""Whose figure it is: from the name in a series to the service, and to the nodes that it runs on."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from opsagent.analysis.evidence.workload_state import pods_by_service, workloads_by_service
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.figures import Figures, Series
from opsagent.models.service import Service

# What a workload adds to its own name for a pod: a hash and a suffix, a suffix, or a number.
_GENERATED = re.compile(r"-(?:[a-z0-9]{5,10}-)?[a-z0-9]{5}|-\d{1,4}")
_BY_NAME = frozenset({"Service", "Queue", "Database"})


@dataclass(frozen=True, slots=True)
class Places:
    """What the names in series stand for."""

    names: Mapping[str, str]  # any spelling of a service, in lower case -> service
    workloads: Mapping[str, str]  # "Deployment/x" -> service
    pods: Mapping[str, str]  # pod -> service
    claims: Mapping[str, str]  # PersistentVolumeClaim -> service
    nodes: Mapping[str, frozenset[str]] = field(default_factory=dict)  # service -> nodes of its pods

    def service(self, series: Series) -> str | None:
        """Return the service that a figure belongs to; None for a node and for what nobody knows."""
        if series.kind in _BY_NAME:
            return self.names.get(series.name.lower(), series.name)
        if series.kind in ("Pod", "Container"):
            return self._of_pod(series.name.split("/", 1)[0])
        if series.kind == "PersistentVolumeClaim":
            return self.claims.get(series.name) or self._of_claim(series.name)
        return self.workloads.get(series.place)

    def _of_pod(self, pod: str) -> str | None:
        if pod in self.pods:
            return self.pods[pod]
        for workload, service in self.workloads.items():  # a pod that is gone still shows by its name whose it was
            name = workload.split("/", 1)[-1]
            if pod.startswith(name) and _GENERATED.fullmatch(pod[len(name) :]):
                return service
        return None

    def _of_claim(self, claim: str) -> str | None:
        """Return the owner by the name that a StatefulSet gives: <template>-<pod>."""
        return next((service for pod, service in self.pods.items() if claim.endswith(f"-{pod}")), None)


def services_named(figures: Figures) -> tuple[Service, ...]:
    """Return the services that figures name, where nothing else names any."""
    names = dict.fromkeys(series.name for series in figures.series if series.kind in _BY_NAME)
    return tuple(Service(name) for name in names)


def places_of(services: Iterable[Service], cluster: Cluster, names: Mapping[str, str]) -> Places:
    """Return the places of the services' objects."""
    known = tuple(services)
    workloads = {kube.ref(item): name for name, item in workloads_by_service(known, cluster).items()}
    pods: dict[str, str] = {}
    claims: dict[str, str] = {}
    nodes: dict[str, set[str]] = defaultdict(set)
    for name, own in pods_by_service(known, cluster).items():
        for pod in own:
            pods[kube.name(pod)] = name
            if node := kube.text(pod, "spec", "nodeName"):
                nodes[name].add(node)
            for volume in kube.dicts(pod, "spec", "volumes"):
                if claim := kube.text(volume, "persistentVolumeClaim", "claimName"):
                    claims.setdefault(claim, name)
    spellings = {spelling: service.name for service in known for spelling in service.spellings}
    return Places({**spellings, **names}, workloads, pods, claims, {name: frozenset(on) for name, on in nodes.items()})
