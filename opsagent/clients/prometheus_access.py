"""The configured Prometheus."""

from collections.abc import Callable, Mapping

from opsagent.clients.cluster_type import ClusterChecks
from opsagent.clients.http_access import through
from opsagent.clients.prometheus import Prometheus
from opsagent.clients.prometheus_json import SOURCE
from opsagent.config.settings import Settings


def prometheus_of(settings: Settings, environ: Mapping[str, str], cluster: Callable[[], ClusterChecks]) -> Prometheus:
    """Return the configured server; a URL counts before a Service."""
    namespace = settings.kubernetes.namespace
    proxy = through(settings.prometheus, namespace, cluster, name=SOURCE)
    return Prometheus(settings.prometheus, namespace, environ, proxy)
