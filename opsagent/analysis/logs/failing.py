"""A program that answers with errors, whatever its probes say: the share of its failures, where no rule knows them."""

import re
from collections.abc import Sequence

from opsagent.analysis.logs.levels import ACCESS, NOISE, any_of
from opsagent.analysis.logs.matches import Match
from opsagent.analysis.logs.recovery import after_line
from opsagent.analysis.logs.rules.rule import Rule
from opsagent.models.digest import LogDigest, LogGroup

STRENGTH = 0.5  # enough to be said, and no more: it is not known why
_REQUESTS, _FAILED = 20, 0.3  # so many answered, and so many of them with 5xx
_LINES, _ERRORS = 20, 0.5  # where no request is logged: so many lines, and so many of them failures
_RECENT = 0.2  # of the log, at its end, in which it must still fail
_RULE = Rule(
    "unknown", STRENGTH, 9, re.compile(r"(?!)"), "many requests are answered with errors, and the log does not say why"
)


def failing(log: LogDigest, unknown: Sequence[Match]) -> tuple[Match, ...]:
    """Return failures that no rule knows where they are a large part of what the program does, else nothing.

    log: of a container that runs; how one ended is told by Kubernetes. unknown: its failures that no rule knows.
    """
    if log.previous:
        return ()
    requests = [(group, status) for group in log.groups if (status := _status(group)) is not None]
    answered = sum(group.count for group, _ in requests)
    failed = [group for group, status in requests if status >= 500]
    if answered >= _REQUESTS:
        many = sum(group.count for group in failed) >= _FAILED * answered and _still(log, failed)
        return (*unknown, *map(_as_match, failed)) if many else ()
    lines = sum(group.count for group in log.groups if group.kind != "noise")
    errors = [match.group for match in unknown]
    many = lines >= _LINES and sum(group.count for group in errors) >= _ERRORS * lines and _still(log, errors)
    return tuple(unknown) if many else ()


def _status(group: LogGroup) -> int | None:
    access = ACCESS.search(group.text)
    if access is None or any_of(NOISE, group.text.lower()):
        return None
    return int(access["status"] or access["gin"])


def _still(log: LogDigest, groups: Sequence[LogGroup]) -> bool:
    last = max((group.last_line for group in groups), default=0)
    working = [group for group in log.groups if group.kind != "noise"]
    return sum(after_line(group, last) for group in working) <= _RECENT * sum(group.count for group in working)


def _as_match(group: LogGroup) -> Match:
    return Match(_RULE, group, group.first_line, group.text, STRENGTH, None, None, None)
