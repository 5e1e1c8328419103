"""The audit trail's records: what was seen, planned, answered, changed and verified, each chained to the one before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

AuditKind = Literal[
    "look", "model", "plan", "panel", "approval", "rejection", "asked-again", "intent", "change", "verification", "end"
]


@dataclass(frozen=True, slots=True)
class AuditMark:
    """The end of the trail at some moment; it is in every report, so that a trail that was cut off is noticed."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One record of the trail."""

    number: int  # from 1, without gaps
    at: datetime
    kind: AuditKind
    incident_id: str
    key: str | None  # what it is found by again: of an approval, or of the facts of an incident
    data: dict[str, Any]
    prev: str  # hash of the record before; "" of the first
    hash: str

    @property
    def mark(self) -> AuditMark:
        """The trail's end when this record was its last."""
        return AuditMark(self.number, self.hash)
