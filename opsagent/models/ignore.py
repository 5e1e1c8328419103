"""Known findings that an operator silences for a time, and what came of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One entry of `ignore:` in the configuration."""

    code: str  # "quota.pods", or a family: "quota.*"
    until: datetime  # aware, UTC; from then on it silences nothing
    reason: str
    object: str | None = None  # "Kind/name"; None: wherever the code is found


@dataclass(frozen=True, slots=True)
class Ignored:
    """A finding that was seen and silenced; or an entry that has expired and silences nothing any more."""

    code: str
    object: str | None
    summary: str  # of what was seen; "" for an expired entry
    until: datetime
    reason: str
    expired: bool = False
