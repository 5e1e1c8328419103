"""How much a line shows: its level, words of failure, noise; judged once for each template."""

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
    "trace": Level.DEBUG, "debug": Level.DEBUG, "dbug": Level.DEBUG, "verbose": Level.DEBUG, "vrb": Level.DEBUG,
    "dbg": Level.DEBUG, "trc": Level.DEBUG, "inf": Level.INFO, "wrn": Level.WARNING, "ftl": Level.FATAL,
    "info": Level.INFO, "information": Level.INFO, "notice": Level.INFO, "note": Level.INFO,
    "log": Level.INFO, "normal": Level.INFO,
    "statement": Level.INFO, "detail": Level.INFO, "hint": Level.INFO,
    "warn": Level.WARNING, "warning": Level.WARNING,
    "err": Level.ERROR, "error": Level.ERROR, "eror": Level.ERROR, "fail": Level.ERROR, "severe": Level.ERROR,
    "crit": Level.FATAL, "critical": Level.FATAL, "fatal": Level.FATAL, "panic": Level.FATAL, "emerg": Level.FATAL,
    "alert": Level.FATAL, "emergency": Level.FATAL,
    "fehler": Level.ERROR, "erreur": Level.ERROR, "warnung": Level.WARNING,
    "오류": Level.ERROR, "에러": Level.ERROR, "경고": Level.WARNING, "심각": Level.FATAL, "치명": Level.FATAL,
    "치명적": Level.FATAL, "정보": Level.INFO,
    "错误": Level.ERROR, "警告": Level.WARNING, "严重": Level.FATAL, "致命": Level.FATAL, "信息": Level.INFO,
    "エラー": Level.ERROR, "重大": Level.FATAL, "致命的": Level.FATAL, "情報": Level.INFO,
}  # fmt: skip
_OTHER = "오류|에러|경고|심각|치명적|치명|정보|错误|警告|严重|致命的|致命|信息|エラー|重大|情報"
# As a field; the quotes of JSON within a string are escaped.
_KEY = r"(?:level|lvl|severity|severity_?text|error_severity|loglevel|log\.level|levelname|level_name|@l)"
_KEYED = re.compile(rf"(?<![\w.@]){_KEY}[\"']?\s*[=:]\s*[\"']?([^\W\d_]{{2,11}})\b", re.IGNORECASE)
_QUOTED = re.compile(rf"[\"']{_KEY}\\*[\"']\s*:\s*\\*[\"']([^\W\d_]{{2,11}})\\*[\"']", re.IGNORECASE)
# pino and bunyan; Python; OpenTelemetry; GELF and journald, unlike a number of the program's own by what is beside.
_NUMBERED = re.compile(
    r"[\"'](?:level\\*[\"']\s*:\s*(?P<pino>[1-6]0)\b|levelno\\*[\"']\s*:\s*(?P<python>[1-5]0)\b"
    r"|severity_?number\\*[\"']\s*:\s*(?P<otel>\d{1,2})\b|(?:level|PRIORITY)\\*[\"']\s*:\s*\\*\"?(?P<syslog>[0-7])\b)"
)
_SYSLOG_FIELDS = ('"short_message"', '"MESSAGE"', '"SYSLOG_IDENTIFIER"')
# A bare level is near the start of a line, in capitals or in brackets, or is followed by a colon.
_BARE = re.compile(
    r"(?:^|[\s\[<|(/【-])(TRACE|DEBUG|VERBOSE|INFO|NOTICE|LOG|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|FATAL|PANIC|SEVERE"
    rf"|ALERT|EMERG|STATEMENT|DETAIL|HINT|FEHLER|ERREUR|WARNUNG|{_OTHER})(?=[\]\s:：>|)】/,\[-]|$)"
    r"|[\[<]([Tt]race|[Dd]ebug|[Ii]nfo(?:rmation)?|[Nn]otice|[Nn]ote|[Ww]arn(?:ing)?|[Ee]rr(?:or)?|[Cc]rit(?:ical)?"
    r"|alert|emerg|[Ff]atal)[\]>]"
    # Serilog and its like: in brackets, most often behind a time.
    r"|(?:\[|\[[\d\-T:.,+ ]{5,30} )(VRB|TRC|DBG|INF|WRN|FTL)\]"
    r"|^(?:[\d\-T:.,Z/+ \t]*)(info|dbug|debug|warn|warning|fail|error|fatal|crit)(?::\s|\s{2,}|\t|\[\d+\])"
    r"|^\s*(?:(?:\d+[smhd])+\s+(?:\(x\d+ over \w+\)\s+)?|<unknown>\s+)?(Normal|Warning)\s+[A-Z]\w",
)
# What Kubernetes reports about another: its level is that of what the line carries.
_CARRIES = re.compile(r"""\btype\\?["']?\s*[=:]\s*\\?["']?Warning\b|"Probe (?:failed|errored)" """)
# A letter: klog and glog, logcat (both of its forms), behind a time stamp, in brackets or between bars.
_LETTER = re.compile(
    r"^(?:\d{4}-\S+\s)?(?:(?P<klog>[IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s|(?P<logcat>[VDIWEF])/[^\s(]+\(\s*\d+\):"
    r"|[\d\-T:.,Z/+ \t]{8,}\s(?P<stamped>[VDIWEF])(?=[\s/:|]))"
    r"|^.{0,60}?[\[|]\s?(?P<framed>[VDIWEF])\s?[\]|]"
)
_LETTERS = {
    "V": Level.DEBUG, "D": Level.DEBUG, "I": Level.INFO, "W": Level.WARNING, "E": Level.ERROR, "F": Level.FATAL,
}  # fmt: skip
_REDIS = re.compile(r"^\d+:[MSCX] \d\d \w{3} \d{4} [\d:.]+ ([.\-*#]) ")
_REDIS_LEVELS = {".": Level.DEBUG, "-": Level.DEBUG, "*": Level.INFO, "#": Level.WARNING}
_PRIORITY = re.compile(r"^<(\d{1,3})>")
_SYSLOG = (Level.FATAL, Level.FATAL, Level.FATAL, Level.ERROR, Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG)
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_OWN_WORDS = 2  # between a level and fields that are not the record's
_HEAD, _RECORD = 400, 1_200  # characters within which a level is found; of a record with quoted fields
# What may state a level where no word of a line shows anything: in bytes, for it is asked of every new line.
_STATES = re.compile(
    rb"^(?:\S{1,40} )?[WEF]\d{4} |^<\d|[\d\])] {1,2}[WEF][ /:|]|^[WEF]/|[\[|] ?[WEF] ?[\]|]"
    rb"|\b(?:ERR|err|CRIT|crit|WRN|FTL)\b"
    rb"|" + "|".join(word for word in _OTHER.split("|") if _NAMES[word] > Level.INFO).encode()
)
_STATES_NUMBER = re.compile(rb"(?:level|PRIORITY|levelno|severity_?[nN]umber)\\*\"\s*:\s*\\*\"?\d")
_STATES_WITHIN = 80  # bytes; a number within a record of fields may be further right


