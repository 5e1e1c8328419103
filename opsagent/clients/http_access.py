"""How a configured server is reached, and with which credentials: Prometheus, Alertmanager, Loki."""

import re
from collections.abc import Callable, Mapping

from opsagent.clients.answer import HttpAnswer
from opsagent.clients.cluster_type import ClusterChecks
from opsagent.clients.http_form import Access
from opsagent.config.settings import HttpSource
from opsagent.errors import ConfigError

_HEADER = re.compile(r"\s*([A-Za-z0-9-]{1,64})\s*:\s*([^\r\n]*?)\s*")

# A GET of a path below the Service through the API server: path with its query string, seconds, most bytes.
Proxy = Callable[[str, float, int], HttpAnswer]


def through(source: HttpSource, own_namespace: str, cluster: Callable[[], ClusterChecks], *, name: str) -> Proxy | None:
    """Return the way through the API server's proxy; None where a URL is asked. `name` is the source, for errors."""
    if not source.proxied:
        return None
    namespace, _, service = source.proxied.rpartition("/")

    def ask(path: str, timeout_s: float, max_body: int) -> HttpAnswer:
        return cluster().proxy(
            namespace or own_namespace, service, path, source=name, timeout_s=timeout_s, max_body=max_body
        )

    return ask


def access(settings: HttpSource, environ: Mapping[str, str]) -> Access:
    """Return the credentials, read from the environment variables that the settings name."""
    headers = {"X-Scope-OrgID": settings.org_id} if settings.org_id else {}
    if settings.bearer_env:
        headers["Authorization"] = f"Bearer {_secret(settings.bearer_env, environ)}"
    for line in _secret(settings.headers_env, environ).splitlines() if settings.headers_env else ():
        fits = _HEADER.fullmatch(line)
        if line.strip() and fits is None:
            wrong = f"${settings.headers_env} holds a line that is not a header"
            raise ConfigError(wrong, hint="one `Name: value` a line")
        if fits:
            headers[fits[1]] = fits[2]
    basic = None
    if settings.username_env and settings.password_env:
        basic = (_secret(settings.username_env, environ), _secret(settings.password_env, environ))
    return Access(headers, basic, str(settings.ca_file) if settings.ca_file else None)


def _secret(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigError(f"the environment variable {name} is empty", hint=f"set {name}, or leave its setting out")
    return value
