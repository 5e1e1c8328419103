"""Did a figure change, since when, from what to what: measured against the series' own noise."""

from collections.abc import Sequence
from dataclasses import dataclass

from opsagent.analysis.figures.known import KnownFigure
from opsagent.analysis.figures.noise import bounds, middle, split, spread
from opsagent.models.figures import Series

FEW = 12  # points, below which nothing is reported about a series
_MARGIN = 4  # points on both sides of a change
_SURE = 5.0  # times the noise
_RELATIVE_NOISE = 0.015  # of the level: a figure that hardly moves is rounded, not exact
_NEW = 0.04  # of the points before may have been as far as now: what comes and goes is not a change
_RAMP = 0.4  # of the change still to come in the first third after it
_DEPTH = 3  # parts of a series that are searched in turn


@dataclass(frozen=True, slots=True)
class Shift:
    """A lasting change of one figure."""

    series: Series
    before: float
    now: float
    onset: float  # Unix seconds of the first figure that belongs to the new level
    score: float  # times the noise
    ramp: bool  # still on its way rather than on a new level

    @property
    def ratio(self) -> float:
        """Return now over before; a large number where before is 0."""
        return self.now / self.before if self.before > 0 else float("inf") if self.now > 0 else 1.0

    @property
    def delta(self) -> float:
        """Return now minus before."""
        return self.now - self.before

    @property
    def up(self) -> bool:
        """Return whether it rose."""
        return self.now > self.before

    def changed_from(self, figure: KnownFigure) -> float:
        """Return the value nearest to the level before that would have counted as a change, in the series' own unit."""
        sign = 1.0 if self.up else -1.0
        noise = abs(self.delta) / self.score if self.score else 0.0
        by_distance = self.before + sign * max(figure.least, _SURE * noise)
        by_ratio = self.before * (figure.ratio if self.up else 1.0 / figure.ratio)
        return max(by_distance, by_ratio) if self.up else min(by_distance, by_ratio)


def shift_of(series: Series, figure: KnownFigure) -> Shift | None:
    """Return how the figure changed for good within its window, None where it did not, or too little to matter."""
    points = list(series.known())
    if len(points) < FEW:
        return None
    return _shift([at for at, _ in points], [value for _, value in points], series, figure)


def _shift(times: Sequence[float], values: Sequence[float], series: Series, figure: KnownFigure) -> Shift | None:
    begin, end = 0, len(values)
    for _ in range(_DEPTH):
        part = values[begin:end]
        low, high = bounds(part)
        if high - low < figure.least or _factor(low, high) < figure.ratio:
            return None  # no two levels in it are that far apart
        at = split(part, _MARGIN, low, high)
        if at is None:
            return None
        found = _judged(times, values, begin + at, series, figure)
        if found is not None:
            return found
        # What ended long ago hides what began lately, and the other way round: search the later part.
        if len(values) - begin - at >= FEW:
            begin += at
        else:
            end = begin + at
    return None


def _judged(
    times: Sequence[float], values: Sequence[float], at: int, series: Series, figure: KnownFigure
) -> Shift | None:
    after = values[at:]
    now = middle(after[-max(_MARGIN, len(after) // 4) :])
    before = middle(values[:at])
    at = _onset(values, at, before, now)
    if at < _MARGIN:
        return None
    earlier = values[:at]
    before = middle(earlier)
    noise = max(spread(earlier, before), _RELATIVE_NOISE * abs(before), figure.least / _SURE)
    delta = now - before
    far = abs(delta) >= figure.least and _factor(before, now) >= figure.ratio
    if not far or abs(delta) < _SURE * noise:
        return None
    level = before + 0.6 * delta
    again = sum(value > level if delta > 0 else value < level for value in earlier)
    if again > _NEW * len(earlier):
        return None
    third = middle(values[at : at + max(_MARGIN, (len(values) - at) // 3)])
    ramp = abs(now - third) >= _RAMP * abs(delta)
    return Shift(series, before, now, times[at], abs(delta) / noise, ramp)


def _onset(values: Sequence[float], at: int, before: float, now: float) -> int:
    """Return the first of the points around `at` that is nearer to the new level, or well on its way there."""
    delta = now - before
    level = before + 0.25 * delta

    def beyond(value: float) -> bool:
        return value > level if delta > 0 else value < level

    first = at
    while first > 0 and (beyond(values[first - 1]) or (first > 1 and beyond(values[first - 2]))):
        first -= 1
    while first < len(values) - _MARGIN and not beyond(values[first]):
        first += 1
    return first


def _factor(before: float, now: float) -> float:
    low, high = sorted((abs(before), abs(now)))
    return high / low if low > 0 else float("inf")
