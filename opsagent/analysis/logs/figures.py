"""Named numbers of repeated lines: what they were in the first one and are in the newest."""

import re
from collections.abc import Mapping

from opsagent.models.digest import Figure

_MOST = 6
_NOTHING: Mapping[bytes, tuple[float, float]] = {}
# A name, what separates it from its number, the number; times and dates are none.
_NAMED = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z_.-]{1,40})\\?[\"']?\s?(?:[=:]|\bis(?: at)?\b|\b(?:at|of)\b|#)?\s?[\"'\[(]?"
    r"(?P<number>\d{1,15}(?:\.\d+)?)(?![\d:.]*[-:/]\d)(?!\w)"
)
_CLOCK = frozenset({"ts", "time", "timestamp", "pid", "tid", "thread", "line", "port", "id", "uid", "offset_ms"})


def changed(first: str, newest: str, sampled: Mapping[bytes, tuple[float, float]] = _NOTHING) -> tuple[Figure, ...]:
    """Return the named numbers that both lines of one template hold and that differ, in their order.

    sampled: the least and the most of those that are gauges, from lines between the two; such may differ there alone.
    """
    if first == newest and all(least == most for least, most in sampled.values()):
        return ()
    ends = {found["name"].lower(): float(found["number"]) for found in _NAMED.finditer(newest)}
    figures = []
    for found in _NAMED.finditer(first):
        name, number = found["name"].lower(), float(found["number"])
        if name in _CLOCK or name not in ends:
            continue
        gauge = next((span for end, span in sampled.items() if name.endswith(end.decode("latin-1").lower())), None)
        least, most = gauge or (number, number)
        if ends[name] != number or least != most:
            known = (min(least, ends[name]), max(most, ends[name])) if gauge else (None, None)
            figures.append(Figure(found["name"], number, ends[name], *known))
    return tuple(figures[:_MOST])
