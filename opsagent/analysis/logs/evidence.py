"""Lines of the digests that may be cited, numbered after the rules' own evidence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from opsagent.analysis.logs.digest_text import by_relevance, sample
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.evidence import Evidence

_DIGITS = re.compile(r"\d+")
_QUIET = frozenset({"rare", "plain", "noise"})  # of these a few a log state what it usually states
_MOST_QUIET = 3


@dataclass(frozen=True, slots=True)
class CitableLine:
    """One group of a digest as evidence, with how often it is there."""

    log: LogDigest
    group: LogGroup
    evidence: Evidence
    count: int  # of this group and of those that differ from it in numbers only
    first_at: datetime | None
    last_at: datetime | None


def citable_lines(digests: Sequence[LogDigest], cited: Iterable[Evidence], *, after: int) -> tuple[CitableLine, ...]:
    """Return the lines of all digests, the most informative first; one that is evidence already keeps its number.

    New numbers begin behind `after`, so that they are the same however many of the lines are shown.
    """
    known: Mapping[str, Evidence] = {piece.where: piece for piece in cited}
    lines: dict[tuple[str, str, str], CitableLine] = {}
    beside: dict[tuple[str, bool], int] = {}
    number = after
    for log, group in by_relevance(digests):
        where = f"{log.where}:L{group.first_line}"
        piece = known.get(where) or known.get(f"{log.where}:L{group.last_line}")
        alike = (log.where, group.kind, _DIGITS.sub("0", group.text))
        same = lines.get(alike)
        if same is not None and piece in (None, same.evidence):
            lines[alike] = _joined(same, group)
            continue
        if piece is None:
            quiet = (log.where, group.kind in _QUIET)
            beside[quiet] = beside.get(quiet, 0) + 1
            if quiet[1] and beside[quiet] > _MOST_QUIET:
                continue
            number += 1
            piece = Evidence(f"E{number}", "logs", where, sample(group), group.first_at)
        lines[alike if same is None else (*alike[:2], where)] = CitableLine(
            log, group, piece, group.count, group.first_at, group.last_at
        )
    return tuple(lines.values())


def _joined(line: CitableLine, group: LogGroup) -> CitableLine:
    times = [at for at in (line.first_at, line.last_at, group.first_at, group.last_at) if at is not None]
    first, last = min(times, default=None), max(times, default=None)
    return replace(line, count=line.count + group.count, first_at=first, last_at=last)
