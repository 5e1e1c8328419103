"""Workloads as services: which there are, whose a pod is, which pods a service has."""

from collections.abc import Iterable

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.selectors import covers
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import Service

# The label that a platform names its services by; app.kubernetes.io/name is often the complete platform's name.
_NAME_LABELS = ("app", "app.kubernetes.io/component", "app.kubernetes.io/name", "k8s-app", "name")
# A controller's own workloads are services of a platform; these run once or on every node on its behalf.
_SERVING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"})


def services_found(objects: Objects) -> tuple[Service, ...]:
    """Return one service per workload found, for a platform without configuration; sorted by name.

    A Job, and a pod of a Job, is a service only where nothing else was found. Two workloads of one name label are known
    apart by their own names.
    """
    cluster = cluster_of(objects)
    found = cluster.workloads() + [pod for pod in cluster.of("Pod") if cluster.top(pod) is pod]
    serving = [
        item for item in found if kube.kind(item) in _SERVING and not any(k == "Job" for k, _ in kube.owners(item))
    ]
    chosen = [item for item in serving or found if kube.name(item)]
    by_name: dict[str, list[KubeObject]] = {}
    for item in chosen:
        by_name.setdefault(service_name(item), []).append(item)
    services: dict[str, Service] = {}
    for name, items in by_name.items():
        pods_of_one = len(items) > 1 and len({_stem(item) for item in items}) == 1
        for item in items[:1] if pods_of_one else items:
            called = name if len(items) == 1 or pods_of_one else kube.name(item)
            services.setdefault(called, Service(called, kube.name(item) if kube.kind(item) == "Deployment" else None))
    for item in cluster.of("Service") if serving else []:
        if _left_behind(item, cluster):
            services.setdefault(kube.labels(item).get("app") or kube.name(item), Service(kube.name(item), None))
    return tuple(services[name] for name in sorted(services))


def _left_behind(service: KubeObject, cluster: Cluster) -> bool:
    """Whether a Service selects pods that no workload of its namespace makes: what served there is gone."""
    selector, space = kube.strings(service, "spec", "selector"), kube.namespace(service)
    if not selector or space == "kube-system" or cluster.selected(selector, space):
        return False
    made = (kube.labels(kube.mapping(item, "spec", "template")) for item in cluster.workloads(space))
    return not any(covers(selector, labels) for labels in made)


def service_name(workload: KubeObject) -> str:
    """Return what operators call a workload or bare pod: its name label, else its own name."""
    template = kube.dig(workload, "spec", "template", default={})
    for labels in (kube.labels(template), kube.labels(workload)):
        if labels.get("app"):
            return labels["app"]
    labels = kube.labels(template) or kube.labels(workload)
    own = kube.name(workload)
    # Beside `app` no label is sure to be the service's: it counts where the workload's own name states the same.
    for key in _NAME_LABELS[1:]:
        if labels.get(key) and (labels[key] in own or own in labels[key]):
            return labels[key]
    if kube.kind(workload) in ("Pod", "ReplicaSet"):
        return next((_without_hash(name, labels) for _, name in kube.owners(workload)), own)
    return own


def pods_of(owner: Service | KubeObject, objects: Objects | Cluster) -> list[KubeObject]:
    """Return the pods of a service (by its Deployment, else by its name) or of a workload."""
    cluster = _cluster(objects)
    if not isinstance(owner, Service):
        return cluster.pods_of(owner)
    if owner.deployment:
        named = [item for item in cluster.of("Deployment") if kube.name(item) == owner.deployment]
        pods = [pod for item in named for pod in cluster.pods_of(item)]
        if pods or named:
            return pods
    return [pod for pod in cluster.of("Pod") if service_name(cluster.top(pod)) == owner.name or _is(pod, owner.name)]


def service_of(
    pod: KubeObject, services: Iterable[Service], objects: Objects | Cluster | None = None
) -> Service | None:
    """Return the service that a pod (or workload) belongs to: by Deployment, else by name label, else None."""
    known = tuple(services)
    top = _cluster(objects).top(pod) if objects is not None else pod
    if kube.kind(top) == "Deployment":
        for service in known:
            if service.deployment == kube.name(top):
                return service
    if top is pod:
        for service in known:
            if service.deployment and any(
                name.rpartition("-")[0] == service.deployment for _, name in kube.owners(pod)
            ):
                return service
    names = {service_name(top), service_name(pod), kube.labels(pod).get("app", "")}
    return next((service for service in known if service.name in names), None)


def _cluster(objects: Objects | Cluster) -> Cluster:
    return objects if isinstance(objects, Cluster) else cluster_of(objects)


def _is(pod: KubeObject, name: str) -> bool:
    return name in (kube.labels(pod).get("app"), kube.name(pod))


def _stem(item: KubeObject) -> str:
    if kube.kind(item) not in ("Pod", "ReplicaSet"):
        return kube.name(item)
    owner = next((name for _, name in kube.owners(item)), "")
    return owner or kube.labels(item).get("app") or kube.name(item)


def _without_hash(name: str, labels: dict[str, str]) -> str:
    return name.removesuffix(f"-{labels['pod-template-hash']}") if labels.get("pod-template-hash") else name
