"""Whether the very operation that failed was done later: its success is reported, or its subject is shown done."""

import re
from collections.abc import Sequence

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.over.good_work import due_again
from opsagent.analysis.logs.over.recovery_phrases import takes_back
from opsagent.analysis.text.levels import Level, level_of
from opsagent.models.digest import LogDigest, LogGroup

# What could not be done, by the words that programs put around it: "failed to renew", "error renewing", "X failed".
_COULD_NOT = re.compile(
    r"\b(?:fail(?:ed|ure|s)?|unable|cannot|can't|could not|couldn't|error)(?: to| in| while| when| during| on)? "
    r"(?:re-)?(?P<to>(?!unable|fail|cannot|could)[a-z][a-z.]{4,})"
    r"|\b(?P<what>[A-Za-z][\w.]{4,}) (?:has |was )?(?:failed|errored|failure)\b",
    re.IGNORECASE,
)
_ENDINGS = re.compile(r"(?:ations?|ions?|ings?|ed|als?|es|s|e)$")
# Stems that name no operation of their own.
_NO_OPERATION = frozenset(
    {
        "connect", "request", "respons", "establish", "execut", "process", "handl", "operat", "start", "messag",
        "server", "check", "attempt", "command", "perform", "complet", "system",
    }
)  # fmt: skip
_WELL = r"(?:success\w*|succeeded|complete[d]?|passed|done|ok)"
# Names that a record gives to what it is about: a later record about another one shows nothing.
_NAMED = re.compile(
    r"\b(?P<key>user|principal|role|account|client|database|db|topic|bucket|host|volume|pod|key|path|domain|dnsname"
    r"|resource|certificate|job|task|chunk|object|file)(?:_?(?:id|name))?\\?[\"']?"
    r"(?:\s*[=:]\s*\\?[\"'\[]?| \\?[\"']| (?=[\w@:]*[\d./_@-]))(?P<name>[\w.@/:-]*[\w-])",
    re.IGNORECASE,
)
_ID = re.compile(r"(?<![\w.-])(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z])[A-Za-z][\w./-]{6,}[\w]")
# Kubernetes' events in rows are not in the order of time, and their own reader knows what ends them.
_EVENT_ROW = re.compile(r"^\s*(?:\S+\s+)?(?:\d+[smhdy])+\s+(?:\(x|(?:Normal|Warning)\s)")
_FEW, _OFTEN = 3, 0.6  # records of a complaint; share of a log's groups in which a name means nothing
_PARTS = 3  # hyphens
_DIGIT, _FOLDED = re.compile(r"\d"), 24  # characters of a token that a digest takes for a value
_SHORTEST = 5  # letters of a stem


def done_since(log: LogDigest, found: Sequence[Match]) -> bool:
    """Return whether each failure of a few is followed by a report that the same operation on the same thing is done.

    Of many failures, one later success is another's; of one that recurs, it has to have come before each.
    """
    groups = list({id(m.group): m.group for m in found}.values())
    if sum(group.count for group in groups) > _FEW or due_again(log, found):
        return False
    last = max(group.last_line for group in groups)
    later = [g for g in log.groups if g.last_line > last and _is_good(g)]
    everywhere = _everywhere(log)
    return bool(later) and all(any(_answers(one, group, everywhere) for one in later) for group in groups)


def _is_good(group: LogGroup) -> bool:
    if group.kind in ("traceback", "error", "noise") or level_of(group.text) > Level.INFO:
        return False
    return not takes_back(group.text) and not _EVENT_ROW.match(group.text)


def _answers(good: LogGroup, complaint: LogGroup, everywhere: frozenset[str]) -> bool:
    """Return whether a record shows done what a complaint could not do."""
    names, others = _kept(complaint, everywhere), _kept(good, everywhere)
    if any(not _common(names[key], others[key]) for key in names.keys() & others.keys() if key):
        return False
    every, each = set().union(*names.values()), set().union(*others.values())
    shared = _common(every, each)
    if shared and good.first_line > complaint.last_line and _reports_end(good.text):
        return True
    if every and each and not shared:
        return False
    return any(_done(operation, good.text) for operation in _operations(complaint.text))


def _reports_end(text: str) -> bool:
    remarks = builtin().remarks
    return remarks.fits("same", text) or remarks.fits("recovered", text)


def _operations(text: str) -> set[str]:
    """Return the stems of what a record states could not be done."""
    words = {(found["to"] or found["what"]).lower() for found in _COULD_NOT.finditer(text)}
    stems = {_ENDINGS.sub("", word) for word in words}
    return {stem for stem in stems if len(stem) >= _SHORTEST and stem not in _NO_OPERATION}


def _done(stem: str, text: str) -> bool:
    """Return whether a record states that an operation is done: "renewed", "authentication successful"."""
    word = rf"(?<!not )(?<!n't )\b(?:re-?)?{re.escape(stem)}"
    near = r"(?:[\W_]+\w+){0,2}[\W_]+"
    return re.search(rf"{word}ed\b|{word}\w*{near}{_WELL}\b|\b{_WELL}{near}{word}", text, re.IGNORECASE) is not None


def _names(text: str) -> dict[str, set[str]]:
    """Return the names that a record holds, by what they are names of; under "" those that look like one."""
    found: dict[str, set[str]] = {}
    for match in _NAMED.finditer(text):
        if len(match["name"]) > 1:
            found.setdefault(match["key"].lower(), set()).add(match["name"].lower())
    loose = {match[0].lower() for match in _ID.finditer(text)}
    return found | ({"": loose} if loose else {})


def _kept(group: LogGroup, everywhere: frozenset[str]) -> dict[str, set[str]]:
    """Return the names that all records of a group hold, and not all groups: those that differ in digits are one."""
    one = group.count == 1
    found = {
        key: {name for name in names if name not in everywhere and (one or _is_fixed(name))}
        for key, names in _names(group.text).items()
    }
    return {key: names for key, names in found.items() if names}


def _is_fixed(name: str) -> bool:
    """Return whether a name is the same in all records of a group: without digits, or of too many parts to differ."""
    return name.count("-") >= _PARTS or (len(name) < _FOLDED and not _DIGIT.search(name))


def _common(names: set[str], others: set[str]) -> bool:
    return any(_of_one(name, other) for name in names for other in others)


def _of_one(name: str, other: str) -> bool:
    """Return whether two names are of one thing: equal, or one made of the other by a further part."""
    if name == other:
        return True
    longer, shorter = sorted((name, other), key=len, reverse=True)
    return shorter.count("-") > 1 and longer.startswith(f"{shorter}-")


def _everywhere(log: LogDigest) -> frozenset[str]:
    """Return the names that most groups hold: the program's own, its logger's, its node's."""
    counted: dict[str, int] = {}
    for group in log.groups:
        for name in set().union(*_names(group.text).values()):
            counted[name] = counted.get(name, 0) + 1
    return frozenset(name for name, n in counted.items() if n > max(2, _OFTEN * len(log.groups)))
