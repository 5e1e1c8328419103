"""Figures that only grow: work that piles up, and tries that are counted and never succeed."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from opsagent.analysis.catalog.phrase import Verdict, unexplained
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest, LogGroup

_BACKLOG = Verdict("queue.backlog", 0.66, 3, "more work comes in than is done: what waits grows")
_TRIES = unexplained(0.46, "the program tries again and again without success")
_WAITS = Late(
    r"\b(?:\w+[_.-])?(?:lag|backlog|behind|unacked|messages_ready|waiting|pending|queue_?(?:depth|size|length|len))\\?[\"']?\s?[=:]?\s?"
    r"\\?[\"']?(?P<n>\d{1,15})(?!\d|\.\d|[a-z%])"
)
_TRIED = Late(r"^(?:attempts?|retr(?:y|ies)|tries|try|restart|counter|failures|failcount|consecutive\w*|retry_?count)$")
_ROOTS = ("lag", "behind", "backlog", "unacked", "ready", "queue", "waiting", "pending")
# The head of a listing of queues or consumers, and its rows: rabbitmqctl, kafka-consumer-groups, redis-cli, nats.
_LISTING = Late(
    r"^(?:name|queue|group|topic|stream|consumer)\b.*[\s|](?:messages(?:_ready)?|lag|pending|depth|length|backlog)\b"
)
_ROW = Late(r"^\|?\s*(?P<name>[A-Za-z][\w./-]{2,60})[\s|]+(?P<n>\d{1,15})(?=[\s|]|$)")
_TIMES, _MANY, _FEWEST = 10, 1_000, 3
_CLEARLY = 1.2  # times the first length
_GREW = 3  # tries more than at first
_FIRM = 0.45
_NEWEST = 0.15  # of the log, at its end


def growing(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield what piles up until the end of a log, and tries that are still counted there."""
    waiting = _piled_up(log) or _listed(log)
    if waiting is not None:
        yield Match.of_group(_BACKLOG, waiting)
    if log.pod is not None or any(match.strength >= _FIRM for matches in found.values() for match in matches):
        return
    for group in log.groups:
        tried = [one for one in group.figures if _TRIED.search(one.name) and one.last - one.first >= _GREW]
        if tried and group.count >= _FEWEST and group.kind in ("error", "warning") and _lately(log, group):
            yield Match.of_group(_TRIES, group)


def _piled_up(log: LogDigest) -> LogGroup | None:
    """Return the newest lines that count what waits, where that grew from one kind of line to the next."""
    counted: list[tuple[int, float, LogGroup]] = []
    for group in log.groups:
        text = group.text
        if group.kind == "traceback" or not any(root in text.lower() for root in _ROOTS):
            continue
        first = _WAITS.search(text)
        if first is None:
            continue
        last = next((one.last for one in group.figures if first[0].lower().startswith(one.name.lower())), None)
        counted.append((group.first_line, float(first["n"]), group))
        if last is not None:
            counted.append((group.last_line, last, group))
    counted.sort(key=lambda one: one[0])
    if len(counted) < _FEWEST and sum(group.count for _, _, group in counted) < _FEWEST:
        return None
    values = [value for _, value, _ in counted]
    if not values or values[-1] < max(_MANY, _TIMES * max(values[0], 1.0)):
        return None
    newest = counted[-1][2]
    grew = sum(later >= value for value, later in pairwise(values)) * 2 >= len(values) - 1
    return newest if grew and values[-1] * 2 >= max(values) and _lately(log, newest) else None


def _listed(log: LogDigest) -> LogGroup | None:
    """Return the newest row of a queue that was listed several times, and was longer each time."""
    if not any(_LISTING.search(group.text) for group in log.groups):
        return None
    lengths: dict[str, list[tuple[int, float, LogGroup]]] = {}
    for group in log.groups:
        row = _ROW.search(group.text)
        if row is None:
            continue
        counted = lengths.setdefault(row["name"].lower(), [])
        counted.append((group.first_line, float(row["n"]), group))
        last = next((one.last for one in group.figures if one.name.lower() == row["name"].lower()), None)
        if last is not None:
            counted.append((group.last_line, last, group))
    for counted in lengths.values():
        counted.sort(key=lambda one: one[0])
        values = [value for _, value, _ in counted]
        times = sum(group.count for group in {id(group): group for _, _, group in counted}.values())
        # Rows that one group counts show their first and newest alone: what was in between may have been less.
        grew = values[-1] >= (_CLEARLY if times > len(values) else 1.0) * values[0]
        if times >= _FEWEST and values[-1] >= _MANY and grew and all(a < b for a, b in pairwise(values)):
            return counted[-1][2]
    return None


def _lately(log: LogDigest, group: LogGroup) -> bool:
    return log.lines - group.last_line <= max(3, _NEWEST * log.lines)
