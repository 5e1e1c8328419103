"""The last word of a run with an end of its own, or of a tool, that reports a failure nothing explains."""

from collections.abc import Iterator, Mapping

from opsagent.analysis.catalog.phrase import unexplained
from opsagent.analysis.logs.context.exempt import ends_badly
from opsagent.analysis.logs.matching.matches import Match
from opsagent.models.digest import LogDigest

_FIRM = 0.45
_UNDONE = unexplained(0.46, "it reports a failure, for a reason that no rule knows")


def reports_failure(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield the first line of a log alone that reports that a run or a check failed, where nothing else is firm."""
    if log.pod is not None or any(match.strength >= _FIRM for matches in found.values() for match in matches):
        return
    group = next((g for g in sorted(log.groups, key=lambda g: g.first_line) if ends_badly(g)), None)
    if group is not None:
        yield Match(_UNDONE, group, group.first_line, group.text, _UNDONE.strength, None, None, None)
