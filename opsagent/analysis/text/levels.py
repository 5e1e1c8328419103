"""How much a line tells: its level, words of failure, noise; judged once for each template."""

import re
from collections.abc import Iterable
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
    "info": Level.INFO, "information": Level.INFO, "notice": Level.INFO, "note": Level.INFO,
    "log": Level.INFO, "normal": Level.INFO,
    "statement": Level.INFO, "detail": Level.INFO, "hint": Level.INFO,
    "warn": Level.WARNING, "warning": Level.WARNING,
    "err": Level.ERROR, "error": Level.ERROR, "eror": Level.ERROR, "fail": Level.ERROR, "severe": Level.ERROR,
    "crit": Level.FATAL, "critical": Level.FATAL, "fatal": Level.FATAL, "panic": Level.FATAL, "emerg": Level.FATAL,
    "alert": Level.FATAL, "emergency": Level.FATAL,
    "fehler": Level.ERROR, "erreur": Level.ERROR, "오류": Level.ERROR, "错误": Level.ERROR, "エラー": Level.ERROR,
    "warnung": Level.WARNING, "경고": Level.WARNING, "警告": Level.WARNING, "정보": Level.INFO,
}  # fmt: skip
_KEYED = re.compile(r"""\b(?:level|lvl|severity|loglevel|log\.level)["']?\s*[=:]\s*["']?([A-Za-z]{3,11})\b""", re.I)
# A bare level stands near the start of a line, in capitals or in brackets, or is followed by a colon.
_BARE = re.compile(
    r"(?:^|[\s\[<|(/-])(TRACE|DEBUG|VERBOSE|INFO|NOTICE|LOG|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|FATAL|PANIC|SEVERE"
    r"|ALERT|EMERG|STATEMENT|DETAIL|HINT|FEHLER|ERREUR|WARNUNG|오류|错误|エラー|경고|警告|정보)(?=[\]\s:>|)/,\[-]|$)"
    r"|\[([Tt]race|[Dd]ebug|[Ii]nfo|[Nn]otice|[Nn]ote|warn(?:ing)?|err(?:or)?|crit|alert|emerg|fatal)\]"
    r"|^(?:[\d\-T:.,Z/+ \t]*)(info|dbug|debug|warn|warning|fail|error|fatal|crit)(?::\s|\s{2,}|\t|\[\d+\])"
    r"|^\s*(?:(?:\d+[smhd])+\s+(?:\(x\d+ over \w+\)\s+)?|<unknown>\s+)?(Normal|Warning)\s+[A-Z]\w",
)
# What Kubernetes says of another: its level is that of what the line carries.
_CARRIES = re.compile(r"""\btype\\?["']?\s*[=:]\s*\\?["']?Warning\b|"Probe (?:failed|errored)" """)
_KLOG = re.compile(r"^(?:\d{4}-\S+\s)?([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s")
_KLOG_LEVELS = {"I": Level.INFO, "W": Level.WARNING, "E": Level.ERROR, "F": Level.FATAL}
_REDIS = re.compile(r"^\d+:[MSCX] \d\d \w{3} \d{4} [\d:.]+ ([.\-*#]) ")
_REDIS_LEVELS = {".": Level.DEBUG, "-": Level.DEBUG, "*": Level.INFO, "#": Level.WARNING}
_PINO = re.compile(r'"level"\s*:\s*(\d0)\b')


def level_of(text: str) -> Level:
    """Read the level of a line: its own (words, JSON, logfmt, klog, Redis, pino), or that of the event it carries."""
    level = _own_level(text[:400])
    return Level.WARNING if level == Level.INFO and carries_event(text) else level


def carries_event(text: str) -> bool:
    """Say whether a line passes on a Kubernetes event of type Warning, or the kubelet's word of a probe."""
    return _CARRIES.search(text) is not None


def _own_level(head: str) -> Level:
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


# In lower case, digits already deleted; roots rather than words, so that one look finds many forms. What stands inside
# harmless words ("successfully", "room", "skills", "retrieve", "depending") is written with what comes before it.
STRONG = (
    "error", "exception", "fail", "fatal", "panic", "critical", "emerg", "alert", "severe", "refused",
    "denied", "unauthorized", "forbidden", "timeout", "timed out", "deadline", "locked", "deadlock",
    "killed", "killing", "killer", "sigkill", " kill", " oom", ":oom", "=oom", '"oom', "systemoom", "oom_r",
    "memory", "no space", "too many", "unable", "cannot", "can't", "could not", "couldn't",
    "not found", "no such", "unreachable", "reset by", "broken pipe", "abort", "reject", "exhausted", "exceed",
    "invalid", "corrupt", "read-only", "readonly", "expired", "unhealthy", "back-off", "evict", "crash",
    "traceback", "segfault", "signal", "not enough", "unavailable", "throttl", "insufficient", "bad gateway",
    "noauth", "wrongpass", "misconf", "econn", "enotfound", "enospc", "emfile", "eacces", "eaddr", "xn:",
    " full", "_full", "agefull", "mismatch", "not ready", "notready", "not exist", "doesn't exist", "undefined",
    "nullpointer", "required", "is not set", "not allowed", "limiting", "not permitted", "stopped", "ora-", "x509",
    "certificate", "unsupported", "malformed", "leader_not", "clusterdown",
    "segmentation", "core dumped", "smashing",
)  # fmt: skip
WEAK = (
    "warn", "missing", "retry", "retries", "retried", "lost", "disconnect", "dropp", "slow", "wait", " pending",
    "=pending", '"pending', ":pending", "unknown", "too long", "retransmi", "packet loss",
    "degrad", "shutdown", "shutting down", "sigterm", "exited", "exit code", "exit status", "terminat",
    "unexpected", "conflict", "overload", "limit", "closed", "skip", "deprecat", "stale",
)  # fmt: skip
NOISE = (
    "/health", "/live", "/ready", "/ping", "/stats", "/metrics", "-health", "healthz", "livez", "readyz",
    "kube-probe", "elb-healthchecker", "googlehc", "heartbeat", "health check", "healthcheck", "method=health",
    "keepalive", "/favicon.ico", "prometheus/",
)  # fmt: skip
ERROR_ROOTS = STRONG[:12]
# The fewest roots that meet most failures: asked of every line where the log holds nothing but new ones.
ROOTS = (
    "error", "exception", "fail", "fatal", "panic", "refused", "denied", "timeout", "timed out", "locked",
    "deadl", "kill", "memory", "no space", "too many", "exhaust", "unable", "no such", "traceback",
)  # fmt: skip

