"""The kinds that the simulated API server serves."""

from dataclasses import dataclass

READ = ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One resource of one API group version."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    verbs: tuple[str, ...] = READ
    subresources: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # name, kind, verbs

    @property
    def api_version(self) -> str:
        """Return "v1" or "apps/v1"."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """Return the plural with its group, as error messages name it: "deployments.apps"."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


_SCALE = ("scale", "Scale", ("get", "patch", "update"))
_CHANGE = (*READ, "patch", "update")

KINDS: tuple[ApiResource, ...] = (
    ApiResource("", "v1", "Namespace", "namespaces", namespaced=False, short=("ns",)),
    ApiResource("", "v1", "Node", "nodes", namespaced=False, short=("no",)),
    ApiResource("", "v1", "PersistentVolume", "persistentvolumes", namespaced=False, short=("pv",)),
    ApiResource(
        "", "v1", "Pod", "pods", short=("po",), verbs=(*READ, "delete"), subresources=(("log", "Pod", ("get",)),)
    ),
    ApiResource(
        "", "v1", "Service", "services", short=("svc",), subresources=(("proxy", "ServiceProxyOptions", ("get",)),)
    ),
    ApiResource("", "v1", "Endpoints", "endpoints", short=("ep",)),
    ApiResource("", "v1", "Event", "events", short=("ev",)),
    ApiResource("", "v1", "ConfigMap", "configmaps", short=("cm",)),
    ApiResource("", "v1", "Secret", "secrets"),
    ApiResource("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",)),
    ApiResource("", "v1", "ServiceAccount", "serviceaccounts", short=("sa",)),
    ApiResource("", "v1", "ReplicationController", "replicationcontrollers", short=("rc",)),
    ApiResource("", "v1", "ResourceQuota", "resourcequotas", short=("quota",)),
    ApiResource("", "v1", "LimitRange", "limitranges", short=("limits",)),
    ApiResource("apps", "v1", "Deployment", "deployments", short=("deploy",), verbs=_CHANGE, subresources=(_SCALE,)),
    ApiResource("apps", "v1", "ReplicaSet", "replicasets", short=("rs",)),
    ApiResource("apps", "v1", "StatefulSet", "statefulsets", short=("sts",), verbs=_CHANGE),
    ApiResource("apps", "v1", "DaemonSet", "daemonsets", short=("ds",), verbs=_CHANGE),
    ApiResource("batch", "v1", "Job", "jobs"),
    ApiResource("batch", "v1", "CronJob", "cronjobs", short=("cj",)),
    ApiResource("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", short=("hpa",)),
    ApiResource("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", short=("hpa",)),
    ApiResource("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    ApiResource("networking.k8s.io", "v1", "Ingress", "ingresses", short=("ing",)),
    ApiResource("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", short=("netpol",)),
    ApiResource("rbac.authorization.k8s.io", "v1", "Role", "roles"),
    ApiResource("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
    ApiResource("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced=False),
    ApiResource("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    ApiResource("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", short=("pdb",)),
    ApiResource("networking.k8s.io", "v1", "IngressClass", "ingressclasses", namespaced=False),
    ApiResource("storage.k8s.io", "v1", "StorageClass", "storageclasses", namespaced=False, short=("sc",)),
    ApiResource("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", namespaced=False),
    ApiResource(
        "authorization.k8s.io",
        "v1",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        namespaced=False,
        verbs=("create",),
    ),
)


def find(group: str, version: str, plural: str) -> ApiResource | None:
    """Return the kind served at this group version under this plural."""
    for kind in KINDS:
        if (kind.group, kind.version, kind.plural) == (group, version, plural):
            return kind
    return None


def plural_of(kind_name: str) -> str:
    """Return the plural of a kind; KeyError where it is not served."""
    for kind in KINDS:
        if kind.kind == kind_name:
            return kind.plural
    raise KeyError(kind_name)
