"""What the live view shows: one round of reads of the platform and of what is kept."""

from dataclasses import dataclass, field
from datetime import datetime

from opsagent.models.evidence import Change
from opsagent.models.observed import Where
from opsagent.models.status import SystemStats

UP = frozenset({"online", "healthy", "idle"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """One incident without an end, as the live view lists it."""

    id: str
    stage: str
    service: str | None
    code: str | None
    started_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """One round; what could not be read is named, and the rest is there."""

    at: datetime
    where: Where
    stats: SystemStats | None
    error: str = ""  # why /stats was not read
    history: dict[str, tuple[bool | None, ...]] = field(default_factory=dict)  # by service: up, down, not reported
    requests: tuple[float | None, ...] = ()  # per second, oldest first
    response_ms: tuple[float | None, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    changes: tuple[Change, ...] | None = None  # newest last; None: not read
    changes_error: str = ""
