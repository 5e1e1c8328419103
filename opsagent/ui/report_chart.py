"""A small line chart as SVG text: one figure over time, with the moments that matter marked by number."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import pairwise

from opsagent.ui.moment import clock

_WIDTH, _HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 30, 30, 30
_UNMEASURED_S = 180.0  # samples further apart state nothing of what is between them: cron takes one a minute
_NUMBER = 20  # how far apart two numbers are at least


Point = tuple[datetime, float | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the time axis."""

    at: datetime
    text: str  # "approved"


@dataclass(frozen=True, slots=True)
class Levels:
    """What the curve is compared with."""

    before: float | None = None  # its level before the incident: a dotted line
    threshold: float | None = None  # from which a figure counts as a fault: a dashed line
    changed_from: float | None = None  # from which it counts as changed: the same line, where no limit is known


def chart(
    title: str,
    unit: str,
    points: Sequence[Point],
    marks: Sequence[Mark],
    levels: Levels = Levels(),
) -> str:
    """Return a figure with the curve; "" where there are fewer than two values.

    Stretches without a figure are shaded and named: they are not known, not zero.
    """
    before = levels.before
    threshold = levels.threshold if levels.threshold is not None else levels.changed_from
    points = [(at, value if value is not None and math.isfinite(value) else None) for at, value in points]
    known = [value for _, value in points if value is not None]
    if len(known) < 2:
        return ""
    moments = [at.timestamp() for at, _ in points]
    start, end = min(moments), max(moments)
    top = max(*known, *([threshold] if threshold is not None and threshold <= 3 * max(known) else [])) * 1.1 or 1.0
    inside = [(number, mark) for number, mark in enumerate(marks, 1) if start <= mark.at.timestamp() <= end]
    scale = _Scale(start, end, top)
    placed = [(scale.x(at), None if value is None else scale.y(value)) for at, value in points]
    floor = _HEIGHT - _BOTTOM
    first, last = min(points)[0], max(points)[0]
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">',
        *_gaps(placed, floor),
        *_axes(scale, max(known), first, last),
        *_marked([(number, scale.x(mark.at)) for number, mark in inside], floor),
        *(
            [_level(scale.y(before), floor)]
            if before is not None and math.isfinite(before) and 0 <= before <= top
            else []
        ),
        *([_threshold(scale.y(threshold))] if threshold is not None and 0 < threshold <= top else []),
        *_curves(placed),
        "</svg>",
    ]
    notes = [f"{number} {mark.text} {clock(mark.at)}" for number, mark in inside]
    if threshold is not None:
        notes.append(_counts_from(threshold, unit, fault=levels.threshold is not None))
    if any(y is None for _, y in placed):
        notes.append("shaded: not read")
    caption = escape(title + (f" ({unit})" if unit else "") + (f" — {' · '.join(notes)}" if notes else ""))
    return f"<figure>{''.join(parts)}<figcaption>{caption}</figcaption></figure>"


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a moment and a value are on the picture, in its own units."""

    start: float  # Unix seconds at the left edge of the curve
    end: float
    top: float  # the value at the upper edge

    def x(self, at: datetime) -> float:
        return _LEFT + (at.timestamp() - self.start) / ((self.end - self.start) or 1.0) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - value / self.top * (_HEIGHT - _TOP - _BOTTOM)


def _axes(scale: _Scale, highest: float, first: datetime, last: datetime) -> Iterator[str]:
    floor, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    yield f'<path class="axis" d="M{_LEFT} {_TOP}V{floor}H{right}" fill="none"/>'
    yield f'<text x="{_LEFT - 8}" y="{scale.y(highest) + 4:.0f}" text-anchor="end">{_short(highest)}</text>'
    yield f'<text x="{_LEFT - 8}" y="{floor}" text-anchor="end">0</text>'
    yield f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{clock(first)}</text>'
    yield f'<text x="{right}" y="{_HEIGHT - 6}" text-anchor="end">{clock(last)}</text>'


def _counts_from(threshold: float, unit: str, *, fault: bool) -> str:
    counts = "a fault" if fault else "changed"
    return f"counts as {counts} from {_short(threshold)} {unit.split(',', maxsplit=1)[0]}".rstrip()


def _level(y: float, floor: int) -> str:
    """Draw the level before, named above the line and clear of the axis; the curve has just left it on the left."""
    line = f'<path class="level" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
    return f'{line}<text x="{_LEFT + 6}" y="{min(y, floor - 2) - 8:.1f}">before</text>'


def _threshold(y: float) -> str:
    line = f'<path class="threshold" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
    return f'{line}<text x="{_LEFT + 120}" y="{y - 6:.1f}">threshold</text>'  # beside "before", which may be as high


def with_gaps(points: Sequence[Point]) -> list[Point]:
    """Return the points, oldest first, with one without a figure in each stretch in which nobody measured."""
    ordered = sorted(points, key=lambda point: point[0].timestamp())
    holes = [
        (one + (other - one) / 2, None)
        for (one, _), (other, _) in pairwise(ordered)
        if (other - one).total_seconds() > _UNMEASURED_S
    ]
    return sorted([*ordered, *holes], key=lambda point: point[0].timestamp())


def _gaps(placed: Sequence[tuple[float, float | None]], floor: int) -> list[str]:
    """Shade what is between the last figure before a gap and the first one after it."""
    drawn, start, empty = [], placed[0][0], False
    for x, y in placed:
        if y is None:
            empty = True
            continue
        if empty:
            width = max(x - start, 1.0)
            drawn.append(f'<rect class="gap" x="{start:.1f}" y="{_TOP}" width="{width:.1f}" height="{floor - _TOP}"/>')
        start, empty = x, False
    if empty:
        width = max(placed[-1][0] - start, 1.0)
        drawn.append(f'<rect class="gap" x="{start:.1f}" y="{_TOP}" width="{width:.1f}" height="{floor - _TOP}"/>')
    return drawn


def _curves(placed: Sequence[tuple[float, float | None]]) -> list[str]:
    runs: list[list[str]] = [[]]
    for x, y in placed:
        if y is None:
            runs.append([])
        else:
            runs[-1].append(f"{x:.1f},{y:.1f}")
    drawn = []
    for run in runs:
        if len(run) > 1:
            drawn.append(f'<polyline class="curve" points="{" ".join(run)}"/>')
        elif run:
            alone = run[0].split(",")
            drawn.append(f'<circle class="point" cx="{alone[0]}" cy="{alone[1]}" r="3"/>')
    return drawn


def _marked(places: Sequence[tuple[int, float]], floor: int) -> list[str]:
    """Draw a line at each moment, the numbers side by side where the moments are close, none beyond the edge."""
    drawn, beside = [], _side_by_side([x for _, x in places])
    for (number, x), place in zip(places, beside, strict=True):
        drawn.append(f'<path class="mark" d="M{x:.1f} {_TOP - 4}V{floor}"/>')
        drawn.append(f'<text class="number" x="{place:.1f}" y="{_TOP - 8}" text-anchor="middle">{number}</text>')
    return drawn


def _side_by_side(places: Sequence[float]) -> list[float]:
    """Return the places at least a number's width apart, those at the right edge moved to the left."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    found, last = [0.0] * len(places), float("-inf")
    for index in order:
        last = found[index] = max(places[index], last + _NUMBER)
    most = float(_WIDTH - _NUMBER // 2)
    for index in reversed(order):
        found[index] = min(found[index], most)
        most = found[index] - _NUMBER
    return found


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
