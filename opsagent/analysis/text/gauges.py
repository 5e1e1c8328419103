"""Figures that state how much of something there is: their least and most in a sample of the lines that hold them."""

import re
from collections.abc import Sequence

_MOST_LINES = 64  # of one template and block
_WIDTH = 600  # bytes of a line
_FEW = 6  # figures of one template
# What waits, is in use, or is counted up: how the name of its figure ends.
_ENDS = (
    b"lag", b"backlog", b"behind", b"waiting", b"pending", b"queue", b"queued", b"depth", b"unacked", b"flight",
    b"active", b"used", b"usage", b"heap", b"rss", b"mem", b"memory", b"buffered", b"connections", b"threads",
    b"goroutines", b"handles", b"fds", b"size", b"length", b"len", b"retry", b"retries", b"attempt", b"attempts",
    b"counter", b"failures", b"missed", b"dropped", b"delay", b"skew", b"drift", b"_bytes", b"_total", b"_count",
    b"_ready",
)  # fmt: skip
# What is between a name and its number, and the number: no date, time or address.
_NUMBER = re.compile(rb"\\?[\"']?\s?(?:[=:]|is(?: at)?|at)?\s?[\"'\[(]?(\d{1,15}(?:\.\d+)?)(?![\d:.]*[-:/]\d)")

Extremes = dict[bytes, tuple[float, float]]
UNASKED: Extremes = {}  # stands for the gauges of a template that came once: most do


def widened(known: Extremes, first: bytes, lines: Sequence[bytes], places: Sequence[int]) -> Extremes | None:
    """Return the least and the most of each gauge, by at most 64 of the lines at these places, evenly spread.

    known: what earlier blocks held, UNASKED before the first; first: the template's first line. None: it has no gauge.
    """
    if known is UNASKED:
        known = _gauges(first)
        if not known:
            return None
    chosen = places[:: -(-len(places) // _MOST_LINES)]
    for name, ends in known.items():
        numbers = [number for at in chosen if (number := _number(lines[at], name)) is not None]
        known[name] = (min((*ends, *numbers)), max((*ends, *numbers)))
    return known


def _gauges(line: bytes) -> Extremes:
    """Find the gauges of a line: the longest name at each place."""
    found: Extremes = {}
    lowered = line[:_WIDTH].lower()
    for end in _ENDS:
        at = lowered.find(end)
        name = line[at : at + len(end)]
        number = _number(line, name) if at >= 0 else None
        if number is not None and len(found) < _FEW:
            found[name] = (number, number)
    return found


def _number(line: bytes, name: bytes) -> float | None:
    at = line.find(name)
    number = _NUMBER.match(line, at + len(name), _WIDTH) if at >= 0 else None
    return float(number[1]) if number else None
