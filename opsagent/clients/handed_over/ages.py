"""Ages as kubectl prints them ("45m", "3d4h", "60s (x3 over 12m)"), turned into moments."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_PART = re.compile(r"(\d+)([smhdy])")
_AGE = re.compile(r"(?:\d+[smhdy]){1,3}")
_REPEATED = re.compile(r"^(?P<last>\S+)(?:\s*\(x(?P<count>\d+)(?: over (?P<span>\S+?))?\))?$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 31_536_000}
_DATES = ("%a, %d %b %Y %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z", "%a %b %d %H:%M:%S %Y")


@dataclass(frozen=True, slots=True)
class Repeated:
    """How often something was seen, first and last."""

    first: datetime
    last: datetime
    count: int


def age(text: str) -> timedelta | None:
    """Return a printed age as a span; None where the text is not one."""
    if not _AGE.fullmatch(text):
        return None
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))


def repeated(text: str, now: datetime) -> Repeated | None:
    """Return the times behind the age column of an event; None where the text is not an age."""
    found = _REPEATED.match(text.strip())
    last = age(found["last"]) if found else None
    if found is None or last is None:
        return None
    span = age(found["span"] or "") or last
    return Repeated(now - max(span, last), now - last, int(found["count"] or 1))


def moment(text: str) -> datetime | None:
    """Return a date as `kubectl describe` prints it, as aware UTC; None where it is not one."""
    for shape in _DATES:
        try:
            at = datetime.strptime(text.strip().replace("Z", "+0000"), shape)  # noqa: DTZ007 - the zone is in the text
        except ValueError:
            continue
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def stamp(at: datetime) -> str:
    """Return a moment as the API server writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
