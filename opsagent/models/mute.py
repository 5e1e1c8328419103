"""A fault that somebody knows of: kept and listed, and not announced until the time is over."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mute:
    """One mute, by the fault of an incident or by code and object."""

    at: datetime
    until: datetime
    by: str  # "operator@host"
    reason: str
    fault: str | None = None  # the identity of the incident's fault
    code: str | None = None
    object: str | None = None  # "Deployment/x"; None: the code wherever it is
    incident_id: str | None = None  # the one that was named

    def covers(self, fault: str, code: str | None, obj: str | None, now: datetime) -> bool:
        """Return whether this fault is muted now."""
        if not self.at <= now < self.until:
            return False
        if self.fault is not None:
            return self.fault == fault
        return self.code == code and self.object in (None, obj)
