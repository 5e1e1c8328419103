"""Whom a network complaint points at, and which Kubernetes object a line names."""

import re
from functools import cache

from opsagent.analysis.catalog.records import Code
from opsagent.analysis.text.levels import any_of

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?"
_ERRNO = ("econnrefused", "etimedout", "econnreset", "ehostunreach")
# Each with words in lower case of which a line has to hold one: most are then neither searched for nor compiled.
_AT = (
    (("->",), r"\b(?:udp|tcp) \S+->(?P<host>[\d.]+|\[[0-9a-fA-F:]+\]):(?P<port>\d+)", 0),
    (("lookup", "enotfound", "eai_again", "unknown", "resolve", "translate", "host", "getaddrinfo",
      "name or service"), (
        rf"(?:lookup|ENOTFOUND|EAI_AGAIN|Unknown ?Host(?:Exception)?:?|resolve(?: host)?:?|translate host name"
        rf"|host not found in upstream|MySQL server host|getaddrinfo for"
        rf"|Name or service not known:?)\s+[\"'`]?(?P<host>{_NAME})[\"'`]?(?::(?P<port>\d+))?"
    ), re.I),
    (("://",), (
        rf"(?:upstream: )?[\"'(]?\b(?:https?|rediss?|amqps?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|grpc|nats|tcp"
        rf"|ws)://(?:[^/@\s\"']*@)?(?P<host>{_NAME}|\[[0-9a-fA-F:]+\])(?::(?P<port>\d+))?(?!.*upstream: )"
    ), re.I),
    (("dial ",), rf"dial (?:tcp|udp)[46]? (?:lookup )?(?P<host>{_NAME}|\[[0-9a-fA-F:]+\])(?::(?P<port>\d+))", re.I),
    (('"port',), (
        rf"\\?\"(?:host|hostname|server|addr|address|peer|target"
        rf"|endpoint)\\?\"\s*:\s*\\?\"(?P<host>{_NAME})(?::\d+)?\\?\"\s*,\s*\\?\"port\\?\"\s*:\s*\\?\"?"
        rf"(?P<port>\d{{2,5}})\b"
    ), re.I),
    (("host=",), rf"host=['\"]?(?P<host>{_NAME})['\"]?,? ?port=(?P<port>\d+)", re.I),
    (("port ",), (
        rf"(?:server|host) (?:at "
        rf"|on )?['\"`](?P<host>{_NAME})['\"`](?: \([\d.:a-f]+\))?,? (?:and accepting TCP/IP connections on )?port "
        rf"(?P<port>\d+)"
    ), re.I),
    (_ERRNO, rf"(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH) (?P<host>{_NAME}):(?P<port>\d+)", 0),
    ((*_ERRNO, "connect", "refused:", "tried:", "reach", "call", "failed to", "bind() to"), (
        rf"(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|connect(?:ing|ion|ed)?(?: to| with)?(?: host| server"
        rf"| node| broker)?|refused:|tried:|reach(?:ing)?|call(?:ing)?|failed to"
        rf"|bind\(\) to)\s+[\"'`(]?(?P<host>{_NAME})[/ ]?(?:\d+\.\d+\.\d+\.\d+)?[\"'`]?(?::| port "
        rf"|, port )(?P<port>\d+)"
    ), re.I),
    (("address: '",), r"address: '(?P<host>[^']+)',?\s+port: (?P<port>\d+)", 0),
    # "host:80" or 'host', 80; a name in quotes before a colon and a number is a field of JSON.
    ((), rf"['\"(](?P<host>{_NAME})(?:['\"]?, ?|:)(?P<port>\d{{2,5}})\b", 0),
    (("error: ", "exception: "), rf"(?:Error|Exception): (?P<host>{_NAME}):(?P<port>\d{{2,5}})(?=[:, ]|$)", 0),
    (("hostname: '",), rf"hostname: '(?P<host>{_NAME})'", 0),
    ((".svc",), rf"\b(?P<host>(?:{_NAME}\.)+svc(?:\.cluster\.local)?)(?::(?P<port>\d+))?", 0),
    ((), r"\b(?P<host>\d+\.\d+\.\d+\.\d+):(?P<port>\d+)\b(?! - \")", 0),
)  # fmt: skip
_SKIPPED = frozenset(
    {"the", "a", "an", "host", "server", "connect", "to", "for", "on", "failed", "error", "sqlalche.me", "docs"}
)

