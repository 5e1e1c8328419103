"""How near a place is to what it may use: CPU, memory, connections, disk."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from opsagent.analysis.figures.noise import middle
from opsagent.analysis.figures.shifts import Shift
from opsagent.analysis.figures.signals import Signals, last_level
from opsagent.models.figures import Series

_CPU_FULL = 0.8  # of the limit, as a mean over the pods: the kernel throttles in slices of 100 ms long before 1
_THROTTLED = 0.02  # seconds of waiting in each second
_FULL = 0.9  # of a limit on connections
_DISK_FULL_PERCENT = 90.0
_DISK_SOON_S = 3600.0  # a disk that will be full in less time is worth waking somebody
_GROWTH = 1.25  # of memory within one life of a container, before it counts as growth
_STEADY = 0.45  # of the growth of the first half goes on in the second: a cache that fills slows down
_DROP = 0.7  # memory below this part of the point before: another process, or a collected heap
_FEW = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """A place near a limit: the series that shows it, its level now, and in how many seconds it is used up."""

    series: Series
    now: float
    note: str  # for the operator
    onset: float
    left_s: float | None = None
    shift: Shift | None = None
    before: float = 0.0  # its level before, where `shift` does not state


def cpu_limit(signals: Signals) -> Limit | None:
    """Return the CPU that a service uses up, None where it is not near its limit or was there before."""
    throttled, cpu = signals.worse("cpu_throttled"), signals.shift("cpu")
    limit, now = _same_place(signals, "cpu", "cpu_limit")
    share = now / limit if limit and now is not None else None
    if throttled is not None and throttled.now >= _THROTTLED:
        note = f"of a limit of {limit:.3g} cores {100 * share:.0f} % are used" if share and limit else "it is throttled"
        return Limit(throttled.series, throttled.now, note, throttled.onset, shift=throttled)
    if cpu is None or not cpu.up or share is None or share < _CPU_FULL:
        return None
    return Limit(cpu.series, cpu.now, f"{100 * share:.0f} % of its limit of {limit:.3g} cores", cpu.onset, shift=cpu)


def connection_limit(signals: Signals) -> Limit | None:
    """Return the connections that are used up, None where enough are left."""
    now = signals.now("connections")
    limit = signals.now("connections_limit")
    if now is None or not limit or now < _FULL * limit:
        return None
    shift = signals.shift("connections")
    series = signals.series["connections"][0]
    onset = shift.onset if shift else series.times[0]
    return Limit(series, now, f"its limit is {limit:.0f}", onset, shift=shift)


def disk_limit(signals: Signals) -> Limit | None:
    """Return a disk that is full, or will be within the hour at the pace of the last minutes."""
    for metric, full in (("disk_used", _DISK_FULL_PERCENT), ("disk_free", 0.0)):
        for series in signals.series.get(metric, ()):
            found = _filling(series, full, signals.shifts.get(metric))
            if found is not None:
                return found
    return None


def _filling(series: Series, full: float, shift: Shift | None) -> Limit | None:
    points = list(series.known())
    if len(points) < _FEW or shift is None or shift.series is not series:
        return None
    rising = series.metric == "disk_used"
    if shift.up != rising:
        return None
    now = middle([value for _, value in points[-3:]])
    if (now >= full) if rising else (now <= 0.02 * shift.before):
        return Limit(series, now, "it is full" if not rising else "it is nearly full", shift.onset, 0.0, shift)
    recent = [point for point in points if point[0] >= shift.onset][-max(_FEW, len(points) // 8) :]
    pace = _pace(recent)
    towards = (100.0 - now) if rising else -now
    left = towards / pace if pace and pace * towards > 0 else None
    if left is None or left > _DISK_SOON_S:
        return None
    return Limit(series, now, f"full in about {max(1, round(left / 60))} min at this pace", shift.onset, left, shift)


def threshold_of(series: Series, signals: Signals) -> float | None:
    """Return the value from which a figure counts as used up, in its own unit; None where no limit is known."""
    if series.metric == "cpu":
        limit, _ = _same_place(signals, "cpu", "cpu_limit")
        return _CPU_FULL * limit if limit else None
    if series.metric == "memory":
        return signals.now("memory_limit") or None
    if series.metric == "connections":
        limit = signals.now("connections_limit")
        return _FULL * limit if limit else None
    return {"cpu_throttled": _THROTTLED, "disk_used": _DISK_FULL_PERCENT}.get(series.metric)


def memory_growth(signals: Signals) -> list[Limit]:
    """Return the containers whose memory grows without end: steadily, and beyond all that it was before."""
    limit = signals.now("memory_limit")
    found = [_growing(series, limit) for series in signals.series.get("memory", ())]
    return [growth for growth in found if growth is not None]


def _growing(series: Series, limit: float | None) -> Limit | None:
    lives = _lives(list(series.known()))
    peaks = [max(value for _, value in life) for life in lives]
    now = _rise(lives[-1], limit) if lives else None
    killed = bool(limit) and max(peaks[:-1], default=0.0) >= _FULL * (limit or 0.0)
    if now is not None:
        calm, rise = now
        last = middle([value for _, value in rise[-3:]])
        if max(peaks[:-1], default=0.0) >= 0.95 * last and not killed:
            return None  # it was there before, and came down by itself: a heap that is collected
        if calm or killed:  # else a young process that fills its caches: there is no before to compare with
            return _growth(series, calm, rise, limit)
    if killed and len(lives) > 1 and (before := _rise(lives[-2], limit)) is not None and before[0]:
        return _growth(series, *before, limit)  # it reached its limit just now, and begins again
    return None


def _lives(points: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Return the points of each process in turn: memory falls steeply only when one ends, or collects its heap."""
    lives: list[list[tuple[float, float]]] = []
    for point in points:
        if not lives or point[1] < _DROP * lives[-1][-1][1]:
            lives.append([])
        lives[-1].append(point)
    return [life for life in lives if len(life) >= _FEW or life is lives[-1]]


