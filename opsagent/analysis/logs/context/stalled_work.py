"""One kind of work that ends with a failure, while others go on: nobody does it any more, whatever the words."""

from collections.abc import Iterator, Mapping

from opsagent.analysis.catalog.phrase import unexplained
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.matching.routine import is_routine
from opsagent.analysis.logs.over.good_work import ceased
from opsagent.analysis.text.levels import BENIGN, Level, level_of
from opsagent.analysis.text.own_words import plain_words
from opsagent.models.digest import LogDigest, LogGroup

_RULE = unexplained(0.46, "one kind of work ended with this failure, while others go on", lasting=True)
_FIRM = 0.45


def stalled(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield the failures with which one kind of work ended, of a log that was given alone."""
    if log.pod is not None or log.previous:
        return
    if any(match.strength >= _FIRM for matches in found.values() for match in matches):
        return
    for group in log.groups:
        if _fails(group) and ceased(log, group.first_line, group.last_line):
            yield Match.of_group(_RULE, group)


def _fails(group: LogGroup) -> bool:
    if group.kind == "traceback":
        return True
    if group.kind != "error" or level_of(group.text) < Level.ERROR:
        return False
    return not BENIGN.search(plain_words(group.text)) and not is_routine(group.text)
