"""The kinds of objects that are checked: where the API server serves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsagent.clients.paths import name_segment, namespace_segment
from opsagent.errors import NotCheckedError
from opsagent.models.resources import RESOURCES, Resource

# Every API server has these groups: a 404 for one of their lists is not an API server's answer.
_ALWAYS_SERVED = frozenset({"", "apps", "batch"})
_METADATA = "PartialObjectMetadata"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its group and version, its plural, and whether it lives in a namespace."""

    name: str
    group_version: str  # "v1", "apps/v1"
    plural: str
    namespaced: bool = True
    metadata_only: bool = False  # its data never travels: names are all that is asked for

    @property
    def group(self) -> str:
        """Return the API group; the core group is the empty string."""
        return self.group_version.rpartition("/")[0]

    @property
    def source(self) -> str:
        """Return how `not_checked` names it."""
        return "metrics" if self.group == "metrics.k8s.io" else self.plural

    @property
    def optional(self) -> bool:
        """Return whether a cluster may do without this API: metrics, Ingresses, autoscaling."""
        return self.group not in _ALWAYS_SERVED

    def is_list(self, body: Mapping[str, Any]) -> bool:
        """Return whether an answer is a list of this kind, by its own `kind` and `apiVersion`."""
        return self._says(body, "List")

    def is_object(self, body: Mapping[str, Any]) -> bool:
        """Return whether an answer is an object of this kind."""
        return self._says(body, "")

    def _says(self, body: Mapping[str, Any], end: str) -> bool:
        stated = (body.get("kind"), body.get("apiVersion"))
        if self.metadata_only and stated == (f"{_METADATA}{end}", "meta.k8s.io/v1"):
            return True
        return stated == (f"{self.name}{end}", self.group_version)

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        """Return the REST path; without a namespace that of all namespaces.

        Raises InvalidNameError for a namespace or a name that no object can have.
        """
        root = f"/apis/{self.group_version}" if self.group else f"/api/{self.group_version}"
        within = f"/namespaces/{namespace_segment(namespace)}" if self.namespaced and namespace is not None else ""
        checked = name_segment(name, self.name) if name is not None else None
        return f"{root}{within}/{self.plural}" + "".join(f"/{part}" for part in (checked, subresource) if part)


# Only names are asked for: what a ConfigMap holds never travels.
_METADATA_ONLY = frozenset({"Namespace", "ConfigMap"})
# Secrets are not here on purpose: to list them is to be given their contents.
_ASKED = (
    "Pod", "Service", "Endpoints", "Event", "Namespace", "Node", "PersistentVolumeClaim", "PersistentVolume",
    "ResourceQuota", "LimitRange", "ServiceAccount", "ConfigMap", "Deployment", "ReplicaSet", "StatefulSet",
    "DaemonSet", "Job", "CronJob", "EndpointSlice", "StorageClass", "HorizontalPodAutoscaler", "NetworkPolicy",
    "Ingress", "IngressClass", "PodDisruptionBudget", "VolumeAttachment", "PodMetrics", "NodeMetrics",
)  # fmt: skip


def _kind(known: Resource) -> Kind:
    return Kind(known.kind, known.api_version, known.plural, known.namespaced, known.kind in _METADATA_ONLY)


_ALL = tuple(_kind(RESOURCES[name]) for name in _ASKED)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def kind(name: str) -> Kind:
    """Return a kind by its name; NotCheckedError for one that is never asked for."""
    found = KINDS.get(name)
    if found is None:
        why = "Secrets are never requested" if name == "Secret" else f"{name} is not among the kinds checked"
        raise NotCheckedError(why, source=name.lower())
    return found


def group_of(plural: str) -> str:
    """Return the API group of a resource's plural name; the core group where it is not known."""
    return next((kind.group for kind in _ALL if kind.plural == plural), "")
