"""Choose what a digest keeps: the groups that show most, first."""

import re
from collections.abc import Callable
from dataclasses import replace

from opsagent.analysis.logs.figures import changed
from opsagent.analysis.text.levels import ERROR_ROOTS, any_of
from opsagent.analysis.text.stamps import stamp_of
from opsagent.analysis.text.templates import Group, Templates
from opsagent.models.digest import Figure, GroupKind, LogGroup

MAX_GROUPS = 400
_RARE = 3  # at most as many times, in a log that is long enough for "rare" to mean something
_LONG = 30
_RANK: dict[GroupKind, float] = {"traceback": 60, "error": 50, "warning": 30, "rare": 22, "plain": 10, "noise": 0}
_ANSI = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]|#033\[[0-9;]*m")


def choose(templates: Templates, lines: int, redact: Callable[[str], str]) -> tuple[LogGroup, ...]:
    """Keep at most 400 groups: failures, rare and new ones before frequent plain ones and noise."""
    found = [group for group in templates.groups if group.count > 0]
    if templates.rest.count:
        found.append(templates.rest)
    scored = sorted(((-_weight(group, lines), group.first, group) for group in found), key=lambda row: row[:2])
    kept = [_frozen(group, lines, redact) for _, _, group in scored[:MAX_GROUPS]]
    return tuple(kept)


def _kind(group: Group, lines: int) -> GroupKind:
    return "rare" if group.kind == "plain" and group.count <= _RARE and lines >= _LONG else group.kind


def _weight(group: Group, lines: int) -> float:
    weight = _RANK[_kind(group, lines)]
    if group.kind == "noise":
        return weight
    if lines >= 3 * _LONG and group.first > lines * 0.8:
        weight += 6  # new: it was not there before
    if group.kind == "warning" and any_of(ERROR_ROOTS, group.sample.decode("latin-1").lower()):
        weight += 5
    if group.kind == "error" and group.count > lines // 4:
        weight -= 3  # the loudest is seldom the first link
    return weight


def _frozen(group: Group, lines: int, redact: Callable[[str], str]) -> LogGroup:
    text = _ANSI.sub("", group.sample.decode("utf-8", "replace")).rstrip("\r\n")
    first = LogGroup(
        kind=_kind(group, lines), text=redact(text), count=group.count, first_line=group.first, last_line=group.last
    )
    first_at = stamp_of(group.first_stamp.decode("latin-1"))
    last_at = stamp_of(group.last_stamp.decode("latin-1"))
    figures: tuple[Figure, ...] = ()
    if group.count > 1 and group.kind != "traceback":
        newest = group.newest.decode("utf-8", "replace")
        figures = changed(group.sample.decode("utf-8", "replace"), newest, group.gauges or {})
    return replace(first, first_at=first_at, last_at=last_at, figures=figures)
