"""A log as counted groups of like lines, the most informative first."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.analysis.logs.digest_text import by_relevance, sample
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.tools.log_lines import split_stamp
from opsagent.ui.layout import BAD, POOR, QUIET, STRONG, joined, listing, say
from opsagent.ui.moment import clock, full

_STYLE = {"traceback": BAD, "error": BAD, "warning": POOR, "noise": QUIET}


def digest_view(digests: Sequence[LogDigest], *, most: int | None) -> RenderableType:
    """Draw each log with at most `most` of its groups, and state how many are left out."""
    return Group(*(block for digest in digests for block in _log(digest, most)))


def _log(digest: LogDigest, most: int | None) -> list[RenderableType]:
    groups = [group for _, group in by_relevance((digest,))]
    shown = groups[:most]
    table = listing("COUNT", "KIND", "LAST", "LINE", "SAMPLE", right=("COUNT", "LINE"))
    for group in shown:
        table.add_row(
            say(f"{group.count:,}"),
            say(group.kind, _STYLE.get(group.kind, "")),
            say(clock(group.last_at) if group.last_at else "-"),
            say(f"L{group.last_line}"),
            _sample(group),
        )
    more = len(groups) - len(shown)
    blocks: list[RenderableType] = [_head(digest), table]
    if more:
        blocks.append(say(f"{more} more groups: --all shows them", QUIET))
    return [*blocks, ""]


def _head(digest: LogDigest) -> Text:
    groups = len(digest.groups)
    size = f"{digest.lines:,} line{'s' * (digest.lines != 1)}, {groups} group{'s' * (groups != 1)}"
    when = f", {full(digest.first_at)} to {clock(digest.last_at)}" if digest.first_at and digest.last_at else ""
    return joined(say(digest.where, STRONG), f": {size}{when}")


def _sample(group: LogGroup) -> Text:
    return say(split_stamp(sample(group))[1], newlines=True)  # its time has a column
