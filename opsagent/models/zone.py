"""The operator's time zone: the one place where a moment becomes local time."""

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
