"""Good work since a complaint: for how long, how much of it, and whether the work from before went on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.levels import Level, level_of
from opsagent.models.digest import LogDigest, LogGroup

_LONG_SINCE, _LINES_SINCE = timedelta(minutes=15), 15
# Good work for many times as long as the failure lasted shows as much as a long time does.
_TIMES_AS_LONG, _LEAST_SINCE, _MANY_SINCE = 5, timedelta(minutes=8), 40
# ... and soon, where it was a matter of a moment.
_ISOLATED, _SOON = 3, timedelta(seconds=75)
# ... and at once, where the usual work before it goes on: sooner after a single warning than after an error.
_GOES_ON_LINES, _WARNED_SINCE, _GOES_ON_SINCE = 12, timedelta(seconds=20), timedelta(seconds=30)
_GOES_ON_UNTIMED = 20  # lines
_KINDS = 0.5  # of the kinds of work before a failure that are there after it
_LINES_UNTIMED, _TIMES_UNTIMED = 60, 15  # where lines carry no time
_WORK = frozenset({"plain", "rare"})  # probes show nothing of what a program does
TRIES_AGAIN = Late(
    r"will (?:be )?(?:retr|tr(?:y|ied) again|reconnect)|retrying|re-?queu|trying again|tries again|backing off"
    r"|back-?off\b"
    r"|next (?:attempt|retry|try) in|retry(?:ing)? (?:in|after)\b|attempt 1\b"
)  # fmt: skip
_WAITING = Late(r"(?:lag|backlog|behind|unacked|ready|depth|waiting|pending|queued?|length|len|size)$")
_NEAR = 2  # lines
_USUAL, _GONE = 8, 8  # members of a kind of work before a failure, and those that it owes since


@dataclass(frozen=True, slots=True)
class _Since:
    """What a log holds since the newest record of a complaint, or of what came with it."""

    worked: float  # lines of good work
    since: timedelta | None  # None where the lines carry no time
    lasted: timedelta
    span: int  # lines from the first record of the complaint to the last


def records_of(found: Sequence[Match]) -> int:
    """Return how many records of a complaint the log holds."""
    return sum({id(m.group): m.group.count for m in found}.values())


def after_line(group: LogGroup, last: int) -> float:
    """Estimate how many members of a group are after a line, as if they were spread evenly."""
    if group.last_line <= last:
        return 0
    if group.first_line > last:
        return group.count
    return max(1.0, group.count * (group.last_line - last) / max(1, group.last_line - group.first_line))


def went_on(log: LogDigest, found: Sequence[Match], catalog: Catalog) -> bool:
    """Return whether the log goes on well for so long after a complaint that it is over, whatever it was."""
    if ceased(log, min(m.group.first_line for m in found), max(m.group.last_line for m in found)):
        return False
    at = _measured(log, found)
    code, few = found[0].verdict.code, records_of(found) <= _ISOLATED
    if not catalog.transient(code):
        # One request, session or statement failed so; had it lasted, others would have.
        return few and catalog.is_a(code, "one-request") and _many_times_as_long(at, _LEAST_SINCE)
    if at.since is None:
        long = at.worked >= max(_LINES_UNTIMED, _TIMES_UNTIMED * at.span)
        return few and (long or _usual_work_goes_on(log, found, at, warned=False))
    if at.worked >= _LINES_SINCE and at.since >= _LONG_SINCE:
        return True
    warned = all(level_of(m.group.text) in (Level.INFO, Level.WARNING) for m in found)
    soon = (few or warned) and not catalog.is_a(code, "used-up")
    goes_on = soon and _usual_work_goes_on(log, found, at, warned=warned)
    return goes_on or _many_times_as_long(at, _SOON if soon else _LEAST_SINCE)


def _usual_work_goes_on(log: LogDigest, found: Sequence[Match], at: _Since, *, warned: bool) -> bool:
    """Return whether what the program usually did before a failure of a moment it does after it as well."""
    if records_of(found) > _ISOLATED or at.worked < _GOES_ON_LINES:
        return False
    if at.since is None:
        if at.worked < max(_GOES_ON_UNTIMED, at.span * _TIMES_AS_LONG):
            return False
    elif at.since < max(_WARNED_SINCE if warned else _GOES_ON_SINCE, at.lasted * _TIMES_AS_LONG):
        return False
    first, last = min(m.group.first_line for m in found), max(m.group.last_line for m in found)
    usual = [g for g in log.groups if _is_work(g) and g.first_line < first and g.count > 1]
    if not usual:  # the program had just started
        return warned and records_of(found) == 1
    return sum(g.last_line > last for g in usual) >= _KINDS * len(usual)


def worked_off(found: Sequence[Match]) -> bool:
    """Return whether what each record counts as waiting has shrunk to less than half since."""
    return all(any(one.last * 2 <= one.first and _WAITING.search(one.name) for one in m.group.figures) for m in found)


def due_again(log: LogDigest, found: Sequence[Match]) -> bool:
    """Return whether a complaint that recurs may just not have come again yet: for less than twice its usual pause."""
    records = records_of(found)
    if records <= _ISOLATED:
        return False
    first, last = min(m.group.first_line for m in found), max(m.group.last_line for m in found)
    times = [at for m in found for at in (m.group.first_at, m.group.last_at)]
    known = [at for at in times if at is not None]
    if log.last_at is not None and len(known) == len(times) and max(known) > min(known):
        return log.last_at - max(known) < 2 * (max(known) - min(known)) / (records - 1)
    return log.lines - last < 2 * (last - first) / (records - 1)


def _many_times_as_long(at: _Since, least: timedelta) -> bool:
    return at.since is not None and at.worked >= _MANY_SINCE and at.since >= max(least, at.lasted * _TIMES_AS_LONG)


def _measured(log: LogDigest, found: Sequence[Match]) -> _Since:
    """Measure what came since a complaint and what followed from it."""
    groups = [m.group for m in found]
    first = min(group.first_line for group in groups)
    # What fails for the first time after a complaint came with it: the episode ends with the last of them.
    groups += [
        g for g in log.groups
        if g.first_line > first and g.kind in ("error", "traceback") and g not in groups
    ]  # fmt: skip
    last = max(group.last_line for group in groups)
    worked = sum(after_line(g, last) for g in log.groups if _is_work(g))
    if log.last_at is None or log.first_at is None:
        return _Since(worked, None, timedelta(0), last - first + 1)
    began = min(g.first_at or _about(log, g.first_line) for g in groups)
    ended = max(g.last_at or _about(log, g.last_line) for g in groups)
    return _Since(worked, log.last_at - ended, ended - began, last - first + 1)


def _is_work(group: LogGroup) -> bool:
    plain = group.kind in _WORK or (group.kind == "warning" and level_of(group.text) in (Level.INFO, Level.DEBUG))
    return plain and not TRIES_AGAIN.search(group.text)


def _about(log: LogDigest, line: int) -> datetime:
    """Estimate when a line without a time was written, as if all were spread evenly."""
    assert log.first_at is not None
    assert log.last_at is not None
    return log.first_at + (log.last_at - log.first_at) * (line / max(1, log.lines))


def ceased(log: LogDigest, first: int, last: int) -> bool:
    """Return whether one kind of work ended with a complaint from one line to another, while others went on."""
    before = [g for g in log.groups if g.kind in _WORK and g.first_line < first and g.count >= _USUAL]
    if not any(group.last_line > last and after_line(group, last) >= _GONE for group in before):
        return False
    return any(
        first - _NEAR <= group.last_line <= last + _NEAR and _owed(log, group, last) >= _GONE for group in before
    )


def _owed(log: LogDigest, group: LogGroup, last: int) -> float:
    """Estimate how many members a group would have after a line, had it gone on as before."""
    return group.count * (log.lines - last) / max(1, group.last_line - group.first_line + 1)
