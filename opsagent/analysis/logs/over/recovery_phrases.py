"""The words by which programs state that they are healthy again, and which of them speak of what was complained of."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.over.good_work import due_again
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.peers import blamed
from opsagent.analysis.text.requests import answer
from opsagent.models.digest import LogDigest, LogGroup

_NONE_FAILED = re.compile(r"\b(?:0|no|zero) (?:\w+ )?(?:fail\w*|errors?)|\b\w*(?:fail|err)\w*[\"']?[=:]\s?[\"']?0\b"
    r"|has not expired", re.IGNORECASE)  # fmt: skip
_DOWN, _UP = Late(r"\b(?:is|marked|now|changed to|state) DOWN\b"), Late(r"\b(?:is|marked|now|changed to|state) UP\b")
_WORD, _FIELD_NAME = re.compile(r"[a-z]{4,}"), re.compile(r"\\?\"[\w.@-]+\\?\"\s*:|\b[\w.]+=")
_CLIENT_ERROR = 400
_OFTEN = 0.6  # of the log's groups: a word that all of them hold reports nothing

_SAYS_NOTHING = frozenset([
    "info", "warn", "warning", "error", "debug", "level", "time", "caller", "message", "service", "main", "with",
    "from", "that", "this", "will", "have", "been", "after", "before", "again", "successfully", "success", "failed",
    "failure", "failing", "request", "response", "http", "https", "status", "code", "reason", "local", "default",
    "cluster", "controller", "controllers", "manager", "logger", "handler", "worker", "server", "client", "attempt",
    "retry", "json", "name", "type", "kind", "namespace", "host", "port", "path", "method", "user", "true", "false",
    "null",
])  # fmt: skip


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
    good = [g for g in later if not takes_back(g.text)]
    remarks = builtin().remarks
    about = " ".join(group.text for group in complaints)
    if any(remarks.fits("recovered", group.text) and _concerns(group.text, about) for group in good):
        return True
    for news, complaint in (("leads", "led"), ("joined", "member")):
        if any(remarks.fits(news, group.text) for group in good) and remarks.fits(complaint, about):
            return True
    if any(_DOWN.search(group.text) for group in complaints):
        ups = sum(group.count for group in log.groups if _UP.search(group.text) and group.last_line > last)
        return ups >= sum(group.count for group in complaints)
    again = [group for group in good if remarks.fits("same", group.text)]
    if not again:
        return False
    every = _everywhere(log.groups)
    least = 1 if sure else 2
    return all(
        any(len(_words(one.text) & _words(group.text) - every) >= least for group in again) for one in complaints
    )


def takes_back(text: str) -> bool:
    """Return whether a line takes back what sounds like good news, or reports a request that was refused."""
    return _unwell(text) or _refused(text)


def _unwell(text: str) -> bool:
    """Return whether a line takes back what sounds like good news."""
    return builtin().remarks_on("unwell", _NONE_FAILED.sub(" ", text))


def _refused(text: str) -> bool:
    """Return whether a line reports a request that was answered with an error: "completed" reports nothing then."""
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
