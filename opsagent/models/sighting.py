"""One incident as unattended passes meet it again and again: known by its facts, reported once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

NoticeKind = Literal["new", "changed", "flapping", "recovered", "escalated", "rejected"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What passes know of one incident."""

    key: str  # of its facts: place, service, cause code, object
    platform: str
    service: str | None
    code: str | None
    object: str | None
    incident_id: str  # the newest one with these facts
    first_seen: datetime
    last_seen: datetime
    told_at: datetime
    count: int = 1  # passes that met it
    returns: int = 0  # times it came back after it had gone
    open: bool = True
    announced: bool = True  # False: muted when it was met, so nobody was notified of it


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """What passes know of one thing that they have to read: a source, or a service that no source accounts for."""

    platform: str
    subject: str  # "objects", "stats", a service's name
    read_at: datetime | None = None  # when it was first read again; None: it never was
    since: datetime | None = None  # not readable since; None: it is readable
    passes: int = 0  # that could not read it
    told_at: datetime | None = None
    why: str = ""
    was_blind_since: datetime | None = None  # of one that has just come back
