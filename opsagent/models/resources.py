"""The resources of the Kubernetes API, as `kubectl api-resources` lists them: the one home of their names and scope."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object: its names, its group and version, and whether it is in a namespace."""

    kind: str
    api_version: str  # "v1", "apps/v1"
    plural: str
    short: tuple[str, ...] = ()
    namespaced: bool = True


# Source: https://kubernetes.io/docs/reference/kubectl/#resource-types, and cert-manager's for Certificate.
_ALL = (
    Resource("Pod", "v1", "pods", ("po",)),
    Resource("Service", "v1", "services", ("svc",)),
    Resource("Endpoints", "v1", "endpoints", ("ep",)),
    Resource("Event", "v1", "events", ("ev",)),
    Resource("ConfigMap", "v1", "configmaps", ("cm",)),
    Resource("Secret", "v1", "secrets"),
    Resource("ServiceAccount", "v1", "serviceaccounts", ("sa",)),
    Resource("PersistentVolumeClaim", "v1", "persistentvolumeclaims", ("pvc",)),
    Resource("ResourceQuota", "v1", "resourcequotas", ("quota",)),
    Resource("LimitRange", "v1", "limitranges", ("limits",)),
    Resource("ReplicationController", "v1", "replicationcontrollers", ("rc",)),
    Resource("Namespace", "v1", "namespaces", ("ns",), namespaced=False),
    Resource("Node", "v1", "nodes", ("no",), namespaced=False),
    Resource("PersistentVolume", "v1", "persistentvolumes", ("pv",), namespaced=False),
    Resource("Deployment", "apps/v1", "deployments", ("deploy",)),
    Resource("ReplicaSet", "apps/v1", "replicasets", ("rs",)),
    Resource("StatefulSet", "apps/v1", "statefulsets", ("sts",)),
    Resource("DaemonSet", "apps/v1", "daemonsets", ("ds",)),
    Resource("Job", "batch/v1", "jobs"),
    Resource("CronJob", "batch/v1", "cronjobs", ("cj",)),
    Resource("EndpointSlice", "discovery.k8s.io/v1", "endpointslices"),
    Resource("HorizontalPodAutoscaler", "autoscaling/v2", "horizontalpodautoscalers", ("hpa",)),
    Resource("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets", ("pdb",)),
    Resource("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies", ("netpol",)),
    Resource("Ingress", "networking.k8s.io/v1", "ingresses", ("ing",)),
    Resource("IngressClass", "networking.k8s.io/v1", "ingressclasses", namespaced=False),
    Resource("StorageClass", "storage.k8s.io/v1", "storageclasses", ("sc",), namespaced=False),
    Resource("VolumeAttachment", "storage.k8s.io/v1", "volumeattachments", namespaced=False),
    Resource("CSINode", "storage.k8s.io/v1", "csinodes", namespaced=False),
    Resource("CSIDriver", "storage.k8s.io/v1", "csidrivers", namespaced=False),
    Resource("PriorityClass", "scheduling.k8s.io/v1", "priorityclasses", ("pc",), namespaced=False),
    Resource("RuntimeClass", "node.k8s.io/v1", "runtimeclasses", namespaced=False),
    Resource("Lease", "coordination.k8s.io/v1", "leases"),
    Resource("ClusterRole", "rbac.authorization.k8s.io/v1", "clusterroles", namespaced=False),
    Resource("ClusterRoleBinding", "rbac.authorization.k8s.io/v1", "clusterrolebindings", namespaced=False),
    Resource("APIService", "apiregistration.k8s.io/v1", "apiservices", namespaced=False),
    Resource("Certificate", "cert-manager.io/v1", "certificates", ("cert", "certs")),
    Resource("PodMetrics", "metrics.k8s.io/v1beta1", "pods"),
    Resource("NodeMetrics", "metrics.k8s.io/v1beta1", "nodes", namespaced=False),
)
RESOURCES: dict[str, Resource] = {resource.kind: resource for resource in _ALL}
CLUSTER_SCOPED = frozenset(resource.kind for resource in _ALL if not resource.namespaced)
# Metrics share the plurals of what they measure: those names are of the objects.
KIND_BY_PLURAL: dict[str, str] = {resource.plural: resource.kind for resource in reversed(_ALL)}
KIND_BY_NAME: dict[str, str] = {
    name: resource.kind
    for resource in reversed(_ALL)
    for name in (resource.kind.lower(), resource.plural, *resource.short)
}
