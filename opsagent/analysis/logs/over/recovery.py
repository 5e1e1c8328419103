"""Whether what a log complains of is over: the same log shows it healthy again, for long enough."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.context.kubectl_tables import killed, well_by_kubernetes
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.over.good_work import TRIES_AGAIN, after_line, records_of, went_on, worked_off
from opsagent.analysis.logs.over.recovery_phrases import well_since
from opsagent.analysis.logs.over.same_operation import done_since
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.levels import Level, level_of
from opsagent.analysis.text.requests import answer, answers
from opsagent.models.digest import LogDigest

_QUIET_FOR = timedelta(
    seconds=10
)  # at least, without a further complaint, after a start in which something was missing
_SERVED = 20  # successful requests after the last failure
_SERVED_MANY = 200  # ... where the very request that failed was not made again
_SERVED_SAME = 3  # ... of the very method and path that failed
_ATTEMPTS = 12  # lines from the start within which a dependency may not be there yet
_STARTED = Late(
    r"Started server process|listening on|started on|Server initialized|Application startup complete"
    r"|Started \w+ in \d|starting up\b"
    r"|Starting gunicorn|ready for start up|database system is ready"
)  # fmt: skip
# How a program that starts announces itself, in its first lines only: such words are many.
_STARTS = Late(
    _STARTED.source + r"|\bstart(?:ed|ing)\b|\bboot(?:ed|ing)\b|\binitiali[sz](?:ed|ing)\b|\blaunch(?:ed|ing)\b"
    r"|\bready\b|\bversion[= :]|\bserving \w+ on\b"
)
_STOPPED = Late(r"Shutting down|Finished server process|bye bye|shutdown complete|Stopping server|exiting gracefully")
_STARTING = timedelta(seconds=30)
_AT_ONCE = timedelta(seconds=1)  # what is written this soon after a complaint belongs to it
_FEW, _WHILE = 2, timedelta(minutes=5)
_SERVER_ERROR, _CLIENT_ERROR = 500, 400
_FIRST_TRY = Late(
    r"\b(?:attempts?|try|retry|retries)(?:[_ ]?(?:no|num|number|count))?\\?[\"']?\s?[=:#]?\s?1\b(?!\d|\.\d)"
)
_MOMENTS, _AT_LEAST, _SURE = timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=10)
_SPARSE = 0.12  # of the records of a log
_EACH_TIME = 20  # good answers for each time that it was used up


def is_over(log: LogDigest, found: Sequence[Match], now: datetime | None, catalog: Catalog) -> bool:
    """Judge by later successes, by time where lines carry one, by position where they do not."""
    code, last = found[0].verdict.code, max(m.group.last_line for m in found)
    over_when = catalog.about(code).over_when
    if over_when == "started" and not log.previous:
        return _restarted_since(log, last)
    if well_by_kubernetes(log, over_when, [m.group for m in found]):
        return True
    lasting = next((m.verdict.lasting for m in found if m.verdict.lasting is not None), None)
    if log.previous or lasting:
        return False
    if lasting is None and not catalog.transient(code):
        return done_since(log, found) or went_on(log, found, catalog)
    if over_when == "ready" and killed(log):
        return False  # that the program was started again, or ended in good order, is what the probe led to
    well = _restarted_since(log, last) or well_since(log, found, sure=found[0].verdict.unexplained)
    well = well or _served_since(log, found, last, catalog) or _stopped_since(log, last) or _retried(log, found, last)
    well = well or done_since(log, found)
    return well or worked_off(found) or _only_at_start(log, found, now) or went_on(log, found, catalog)


def _restarted_since(log: LogDigest, last: int) -> bool:
    return any(g.first_line > last and _STARTED.search(g.text) for g in log.groups if g.kind in ("rare", "plain"))


def _stopped_since(log: LogDigest, last: int) -> bool:
    """Return whether the program answered again and was then stopped in good order: its complaint went with it."""
    stop = min((g.first_line for g in log.groups if g.first_line > last and _STOPPED.search(g.text)), default=None)
    return stop is not None and any(
        last < g.last_line < stop and (one := answer(g.text)) is not None and one.status < _CLIENT_ERROR
        for g in log.groups
    )


def successes_since(log: LogDigest, found: Sequence[Match]) -> int:
    """Return how many requests were answered successfully after the newest record of a complaint, as far as counted."""
    last = max(m.group.last_line for m in found)
    return round(sum(after_line(group, last) for group, one in answers(log.groups) if one.status < _CLIENT_ERROR))


def _served_since(log: LogDigest, found: Sequence[Match], last: int, catalog: Catalog) -> bool:
    failed: set[tuple[str, str]] = set()
    served: dict[tuple[str, str], float] = {}
    for group, one in answers(log.groups):
        what = (one.method, one.route)
        if one.status >= _SERVER_ERROR:
            failed.add(what)
        elif one.status < _CLIENT_ERROR:
            served[what] = served.get(what, 0) + after_line(group, last)
    well = sum(served.values())
    if _used_up(found, catalog) and not _proven(log, found, well):
        return False
    again = all(served.get(what, 0) >= _SERVED_SAME for what in failed)
    if records_of(found) <= _FEW and again and (well >= _SERVED or (failed and _quiet(log, found) >= _WHILE)):
        return True
    return well >= (_SERVED * 3 if not failed else _SERVED if again else _SERVED_MANY)


def _used_up(found: Sequence[Match], catalog: Catalog) -> bool:
    """Return whether something was used up more than once within moments, at a level that calls for somebody."""
    if not catalog.is_a(found[0].verdict.code, "used-up") or records_of(found) < _FEW:
        return False
    if all(level_of(m.text) < Level.FATAL for m in found):
        return False
    stamps = sorted(at for m in found for at in (m.group.first_at, m.group.last_at) if at is not None)
    nearest = min((later - at for at, later in pairwise(stamps) if later > at), default=timedelta(0))
    return nearest <= _MOMENTS


def _proven(log: LogDigest, found: Sequence[Match], well: float) -> bool:
    quiet = _quiet(log, found)
    return quiet >= _SURE or (quiet >= _AT_LEAST and well >= _EACH_TIME * records_of(found))


def _quiet(log: LogDigest, found: Sequence[Match]) -> timedelta:
    """Measure how long the log goes on after the last complaint; nothing where lines carry no time."""
    times = [m.group.last_at for m in found if m.group.last_at is not None]
    return log.last_at - max(times) if log.last_at is not None and len(times) == len(found) else timedelta(0)


def _retried(log: LogDigest, found: Sequence[Match], last: int) -> bool:
    """Return whether a program that complained once, and stated that it tries again, then went about its work."""
    if any(m.group.kind == "traceback" or not TRIES_AGAIN.search(m.text) for m in found):
        return False
    if records_of(found) > _FEW:
        # Many first tries and no second one: each succeeded when it was tried again.
        first_tries = all(_FIRST_TRY.search(m.text) and not m.group.figures for m in found)
        return (first_tries or _now_and_then(log, found)) and _worked(log, last) >= _SERVED_SAME
    if any(g.kind in ("error", "traceback") and g.last_line > last for g in log.groups):
        return False
    worked = _worked(log, last)
    return worked >= _SERVED or (worked >= _SERVED_SAME and _quiet(log, found) >= _STARTING * 4)


def _now_and_then(log: LogDigest, found: Sequence[Match]) -> bool:
    """Return whether few warnings that it is tried again are spread over a log of work in which nothing failed."""
    first, last = min(m.group.first_line for m in found), max(m.group.last_line for m in found)
    few = records_of(found) <= min(_SPARSE * log.lines, _SPARSE * 2 * (last - first))
    warned = all(level_of(m.group.text) in (Level.INFO, Level.WARNING) for m in found)
    return few and warned and not any(g.kind in ("error", "traceback") for g in log.groups)


def _worked(log: LogDigest, last: int) -> float:
    """Estimate how much a program did after a line without failing at it."""
    idle = ("noise", "error", "traceback")
    return sum(after_line(g, last) for g in log.groups if g.kind not in idle)


def _fell_silent(log: LogDigest, last: datetime) -> bool:
    """Return whether a program that logged its requests has written nothing since: it hangs, or nobody reaches it."""
    return log.last_at is not None and log.last_at - last < _AT_ONCE and any(answer(g.text) for g in log.groups)


def _only_at_start(log: LogDigest, found: Sequence[Match], now: datetime | None) -> bool:
    """Return whether it was so only while everything came up, and the time since went by without it."""
    times = [m.group.last_at for m in found if m.group.last_at is not None]
    if len(times) < len(found) or log.first_at is None:
        return False
    last = max(times)
    if _fell_silent(log, last):
        return False
    alone = log.pod is None and log.service is None  # nothing is known of what came after its last line
    end = max((at for at in (log.last_at, None if alone else now) if at is not None), default=last)
    started = any(g.first_line <= _ATTEMPTS and _STARTS.search(g.text) for g in log.groups)
    return started and last - log.first_at <= _STARTING and end - last >= max(_QUIET_FOR, 2 * (last - log.first_at))
