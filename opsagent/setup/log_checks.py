"""The check-up of logs besides the cluster's: which services have one, and whether Loki answers."""

from collections.abc import Callable, Iterator, Mapping

from opsagent.clients.cluster import ClusterClient
from opsagent.clients.http_access import through
from opsagent.clients.log_sources import ConfiguredLogs, LogSources
from opsagent.clients.loki import SOURCE, Loki
from opsagent.config.settings import Settings
from opsagent.errors import CheckError, OpsagentError
from opsagent.models.checkup import Check
from opsagent.models.observed import LogRef
from opsagent.models.service import Service

_SHOWN = 3
_HINT = "see logs.sources"


def log_checks(
    settings: Settings, services: Callable[[], tuple[Service, ...]], environ: Mapping[str, str]
) -> Iterator[Check]:
    """Yield the checks of files and commands, and of Loki; nothing of what is not configured."""
    if settings.logs.sources:
        yield sources_check(settings, services)
    if settings.loki.configured:
        yield loki_check(settings, environ)


def sources_check(settings: Settings, services: Callable[[], tuple[Service, ...]]) -> Check:
    """Read the last line of each log that is in a file or printed by a command."""
    try:
        names = tuple(service.name for service in services())
    except CheckError as error:
        return Check("log sources", "warn", error.message, error.hint)
    sources = LogSources([ConfiguredLogs(settings.logs)])
    refs = sources.refs(names)
    failed = [gap.why for gap in sources.gaps]
    failed += [f"{ref.service}: {why}" for ref in refs if (why := _unreadable(sources, ref)) is not None]
    if failed:
        more = f"; and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
        return Check("log sources", "warn", f"{'; '.join(failed[:_SHOWN])}{more}", _HINT)
    return Check("log sources", "ok", f"{len(refs)} logs of {len({ref.service for ref in refs})} services can be read")


def loki_check(settings: Settings, environ: Mapping[str, str]) -> Check:
    """Ask Loki which streams it has of the namespace."""
    namespace, window_s = settings.kubernetes.namespace, int(settings.logs.since_min * 60)
    try:
        proxy = through(settings.loki, namespace, lambda: ClusterClient(settings.kubernetes), name=SOURCE)
        names = Loki(settings.loki, namespace, window_s, environ, proxy).services()
    except OpsagentError as error:
        return Check("loki", "fail", error.message, error.hint)
    if not names:
        text = f"it has no stream of {namespace} that is labelled {settings.loki.label}"
        return Check("loki", "warn", text, "is the namespace right? loki.label names the label of a service")
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return Check("loki", "ok", f"logs of {len(names)} services: {', '.join(names[:_SHOWN])}{more}")


def _unreadable(sources: LogSources, ref: LogRef) -> str | None:
    try:
        for _ in sources.read(ref, tail=1, since_s=None, follow=False):
            pass
    except CheckError as error:
        return error.message
    return None
