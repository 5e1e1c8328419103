"""The way to Prometheus: its URL, or its Service through the API server's proxy."""

from collections.abc import Callable, Mapping

from opsagent.clients.answer import Answer
from opsagent.clients.cluster_type import ClusterLooks
from opsagent.clients.prometheus import Prometheus, Proxy
from opsagent.clients.prometheus_json import SOURCE
from opsagent.config.settings import Settings


def prometheus_of(settings: Settings, environ: Mapping[str, str], cluster: Callable[[], ClusterLooks]) -> Prometheus:
    """Return the configured server; a URL counts before a Service."""
    wanted = settings.prometheus
    through = None
    if not wanted.url and wanted.service:
        through = _through(wanted.service, settings.kubernetes.namespace, cluster)
    return Prometheus(wanted, settings.kubernetes.namespace, environ, through)


def _through(service: str, own: str, cluster: Callable[[], ClusterLooks]) -> Proxy:
    namespace, _, name = service.rpartition("/")

    def ask(path: str, timeout_s: float) -> Answer:
        return cluster().proxy(namespace or own, name, path, source=SOURCE, timeout_s=timeout_s)

    return ask
