"""When a CronJob's schedule fires, as its controller reads it: github.com/robfig/cron v3, ParseStandard.

Read here because no library reads a schedule as that one does: Sunday is 0 only, `?` is `*`, `5/15` is `5-59/15`, and a
field counts as unrestricted for "day of month or day of week" only without a step.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_NAMES: tuple[dict[str, int], ...] = (
    {}, {}, {}, {name: place for place, name in enumerate(_MONTHS, 1)},
    {name: place for place, name in enumerate(_WEEKDAYS)},
)  # fmt: skip
_PART = re.compile(r"(?:([*?])|(\w{1,3})(?:-(\w{1,3}))?)(?:/(\d{1,4}))?")
_DAYS = 5 * 366  # the controller searches five years
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Schedule:
    """The minutes at which a schedule fires, by the fields of its text."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # Sunday is 0
    either: bool  # day of month and day of week are both restricted: one of them is enough

    def on(self, day: date) -> bool:
        """Return whether it fires on a day at all."""
        if day.month not in self.months:
            return False
        found = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return any(found) if self.either else all(found)

    @property
    def ever(self) -> bool:
        """Return whether there is a day on which it fires: 31 February never comes."""
        start = date(2028, 1, 1)  # a leap year first
        return any(self.on(start + timedelta(days=number)) for number in range(_DAYS))


def parse_schedule(text: str) -> Schedule | None:
    """Return what a schedule means; None for `@every` (it has no clock) and for what is not a schedule."""
    fields = _DESCRIPTORS.get(text.strip(), text if len(text) <= _LONGEST else "").split()
    if len(fields) != len(_BOUNDS):
        return None
    read = [_field(field.lower(), place) for place, field in enumerate(fields)]
    if not all(read):
        return None
    minutes, hours, days, months, weekdays = (values or frozenset() for values in read)
    return Schedule(minutes, hours, days, months, weekdays, not _free(fields[2]) and not _free(fields[4]))


def _free(field: str) -> bool:
    return any(re.fullmatch(r"[*?](?:/0*1)?", part) for part in field.split(","))


def _field(field: str, place: int) -> frozenset[int] | None:
    values: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        found = _values(match, place) if match else None
        if not found:
            return None
        values |= found
    return frozenset(values)


def _values(match: re.Match[str], place: int) -> set[int] | None:
    least, most = _BOUNDS[place]
    star, low, high, step = match.groups()
    first = least if star else _number(low, place)
    last = most if star or (step and not high) else _number(high, place) if high else first
    if first is None or last is None or not least <= first <= last <= most or step == "0":
        return None
    return set(range(first, last + 1, int(step or 1)))


def _number(text: str, place: int) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() else _NAMES[place].get(text)


def fired_before(schedule: Schedule, moment: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield when it fired last at or before a moment, newest first, over five years."""
    local = moment.astimezone(zone)
    for number in range(_DAYS):
        day = local.date() - timedelta(days=number)
        if not schedule.on(day):
            continue
        for hour in sorted(schedule.hours, reverse=True):
            for minute in sorted(schedule.minutes, reverse=True):
                at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(moment.tzinfo)
                if at <= moment:
                    yield at


def last_due(schedule: Schedule, moment: datetime, zone: tzinfo | None) -> datetime | None:
    """Return when a run was due last at or before a moment.

    Without a zone the controller's own counts, which is not known: the earliest that any zone's clock allows.
    """
    if zone is not None:
        return next(fired_before(schedule, moment, zone), None)
    shifts = [timedelta(minutes=minutes) for minutes in range(-12 * 60, 14 * 60 + 1, 30)]
    due = [next(fired_before(schedule, moment + shift, UTC), None) for shift in shifts]
    return min((at - shift for at, shift in zip(due, shifts, strict=True) if at is not None), default=None)


def known_zone(name: str) -> tzinfo | None:
    """Return a time zone by its IANA name; None where it, or the time zone database, is not there."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not found, a directory of the database, no name at all
        return None


def no_such_zone(name: str) -> bool:
    """Return whether a time zone does not exist: only a machine that has the database can state that."""
    return known_zone(name) is None and known_zone("Europe/Rome") is not None
