"""Every request that opsagent makes of a cluster, as RBAC names it: the one table behind `doctor` and `manifests`.

A test holds it against the requests that arrive at a simulated API server.
"""

from dataclasses import dataclass
from typing import Literal

from opsagent.clients.health_url import parse_health_url
from opsagent.config.load import services_of
from opsagent.config.settings import Settings, http_sources

Role = Literal["reader", "operator"]


@dataclass(frozen=True, slots=True)
class Need:
    """One verb on one resource, and what is lost without it."""

    verb: str
    group: str  # "" is the core group
    resource: str
    subresource: str = ""
    role: Role = "reader"
    scope: Literal["namespace", "cluster"] = "namespace"
    vital: bool = False  # without it there is no diagnosis
    without: str = "causes that show there alone are not found"
    namespace: str | None = None  # another one than the platform's own
    names: tuple[str, ...] = ()  # the only objects that it is about

    @property
    def target(self) -> str:
        """Return "pods/log", as Role rules spell it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def _lists(group: str, *resources: str) -> tuple[Need, ...]:
    return tuple(Need("list", group, resource) for resource in resources)


_CLUSTER = "what a node, a volume or a storage class does to a pod is not seen"
PROXY = Need("get", "", "services", "proxy", without="/stats and health paths need a direct way: kubectl port-forward")
NAMESPACE = Need(
    "get", "", "namespaces", without="an approval is bound to the server's address and CA, not to the Namespace's UID"
)
NEEDED: tuple[Need, ...] = (
    Need("list", "", "pods", vital=True, without="nothing can be diagnosed"),
    Need("get", "", "pods", without="`describe` and the model's describe_pod do not work"),
    Need("get", "", "pods", "log", vital=True, without="logs cannot be read, and most causes are there"),
    Need("list", "apps", "deployments", vital=True, without="roll-outs and replicas are not seen"),
    Need("get", "apps", "deployments", vital=True, without="no change can be planned, none verified"),
    Need("list", "apps", "replicasets", without="what changed, and a rollback's revision, are not seen"),
    Need("get", "apps", "replicasets", without="`describe` names no owner"),
    Need("get", "batch", "jobs", without="`describe` names no owner of a Job's pod"),
    Need("list", "", "events", vital=True, without="why a pod does not start is not seen"),
    *_lists("", "services", "endpoints", "persistentvolumeclaims", "resourcequotas", "limitranges"),
    *_lists("", "serviceaccounts", "configmaps"),
    *_lists("apps", "statefulsets", "daemonsets"),
    *_lists("batch", "jobs", "cronjobs"),
    *_lists("discovery.k8s.io", "endpointslices"),
    *_lists("autoscaling", "horizontalpodautoscalers"),
    *_lists("networking.k8s.io", "networkpolicies", "ingresses"),
    *_lists("policy", "poddisruptionbudgets"),
    Need("list", "metrics.k8s.io", "pods", without="present memory and CPU are not seen"),
    PROXY,
    NAMESPACE,
    Need("list", "", "nodes", scope="cluster", without=_CLUSTER),
    Need("list", "", "persistentvolumes", scope="cluster", without=_CLUSTER),
    Need("list", "storage.k8s.io", "storageclasses", scope="cluster", without=_CLUSTER),
    Need("list", "storage.k8s.io", "volumeattachments", scope="cluster", without=_CLUSTER),
    Need("list", "networking.k8s.io", "ingressclasses", scope="cluster", without="an Ingress's class is not checked"),
    Need("list", "metrics.k8s.io", "nodes", scope="cluster", without="present load of nodes is not seen"),
    Need("patch", "apps", "deployments", role="operator", without="restart and rollback are refused"),
    Need("patch", "apps", "deployments", "scale", role="operator", without="scaling is refused"),
    *(
        Need(verb, "apps", plural, role="operator", without=f"a restart of {plural} is refused")
        for plural in ("statefulsets", "daemonsets")
        for verb in ("get", "patch")
    ),
)


def proxied_services(settings: Settings) -> tuple[str, ...]:
    """Return the Services that are asked through the API server's proxy, as it names them ("name:port"), sorted.

    Of a platform whose services have to be found none is known beforehand but the load balancer.
    """
    found = {settings.stats.service} if settings.stats.enabled else set()
    found.update(_sources(settings).get(settings.kubernetes.namespace, ()))
    for service in services_of(settings) or ():
        if service.health_url is None:
            continue
        url = parse_health_url(service.health_url, settings.kubernetes.namespace)
        if url.service is not None and url.scheme != "tcp" and url.namespace in {None, settings.kubernetes.namespace}:
            found.add(url.proxied)
    return tuple(sorted(found))


def proxied_elsewhere(settings: Settings) -> tuple[Need, ...]:
    """Return the right to ask Prometheus, Alertmanager and Loki through the proxy of each other namespace."""
    lost = "figures, alerts or logs behind it are not read"
    return tuple(
        Need("get", "", "services", "proxy", without=lost, namespace=namespace, names=tuple(sorted(names)))
        for namespace, names in sorted(_sources(settings).items())
        if namespace != settings.kubernetes.namespace
    )


def _sources(settings: Settings) -> dict[str, set[str]]:
    """Return the Services that are named as sources, by namespace."""
    found: dict[str, set[str]] = {}
    for source in http_sources(settings).values():
        if source.proxied:
            namespace, _, name = source.proxied.rpartition("/")
            found.setdefault(namespace or settings.kubernetes.namespace, set()).add(name)
    return found


def names_of(need: Need, settings: Settings) -> tuple[str, ...]:
    """Return the only objects of its kind that a need is about; empty: all of the namespace."""
    if need.names:
        return need.names
    if need is PROXY:
        return proxied_services(settings)  # the proxy reaches whatever a Service does
    return (settings.kubernetes.namespace,) if need is NAMESPACE else ()


def needs_of(settings: Settings) -> tuple[Need, ...]:
    """Return what these settings lead to: without the proxy where everything is asked directly."""
    sources = bool(_sources(settings).get(settings.kubernetes.namespace))
    proxied = sources or (settings.reach != "direct" and bool(proxied_services(settings)))
    return (*(need for need in NEEDED if need is not PROXY or proxied), *proxied_elsewhere(settings))
