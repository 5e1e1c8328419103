"""Are figures good again after a change: only figures from after it count, and two of each are needed."""

from collections.abc import Iterable
from dataclasses import replace

from opsagent.analysis.figures import words
from opsagent.analysis.figures.known import known
from opsagent.analysis.figures.limits import threshold_of
from opsagent.analysis.figures.noise import middle
from opsagent.analysis.figures.places import Places
from opsagent.analysis.figures.shifts import Shift
from opsagent.analysis.figures.signals import SignalBoard, board_of
from opsagent.models.figures import Figures, Series

_LEAST = 2  # figures after the change: one may be a moment's
_LAST = 3
_COUNTED = frozenset({"latency", "errors", "throttled", "memory", "connections", "backlog", "disk"})


def recovered(figures: Figures, places: Places, names: Iterable[str], since: float) -> bool | None:
    """Return whether what was wrong with the services before `since` is good after it.

    None: there are too few figures from after it yet. True where nothing of them had changed for the worse.
    """
    before = board_of((_until(series, since) for series in figures.series), places)
    after = board_of(figures.series, places)
    verdicts = [
        _good(shift, after, name, since)
        for name in names
        for shift in _wrong(before, name)
    ]  # fmt: skip
    if False in verdicts:
        return False
    return None if None in verdicts else True


def quoted(figures: Figures, places: Places, names: Iterable[str], since: float) -> str:
    """Return the figure that was wrong most, from its worst level to now: "latency_p95 of cart 900 → 31 ms".

    With the limit where one is known; "" where nothing was wrong, or no figure is from after `since`.
    """
    before = board_of((_until(series, since) for series in figures.series), places)
    after = board_of(figures.series, places)
    wrong = [(shift, name) for name in names for shift in _wrong(before, name)]
    for shift, name in sorted(wrong, key=lambda pair: -pair[0].score):
        values = _after(shift, after, name, since)
        if values:
            series, limit = shift.series, threshold_of(shift.series, before.services[name])
            text = words.changed(replace(shift, before=shift.now, now=middle(values[-_LAST:])))
            moved = f"{series.metric} of {series.name} {text}"
            if limit:
                return f"{moved}, limit {words.figure(limit, series)}"
            return f"{moved}, {words.figure(shift.before, series)} before"
    return ""


def _wrong(board: SignalBoard, name: str) -> list[Shift]:
    signals = board.services.get(name)
    shifts = signals.shifts.items() if signals is not None else ()
    return [
        shift
        for metric, shift in shifts
        if known(metric).group in _COUNTED and shift.up == (known(metric).worse != "down")
    ]


def _good(shift: Shift, after: SignalBoard, name: str, since: float) -> bool | None:
    values = _after(shift, after, name, since)
    if len(values) < _LEAST:
        return None
    level = middle(values[-_LAST:])
    return abs(level - shift.before) < abs(level - shift.now)


def _after(shift: Shift, after: SignalBoard, name: str, since: float) -> list[float]:
    """Return the values of the same series from `since` on."""
    signals = after.services.get(name)
    found = signals.searched().get(shift.series.metric, []) if signals is not None else []
    same = [series for series in found if series.name == shift.series.name] or found[:1]
    return [value for series in same for at, value in series.known() if at >= since]


def _until(series: Series, until: float) -> Series:
    count = sum(at < until for at in series.times)
    times, values = series.times[:count], series.values[:count]
    return Series(series.metric, series.unit, series.kind, series.name, times, values, series.query)
