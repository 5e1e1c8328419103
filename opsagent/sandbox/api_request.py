"""Read a path of the Kubernetes REST API."""

from urllib.parse import parse_qs, unquote, urlsplit

from .faults import ServedRequest

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def parse(method: str, target: str) -> tuple[ServedRequest, str, str]:
    """Return the request, the API version that it names, and what follows the subresource (a proxied path)."""
    parts = urlsplit(target)
    query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    steps = [unquote(step) for step in parts.path.split("/")[1:]]
    group, version, rest = "", "", []
    if steps[:2] == ["api", "v1"]:
        version, rest = "v1", steps[2:]
    elif steps[:1] == ["apis"] and len(steps) > 3:
        group, version, rest = steps[1], steps[2], steps[3:]
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    resource, name, subresource = ([*rest, "", "", ""])[:3]
    verb = _verb(method, name, query) if resource else "get"
    tail = "/" + "/".join(rest[3:])
    request = ServedRequest(
        "api",
        method,
        parts.path,
        verb=verb,
        group=group,
        resource=resource,
        subresource=subresource,
        namespace=namespace,
        name=name,
        query=query,
    )
    return request, version, tail


def _verb(method: str, name: str, query: dict[str, str]) -> str:
    if method not in ("GET", "HEAD"):
        return _VERBS.get(method, method.lower())
    if query.get("watch") in ("true", "1"):
        return "watch"
    return "get" if name else "list"
