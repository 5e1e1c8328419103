"""Times and spans as an operator reads them: the clock on the wall, spans in the unit that matters."""

import re
from datetime import UTC, datetime

from opsagent.models.moment import aware, clock_zone, local, span
from opsagent.ui.language import localised

__all__ = [
    "age", "ago", "between", "clock", "clock_zone", "day_clock", "full", "in_zone", "offset", "rfc3339", "span", "took",
    "zone",
]  # fmt: skip
_STAMP = re.compile(
    r"\b(?P<stamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"
    r"|\b(?P<from>\d\d:\d\d(?::\d\d)?)(?:(?P<between> to |–)(?P<to>\d\d:\d\d(?::\d\d)?))? UTC\b",
    re.ASCII,  # a Korean particle right behind "UTC" is no part of the word
)
_LOG_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ")


# A sentence for each unit: "8s ago" is one word in English and none elsewhere.
_AGO = {"s": "{at} ({n}s ago)", "m": "{at} ({n}m ago)", "h": "{at} ({n}h ago)", "d": "{at} ({n}d ago)"}


def clock(at: datetime) -> str:
    """Return "12:25:45" in the operator's own time zone."""
    return local(at).strftime("%H:%M:%S")


def full(at: datetime) -> str:
    """Return "2026-11-22 12:25:45 UTC" in the operator's own time zone, its name included."""
    return local(at).strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()


def rfc3339(at: datetime) -> str:
    """Return "2026-11-22T12:25:45+09:00", for files: the operator's zone as an offset."""
    return local(at).isoformat(timespec="seconds")


def zone(at: datetime) -> str:
    """Return "KST": the name of the operator's zone, stated once a screen."""
    return local(at).strftime("%Z")


def offset(at: datetime) -> str:
    """Return "+09:00": the operator's zone where its name alone may be read as another one."""
    text = local(at).strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def day_clock(at: datetime, now: datetime) -> str:
    """Return the clock time alone if `at` is on the day of `now`, else the date before it."""
    here = local(at)
    return here.strftime("%H:%M:%S" if here.date() == local(now).date() else "%Y-%m-%d %H:%M:%S")


def age(at: datetime | None, now: datetime) -> str:
    """Return how long ago, as `kubectl get` writes it: "41s", "12m", "5h", "3d"; "-" where unknown."""
    if at is None:
        return "-"
    seconds = max(0, int((aware(now) - aware(at)).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def took(seconds: float) -> str:
    """Return a short duration with the digits that show: "4 ms", "2.01 s", "14 s"."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"


def between(start: datetime, end: datetime) -> str:
    """Return the span from start to end."""
    return span((aware(end) - aware(start)).total_seconds())


def ago(at: datetime, now: datetime) -> str:
    """Return "12:25:37 (8s ago)": a time of the screen's zone and its age beside it."""
    old = age(at, now)
    template = _AGO[old[-1]]
    return localised(template).format(at=day_clock(at, now), n=old[:-1])


def in_zone(text: str, now: datetime) -> str:
    """Return a sentence of ours with its times ("12:25:37 UTC", RFC 3339 with Z) in the screen's zone.

    The zone's name is on the screen once, so it is not repeated. A day is taken to be that of `now`. Never for quoted
    log lines: those stay as the program wrote them.
    """
    return _STAMP.sub(lambda found: _in_zone(found, now), text)


def stamped_in_zone(line: str, now: datetime) -> str:
    """Return a line of a log with the API server's time in front of it as the screen's clock; the rest as it is."""
    found = _LOG_STAMP.match(line)
    return f"{in_zone(found[1], now)} {line[found.end() :]}" if found else line


def _in_zone(found: re.Match[str], now: datetime) -> str:
    try:
        if found["stamp"]:
            return day_clock(datetime.fromisoformat(found["stamp"]), now)
        shown = [_of_day(time, now) for time in (found["from"], found["to"]) if time]
    except ValueError:  # 99:99 is no time
        return found[0]
    return (found["between"] or "").join(shown)


def _of_day(time: str, now: datetime) -> str:
    hours, minutes, *seconds = (int(part) for part in time.split(":"))
    day = aware(now).astimezone(UTC)
    at = day.replace(hour=hours, minute=minutes, second=seconds[0] if seconds else 0, microsecond=0)
    return local(at).strftime("%H:%M:%S" if seconds else "%H:%M")
