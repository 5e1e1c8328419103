"""A program that asks its database repeatedly for what its schema lacks, unlike one mistyped statement."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.levels import Level, level_of

_FIRM = 0.75
_AGAIN = 2  # one such statement may be a person's
_AGAIN_AT_SERVER = 5  # whose statement it was is not stated there
# The first of these that is there: a bracket may hold the id of the request that failed.
_NAMES = (
    re.compile(r"\b(?:column|table|relation|field)(?: name)?:? ?[\"'`\[]?([\w.$-]+)\\?[\"'`\]]?"),
    re.compile(r"[\"'`]([\w.$-]+)\\?[\"'`]"),
    re.compile(r"\[([A-Za-z_][\w.$ -]*)\]|(ORA-\d+|\b42\w{3}\b)"),
)
_SERVER = re.compile(r"\[\d+\](?:\s\S+@\S+)? (?:ERROR|STATEMENT|LOG):  ")


def schema(found: Mapping[tuple[str, str | None], list[Match]], catalog: Catalog) -> Iterator[Match]:
    """Yield, firmly, statements that fail for the same name again and again, or that ended the program."""
    statements = [key for key in found if key[1] is None and catalog.is_a(key[0], "statement")]
    hints = [match for key in statements for match in found[key] if match.verdict.weak]
    counts: Counter[str] = Counter()
    for match in hints:
        counts[_name(match.text)] += match.group.count
    for match in hints:
        least = _AGAIN_AT_SERVER if _SERVER.search(match.text) else _AGAIN
        if _ends(match) or counts[_name(match.text)] >= least:
            yield replace(match, verdict=replace(match.verdict, weak=False), strength=_FIRM)


def _name(text: str) -> str:
    named = next((hit for pattern in _NAMES if (hit := pattern.search(text))), None)
    return next((part for part in named.groups() if part), "") if named else ""


def _ends(match: Match) -> bool:
    return match.group.kind == "traceback" or (level_of(match.text) == Level.FATAL and not _SERVER.search(match.text))
