"""The names of kinds as kubectl takes and prints them."""

import re

# short and plural names that kubectl knows: https://kubernetes.io/docs/reference/kubectl/#resource-types
_KINDS = {
    "Pod": ("po", "pods"),
    "Deployment": ("deploy", "deployments"),
    "ReplicaSet": ("rs", "replicasets"),
    "StatefulSet": ("sts", "statefulsets"),
    "DaemonSet": ("ds", "daemonsets"),
    "ReplicationController": ("rc", "replicationcontrollers"),
    "Job": ("jobs",),
    "CronJob": ("cj", "cronjobs"),
    "Service": ("svc", "services"),
    "Endpoints": ("ep", "endpoints"),
    "EndpointSlice": ("endpointslices",),
    "Ingress": ("ing", "ingresses"),
    "NetworkPolicy": ("netpol", "networkpolicies"),
    "Node": ("no", "nodes"),
    "Namespace": ("ns", "namespaces"),
    "PersistentVolumeClaim": ("pvc", "persistentvolumeclaims"),
    "PersistentVolume": ("pv", "persistentvolumes"),
    "StorageClass": ("sc", "storageclasses"),
    "ConfigMap": ("cm", "configmaps"),
    "Secret": ("secrets",),
    "ServiceAccount": ("sa", "serviceaccounts"),
    "ResourceQuota": ("quota", "resourcequotas"),
    "LimitRange": ("limits", "limitranges"),
    "HorizontalPodAutoscaler": ("hpa", "horizontalpodautoscalers"),
    "PodDisruptionBudget": ("pdb", "poddisruptionbudgets"),
    "Event": ("ev", "events"),
    "Certificate": ("cert", "certs", "certificates"),
    "APIService": ("apiservices",),
    "Lease": ("leases",),
}
API_VERSIONS = {
    "Pod": "v1", "Service": "v1", "Endpoints": "v1", "Node": "v1", "Namespace": "v1", "PersistentVolumeClaim": "v1",
    "PersistentVolume": "v1", "ConfigMap": "v1", "Secret": "v1", "ServiceAccount": "v1", "ResourceQuota": "v1",
    "LimitRange": "v1", "Event": "v1", "ReplicationController": "v1", "Deployment": "apps/v1", "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Job": "batch/v1", "CronJob": "batch/v1",
    "EndpointSlice": "discovery.k8s.io/v1", "Ingress": "networking.k8s.io/v1", "NetworkPolicy": "networking.k8s.io/v1",
    "StorageClass": "storage.k8s.io/v1", "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1", "Certificate": "cert-manager.io/v1",
    "APIService": "apiregistration.k8s.io/v1", "Lease": "coordination.k8s.io/v1",
}  # fmt: skip
CLUSTER_SCOPED = frozenset({"Node", "Namespace", "PersistentVolume", "StorageClass", "APIService"})
_BY_NAME = {name: kind for kind, names in _KINDS.items() for name in (kind.lower(), *names)}
_GROUPED = re.compile(r"^(?P<kind>[a-z]+)(?:\.(?P<group>[a-z0-9.-]+))?$")


def kind_of(word: str) -> str | None:
    """Return the kind behind "po", "pods" or "deployment.apps"; None where none is known."""
    found = _GROUPED.match(word.lower())
    if found is None:
        return None
    known = _BY_NAME.get(found["kind"])
    if known or not found["group"]:
        return known
    return _singular(found["kind"]).capitalize()  # a kind of somebody's own: its spelling is not printed


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return f"{plural[:-3]}y"
    return plural[:-2] if plural.endswith(("sses", "xes")) else plural.removesuffix("s")


def api_version(kind: str) -> str:
    """Return the API version of a known kind; "unknown/v1" of any other."""
    return API_VERSIONS.get(kind, "unknown/v1")