def level_of(text: str) -> Level:
    """Read the level of a record: the most severe that its fields state (JSON in a string too), else its own form."""
    level = _own_level(text)
    return Level.WARNING if level == Level.INFO and carries_event(text) else level


def states_level(line: bytes) -> bool:
    """Return whether a line may state a level by a digit, a letter or a word that is not root; `level_of` decides."""
    if line[:1] == b"{":
        return _STATES_NUMBER.search(line, 0, _HEAD) is not None
    return _STATES.search(line, 0, _STATES_WITHIN) is not None


def carries_event(text: str) -> bool:
    """Return whether a line passes on a Kubernetes event of type Warning, or the kubelet's word of a probe."""
    return _CARRIES.search(text) is not None


def _own_level(text: str) -> Level:
    head = text[:_HEAD]
    keyed = _KEYED.search(head)
    fields = [(_NAMES[keyed[1].lower()], keyed.start())] if keyed and keyed[1].lower() in _NAMES else []
    if '":' in text or '\\":' in text or '" :' in text:
        record = text[:_RECORD]
        fields += [(_NAMES[m[1].lower()], m.start()) for m in _QUOTED.finditer(record) if m[1].lower() in _NAMES]
        fields += [(_numbered(m, record), m.start()) for m in _NUMBERED.finditer(record)]
    stated, at = max(fields, default=(Level.NONE, 0))
    if stated and text[:1] == "{":
        return stated
    form, end = _by_form(head)
    if not stated or (form and end <= at and _is_payload(head[end:at])):
        return form
    return stated


