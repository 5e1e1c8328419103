"""Records that fail far more often than before, whatever their words: by level, status, exception or exit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from opsagent.analysis.catalog.phrase import unexplained
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.matching.routine import is_routine
from opsagent.analysis.text.levels import BENIGN, Level, level_of
from opsagent.analysis.text.own_words import plain_words
from opsagent.analysis.text.requests import failed, refused
from opsagent.models.digest import LogDigest, LogGroup

_SAID = 0.5  # enough to be stated: it is not known why
_FIRM = 0.45
_RULE = unexplained(_SAID, "far more of the newest records fail than of those before")
_NEWEST, _EARLIER = 0.25, 0.5  # of the log: its end, and what it is compared to at most
_SHARE = 0.3  # of the newest records that fail
_TIMES = 3.0  # ... and so many times the share before
_MOST = 0.5  # ... where it was no better before
_FEWEST = 5  # failures, and records before them


@dataclass(frozen=True, slots=True)
class _Window:
    first: int
    last: int

    def holds(self, group: LogGroup) -> float:
        """Estimate how many members of a group are in the window, as if they were spread evenly."""
        first, last = max(self.first, group.first_line), min(self.last, group.last_line)
        if first > last:
            return 0.0
        return max(1.0, group.count * (last - first + 1) / max(1, group.last_line - group.first_line + 1))


def failing_since(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield the failing records of a log that was given alone, where they set in and nothing else is firm enough."""
    if log.pod is not None or log.previous or log.lines < 2 * _FEWEST:
        return
    if any(match.strength >= _FIRM for matches in found.values() for match in matches):
        return
    groups = [group for group in log.groups if group.kind != "noise"]
    newest = _Window(round(log.lines * (1 - _NEWEST)) + 1, log.lines)
    own = [group for group in groups if _fails(group)]
    failing = own + [group for group in groups if group not in own and refused(group.text)]
    if not failing:
        return
    onset = max(failing, key=attrgetter("count")).first_line
    earlier = _Window(1, min(onset - 1, round(log.lines * _EARLIER)))
    lately, formerly = sum(map(newest.holds, groups)), sum(map(earlier.holds, groups))
    now, before = sum(map(newest.holds, failing)), sum(map(earlier.holds, failing))
    set_in = formerly >= _FEWEST and now / max(1.0, lately) >= _TIMES * before / formerly
    if not set_in:
        # No better before: only where most of what it does fails, and by no fault of its clients.
        failing, now = own, sum(map(newest.holds, own))
    if now < _FEWEST or now < (_SHARE if set_in else _MOST) * lately:
        return
    for group in failing:
        if newest.holds(group):
            yield Match(_RULE, group, group.first_line, group.text, _SAID, None, None, None)


def _fails(group: LogGroup) -> bool:
    if group.kind == "traceback":
        return True
    level = level_of(group.text)
    if BENIGN.search(plain_words(group.text)) or is_routine(group.text):
        return False
    return level >= Level.WARNING or failed(group.text) is True
