"""A rule: a mechanism as logs show it, in the words of many programs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One mechanism; `pattern` is searched in a line, or in each line of a traceback."""

    code: str
    strength: float
    depth: int  # place in a causal chain: 0 for first links (disk, memory, configuration), 9 for the last symptom
    pattern: re.Pattern[str]
    summary: str  # "{what}" stands for what is blamed
    roots: tuple[str, ...] = ()  # one of these, lower case, must occur: spares most of the searches
    unless: re.Pattern[str] | None = None
    blames: bool = False  # a network complaint: points at a host


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
) -> Rule:
    """Write a rule compactly; `roots` are separated by `|`, patterns ignore case and white space in the source."""
    return Rule(
        code, strength, depth, re.compile(pattern, re.IGNORECASE), summary, tuple(filter(None, roots.split("|"))),
        re.compile(unless, re.IGNORECASE) if unless else None, blames,
    )  # fmt: skip


def table(*rules: Rule) -> Sequence[Rule]:
    """Name a family's rules as one table."""
    return rules
