"""A change of a figure as an operator reads it: "latency_p95 12 → 900 ms since 12:04"."""

from collections.abc import Sequence
from datetime import UTC, datetime

from opsagent.analysis.figures.known import known
from opsagent.analysis.figures.shifts import Shift
from opsagent.models.evidence import Observation
from opsagent.models.figures import Series

_TIMES = 1024.0
_BYTES = ("B", "KiB", "MiB", "GiB", "TiB")


def observed(shift: Shift, source: str) -> Observation:
    """Return a change as evidence, with the exact query where one made the series."""
    series = shift.series
    text = f"{series.metric} of {series.name} {changed(shift)} since {clock(shift.onset)}"
    text += ", and still changing" if shift.ramp else ""
    return Observation("metrics", place(series, source), text + _made_by(series), moment(shift.onset))


def level(series: Series, value: float, source: str, note: str) -> Observation:
    """Return a level that speaks by itself as evidence: "connections of orders-db 100, its limit is 100"."""
    text = f"{series.metric} of {series.name} {figure(value, series)}, {note}"
    at = series.times[-1] if series.times else None
    return Observation("metrics", place(series, source), text + _made_by(series), moment(at) if at else None)


def changed(shift: Shift) -> str:
    """Return before and now in one unit: "12 → 900 ms"."""
    before, now = figure(shift.before, shift.series), figure(shift.now, shift.series)
    unit = before.rpartition(" ")[2]
    if unit and unit == now.rpartition(" ")[2] and " " in before:
        before = before.rpartition(" ")[0]
    return f"{before} → {now}"


def figure(value: float, series: Series) -> str:
    """Return a value with its unit, in as many digits as an operator needs."""
    unit = series.unit or known(series.metric).unit
    if unit == "bytes":
        return _bytes(value)
    if unit == "ratio":
        return f"{100 * value:.3g} %"
    if unit == "percent":
        return f"{value:.3g} %"
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    if unit == "1/s":
        return f"{shown} /s"
    return shown if unit in ("count", "0/1", "") else f"{shown} {unit}"


def clock(at: float) -> str:
    """Return the time of day, UTC."""
    return f"{moment(at):%H:%M} UTC"


def moment(at: float) -> datetime:
    """Return Unix seconds as an aware time."""
    return datetime.fromtimestamp(at, UTC)


def place(series: Series, source: str) -> str:
    """Return where a series is found, as evidence names it."""
    return f"{source}:{series.place}:{series.metric}"


def seen(shifts: Sequence[Shift | None], source: str) -> tuple[Observation, ...]:
    """Return the changes that there are as evidence, each once."""
    return tuple(dict.fromkeys(observed(shift, source) for shift in shifts if shift is not None))


def _made_by(series: Series) -> str:
    """Return the query as a line of its own: a screen with little room has the first line alone."""
    return f"\nquery: {series.query}" if series.query else ""


def _bytes(value: float) -> str:
    unit = 0
    while abs(value) >= _TIMES and unit < len(_BYTES) - 1:
        value, unit = value / _TIMES, unit + 1
    return f"{value:.3g} {_BYTES[unit]}"
