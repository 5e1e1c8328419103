"""Request paths of the API server: the one place where identifiers from outside become a path."""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode

from opsagent.errors import InvalidNameError

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123, as Kubernetes checks namespaces and containers
_SUBDOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL.pattern}(\.{_LABEL.pattern})*", re.DOTALL)
_PROXIED = re.compile(r"(?P<scheme>https?:)?(?P<name>[^:]+)(?P<port>:[a-z0-9-]{1,15})?")  # a port is a number or a name
_PATH_SAFE = "/:@!$&'()*+,;=~-._"
_QUERY_SAFE = _PATH_SAFE + "?"
_SENT = re.compile(r"/[A-Za-z0-9/:@!$&'()*+,;=~\-._%?]*")
_SHOWN = 60


def namespace_segment(namespace: str) -> str:
    """Return a namespace as one path segment; InvalidNameError where it is not DNS-1123 label."""
    return _checked(namespace, _LABEL, "namespace")


def name_segment(name: str, what: str = "object") -> str:
    """Return an object's name as one path segment; InvalidNameError where it is not DNS-1123 subdomain."""
    return _checked(name, _SUBDOMAIN, what)


def log_path(namespace: str, pod: str, query: Mapping[str, str | int]) -> str:
    """Return the path of a container's log; `query` as the API takes it (container, tailLines, sinceSeconds …)."""
    if "container" in query:
        _checked(str(query["container"]), _LABEL, "container")
    return f"/api/v1/namespaces/{namespace_segment(namespace)}/pods/{name_segment(pod, 'pod')}/log?{urlencode(query)}"


def proxy_path(namespace: str, service: str, path: str) -> str:
    """Return the path of a Service's own path through the API server; `service` is "name:port" or "https:name:port"."""
    parts = _PROXIED.fullmatch(service)
    if parts is None:
        raise _invalid(service, "Service and port", "use name:port or https:name:port")
    name = name_segment(parts["name"], "Service")
    target = f"{parts['scheme'] or ''}{name}{parts['port'] or ''}"
    return f"/api/v1/namespaces/{namespace_segment(namespace)}/services/{target}/proxy/{_inner(path)}"


def sent_path(path: str) -> str:
    """Return a complete request path unchanged; InvalidNameError where a segment would lead elsewhere.

    Every request passes here, so that a path made anywhere else cannot leave its place either.
    """
    if not _SENT.fullmatch(path) or _climbs(path.split("?", 1)[0]):
        raise _invalid(path, "request path", "use no . or .. segment, and nothing that has to be quoted")
    return path


def _inner(path: str) -> str:
    before, mark, query = path.lstrip("/").partition("?")
    if _climbs(before):
        raise _invalid(path, "path of a service", "use no . or .. segment")
    # What is quoted already stays as it is.
    return quote(before, safe=_PATH_SAFE + "%") + mark + quote(query, safe=_QUERY_SAFE + "%")


def _climbs(path: str) -> bool:
    return any(_decoded(segment) in {".", ".."} for part in path.split("/") for segment in _decoded(part).split("/"))


def _decoded(text: str) -> str:
    """Undo percent-encoding however often it was applied: proxies on the way decode once each."""
    while (plain := unquote(text)) != text:
        text = plain
    return text


def _checked(text: str, form: re.Pattern[str], what: str) -> str:
    if not form.fullmatch(text):
        raise _invalid(text, what, "use lower-case letters, digits, '-' and, in names, '.'")
    return quote(text, safe="")


def _invalid(text: str, what: str, hint: str) -> InvalidNameError:
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return InvalidNameError(f"invalid {what} {shown!r}: nothing was requested", source="cluster", hint=hint)
