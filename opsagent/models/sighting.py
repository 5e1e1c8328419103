"""One incident as unattended passes meet it again and again: known by its facts, told once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

NoticeKind = Literal["new", "changed", "flapping", "recovered"]


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