_SOURCE = re.compile(r"\.(?:java|kt|scala|py|go|[cm]?[jt]sx?|rb|cs|php|rs|cc?|cpp)$", re.IGNORECASE)

_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T_]\d\d", re.IGNORECASE)


@cache
def _compiled(source: str, flags: int) -> re.Pattern[str]:
    return re.compile(source, flags)


def blamed(text: str) -> str | None:
    """Name the host, with its port where one is given, that a complaint points at."""
    lowered = text.lower()
    for roots, source, flags in _AT:
        if roots and not any_of(roots, lowered):
            continue
        for match in _compiled(source, flags).finditer(text):
            host = match["host"].strip("[]")
            if host.lower() in _SKIPPED or (host.replace(".", "").isdigit() and host.count(".") != 3):
                continue
            if _SOURCE.search(host) or _STAMP.match(host):
                continue
            port = match.groupdict().get("port")
            return f"{host}:{port}" if port else host
    return None


_SOCKETS = re.compile(r"\b(?:tcp|udp) \S+:(\d+)->\S+:(\d+)")
_AT_PORT = re.compile(r"\b\d+\.\d+\.\d+\.\d+:(\d{4,5})\b")
_BROKEN = re.compile(
    r"broken pipe|reset by peer|EPIPE|ECONNRESET|closed by (?:the )?peer|unexpected EOF", re.IGNORECASE
)
_PASSING = 32_768  # from here on a port is one of the moment: a client's


def by_client(text: str) -> bool:
    """Return whether a broken connection is one that a client opened: that it left is not the callee's failure."""
    found = _SOCKETS.search(text)
    if found is not None:
        return int(found[1]) < _PASSING <= int(found[2])
    ports = [int(port) for port in _AT_PORT.findall(text)] if _BROKEN.search(text) else []
    return bool(ports) and min(ports) >= _PASSING


_OBJECT = (
    ("pod", r"\bpods? \\?[\"']([a-z0-9][a-z0-9.-]+[a-z0-9])\\?[\"']", 0, "Pod"),
    ("configmap", r"\bconfigmaps? \\?[\"']([a-z0-9][a-z0-9.-]*)\\?[\"'] not found", re.I, "ConfigMap"),
    ("secret", r"\bsecrets? \\?[\"']([a-z0-9][a-z0-9.-]*)\\?[\"'] not found", re.I, "Secret"),
    ("serviceaccount", (
        r"\bserviceaccounts? \\?[\"']?(?:[a-z0-9-]+/)?([a-z0-9][a-z0-9.-]*)\\?[\"']? not found"
    ), re.I, "ServiceAccount"),
    ("system:serviceaccount:", r"system:serviceaccount:[a-z0-9-]+:([a-z0-9][a-z0-9.-]*)", 0, "ServiceAccount"),
    ("exceeded quota", r"exceeded quota: ([a-z0-9][a-z0-9.-]*)", 0, "ResourceQuota"),
    ("persistentvolumeclaim", (
        r"persistentvolumeclaim \\?[\"']([a-z0-9][a-z0-9.-]*)\\?[\"']"
    ), 0, "PersistentVolumeClaim"),
    ("endpoints available", (
        r"endpoints available for service \\?[\"']?(?:[a-z0-9-]+/)?([a-z0-9][a-z0-9.-]*)"
    ), 0, "Service"),
)  # fmt: skip
_VARIABLE = re.compile(
    r"\b([A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{4,})\b(?<!ERROR)(?<!FATAL)(?<!WARN)(?<!WARNING)(?<!CRITICAL)(?<!INFO)"
)
_PATH = re.compile(r"['\"(: ](/[\w./@+-]{2,})")


def object_of(text: str, row: Code) -> str | None:
    """Name the Kubernetes object that a line itself names as the one that has to change."""
    if not row.names_object:
        return None
    lowered = text.lower()
    for root, source, flags, kind in _OBJECT:
        match = _compiled(source, flags).search(text) if root in lowered else None
        if match and (kind != "Pod" or row.names_object == "any"):
            return f"{kind}/{match[1].rstrip('-')}"
    return None


def named(text: str, row: Code) -> str | None:
    """Name the variable or the path that a line is about."""
    if row.quotes == "variable":
        match = _VARIABLE.search(text)
        return match[1] if match else None
    if row.quotes == "path":
        match = _PATH.search(text)
        return match[1] if match else None
    return None
