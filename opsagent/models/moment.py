"""Moments and spans as an operator reads them: the one place where a moment becomes local time."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def aware(at: datetime) -> datetime:
    """Return the moment with a zone; one without is read as UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def local(at: datetime) -> datetime:
    """Return the moment in the operator's zone: `TZ`, else the machine's; `--utc` sets `TZ` for one command."""
    try:
        return aware(at).astimezone()
    except (OverflowError, ValueError, OSError):  # a year beyond what the C library knows: read it as it is
        return aware(at)


def clock_zone(at: datetime) -> str:
    """Return "03:04 KST": for a sentence that is read later, on another screen."""
    return local(at).strftime("%H:%M %Z").rstrip()


def span(seconds: float) -> str:
    """Return "8 s", "1 min 9 s", "2 h 5 min", "3 d 4 h"; a negative span (clocks that differ) reads as 0 s."""
    whole = max(0, round(seconds))
    for size, unit, lower, below in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // lower
            return f"{whole // size} {unit} {rest} {below}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


@contextmanager
def times_in(*, utc: bool) -> Iterator[None]:
    """Make UTC the operator's zone for as long as this lasts; without `utc` nothing is changed."""
    before = os.environ.get("TZ")
    if utc:
        os.environ["TZ"] = "UTC"
        time.tzset()
    try:
        yield
    finally:
        if utc:
            os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
            time.tzset()
