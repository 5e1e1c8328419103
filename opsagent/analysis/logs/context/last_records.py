"""A log of good work that ends in a record of another kind: something happened, whatever the words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile

from opsagent.analysis.catalog.phrase import unexplained
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.matching.routine import is_of_request, is_routine
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.levels import ACCESS, BENIGN, ERROR_ROOTS, Level, any_of, level_of
from opsagent.analysis.text.own_words import plain_words
from opsagent.analysis.text.requests import answer
from opsagent.models.digest import LogDigest, LogGroup

_SAID = 0.46  # just enough to state that something is wrong
_FIRM = 0.45
_WARNED = unexplained(_SAID, "the log ends in a warning that it never gave before")
_STRANGE = unexplained(_SAID, "the log ends in a record unlike all before it")
_NOTHING_ELSE = unexplained(_SAID, "the log ends in nothing but failures")
_IN_A_ROW, _WARNINGS_IN_A_ROW = 3, 4  # records at the end, all of them failures
_LAST = 3  # lines from the end
_WORKED = 15  # lines of other work before it
_ALIKE = 0.4  # of the words of a record that an earlier one shares: they are of one kind
_STRANGERS = 0.1  # of the later work at most that is as unlike what came before
_FEWEST_WORDS = 4
# Ends and states that a program reports once, all well. They may be the last line of a good log.
_IN_ORDER = Late(
    r"(?<!, )\b(?:success\w*|succeeded"
    r"|completed?|completion|finished|done|ok|ready|started|starting|running|listening"
    r"|stopped|stopping|shut(?:ting)? ?down|exiting|bye|goodbye|saved|stored|written|loaded|reloaded|connected"
    r"|reconnected|restored|recovered|resumed|enabled|registered|updated|created|opened|joined|elected|refreshed"
    r"|rotated|synced|sent|received|accepted|processed|released|drained|closing|deployed|healthy|passed|available)\b"
    r"|완료|성공|시작|종료|저장(?:했|됨)|完成|成功|启动|开始|完了|開始|終了"
)
# A message that begins with the word of an end, though a root of failure is in it, and holds no word of a failure.
_ENDED = Late(
    r"(?:^[\d\-/T:.,Z ]*|\]:? |: )(?:stopp(?:ed|ing)|deactivated|shut(?:ting)? ?down|exiting|terminating|clos(?:ed|ing)"
    r"|received SIGTERM)\b"
)
_BYE = Late(
    r"\b(?:good)?bye\b|\bexit(?:ing|ed)?(?: with)?(?: code| status)?[ =:]+0\s*$|\bshut ?down (?:is )?complete"
    r"|\b(?:stopped|shut ?down|exiting) gracefully"
)
_FAILED = Late(
    r"fail|error|unexpected|abort|kill|crash|panic|fatal|timed? ?out|core|dump|unable|cannot|could not|refus"
    r"|\b(?:code|status|signal)\W{1,3}(?!0\b|15\b)\w"
)
_CONTRARY = Late(r"\b(?:no|not|nothing|nobody|none|never|cannot|too|before|until|without|g[ai]v(?:e|ing) up)\b|n't\b")
# Of a warning: what it advises, or what the program copes with.
_MILD = Late(
    r"deprecat|\bslow|\bretrying|will (?:be )?(?:tr(?:y|ied)|re)|attempt 1\b"
    r"|insecure|not recommended|unsupported version|experimental|obsolete|debug mode|development"
    r"|\busing (?:the |its |a )?(?:\w+ )?defaults?\b|\bfall(?:s|ing)? ?back|\bskipp(?:ed|ing)\b|\boptional\b"
    r"|\bignor(?:ed|ing)\b|\binstead\b|\bwithout it\b"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def ends_strangely(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield the last records of a log that was given alone, where they are new and nothing else is firm enough."""
    if log.pod is not None or log.previous or log.lines <= _WORKED:
        return
    if any(match.strength >= _FIRM for matches in found.values() for match in matches):
        return
    if log.tail and _BYE.search(log.tail[-1]) and level_of(log.tail[-1]) <= Level.INFO:
        return  # it ended in good order, whatever it warned of on its way out
    yield from _fails_to_the_end(log)
    for group in log.groups:
        if log.lines - group.last_line >= _LAST or log.lines - group.first_line >= 2 * _LAST + 1:
            continue
        level = level_of(group.text)
        if group.kind == "noise" or is_of_request(group.text) or _accuses_nobody(group.text, level):
            continue
        if level >= Level.WARNING or (level is Level.NONE and group.kind in ("warning", "error")):
            yield Match.of_group(_WARNED if level is Level.WARNING else _STRANGE, group)
        elif level is Level.NONE and group.kind in ("plain", "rare") and _is_strange(log, group):
            yield Match.of_group(_STRANGE, group)


def _fails_to_the_end(log: LogDigest) -> Iterator[Match]:
    levels = [_failing_level(line) for line in reversed(log.tail)]
    row = list(takewhile(lambda level: level >= Level.WARNING, levels))
    if len(row) < (_IN_A_ROW if min(row, default=Level.NONE) >= Level.ERROR else _WARNINGS_IN_A_ROW):
        return
    for group in log.groups:
        if group.last_line > log.lines - len(row) and group.kind in ("error", "warning", "traceback"):
            yield Match.of_group(_NOTHING_ELSE, group)


def _failing_level(line: str) -> Level:
    """Return the level of a line that reports a failure, else NONE; a warning reports one with a word of it."""
    level = level_of(line)
    if level < Level.WARNING or BENIGN.search(plain_words(line)) or is_routine(line) or ACCESS.search(line):
        return Level.NONE
    if is_of_request(line):
        return Level.NONE
    return level if level >= Level.ERROR or any_of(ERROR_ROOTS, line.lower()) else Level.NONE


def _accuses_nobody(text: str, level: Level) -> bool:
    words = plain_words(text)
    if BENIGN.search(words) or is_routine(text) or ACCESS.search(text):
        return True
    if level <= Level.INFO and _ENDED.search(words) and not _FAILED.search(words) and not _CONTRARY.search(words):
        return True
    one = answer(text)
    return (one is not None and one.status < 400) or (level <= Level.WARNING and _MILD.search(words) is not None)


def _is_strange(log: LogDigest, group: LogGroup) -> bool:
    """Return whether a record without a level shares its words with none before, in a log whose records repeat."""
    words = _words(group.text)
    contrary = _CONTRARY.search(group.text) is not None
    if len(words) + contrary < _FEWEST_WORDS or (_IN_ORDER.search(group.text) and not contrary):
        return False
    if log.lines - group.first_line >= group.count:
        return False  # other work went on after it
    before = sorted((g for g in log.groups if g.first_line < group.first_line), key=lambda g: g.first_line)
    if any(level_of(one.text) is not Level.NONE for one in before[:_FEWEST_WORDS]):
        return False  # a log whose records state a level states it of a failure too
    known = [_words(one.text) for one in before]
    if _likeness(words, known) >= _ALIKE:
        return False
    half = log.lines // 2
    later = [place for place, one in enumerate(before) if one.first_line > half]
    strangers = sum(_likeness(known[place], known[:place]) < _ALIKE for place in later)
    return strangers <= _STRANGERS * half


def _likeness(words: set[str], known: Sequence[set[str]]) -> float:
    return max((len(words & other) / max(1, len(words)) for other in known), default=0.0)


def _words(text: str) -> set[str]:
    """Take the words of a record; of a script without spaces, pairs of its signs."""
    words = set(_WORD.findall(text.lower()))
    return words | {a + b for a, b in pairwise(text) if _CJK.match(a) and _CJK.match(b)}
