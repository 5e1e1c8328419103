"""Where a service's health URL leads: a Kubernetes Service, or a host that anybody can ask."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from opsagent.errors import ConfigError

_SERVICE = re.compile(r"^(?P<name>[a-z0-9-]+)(\.(?P<namespace>[a-z0-9-]+)(\.svc(\.[a-z0-9.-]+)?)?)?$")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class HealthUrl:
    """The parts of a health URL."""

    scheme: str  # "http", "https", "tcp"
    host: str
    port: int
    path: str
    service: str | None  # the Kubernetes Service that the host names
    namespace: str | None  # where the host names one

    @property
    def proxied(self) -> str:
        """Return the Service as the API server's proxy names it."""
        return f"{'https:' if self.scheme == 'https' else ''}{self.service}:{self.port}"


def parse_health_url(url: str, namespace: str) -> HealthUrl:
    """Split a health URL; ConfigError where it is not one.

    A host of one label is a Service of the namespace; `x.<this namespace>` and `x.y.svc…` are Services too.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError as error:
        raise ConfigError(f"health_url {url!r} is not a URL: {error}") from error
    if parts.scheme not in {"http", "https", "tcp"} or not parts.hostname or port is None:
        raise ConfigError(f"health_url {url!r} cannot be asked", hint="write http://host:port/path or tcp://host:port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    name = _SERVICE.match(parts.hostname)
    inside = name is not None and parts.hostname != "localhost" and _inside(name, parts.hostname, namespace)
    service, its_namespace = (name["name"], name["namespace"]) if name is not None and inside else (None, None)
    return HealthUrl(parts.scheme, parts.hostname, port, path, service, its_namespace)


def _inside(name: re.Match[str], host: str, namespace: str) -> bool:
    return name["namespace"] in {None, namespace} or ".svc" in host
