"""From a Service's selector to the addresses behind it."""

from . import objects, pod_status
from .cluster import SimulatedCluster
from .facts import NAMESPACE, Json
from .selectors import selects


def publish(cluster: SimulatedCluster, name: str) -> None:
    """Bring the EndpointSlice and the older Endpoints of a Service up to date with its pods."""
    service = cluster.store.get("services", NAMESPACE, name)
    if service is None:
        return
    picked = [
        pod
        for pod in cluster.pods()
        if selects(service["spec"].get("selector", {}), pod["metadata"]["labels"]) and "podIP" in pod["status"]
    ]
    _slice(cluster, service, picked)
    _endpoints(cluster, service, picked)


def _slice(cluster: SimulatedCluster, service: Json, pods: list[Json]) -> None:
    name = f"{service['metadata']['name']}-{service['metadata']['uid'][:5]}"
    port = service["spec"]["ports"][0]
    body: Json = {
        "addressType": "IPv4",
        "ports": [{"name": port["name"], "port": port["port"], "protocol": "TCP"}],
        "endpoints": [_endpoint(pod) for pod in pods],
    }
    known = cluster.store.get("endpointslices", NAMESPACE, name)
    if known is None:
        marks = {"kubernetes.io/service-name": service["metadata"]["name"]}
        head = objects.meta(name, cluster.now, labels=marks, ownerReferences=objects.owner("v1", "Service", service))
        known = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": head}
    if any(known.get(key) != value for key, value in body.items()):
        known |= body
        cluster.store.save("endpointslices", known)


def _endpoints(cluster: SimulatedCluster, service: Json, pods: list[Json]) -> None:
    port = service["spec"]["ports"][0]
    ports = [{"name": port["name"], "port": port["port"], "protocol": "TCP"}]
    subset: Json = {}
    for pod in pods:
        if "deletionTimestamp" in pod["metadata"]:
            continue
        place = "addresses" if pod_status.is_ready(pod) else "notReadyAddresses"
        subset.setdefault(place, []).append({"ip": pod["status"]["podIP"], "targetRef": _reference(pod)})
    subsets = [{**subset, "ports": ports}] if subset else []
    known = cluster.store.get("endpoints", NAMESPACE, service["metadata"]["name"])
    if known is None:
        head = objects.meta(service["metadata"]["name"], cluster.now, labels=service["metadata"]["labels"])
        known = {"apiVersion": "v1", "kind": "Endpoints", "metadata": head}
    if known.get("subsets") != subsets:
        known["subsets"] = subsets
        cluster.store.save("endpoints", known)


def _endpoint(pod: Json) -> Json:
    going = "deletionTimestamp" in pod["metadata"]
    ready = pod_status.is_ready(pod)
    conditions = {"ready": ready, "serving": ready, "terminating": going}
    return {"addresses": [pod["status"]["podIP"]], "conditions": conditions, "targetRef": _reference(pod)}


def _reference(pod: Json) -> Json:
    head = pod["metadata"]
    return {"kind": "Pod", "name": head["name"], "namespace": NAMESPACE, "uid": head["uid"]}
