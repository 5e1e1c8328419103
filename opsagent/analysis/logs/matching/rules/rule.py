"""A rule: a mechanism as logs show it, in the words of many programs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opsagent.analysis.logs.matching.rules.measured import seconds

_FAR = 5.0  # times the usual


class Late:
    """A pattern that ignores case and is compiled when first searched: of a hundred a log needs a few."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """Search as a compiled pattern does; re.error where the source is none."""
        if self._compiled is None:
            self._compiled = re.compile(self.source, re.IGNORECASE)
        return self._compiled.search(text)


@dataclass(frozen=True, slots=True)
class Rule:
    """One mechanism; `pattern` is searched in a line, or in each line of a traceback."""

    code: str
    strength: float
    depth: int  # place in a causal chain: 0 for first links (disk, memory, configuration), 9 for the last symptom
    pattern: re.Pattern[str] | Late
    summary: str  # "{what}" stands for what is blamed
    roots: tuple[str, ...] = ()  # one of these, lower case, must occur: spares most of the searches
    unless: Late | None = None
    blames: bool = False  # a network complaint: points at a host
    least_s: float = 0.0  # the pattern's groups are times: the first is at least so long, and far above a second one
    weak: bool = False  # says nothing alone: many, or with consequences in the same log, it does
    lasting: bool | None = None  # whether a later success leaves it as it is; None: its family decides

    def fits(self, text: str) -> bool:
        """Say whether a line shows the mechanism, and as much of it as counts."""
        found = self.pattern.search(text)
        if found is None or (self.unless is not None and self.unless.search(text)):
            return False
        if not self.least_s:
            return True
        times = seconds(found)
        return bool(times) and times[0] >= self.least_s and all(times[0] >= _FAR * usual for usual in times[1:])


def rule(  # noqa: PLR0917 — the columns of a table
    code: str,
    strength: float,
    depth: int,
    roots: str,
    pattern: str,
    summary: str,
    *,
    unless: str = "",
    blames: bool = False,
    least_s: float = 0.0,
    weak: bool = False,
) -> Rule:
    """Write a rule compactly; `roots` are separated by `|`, patterns ignore case."""
    return Rule(
        code, strength, depth, Late(pattern), summary, tuple(filter(None, roots.split("|"))),
        Late(unless) if unless else None, blames, least_s, weak,
    )  # fmt: skip


def table(*rules: Rule) -> Sequence[Rule]:
    """Name a family's rules as one table."""
    return rules
