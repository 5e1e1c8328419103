"""The words by which programs state that they are healthy again, and which of them speak of what was complained of."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.over.good_work import due_again
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.peers import blamed
from opsagent.analysis.text.requests import answer
from opsagent.models.digest import LogDigest, LogGroup

_GOOD = r"(?:succe(?:eded|ssful(?:ly)?)|completed?|done|ok|passed)(?![=:\w])"
_DONE = (
    rf"(?:{_GOOD}|saved|stored|written|committed|sent|delivered|published|loaded|processed|accepted|uploaded"
    rf"|downloaded|imported|exported|synced|fetched|flushed)"
)
_AGAIN = r"(?:attempts?|retry|retries|retried|tr(?:y|ies)|(?:second|third|fourth|next) (?:attempt|time|call|try))\b"
_COUNTED = (
    r"(?:(?:attempts?|tr(?:y|ies))(?:_?(?:no|num|number|count))?\\?\"?\s?[=:]\s?\"?(?:[2-9]|[1-9]\d+)\b|retr(?:y"
    r"|ies)(?:_?(?:no|num|number|count))?\\?\"?\s?[=:]\s?\"?[1-9])"
)
_GROUP = r"(?:consumer )?(?:group|cluster|quorum|ring|swarm|raft)"
# Healthy again, whatever it was.
_WELL = Late(
    r"\b(?:connected|reconnected|connection (?:re-?)?(?:established|restored|succeeded|successful)|recovered"
    r"|restored|ready to (?:accept|serve)|"
    r"is ready|back online|healthy again|resumed|successfully connected|link is up|gained carrier|link becomes ready"
    r"|read-write again|writable again|"
    r"[1-9]\d* (?:endpoints?|backends?|replicas?) ready|accepting connections|available again|back to normal"
    r"|circuit ?breaker\b.{0,80}\bclosed(?!\W*(?:->|=>|→|to\b)))\b|"
    rf"\b{_DONE}\b.{{0,40}}?(?:\b(?:after|on|at|with|in)\b|\(|\",?\s?\")\s*(?:the |a |\d+ )?{_AGAIN}"
    rf"|\b{_AGAIN}.{{0,30}}\b{_GOOD}|\b{_DONE}\\?\".{{0,60}}?[\s,]\\?\"?{_COUNTED}|"
    r"\b(?:failover|reconnect\w*|re-?sync\w*|re-?balanc\w*) (?:succeeded|successful|completed?|done|finished)|"
    r"successful (?:partial |full )?re-?sync|accepted a partial re-?sync|started streaming\b"
    r"|streaming (?:replication )?(?:started|resumed)|"
    r"vault is unsealed|unsealed with stored key|"
    r"health ?-?check (?:up\b|passed|succeeded)|returning to (?:the )?server list|back in (?:rotation|service"
    r"|the pool)|"
    r"\bsync(?:hroni[sz]ation)?\b:? (?:finished|completed|succeeded|done)\b|\bcaught up with\b|"
    r"복구(?:되|됨|했|하였|완료| 완료)|재연결(?:되|됨|했| 성공| 완료)|已恢复|恢复正常"
    r"|(?:重连|重新连接)成功|復旧しま|回復しま|再接続(?:しま|に成功)|"
    r"new ?state\W{1,5}(?:SECONDARY|PRIMARY|UP|ALIVE|RUNNING|HEALTHY|READY|ONLINE)\b"
)
# Healthy again for those who complained of who leads, or of whom they belong to.
_LEADS = Late(
    r"\b(?:acquired|renewed|obtained|holds?|got) (?:the )?(?:\w+ )?(?:lease|lock|leadership)\b"
    r"|\bbecame (?:the )?(?:leader|master|primary|active)\b|\bnew leader\b"
    r"|\b(?:leader|primary|master) elected|\belected (?:as )?(?:the )?(?:leader|primary|master)|\belection (?:won"
    r"|succeeded|completed?)|\bpromoted to (?:leader|primary|master)"
)
_LED = Late(r"leas|\block|lead|elect|\bvote|quorum|raft|master|primary|replica|peer")
_JOINED = Late(rf"\b(?:re-?)?joined (?:the )?{_GROUP}")
_MEMBER = Late(
    r"group|re-?balanc|coordinator|metadata|broker|leader|partition|consumer|cluster|member|topic|node|quorum"
)
# Healthy again where it speaks of the same.
_SAME = Late(
    r"\b(?:successfully|succeeded|successful)\b|\b(?:issued|renewed|refreshed|rotated|completed?|uploaded|resolved"
    r"|up to date|in sync|reachable|healthy|passed|ready|online|acquired|synced|synchroni[sz]ed|applied|mounted"
    r"|attached|bound|scheduled|registered)\b"
    r"|\b(?:is|now|marked|came(?: back)?|state(?: to)?) (?:up|alive|available)\b|\b(?:UP|READY|SERVING|ALIVE)\b(?=,"
    r"| reason|$)"
)
_UNWELL = Late(
    r"not connected|not ready|n't connect|disconnected|cannot|fail(?:ed|ing|ure)|unable|giv(?:ing|en|es?) up"
    r"|without success|until|before|no (?:more )?retr|\bnot? (?:yet )?(?:successful|complete|healthy|reachable"
    r"|in sync|up to date|online|bound|scheduled)|unsuccessful|\berror\b|will be|must be|to be\b|\bfalse\b|waiting"
    r"|ensur(?:e|ing)|mak(?:e|ing) sure|should|whether|please|\bif\b|verify that"
)
_NONE_FAILED = re.compile(r"\b(?:0|no|zero) (?:\w+ )?(?:fail\w*|errors?)|\b\w*(?:fail|err)\w*[\"']?[=:]\s?[\"']?0\b"
    r"|has not expired", re.IGNORECASE)  # fmt: skip
_DOWN, _UP = Late(r"\b(?:is|marked|now|changed to|state) DOWN\b"), Late(r"\b(?:is|marked|now|changed to|state) UP\b")
_WORD, _FIELD_NAME = re.compile(r"[a-z]{4,}"), re.compile(r"\\?\"[\w.@-]+\\?\"\s*:|\b[\w.]+=")
_CLIENT_ERROR = 400
_OFTEN = 0.6  # of the log's groups: a word that all of them hold reports nothing


def well_since(log: LogDigest, found: Sequence[Match], *, sure: bool) -> bool:
    """Return whether a later line states that it is healthy again: in words that leave no doubt, or of the same thing.

    sure: one word in common is enough, for nothing is known of the complaint but its words.
    """
    complaints = [match.group for match in found]
    last = max(group.last_line for group in complaints)
    # What came before the last complaint, too, did not end it: a later one counts only where it lasted.
    since = last if due_again(log, found) else 0
    later = [
        g for g in log.groups
        if g.last_line > last and g.first_line > since and g.kind not in ("traceback", "error", "noise")
    ]  # fmt: skip
    good = [g for g in later if not _UNWELL.search(_NONE_FAILED.sub(" ", g.text)) and not _refused(g.text)]
    about = " ".join(group.text for group in complaints)
    if any(_WELL.search(group.text) and _concerns(group.text, about) for group in good):
        return True
    if any(_LEADS.search(group.text) for group in good) and _LED.search(about):
        return True
    if any(_JOINED.search(group.text) for group in good) and _MEMBER.search(about):
        return True
    if any(_DOWN.search(group.text) for group in complaints):
        ups = sum(group.count for group in log.groups if _UP.search(group.text) and group.last_line > last)
        return ups >= sum(group.count for group in complaints)
    again = [group for group in good if _SAME.search(group.text)]
    if not again:
        return False
    every = _everywhere(log.groups)
    least = 1 if sure else 2
    return all(
        any(len(_words(one.text) & _words(group.text) - every) >= least for group in again) for one in complaints
    )


def _refused(text: str) -> bool:
    """Return whether a line reports a request that was answered, and not well: "completed" reports nothing then."""
    one = answer(text)
    return one is not None and one.status >= _CLIENT_ERROR


def _concerns(good: str, complaint: str) -> bool:
    """Return whether good news may be about the subject of a complaint: of two that are named it is of one."""
    told, meant = (_host(blamed(text)) for text in (good, complaint))
    return told is None or meant is None or told == meant


def _host(peer: str | None) -> str | None:
    """Take the first part of a host's name; None of an address, which may belong to any name."""
    host = (peer or "").partition(":")[0].partition(".")[0].lower()
    return host if host and not host.isdigit() else None


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_FIELD_NAME.sub(" ", text.lower()))) - _SAYS_NOTHING


def _everywhere(groups: Iterable[LogGroup]) -> set[str]:
    """Take the words that most groups hold: the program's own name, its logger, the fields of its lines."""
    texts = [_words(group.text) for group in groups]
    seen = Counter(word for words in texts for word in words)
    return {word for word, n in seen.items() if n > max(2, _OFTEN * len(texts))}


_SAYS_NOTHING = frozenset(
    [
        "info",
        "warn",
        "warning",
        "error",
        "debug",
        "level",
        "time",
        "caller",
        "message",
        "service",
        "main",
        "with",
        "from",
        "that",
        "this",
        "will",
        "have",
        "been",
        "after",
        "before",
        "again",
        "successfully",
        "success",
        "failed",
        "failure",
        "failing",
        "request",
        "response",
        "http",
        "https",
        "status",
        "code",
        "reason",
        "local",
        "default",
        "cluster",
        "controller",
        "controllers",
        "manager",
        "logger",
        "handler",
        "worker",
        "server",
        "client",
        "attempt",
        "retry",
        "json",
        "name",
        "type",
        "kind",
        "namespace",
        "host",
        "port",
        "path",
        "method",
        "user",
        "true",
        "false",
        "null",
    ]
)
