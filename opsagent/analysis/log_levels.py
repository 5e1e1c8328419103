"""How much a line tells: its level, words of failure, noise; judged once for each template."""

import re
from enum import IntEnum


class Level(IntEnum):
    """The level that a line states of itself."""

    NONE = 0
    DEBUG = 1
    INFO = 2
    WARNING = 3
    ERROR = 4
    FATAL = 5


_NAMES = {
    "trace": Level.DEBUG, "debug": Level.DEBUG, "dbug": Level.DEBUG, "verbose": Level.DEBUG,
    "info": Level.INFO, "information": Level.INFO, "notice": Level.INFO, "log": Level.INFO, "normal": Level.INFO,
    "statement": Level.INFO, "detail": Level.INFO, "hint": Level.INFO,
    "warn": Level.WARNING, "warning": Level.WARNING,
    "err": Level.ERROR, "error": Level.ERROR, "eror": Level.ERROR, "fail": Level.ERROR, "severe": Level.ERROR,
    "crit": Level.FATAL, "critical": Level.FATAL, "fatal": Level.FATAL, "panic": Level.FATAL, "emerg": Level.FATAL,
    "alert": Level.FATAL, "emergency": Level.FATAL,
}  # fmt: skip
_KEYED = re.compile(r"""\b(?:level|lvl|severity|loglevel|log\.level)["']?\s*[=:]\s*["']?([A-Za-z]{3,11})\b""", re.I)
# A bare level stands near the start of a line, in capitals or in brackets, or is followed by a colon.
_BARE = re.compile(
    r"(?:^|[\s\[<|(/-])(TRACE|DEBUG|VERBOSE|INFO|NOTICE|LOG|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|FATAL|PANIC|SEVERE"
    r"|ALERT|EMERG|STATEMENT|DETAIL|HINT)(?=[\]\s:>|)/,\[-]|$)"
    r"|\[(trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit|alert|emerg|fatal)\]"
    r"|^(?:[\d\-T:.,Z/+ ]*)(info|dbug|debug|warn|warning|fail|error|fatal|crit)(?::\s|\s{2,}|\[\d+\])"
    r"|^\s*(Normal|Warning)\s{2,}\w",
)
_KLOG = re.compile(r"^(?:\d{4}-\S+\s)?([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s")
_KLOG_LEVELS = {"I": Level.INFO, "W": Level.WARNING, "E": Level.ERROR, "F": Level.FATAL}
_REDIS = re.compile(r"^\d+:[MSCX] \d\d \w{3} \d{4} [\d:.]+ ([.\-*#]) ")
_REDIS_LEVELS = {".": Level.DEBUG, "-": Level.DEBUG, "*": Level.INFO, "#": Level.WARNING}
_PINO = re.compile(r'"level"\s*:\s*(\d0)\b')


