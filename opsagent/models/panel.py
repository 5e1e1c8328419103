"""What is in front of the operator when the graph pauses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from opsagent.models.evidence import Cause, Change, Evidence, Trend
from opsagent.models.incident import Analysis
from opsagent.models.observed import Skipped, Where
from opsagent.models.plan import Answer, Plan


@dataclass(frozen=True, slots=True)
class Panel:
    """One question to the operator: an exact plan, why, and what may go wrong."""

    incident_id: str
    service: str | None
    where: Where
    causes: tuple[Cause, ...]  # ranked; the first is the one acted on
    evidence: tuple[Evidence, ...]
    changes: tuple[Change, ...] | None  # None: not looked up
    trend: Trend | None
    plan: Plan
    not_checked: tuple[Skipped, ...]
    fingerprint: str  # of plan and evidence; the answer carries it back
    expires_at: datetime
    how: str = "panel"  # "panel", "opsagent approve": recorded with the answer
    notice: str | None = None  # why it is asked again: "the Deployment changed since the last panel: …"
    notes: tuple[str, ...] = ()  # what else to know: text that addresses its reader
    analysis: Analysis | None = None  # what a model concluded beside the rules, and its cost
    around: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by evidence id: the log's lines around it
    fault: str = ""  # by which the same fault is known again
    history: str | None = None  # what is kept of this fault: "3rd time in 7 days; the last restart held 2 h"

    def __post_init__(self) -> None:
        for name in ("causes", "evidence", "not_checked", "notes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "around", {name: tuple(lines) for name, lines in self.around.items()})
        if self.changes is not None:
            object.__setattr__(self, "changes", tuple(self.changes))


class Prompter(Protocol):
    """Who answers: a Rich prompt in the terminal, or a test's function."""

    def ask(self, panel: Panel) -> Answer:
        """Show the panel and return the operator's answer; the default is to reject."""
