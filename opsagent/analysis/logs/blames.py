"""Whom a network complaint points at, and which Kubernetes object a line names."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

import re

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?"
_AT = (
    re.compile(r"\b(?:udp|tcp) \S+->(?P<host>[\d.]+|\[[0-9a-fA-F:]+\]):(?P<port>\d+)"),
    re.compile(
        rf"(?:lookup|ENOTFOUND|EAI_AGAIN|Unknown ?Host(?:Exception)?:?|resolve(?: host)?:?|translate host name|host not found in upstream|MySQL server host|getaddrinfo for|Name or service not known:?)\s+[\"'`]?(?P<host>{_NAME})[\"'`]?(?::(?P<port>\d+))?",
        re.I,
    ),
    re.compile(
        rf"(?:upstream: )?[\"'(]?\b(?:https?|rediss?|amqps?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|grpc|nats|tcp|ws)://(?:[^/@\s\"']*@)?(?P<host>{_NAME}|\[[0-9a-fA-F:]+\])(?::(?P<port>\d+))?(?!.*upstream: )",
        re.I,
    ),
    re.compile(rf"dial (?:tcp|udp)[46]? (?:lookup )?(?P<host>{_NAME}|\[[0-9a-fA-F:]+\])(?::(?P<port>\d+))", re.I),
    re.compile(
        rf"\\?\"(?:host|hostname|server|addr|address|peer|target|endpoint)\\?\"\s*:\s*\\?\"(?P<host>{_NAME})(?::\d+)?\\?\"\s*,\s*\\?\"port\\?\"\s*:\s*\\?\"?(?P<port>\d{{2,5}})\b",
        re.I,
    ),
    re.compile(rf"host=['\"]?(?P<host>{_NAME})['\"]?,? ?port=(?P<port>\d+)", re.I),
    re.compile(
        rf"(?:server|host) (?:at |on )?['\"`](?P<host>{_NAME})['\"`](?: \([\d.:a-f]+\))?,? (?:and accepting TCP/IP connections on )?port (?P<port>\d+)",
        re.I,
    ),
    re.compile(rf"(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH) (?P<host>{_NAME}):(?P<port>\d+)"),
    re.compile(
        rf"(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|connect(?:ing|ion|ed)?(?: to| with)?(?: host| server| node| broker)?|refused:|tried:|reach(?:ing)?|call(?:ing)?|failed to|bind\(\) to)\s+[\"'`(]?(?P<host>{_NAME})[/ ]?(?:\d+\.\d+\.\d+\.\d+)?[\"'`]?(?::| port |, port )(?P<port>\d+)",
        re.I,
    ),
    re.compile(r"address: '(?P<host>[^']+)',?\s+port: (?P<port>\d+)"),
    re.compile(rf"['\"(](?P<host>{_NAME})['\"]?[:,] ?(?P<port>\d{{2,5}})\b"),
    re.compile(rf"hostname: '(?P<host>{_NAME})'"),
    re.compile(rf"\b(?P<host>(?:{_NAME}\.)+svc(?:\.cluster\.local)?)(?::(?P<port>\d+))?"),
    re.compile(r"\b(?P<host>\d+\.\d+\.\d+\.\d+):(?P<port>\d+)\b(?! - \")"),
)
_SKIPPED = frozenset(
    {"the", "a", "an", "host", "server", "connect", "to", "for", "on", "failed", "error", "sqlalche.me", "docs"}
)

_SOURCE = re.compile(r"\.(?:java|kt|scala|py|go|[cm]?[jt]sx?|rb|cs|php|rs|cc?|cpp)$", re.IGNORECASE)


def blamed(text: str) -> str | None:
    """Name the host, with its port where one is given, that a complaint points at."""
    for pattern in _AT:
        for match in pattern.finditer(text):
            host = match["host"].strip("[]")
            if host.lower() in _SKIPPED or (host.replace(".", "").isdigit() and host.count(".") != 3):
                continue
            if _SOURCE.search(host):
                continue
            port = match.groupdict().get("port")
            return f"{host}:{port}" if port else host
    return None


_SOCKETS = re.compile(r"\b(?:tcp|udp) \S+:(\d+)->\S+:(\d+)")
_PASSING = 32_768  # from here on a port is one of the moment: a client's


def by_client(text: str) -> bool:
    """Say whether a broken connection is one that a client opened: that it left is no failure of what is called."""
    found = _SOCKETS.search(text)
    return found is not None and int(found[1]) < _PASSING <= int(found[2])


_DB_PORTS = frozenset(
    {"5432", "6432", "3306", "33060", "27017", "27018", "1433", "1521", "9042", "26257", "50000", "8123"}
)
_CACHE_PORTS = frozenset({"6379", "6380", "26379", "11211"})
_DB_NAME = re.compile(
    r"(?:^|[.-])(?:db|database|postgres\w*|pg\w*|mysql\w*|mariadb|mongo\w*|cassandra|cockroach\w*|sql|mssql|oracle|[\w-]+-db|\w+db)(?:[.-]|$)",
    re.I,
)
_CACHE_NAME = re.compile(r"(?:^|[.-])(?:redis\w*|cache|memcached?|valkey|dragonfly)(?:[.-]|$)", re.I)


def kind_of_peer(peer: str | None) -> str | None:
    """Say whether a peer is a database or a cache, by its port or its name; None where neither tells."""
    if peer is None:
        return None
    host, _, port = peer.partition(":")
    if port in _CACHE_PORTS or _CACHE_NAME.search(host):
        return "cache"
    return "db" if port in _DB_PORTS or _DB_NAME.search(host) else None


_OBJECT = (
    (re.compile(r"\bpods? \\?[\"']([a-z0-9][a-z0-9.-]+[a-z0-9])\\?[\"']"), "Pod"),
    (re.compile(r"\bconfigmaps? \\?[\"']([a-z0-9][a-z0-9.-]*)\\?[\"'] not found", re.I), "ConfigMap"),
    (re.compile(r"\bsecrets? \\?[\"']([a-z0-9][a-z0-9.-]*)\\?[\"'] not found", re.I), "Secret"),
    (re.compile(r"\bserviceaccounts? \\?[\"']?(?:[a-z0-9-]+/)?([a-z0-9][a-z0-9.-]*)\\?[\"']? not found", re.I), "ServiceAccount"),
    (re.compile(r"system:serviceaccount:[a-z0-9-]+:([a-z0-9][a-z0-9.-]*)"), "ServiceAccount"),
    (re.compile(r"exceeded quota: ([a-z0-9][a-z0-9.-]*)"), "ResourceQuota"),
    (re.compile(r"persistentvolumeclaim \\?[\"']([a-z0-9][a-z0-9.-]*)\\?[\"']"), "PersistentVolumeClaim"),
    (re.compile(r"endpoints available for service \\?[\"']?(?:[a-z0-9-]+/)?([a-z0-9][a-z0-9.-]*)"), "Service"),
)  # fmt: skip
_VARIABLE = re.compile(
    r"\b([A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{4,})\b(?<!ERROR)(?<!FATAL)(?<!WARN)(?<!WARNING)(?<!CRITICAL)(?<!INFO)"
)
_PATH = re.compile(r"['\"(: ](/[\w./@+-]{2,})")


def object_of(text: str, code: str) -> str | None:
    """Name the Kubernetes object that a line itself names as the one that has to change."""
    if code.split(".", maxsplit=1)[0] not in ("access", "config", "quota", "volume", "service", "scheduling"):
        return None
    for pattern, kind in _OBJECT:
        match = pattern.search(text)
        if match and (kind != "Pod" or code.startswith("scheduling")):
            return f"{kind}/{match[1].rstrip('-')}"
    return None


def named(text: str, code: str) -> str | None:
    """Name the variable or the path that a line is about."""
    if code == "config.missing-env":
        match = _VARIABLE.search(text)
        return match[1] if match else None
    if code == "access.permission-denied":
        match = _PATH.search(text)
        return match[1] if match else None
    return None
