"""The kinds that the simulated API server serves."""

from dataclasses import dataclass

READ = ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class Kind:
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

KINDS: tuple[Kind, ...] = (
    Kind("", "v1", "Namespace", "namespaces", namespaced=False, short=("ns",)),
    Kind("", "v1", "Node", "nodes", namespaced=False, short=("no",)),
    Kind("", "v1", "PersistentVolume", "persistentvolumes", namespaced=False, short=("pv",)),
    Kind("", "v1", "Pod", "pods", short=("po",), verbs=(*READ, "delete"), subresources=(("log", "Pod", ("get",)),)),
    Kind("", "v1", "Service", "services", short=("svc",), subresources=(("proxy", "ServiceProxyOptions", ("get",)),)),
    Kind("", "v1", "Endpoints", "endpoints", short=("ep",)),
    Kind("", "v1", "Event", "events", short=("ev",)),
    Kind("", "v1", "ConfigMap", "configmaps", short=("cm",)),
    Kind("", "v1", "Secret", "secrets"),
    Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",)),
    Kind("", "v1", "ServiceAccount", "serviceaccounts", short=("sa",)),
    Kind("", "v1", "ReplicationController", "replicationcontrollers", short=("rc",)),
    Kind("", "v1", "ResourceQuota", "resourcequotas", short=("quota",)),
    Kind("", "v1", "LimitRange", "limitranges", short=("limits",)),
    Kind("apps", "v1", "Deployment", "deployments", short=("deploy",), verbs=_CHANGE, subresources=(_SCALE,)),
    Kind("apps", "v1", "ReplicaSet", "replicasets", short=("rs",)),
    Kind("apps", "v1", "StatefulSet", "statefulsets", short=("sts",), verbs=_CHANGE),
    Kind("apps", "v1", "DaemonSet", "daemonsets", short=("ds",), verbs=_CHANGE),
    Kind("batch", "v1", "Job", "jobs"),
    Kind("batch", "v1", "CronJob", "cronjobs", short=("cj",)),
    Kind("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", short=("hpa",)),
    Kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", short=("hpa",)),
    Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    Kind("networking.k8s.io", "v1", "Ingress", "ingresses", short=("ing",)),
    Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", short=("netpol",)),
    Kind("rbac.authorization.k8s.io", "v1", "Role", "roles"),
    Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
    Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced=False),
    Kind("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", short=("pdb",)),
    Kind("networking.k8s.io", "v1", "IngressClass", "ingressclasses", namespaced=False),
    Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", namespaced=False, short=("sc",)),
    Kind("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", namespaced=False),
    Kind(
        "authorization.k8s.io",
        "v1",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        namespaced=False,
        verbs=("create",),
    ),
)


def find(group: str, version: str, plural: str) -> Kind | None:
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
