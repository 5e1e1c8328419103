"""The place of a piece of evidence, short enough for one line and still found again."""

import re

_LOG = re.compile(r"logs/(?P<pod>[^/]+)/(?P<container>[^/:]+?)(?P<previous>\.previous)?\.log(?::L?(?P<line>[\d-]+))?$")
_POD = re.compile(r"(?P<app>.+?)(?:-deployment)?-[0-9a-z]{5,10}-(?P<suffix>[0-9a-z]{5})$")


def short_pod(name: str) -> str:
    """Return "local-blog-service-…-zk4mh" for a Deployment's pod; any other name as it is."""
    found = _POD.match(name)
    return f"{found['app']}-…-{found['suffix']}" if found else name


def short_place(where: str) -> str:
    """Return "local-blog-service-…-zk4mh L88" for a line of a pod's log; any other place as it is.

    The container is left out: the full place stands in the evidence view and in the report.
    """
    found = _LOG.match(where)
    if not found:
        return where
    line = f" L{found['line']}" if found["line"] else ""
    return f"{short_pod(found['pod'])}{' (previous)' if found['previous'] else ''}{line}"
