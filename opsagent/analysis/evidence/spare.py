"""Whether a workload is at zero replicas on purpose: a spare that serves nobody, or one that is scaled on demand."""

import re
from datetime import timedelta

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.selectors import covers
from opsagent.models.observed import KubeObject

_ON_DEMAND = ("keda.sh", "scaledobject", "serving.knative.dev")
_TO_ZERO = re.compile(r"Scaled down replica ?set \S+ to 0\b")
_FROM_ZERO = re.compile(r"Scaled up replica ?set \S+ to [1-9]\d*(?: from 0)?$")
_SWAPPED = timedelta(minutes=15)  # one of two colours, or versions, is taken away when the other one serves
_LEAST = {"ScaledObject": ("minReplicaCount", 0), "HorizontalPodAutoscaler": ("minReplicas", 1)}


def is_spare(cluster: Cluster, workload: KubeObject) -> bool:
    """Return whether nobody is meant to be served by a workload at zero: no Service leads there, nobody closed it."""
    if _on_demand(cluster, workload):
        return True
    if kube.kind(workload) != "Deployment" or _just_closed(cluster, workload):
        return False
    space = kube.namespace(workload)
    services = [item for item in cluster.of("Service") if kube.namespace(item) == space]
    if not services and len(cluster.workloads(space)) < 2:
        return False  # where nothing was seen but this, it is what somebody asks about
    labels = kube.labels(kube.mapping(workload, "spec", "template"))
    selectors = [kube.strings(item, "spec", "selector") for item in services]
    if any(wanted and covers(wanted, labels) for wanted in selectors):
        return False
    return not _expected(cluster, workload)


def _on_demand(cluster: Cluster, workload: KubeObject) -> bool:
    if any(mark in key for key in kube.annotations(workload) for mark in _ON_DEMAND):
        return True
    for kind, (field, default) in _LEAST.items():
        for item in cluster.of(kind):
            target = kube.text(item, "spec", "scaleTargetRef", "name"), kube.namespace(item)
            wanted = (kube.name(workload), kube.namespace(workload))
            if target == wanted and kube.integer(item, "spec", field, default=default) == 0:
                return True
    return False


def _just_closed(cluster: Cluster, workload: KubeObject) -> bool:
    """Return whether somebody scaled it to zero lately (events are kept for an hour), and nothing took its place."""
    ends = [event for event in cluster.events_of(workload) if _TO_ZERO.search(event.message)]
    closed = max((event.last for event in ends if event.last is not None), default=None)
    if closed is None:
        return bool(ends)
    stem, space = _stem(workload), kube.namespace(workload)
    for other in cluster.of("Deployment"):
        if other is workload or kube.namespace(other) != space or _stem(other) != stem:
            continue
        ups = [event.last for event in cluster.events_of(other) if _FROM_ZERO.search(event.message)]
        if any(at is not None and abs(at - closed) <= _SWAPPED for at in ups):
            return False
    return True


def _stem(workload: KubeObject) -> str:
    return kube.name(workload).rpartition("-")[0]


def _expected(cluster: Cluster, workload: KubeObject) -> bool:
    """Return whether printed objects, which show no selector, expect it by name: an Ingress, or empty endpoints."""
    name, space = kube.name(workload), kube.namespace(workload)
    others = [item for kind in ("Ingress", "Endpoints") for item in cluster.of(kind)]
    return any(kube.name(item) == name and kube.namespace(item) == space for item in others)