_WORDS = 40_000


def _trie(words: Iterable[str]) -> str:
    """Write an alternation as a tree of letters: several times faster than the words side by side."""
    tails: dict[str, list[str]] = {}
    for word in words:
        tails.setdefault(word[:1], []).append(word[1:])
    if "" in tails:
        return ""
    branches = [re.escape(letter) + _trie(rest) for letter, rest in sorted(tails.items())]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


_PIECES = {word.split()[-1] for word in (*STRONG, *WEAK, *NOISE)} | {
    "http/",
    "status",
    "code",
    '"get',
    '"post',
    "[gin]",
}
_TELLING_WORD = re.compile(_trie(sorted(_PIECES)))

# What only sounds like a failure: a count of none, an end that was good, a setting, a name.
BENIGN = re.compile(
    r"""(?<!\w)(?:nothing\s+(?:has\s+)?failed\b
      |(?:(?<![-.:/\d])0|no|zero|without(?:\ any)?)\s+(?:\w+\s)?(?:errors?|failures?|failed|warnings?|problems?|issues?
          |exceptions?|timeouts?|deadlocks?|conflicts?|restarts?|evictions?|retries)\b(?!:)
      |(?:\w{1,24}_)?(?:errors?|failures?|failed|fail|errs?|timeouts?|retries|exceptions|warnings|dropped|rejected|refused|evicted
          |oom_kills?)(?:(?:_\w{1,24}){1,3}|rate|s)?["']?\s*[=:]\s*(?:0(?:\.0+)?\b(?!x)|\[\]|null\b|none\b|nil\b|false\b|""|<nil>)
      |(?:retry|retries|reconnect\w*|failover|fail-over|recovery|failback|rollback|reload)\b[^.;]{0,40}
          \b(?:succe\w+|complete[d]?|ok|finished|done|restored)\b
      |(?<!not\ )(?<!be\ )(?<!until\ )(?:recovered|reconnected|resolved|restored|re-established|reestablished
          |back\ online|healthy\ again)\b
      |(?:succeeded|successful(?:ly)?)\b[^.;]{0,40}\b(?:after|on)\b[^.;]{0,30}\b(?:retr|attempt|fail)
      |no\ (?:\w+\ )?(?:deadlocks?|errors?|failures?|issues?|problems?|leaks?)\ (?:detected|found|seen|reported)\b
      |(?:error|exception|timeout|failure|panic|signal|crash|oom|memory|deadlock|overload|leak|loss)[\s_-]?
          (?:handlers?|handling|guards?|detect(?:or|ion)|protection|watchdog|reporter|reporting|page|pages
          |middleware|boundary|tracker|tracking|budget|recovery)\b[^.;]{0,40}
          \b(?:registered|enabled|initiali[sz]ed|installed|configured|loaded|started|active|ready)\b
      |(?:timeout|deadline|limit)s?\s+(?:is\s+|was\s+)?(?:set|configured)\s+(?:to|as|at)\b
      )|^\s*(?:===\ (?:RUN|CONT|PAUSE|NAME)\b|---\ (?:PASS|SKIP):|(?:ok|PASS|✓|✔)\s).*
      |(?<!\S)\S+::\S+\ (?:PASSED|SKIPPED)\b
      |^\#\ (?:HELP|TYPE)\ .*""",
    re.IGNORECASE | re.VERBOSE,
)
ACCESS = re.compile(
    r"""["'](?P<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT)\s+(?P<path>\S+)(?:\s+HTTP/[\d.]+)?["']?\s+(?:-\s+)?(?P<status>[1-5]\d\d)\b"""
    r"""|^\S*\s*\[GIN\].*\|\s*(?P<gin>[1-5]\d\d)\s*\|.*?(?P<gin_method>GET|HEAD|POST|PUT|PATCH|DELETE)\s+"?(?P<gin_path>[^"\s]+)"""
)


def any_of(words: tuple[str, ...], lowered: str) -> bool:
    """Say whether one of `words` occurs; plain look-ups in text: faster than an alternation, and than bytes."""
    for word in words:  # noqa: SIM110 — a generator costs three times as much, and this is asked of each new line
        if word in lowered:
            return True
    return False


class Vocabulary:
    """The words of a log, each judged once: which of them may tell something."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._telling: set[str] = set()

    def telling(self, words: list[str]) -> tuple[str, ...]:
        """Take the words that may tell something; a closer look decides."""
        if not self._known.issuperset(words):
            self._learn(words)
        return () if self._telling.isdisjoint(words) else tuple(filter(self._telling.__contains__, words))

    def _learn(self, words: list[str]) -> None:
        if len(self._known) > _WORDS:
            self._known.clear()
            self._telling.clear()
        unknown = set(words) - self._known
        self._known |= unknown
        self._telling.update(filter(_TELLING_WORD.search, unknown))
