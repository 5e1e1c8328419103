"""That something ended or was given up where the log does not state why: never to be taken for health."""

from collections.abc import Iterator, Mapping

from opsagent.analysis.catalog.phrase import unexplained
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest, LogGroup

_SAID = 0.46  # just enough to state that something is wrong
_ENDED = unexplained(_SAID, "a container ended, for a reason that no rule knows", lasting=True)
_GAVE_UP = unexplained(_SAID, "work was given up or a worker died, for a reason that no rule knows")
_EXIT = Late(
    r"\bStart request repeated too quickly|^\s*Exit Code:\s+(?:[1-9]\d*)\s*$"
    r"|\bback-?off (?:\S+ )?restarting failed container"
)
_LAST_WORD = Late(
    r"\bexit(?:s|ed|ing)? (?:with )?(?:non-zero )?(?:code|status):? ?\(?(?!143\b)[1-9]\d{0,2}\b"
)  # 143: asked to end
_LAST = 3  # lines from the end
_LISTED = Late(
    r"^(?P<pod>[a-z0-9][a-z0-9.-]+)\s+\d+/\d+\s+(?:Init:)?(?:CrashLoopBackOff|Error|RunContainerError"
    r"|StartError)\s+\d+\b"
)
_RUNS = Late(r"^(?P<pod>[a-z0-9][a-z0-9.-]+)\s+(\d+)/\2\s+Running\b")
_LEFT = Late(
    r"\b(?:adding|moved|moving|sent|sending|routed|published) (?:\w+ )?(?:\S+ )?(?:to )?(?:the )?dead\b"
    r"|\bdead[- ]letter(?:ed|ing)\b|\bto (?:the )?(?:dlq|dead[- ]letter)\b"
    r"|\b(?:giving|gave|gives) up (?:on|after)\b|\b(?:retries|attempts) (?:are |were )?exhausted\b"
    r"|\bmax(?:imum)? (?:number of )?(?:retries|attempts) (?:exceeded|reached)\b|\bdiscard(?:ed|ing) (?:job|message"
    r"|task|event)\b|\b(?:worker|child|process)\b.{0,40}\bdied\b"
)
_LEFT_ROOTS = ("dead", "up on", "up after", "exhausted", "max", "discard", "dlq", "died")
_SEVERAL = 2
_FIRM = 0.45


def unsaid(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield ends and lost work of a log that was given alone, where nothing else in it is firm enough to be stated."""
    if log.pod is not None or any(match.strength >= _FIRM for matches in found.values() for match in matches):
        return
    for group in log.groups:
        if _ended(group, log):
            yield Match(_ENDED, group, group.first_line, group.text, _SAID, None, None, None)
    left = [g for g in log.groups if any(root in g.text.lower() for root in _LEFT_ROOTS) and _LEFT.search(g.text)]
    if sum(group.count for group in left) >= _SEVERAL:
        for group in left:
            yield Match(_GAVE_UP, group, group.first_line, group.text, _SAID, None, None, None)


def _ended(group: LogGroup, log: LogDigest) -> bool:
    if _EXIT.search(group.text) or (log.lines - group.last_line < _LAST and _LAST_WORD.search(group.text)):
        return True
    listed = _LISTED.search(group.text)
    if listed is None:
        return False
    later = (_RUNS.search(one.text) for one in log.groups if one.last_line > group.last_line)
    return all(runs is None or runs["pod"] != listed["pod"] for runs in later)
