"""The sources of logs that a configuration names."""

from collections.abc import Callable, Mapping

from opsagent.clients.cluster_type import ClusterChecks
from opsagent.clients.log_sources import ConfiguredLogs, Logs, LogSources
from opsagent.config.settings import Settings


def log_sources_of(settings: Settings, environ: Mapping[str, str], cluster: Callable[[], ClusterChecks]) -> LogSources:
    """Return the configured sources, files and commands first."""
    sources: list[Logs] = [ConfiguredLogs(settings.logs)] if settings.logs.sources else []
    if settings.loki.configured:
        # Late: who has no Loki loads nothing of HTTP for it.
        from opsagent.clients.http_access import through  # noqa: PLC0415
        from opsagent.clients.loki import SOURCE, Loki  # noqa: PLC0415

        namespace, window_s = settings.kubernetes.namespace, int(settings.logs.since_min * 60)
        proxy = through(settings.loki, namespace, cluster, name=SOURCE)
        sources.append(Loki(settings.loki, namespace, window_s, environ, proxy))
    return LogSources(sources)
