"""The place of a piece of evidence, short enough for one line and still found again."""

import re

_LOG = re.compile(r"logs/(?P<pod>[^/]+)/(?P<container>[^/:]+?)(?P<previous>\.previous)?\.log(?::L?(?P<line>[\d-]+))?$")
_OBJECT = re.compile(
    r"(?P<kind>Pod|Event)/(?P<name>[^:/]+?)(?:\.[0-9a-f]{13,16})?(?::(?:status|spec)\.(?P<field>.+))?$"
)
_SERIES = re.compile(r"(?P<source>[\w.-]+):[A-Z]\w+/[^:]+:\w+$")  # "prometheus:Service/web:latency_p95"
_POD = re.compile(r"(?P<app>.+?)(?:-deployment)?-[0-9a-z]{5,10}-(?P<suffix>[0-9a-z]{5})$")


def short_pod(name: str) -> str:
    """Return "local-blog-service-…-zk4mh" for a Deployment's pod; any other name as it is."""
    found = _POD.match(name)
    return f"{found['app']}-…-{found['suffix']}" if found else name


def short_place(where: str) -> str:
    """Return "local-blog-service-…-zk4mh L88" for a line of a pod's log, "Pod/local-blog-service-…-zk4mh conditions[0]"
    for a field of a pod; any other place as it is.

    The container is left out: the full place is in the evidence view and in the report.
    """
    series = _SERIES.match(where)
    if series:
        return series["source"]  # what it is of is in its text
    found = _LOG.match(where)
    if not found:
        return _short_object(where)
    line = f" L{found['line']}" if found["line"] else ""
    return f"{short_pod(found['pod'])}{' (previous)' if found['previous'] else ''}{line}"


def _short_object(where: str) -> str:
    found = _OBJECT.match(where)
    if not found:
        return where
    return f"{found['kind']}/{short_pod(found['name'])}{' ' + found['field'] if found['field'] else ''}"
