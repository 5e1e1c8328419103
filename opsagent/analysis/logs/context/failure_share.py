"""A program that answers with errors, whatever its probes state: the share of failures that no rule knows."""

from collections.abc import Sequence

from opsagent.analysis.catalog.phrase import unexplained
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.over.good_work import after_line
from opsagent.analysis.text.requests import AnsweredRequest, answers
from opsagent.models.digest import LogDigest, LogGroup

STRENGTH = 0.5  # enough to be stated, and no more: it is not known why
_REQUESTS, _FAILED = 20, 0.3  # so many answered, and so many of them with 5xx
_OF_ONE = 10  # failures of one request are enough, where few of its kind succeeded
_ALWAYS, _WITH_ERRORS = 5, 3  # ... or so many, where none succeeded; fewer where errors are logged beside them
_SINCE = 0.75  # ... of the log at most after the last of them
_LINES, _ERRORS = 20, 0.5  # where no request is logged: so many lines, and so many of them failures
_RECENT = 0.2  # of the log, at its end, in which it must still fail
_LASTING = 0.4  # of the log, from the first such failure to the last: what succeeds in between is no recovery
_LATELY = 0.5  # ... where the very request that failed was not made again
_NEAR = 5  # lines
_SERVER_ERROR = 500
_RULE = unexplained(STRENGTH, "many requests are answered with errors, for a reason that no rule knows")


def failing(log: LogDigest, unknown: Sequence[Match]) -> tuple[Match, ...]:
    """Return failures that no rule knows where they are a large part of what the program does, else nothing.

    log: of a container that runs; how one ended is recognised by Kubernetes. unknown: its failures that no rule knows.
    """
    if log.previous:
        return ()
    requests = answers(log.groups)
    answered = sum(group.count for group, _ in requests)
    failed = [group for group, one in requests if one.status >= _SERVER_ERROR]
    if answered >= _REQUESTS and sum(g.count for g in failed) >= _FAILED * answered and _still(log, failed):
        return (*unknown, *map(_as_match, failed))
    of_one = [group for route in _routes(requests) for group in _failing_route(log, route, unknown)]
    if of_one:
        return (*unknown, *map(_as_match, of_one))
    if answered >= _REQUESTS:
        return ()
    lines = sum(group.count for group in log.groups if group.kind != "noise")
    errors = [match.group for match in unknown]
    many = lines >= _LINES and sum(group.count for group in errors) >= _ERRORS * lines and _still(log, errors)
    return tuple(unknown) if many else ()


def _routes(requests: Sequence[tuple[LogGroup, AnsweredRequest]]) -> list[list[tuple[LogGroup, AnsweredRequest]]]:
    by_route: dict[tuple[str, str], list[tuple[LogGroup, AnsweredRequest]]] = {}
    for group, one in requests:
        by_route.setdefault((one.method, one.route), []).append((group, one))
    return list(by_route.values())


def _failing_route(
    log: LogDigest, route: Sequence[tuple[LogGroup, AnsweredRequest]], unknown: Sequence[Match]
) -> list[LogGroup]:
    """Return the failures of one request where they are many and still go on, as far as the log shows."""
    failed = [group for group, one in route if one.status >= _SERVER_ERROR]
    count = sum(group.count for group in failed)
    if len(failed) == len(route) and count >= (_WITH_ERRORS if _beside(unknown, failed) else _ALWAYS):
        return failed if _since(log, failed) <= _SINCE else []
    if count < _OF_ONE or count < _FAILED * sum(group.count for group, _ in route):
        return []
    last = max(group.last_line for group in failed)
    if last - min(group.first_line for group in failed) >= _LASTING * log.lines and _since(log, failed) <= _RECENT:
        return failed  # it fails now and then, all the time
    well = sum(after_line(group, last) for group, one in route if one.status < _SERVER_ERROR)
    return failed if well <= _RECENT * count and _since(log, failed) <= _LATELY else []


def _beside(unknown: Sequence[Match], failed: Sequence[LogGroup]) -> bool:
    """Return whether errors that no rule knows are logged along with failed requests: as many, over one stretch."""
    errors = [match.group for match in unknown]
    first, last = min(group.first_line for group in failed), max(group.last_line for group in failed)
    near = [group for group in errors if group.last_line >= first - _NEAR and group.first_line <= last + _NEAR]
    return sum(group.count for group in near) >= _WITH_ERRORS or any(group.kind == "traceback" for group in near)


def _since(log: LogDigest, groups: Sequence[LogGroup]) -> float:
    """Measure the share of a log that is after the last of some of its groups."""
    last = max((group.last_line for group in groups), default=0)
    working = [group for group in log.groups if group.kind != "noise"]
    return sum(after_line(group, last) for group in working) / max(1, sum(group.count for group in working))


def _still(log: LogDigest, groups: Sequence[LogGroup]) -> bool:
    return _since(log, groups) <= _RECENT


def _as_match(group: LogGroup) -> Match:
    return Match(_RULE, group, group.first_line, group.text, STRENGTH, None, None, None)