def _rise(life: list[tuple[float, float]], limit: float | None) -> tuple[list[float], list[tuple[float, float]]] | None:
    """Return the calm part of a life and the steady rise after it; None where nothing rises without end."""
    if len(life) < _FEW:
        return None
    start = _lift_off(life)
    calm, rise = [value for _, value in life[:start]], life[start:]
    if len(rise) < _FEW:
        return None
    values = [value for _, value in rise]
    first, last = middle(values[:3]), middle(values[-3:])
    half = middle(values[len(values) // 2 - 1 : len(values) // 2 + 2])
    steady = last - half >= _STEADY * (half - first)
    far = last >= _GROWTH * first and last >= _GROWTH * (max(calm) if calm else first)
    near = bool(limit) and last >= _FULL * (limit or 0.0)
    beyond = far or (near and bool(calm) and last > max(calm))
    return (calm, rise) if steady and beyond and _monotone(values) else None


def _growth(series: Series, calm: list[float], rise: list[tuple[float, float]], limit: float | None) -> Limit:
    last, pace = middle([value for _, value in rise[-3:]]), _pace(rise)
    left = (limit - last) / pace if limit and pace and pace > 0 else None
    note = f"of {limit / 1048576:.0f} MiB allowed" if limit else "and no limit is known"
    note += f", used up in about {max(1, round(left / 60))} min" if left is not None and left > 0 else ""
    return Limit(series, last, note, rise[0][0], left, before=middle(calm) if calm else rise[0][1])


def _lift_off(life: list[tuple[float, float]]) -> int:
    """Return where a life leaves its level for good: the last point that is not above a tenth of the later growth."""
    values = [value for _, value in life]
    low, high = middle(values[: max(3, len(values) // 10)]), middle(values[-3:])
    level = low + 0.1 * (high - low)
    return max((index for index, value in enumerate(values) if value <= level), default=0)


def _monotone(values: list[float]) -> bool:
    """Return whether five parts of a series each are above the one before."""
    size = max(1, len(values) // 5)
    parts = [middle(values[begin : begin + size]) for begin in range(0, size * 5, size) if values[begin : begin + size]]
    return all(later > earlier for earlier, later in pairwise(parts))


def _pace(points: Iterable[tuple[float, float]]) -> float | None:
    """Return the change a second between the first and the last third, by their medians."""
    known = list(points)
    third = len(known) // 3
    if third < 1:
        return None
    first, last = known[:third], known[-third:]
    seconds = middle([at for at, _ in last]) - middle([at for at, _ in first])
    return (middle([v for _, v in last]) - middle([v for _, v in first])) / seconds if seconds > 0 else None


def _same_place(signals: Signals, metric: str, limit: str) -> tuple[float | None, float | None]:
    """Return the limit and the level as means over the places that have both."""
    limits = {series.name: level for series in signals.series.get(limit, ()) if (level := last_level(series))}
    pairs = [
        (limits[series.name], level)
        for series in signals.series.get(metric, ())
        if series.name in limits and (level := last_level(series)) is not None and _recent(series, signals)
    ]
    if not pairs:
        return None, None
    return sum(of for of, _ in pairs) / len(pairs), sum(level for _, level in pairs) / len(pairs)


def _recent(series: Series, signals: Signals) -> bool:
    """Return whether a series reaches the end of its kind: the pods of before a rollout do not."""
    ends = [one.times[-1] for one in signals.series.get(series.metric, ()) if one.times]
    return bool(series.times) and series.times[-1] >= max(ends) - 120
