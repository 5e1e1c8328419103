"""Named numbers of repeated lines: what they were in the first one and are in the newest."""

import re

from opsagent.models.digest import Figure

_MOST = 6
# A name, what separates it from its number, the number; times and dates are none.
_NAMED = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z_.-]{1,40})\\?[\"']?\s?(?:[=:]|\bis(?: at)?\b|\b(?:at|of)\b|#)?\s?[\"'\[(]?"
    r"(?P<number>\d{1,15}(?:\.\d+)?)(?![\d:.]*[-:/]\d)(?!\w)"
)
_CLOCK = frozenset({"ts", "time", "timestamp", "pid", "tid", "thread", "line", "port", "id", "uid", "offset_ms"})


def changed(first: str, newest: str) -> tuple[Figure, ...]:
    """Return the named numbers that both lines of one template hold and that differ, in their order."""
    if first == newest:
        return ()
    ends = {found["name"].lower(): float(found["number"]) for found in _NAMED.finditer(newest)}
    figures = []
    for found in _NAMED.finditer(first):
        name, number = found["name"].lower(), float(found["number"])
        if name not in _CLOCK and name in ends and ends[name] != number:
            figures.append(Figure(found["name"], number, ends[name]))
    return tuple(figures[:_MOST])
