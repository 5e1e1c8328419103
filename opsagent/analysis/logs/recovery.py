"""Whether what a log complains of is over: the same log shows it well again, for long enough."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from opsagent.analysis.logs.levels import ACCESS, NOISE, any_of
from opsagent.analysis.logs.matches import Match
from opsagent.models.digest import LogDigest, LogGroup

_QUIET_FOR = timedelta(
    seconds=10
)  # at least, without a further complaint, after a start in which something was missing
_SERVED = 20  # successful requests after the last failure
_SERVED_MANY = 200  # ... where the very request that failed was not made again
_SERVED_SAME = 3  # ... of the very method and path that failed
_ATTEMPTS = 12  # lines from the start within which a dependency may not be there yet
_GOOD = r"(?:succe(?:eded|ssful(?:ly)?)|completed?|done|ok|passed)(?![=:\w])"
_DONE = rf"(?:{_GOOD}|saved|stored|written|committed|sent|delivered|published|loaded|processed|accepted)"
_AGAIN = r"(?:attempts?|retry|retries|retried|tr(?:y|ies)|(?:second|third|fourth|next) (?:attempt|time|call|try))\b"
_WELL = re.compile(
    r"\b(?:connected|reconnected|connection (?:re-?)?(?:established|restored|succeeded|successful)|recovered|restored|ready to (?:accept|serve)|"
    r"is ready|back online|healthy again|resumed|successfully connected|link is up|gained carrier|link becomes ready|read-write again|writable again|"
    r"[1-9]\d* (?:endpoints?|backends?|replicas?) ready|accepting connections|available again|back to normal|circuit ?breaker\b.{0,30}\bclosed)\b|"
    rf"\b{_DONE}\b.{{0,40}}?(?:\b(?:after|on|at|with|in)\b|\(|\",?\s?\")\s*(?:the |a |\d+ )?{_AGAIN}|\b{_AGAIN}.{{0,30}}\b{_GOOD}|"
    r"\b(?:failover|reconnect\w*) (?:succeeded|successful|complete)",
    re.IGNORECASE,
)
_UNWELL = re.compile(
    r"not connected|not ready|n't connect|disconnected|cannot|failed|unable|giv(?:ing|en|es?) up|without success|until|before|no (?:more )?retr",
    re.IGNORECASE,
)
_STARTED = re.compile(
    r"Started server process|listening on|started on|Server initialized|Application startup complete|Started \w+ in \d|starting up\b"
    r"|Starting gunicorn|ready for start up|database system is ready", re.IGNORECASE,
)  # fmt: skip
_STOPPED = re.compile(
    r"Shutting down|Finished server process|bye bye|shutdown complete|Stopping server|exiting gracefully", re.IGNORECASE
)
_STARTING = timedelta(seconds=30)
_LONG_SINCE, _LINES_SINCE = timedelta(minutes=15), 15
_TRANSIENT = ("network.", "dependency.", "db.unreachable", "db.slow", "volume.disk-slow", "db.locked", "db.pool-exhausted", "db.too-many", "db.deadlock", "load.", "pod.hung", "unknown", "db.read-only", "service.", "pod.crash-app-error", "probe.")  # fmt: skip


def is_over(log: LogDigest, found: Sequence[Match], now: datetime | None) -> bool:
    """Judge by later successes, by time where lines carry one, by position where they do not."""
    if found[0].rule.code == "pod.bad-command" and not log.previous:
        return _restarted_since(log, max(m.group.last_line for m in found))
    lasting = next((m.rule.lasting for m in found if m.rule.lasting is not None), None)
    if log.previous or lasting or (lasting is None and not found[0].rule.code.startswith(_TRANSIENT)):
        return False
    last = max(m.group.last_line for m in found)
    if _restarted_since(log, last) or _well_since(log, last):
        return True
    if _served_since(log, last) or _stopped_since(log, last):
        return True
    return _only_at_start(log, found, now) or _long_since(log, found, last)


def _long_since(log: LogDigest, found: Sequence[Match], last: int) -> bool:
    """Say whether the log went on for long without it: so many lines, and so much time."""
    times = [m.group.last_at for m in found if m.group.last_at is not None]
    if len(times) < len(found) or log.last_at is None:
        return False
    later = [g for g in log.groups if g.kind in ("error", "traceback") and g.last_line > last]
    worked = sum(after_line(g, last) for g in log.groups if g.kind in ("plain", "rare"))
    return not later and worked >= _LINES_SINCE and log.last_at - max(times) >= _LONG_SINCE


def _restarted_since(log: LogDigest, last: int) -> bool:
    return any(g.first_line > last and _STARTED.search(g.text) for g in log.groups if g.kind in ("rare", "plain"))


def _well_since(log: LogDigest, last: int) -> bool:
    return any(
        g.last_line > last and _WELL.search(g.text) and not _UNWELL.search(g.text)
        for g in log.groups
        if g.kind not in ("traceback", "error", "noise")
    )


def _stopped_since(log: LogDigest, last: int) -> bool:
    """Say whether the program answered again and was then stopped in good order: its complaint went with it."""
    stop = min((g.first_line for g in log.groups if g.first_line > last and _STOPPED.search(g.text)), default=None)
    return stop is not None and any(
        last < g.last_line < stop and (access := ACCESS.search(g.text)) and int(access["status"] or access["gin"]) < 400
        for g in log.groups
    )


def after_line(group: LogGroup, last: int) -> float:
    """Estimate how many members of a group stand after a line, as if they were spread evenly."""
    if group.last_line <= last:
        return 0
    if group.first_line > last:
        return group.count
    return max(1.0, group.count * (group.last_line - last) / max(1, group.last_line - group.first_line))


def _served_since(log: LogDigest, last: int) -> bool:
    failed: set[tuple[str, str]] = set()
    served: dict[tuple[str, str], float] = {}
    for group in log.groups:
        access = ACCESS.search(group.text)
        if access is None or any_of(NOISE, group.text.lower()):
            continue
        what = (access["method"] or access["gin_method"] or "", _route(access["path"] or access["gin_path"] or ""))
        status = int(access["status"] or access["gin"])
        if status >= 500:
            failed.add(what)
        elif status < 400:
            served[what] = served.get(what, 0) + after_line(group, last)
    if failed:
        again = all(served.get(what, 0) >= _SERVED_SAME for what in failed)
        return sum(served.values()) >= (_SERVED if again else _SERVED_MANY)
    return sum(served.values()) >= _SERVED * 3


def _route(path: str) -> str:
    return re.sub(r"\d+", "", path.split("?", 1)[0])


def _only_at_start(log: LogDigest, found: Sequence[Match], now: datetime | None) -> bool:
    """Say whether it was so only while everything came up, and the time since went by without it."""
    times = [m.group.last_at for m in found if m.group.last_at is not None]
    if len(times) < len(found) or log.first_at is None:
        return False
    last = max(times)
    end = max((at for at in (log.last_at, now) if at is not None), default=last)
    started = any(g.first_line <= _ATTEMPTS and _STARTED.search(g.text) for g in log.groups)
    return started and last - log.first_at <= _STARTING and end - last >= max(_QUIET_FOR, 2 * (last - log.first_at))
