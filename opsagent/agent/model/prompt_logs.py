"""The logs in a prompt: the most informative lines of all of them, each under its log in the log's own order."""

import re
from collections.abc import Mapping, Sequence

from opsagent.agent.model.prompt_room import PromptRoom, readable
from opsagent.analysis.logs.evidence import CitableLine
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.evidence import Evidence
from opsagent.models.tokens import estimate, shortened

_MISSES = 30  # lines that did not fit, until no further one is tried
# Beside the time that is shown for a line, its own stamps report nothing new: the cluster's, and the program's: ISO
# 8601, klog ("E1130 11:40:02.113341 1123 "), Redis ("28674:M 22 Nov 2026 12:24:17.982 # ").
_STAMPS = re.compile(
    r"(?:(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
    r"|[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{1,9} {1,7}\d{1,7}"
    r"|\d{1,7}:[A-Z] \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{1,9} [#*.-])(?: - |[ \t]|$)){1,2}"
)
_FIGURES = 3  # of one kind of lines
_LEAST = 12  # tokens of a line that is worth a place
_UNMARKED = frozenset({"rare", "plain"})
_SHARE = 5  # one part in so many of the room is kept for the patient's unmarked lines


def add_logs(
    page: PromptRoom, digests: Sequence[LogDigest], lines: Sequence[CitableLine], *, patient: str | None = None
) -> tuple[Evidence, ...]:
    """Write the most informative lines of all logs, each under its log, in its order; return what was shown."""
    heads = {log.where: shortened(readable(_head(log)), 80) for log in digests}
    # A failure in words that no level marks is among the patient's quiet lines: noisy errors do not displace it.
    unmarked = [line for line in lines if line.group.kind in _UNMARKED and line.log.service == patient]
    marked = [line for line in lines if line not in unmarked]
    # Where a log stops is the one thing that a program that hangs has to report.
    lasts = {log.where: [_last(log)] for log in digests if log.service == patient and log.tail}
    left = page.left - 80 - sum(estimate(line) + 1 for found in lasts.values() for line in found)
    kept = min(left // _SHARE, sum(estimate(_line(line)) + 1 for line in unmarked)) if unmarked else 0
    chosen: dict[str, list[CitableLine]] = {}
    left = kept + _choose(marked, chosen, heads, left - kept)
    _choose(unmarked, chosen, heads, left)
    full = {line.log.where for line in lines if line.log.where not in chosen}
    told = {log.service for log in digests if log.where in chosen or log.where in full}
    calm = sorted({log.service for log in digests if log.service and log.service not in told})
    if chosen:
        page.lines.append("LOGS (×n: so many alike)")
    for where, of_log in chosen.items():
        page.lines.append(heads[where])
        page.lines += [_line(line) for line in sorted(of_log, key=lambda line: line.group.first_line)]
        page.lines += lasts.get(where, [])
    if calm:
        page.lines.append(shortened(readable(f"not shown, no error or warning in the logs of: {', '.join(calm)}"), 60))
    if full:
        page.lines.append(f"… and {len(full)} more logs")
    return tuple(line.evidence for of_log in chosen.values() for line in of_log)


def _choose(
    lines: Sequence[CitableLine], chosen: dict[str, list[CitableLine]], heads: Mapping[str, str], left: int
) -> int:
    """Choose the first lines that fit into so many tokens; return how many are left."""
    missed = 0
    for line in lines:
        if left < _LEAST or missed > _MISSES:
            break
        cost = estimate(_line(line)) + 1
        cost += 0 if line.log.where in chosen else estimate(heads[line.log.where]) + 1
        if cost > left:
            missed += 1
            continue
        left -= cost
        chosen.setdefault(line.log.where, []).append(line)
    return left


def unstamped(text: str) -> str:
    """Return a line without the stamps at its start, for where its time is shown beside it."""
    stamped = _STAMPS.match(text)
    return text[stamped.end() :] if stamped else text


def kind_of(group: LogGroup) -> str:
    """Return "error, took 5.46→5.91": what kind of lines these are, and figures that differ from first to last."""
    moved = (f"{one.name} {one.first:g}→{one.last:g}" for one in group.figures[:_FIGURES])
    return ", ".join((group.kind, *moved))


def _head(log: LogDigest) -> str:
    span = f", {log.first_at:%H:%M:%S}–{log.last_at:%H:%M:%S}" if log.first_at and log.last_at else ""
    before = ", PREVIOUS container" if log.previous else ""
    return f"{log.where} ({log.service or 'no known service'}, {log.lines} lines{span}{before})"


def _last(log: LogDigest) -> str:
    return shortened(readable(f"its last line: {' '.join(log.tail[-1].split())}"), 60)


def _line(line: CitableLine) -> str:
    group = line.group
    times = f" ×{line.count}" if line.count > 1 else ""
    until = f"–{line.last_at:%H:%M:%S}" if line.last_at and line.first_at and line.last_at > line.first_at else ""
    at = f" {line.first_at:%H:%M:%S}{until}" if line.first_at else ""
    text = readable(line.evidence.text)
    said = unstamped(text) if at else text
    return shortened(f"{line.evidence.id} L{group.first_line}{times}{at} [{kind_of(group)}] {said}", 260)
