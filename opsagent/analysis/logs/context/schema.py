"""A program that asks its database for tables and columns that are not there: its release and the schema differ."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest

_FIRM = 0.62
_AGAIN = 2  # one such statement may be a person's
_ROOTS = ("column", "relation", "table", "object name", "ora-009", "undefined", "42703", "42p01", "42s")
_ABSENT = Late(
    r"\bcolumn \\?[\"'`]?(?P<column>[\w.]+)\\?[\"'`]?(?: of relation \S+)? does not exist"
    r"|\brelation \\?[\"'`](?P<relation>[\w.]+)\\?[\"'`] does not exist"
    r"|Unknown column \\?[\"'`](?P<unknown>[\w.]+)|Table \\?[\"'`](?P<table>[\w.]+)\\?[\"'`] doesn't exist"
    r"|\bno such (?:column|table): ?(?P<lite>[\w.]+)"
    r"|Invalid (?:column|object) name \\?[\"'`](?P<name>[\w.]+)|ORA-00(?:904|942): ?(?P<oracle>[\w.\"]*)"
)
# The database's own log: whose statement it was is not said there.
_SERVER = re.compile(r"\[\d+\](?:\s\S+@\S+)? (?:ERROR|STATEMENT|LOG):  ")
_RULE = Verdict("pod.crash-app-error", _FIRM, 1, "the program and the schema of its database differ")


def schema(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:  # noqa: ARG001 — a reader's shape
    """Yield statements that fail again and again because a table or column is not there."""
    seen: list[tuple[str, Match]] = []
    for group in log.groups:
        if group.kind == "noise" or not any(root in group.text.lower() for root in _ROOTS):
            continue
        for offset, text in enumerate(group.text.split("\n")):
            absent = _ABSENT.search(text)
            if absent is not None and not _SERVER.search(text):
                name = next((value for value in absent.groups() if value), "")
                seen.append((name, Match(_RULE, group, group.first_line + offset, text, _FIRM, None, None, None)))
                break
    counts: Counter[str] = Counter()
    for name, match in seen:
        counts[name] += match.group.count
    for name, match in seen:
        if counts[name] >= _AGAIN:
            yield match