def _is_payload(between: str) -> bool:
    """Return whether fields belong to what a record speaks of: words of its own stand between its level and them."""
    words = between.partition("{")[0].partition('"')[0]
    return sum(word.rstrip(":,").isalpha() for word in _BRACKETS.sub(" ", words).split()) >= _OWN_WORDS


def _by_form(head: str) -> tuple[Level, int]:
    """Read the level that a record states by its form, and where that ends."""
    letter = _LETTER.match(head)
    if letter:
        return _LETTERS[next(g for g in letter.groups() if g)], letter.end()
    redis = _REDIS.match(head)
    if redis:
        return _REDIS_LEVELS[redis[1]], redis.end()
    bare = _BARE.search(head[:160])
    if bare:
        return _NAMES[next(g for g in bare.groups() if g).lower()], bare.end()
    priority = _PRIORITY.match(head)
    return (_SYSLOG[int(priority[1]) % 8], priority.end()) if priority else (Level.NONE, 0)


def _numbered(found: re.Match[str], record: str) -> Level:
    if found["pino"]:
        return Level(min(5, max(1, int(found["pino"]) // 10 - 1)))
    if found["python"]:
        return Level(int(found["python"]) // 10)
    if found["otel"]:
        return Level(min(5, max(1, (int(found["otel"]) - 1) // 4)))
    known = any(name in record for name in _SYSLOG_FIELDS)
    return _SYSLOG[int(found["syslog"])] if known else Level.NONE


# Roots of failure in Korean, Chinese and Japanese; some are written the same in two of them.
FOREIGN = (
    "실패", "불가", "거부", "거절", "초과", "예외", "중단", "할 수 없", "못했", "失败", "异常", "超时", "拒绝", "无法",
    "不足", "失敗", "異常", "拒否", "例外", "タイムアウト", "できません", "できない",
)  # fmt: skip
# In lower case, digits already deleted; roots rather than words, so that one check finds many forms. What is inside
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
    *(word.encode().decode("latin-1").lower() for word in FOREIGN),  # as the lines are judged: by their bytes
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


_PIECES = {max(word.split()[::-1], key=len) for word in (*STRONG, *WEAK, *NOISE)} | {
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
      |(?:\w{1,24}_)?(?:errors?|failures?|failed|fail|errs?|timeouts?|retries|exceptions|warnings|dropped|rejected
          |refused|evicted|oom_kills?)(?:(?:_\w{1,24}){1,3}|rate|s)?["']?\s*[=:]\s*
          (?:0(?:\.0+)?\b(?!x)|\[\]|null\b|none\b|nil\b|false\b|""|<nil>)
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
      |\b\d+\ passed(?:,\ \d+\ (?:warnings?|skipped|deselected|xfailed|xpassed))*\ in\ \d
      |^\#\ (?:HELP|TYPE)\ .*""",
    re.IGNORECASE | re.VERBOSE,
)
# A status with a colon behind it begins a program's own sentence: "POST /import 413: the body is larger than ...".
ACCESS = re.compile(
    r"""["'](?P<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT)\s+(?P<path>\S+)(?:\s+HTTP/[\d.]+)?["']?"""
    r"""\s+(?:-\s+)?(?P<status>[1-5]\d\d)\b(?!:\s)"""
    r"""|^\S*\s*\[GIN\].*\|\s*(?P<gin>[1-5]\d\d)\s*\|.*?"""
    r"""(?P<gin_method>GET|HEAD|POST|PUT|PATCH|DELETE)\s+"?(?P<gin_path>[^"\s]+)"""
)


def answered(text: str, level: Level) -> int | None:
    """Return the status of an access line; None of a record that only quotes one in a warning about something else."""
    access = ACCESS.search(text)
    if access is None:
        return None
    status = int(access["status"] or access["gin"])
    return None if level >= Level.WARNING and status < 400 else status


def any_of(words: tuple[str, ...], lowered: str) -> bool:
    """Return whether one of `words` occurs; plain look-ups in text: faster than an alternation, and than bytes."""
    for word in words:  # noqa: SIM110 — a generator costs three times as much, and this is asked of each new line
        if word in lowered:
            return True
    return False


class Vocabulary:
    """The words of a log, each judged once: which of them may show something."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._telling: set[str] = set()

    def telling(self, words: list[str]) -> tuple[str, ...]:
        """Take the words that may show something; a closer check decides."""
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