def level_of(text: str) -> Level:
    """Read the level that a line states of itself (words, JSON, logfmt, klog, Redis, pino)."""
    head = text[:400]
    keyed = _KEYED.search(head)
    if keyed and keyed[1].lower() in _NAMES:
        return _NAMES[keyed[1].lower()]
    klog = _KLOG.match(head)
    if klog:
        return _KLOG_LEVELS[klog[1]]
    pino = _PINO.search(head)
    if pino:
        return Level(min(5, max(1, int(pino[1]) // 10 - 1)))
    redis = _REDIS.match(head)
    if redis:
        return _REDIS_LEVELS[redis[1]]
    bare = _BARE.search(head[:160])
    return _NAMES[next(g for g in bare.groups() if g).lower()] if bare else Level.NONE


# Bytes in lower case, digits already deleted; roots rather than words, so that one look finds many forms.
STRONG = (
    b"error", b"exception", b"fail", b"fatal", b"panic", b"critical", b"emerg", b"alert", b"severe", b"refused",
    b"denied", b"unauthorized", b"forbidden", b"timeout", b"timed out", b"deadline", b"locked", b"deadlock", b"kill",
    b"oom", b"memory", b"no space", b"too many", b"unable", b"cannot", b"can't", b"could not", b"couldn't",
    b"not found", b"no such", b"unreachable", b"reset by", b"broken pipe", b"abort", b"reject", b"exhausted", b"exceed",
    b"invalid", b"corrupt", b"read-only", b"readonly", b"expired", b"unhealthy", b"back-off", b"evict", b"crash",
    b"traceback", b"segfault", b"signal", b"not enough", b"unavailable", b"throttl", b"insufficient", b"bad gateway",
    b"noauth", b"wrongpass", b"misconf", b"econn", b"enotfound", b"enospc", b"emfile", b"eacces", b"eaddr", b"xn:",
    b"full", b"mismatch", b"not ready", b"notready", b"not exist", b"doesn't exist", b"undefined", b"nullpointer",
    b"required", b"is not set", b"not allowed", b"limiting", b"not permitted", b"stopped", b"ora-", b"x509",
    b"certificate",
)  # fmt: skip
WEAK = (
    b"warn", b"missing", b"retry", b"retri", b"lost", b"disconnect", b"dropp", b"slow", b"wait", b"pending", b"unknown",
    b"degrad", b"shutdown", b"shutting down", b"sigterm", b"exited", b"exit code", b"exit status", b"terminat",
    b"unexpected", b"conflict", b"overload", b"limit", b"closed", b"skip", b"deprecat", b"stale",
)  # fmt: skip
NOISE = (
    b"/health", b"/live", b"/ready", b"/ping", b"/stats", b"/metrics", b"-health", b"healthz", b"livez", b"readyz",
    b"kube-probe", b"elb-healthchecker", b"googlehc", b"heartbeat", b"health check", b"healthcheck", b"method=health",
    b"keepalive", b"/favicon.ico", b"prometheus/",
)  # fmt: skip
ERROR_ROOTS = STRONG[:12]
# The fewest roots that meet most failures: asked of every line where the log holds nothing but new ones.
ROOTS = (
    b"error", b"exception", b"fail", b"fatal", b"panic", b"refused", b"denied", b"timeout", b"timed out", b"locked",
    b"deadl", b"kill", b"memory", b"no space", b"too many", b"exhaust", b"unable", b"no such",
)  # fmt: skip

# What only sounds like a failure: a count of none, an end that was good, a setting, a name.
BENIGN = re.compile(
    r"""\b(?:0|no|zero|without(?:\ any)?)\s+(?:\w+\s)?(?:errors?|failures?|failed|warnings?|problems?|issues?
          |exceptions?|timeouts?|deadlocks?|conflicts?|restarts?|evictions?|retries)\b(?!:)
      |\b(?:errors?|failures?|failed|fail|errs?|timeouts?|retries|exceptions|warnings|dropped|rejected|evicted|oom_kills?)
          (?:_?(?:count|total|rate|s))?["']?\s*[=:]\s*(?:0(?:\.0+)?\b(?!x)|\[\]|null\b|none\b|nil\b|false\b|""|<nil>)
      |\b(?:retry|retries|reconnect\w*|failover|fail-over|recovery|failback|rollback|reload)\b[^.;]{0,40}
          \b(?:succe\w+|complete[d]?|ok|finished|done|restored)\b
      |\b(?:recovered|reconnected|resolved|restored|re-established|reestablished|back\ online|healthy\ again)\b
      |\b(?:succeeded|successful(?:ly)?)\b[^.;]{0,40}\b(?:after|on)\b[^.;]{0,30}\b(?:retr|attempt|fail)
      |\bno\ (?:\w+\ )?(?:deadlocks?|errors?|failures?|issues?|problems?|leaks?)\ (?:detected|found|seen|reported)\b
      |\b(?:error|exception|timeout|failure|panic|signal|crash|oom)[\s_-]?(?:handlers?|handling|reporter|reporting|page|pages
          |middleware|boundary|tracker|tracking|budget|recovery)\b[^.;]{0,40}
          \b(?:registered|enabled|initiali[sz]ed|installed|configured|loaded|started|active|ready)\b
      |\b(?:timeout|deadline|limit)s?\s+(?:is\s+|was\s+)?(?:set|configured)\s+(?:to|as|at)\b""",
    re.IGNORECASE | re.VERBOSE,
)
ACCESS = re.compile(
    r"""["'](?P<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT)\s+(?P<path>\S+)(?:\s+HTTP/[\d.]+)?["']?\s+(?:-\s+)?(?P<status>[1-5]\d\d)\b"""
    r"""|^\S*\s*\[GIN\].*\|\s*(?P<gin>[1-5]\d\d)\s*\|.*?(?P<gin_method>GET|HEAD|POST|PUT|PATCH|DELETE)\s+"?(?P<gin_path>[^"\s]+)"""
)


def any_of(words: tuple[bytes, ...], lowered: bytes) -> bool:
    """Say whether one of `words` occurs; plain look-ups, several times faster here than one alternation."""
    return any(word in lowered for word in words)
