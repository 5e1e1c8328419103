"""What the boxes of the graph work with: handed in, so that a test or another front end brings its own."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from opsagent.agent.observations import Seen
from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.config.settings import Settings
from opsagent.models.audit import AuditKind, AuditMark, AuditRecord
from opsagent.models.evidence import Symptom
from opsagent.models.incident import Report, Step
from opsagent.models.observed import StatsSample
from opsagent.models.plan import ActionRecord
from opsagent.models.platform import Platform

if TYPE_CHECKING:
    from opsagent.clients.model.client import ModelClient
    from opsagent.store.incidents import Incident


class Archive(Protocol):
    """What outlives the process."""

    def keep_samples(self, samples: tuple[StatsSample, ...]) -> None:
        """Keep samples of /stats for later trends."""

    def earlier_samples(self, since: datetime) -> tuple[StatsSample, ...]:
        """Return the kept samples of this platform, oldest first."""

    def save_report(self, report: Report) -> None:
        """Write the report of an incident's end."""

    def record_action(self, record: ActionRecord) -> None:
        """Append a line to the action history."""

    def audit(
        self, kind: AuditKind, incident_id: str, data: Mapping[str, Any], at: datetime, *, key: str | None = None
    ) -> AuditMark | None:
        """Append a record to the audit trail and wait for the disk; StoreError where that cannot be."""

    def audited(
        self, kind: AuditKind, *, key: str | None = None, incident_id: str | None = None
    ) -> tuple[AuditRecord, ...]:
        """Return the records of a kind, oldest first."""

    def earlier_incidents(self, fault: str, since: datetime) -> "tuple[Incident, ...]":
        """Return the incidents of the same fault that began after `since`, oldest first."""

    def actions_of(self, incident_id: str) -> tuple[ActionRecord, ...]:
        """Return what was done for an incident."""


class Progress(Protocol):
    """Who is notified of each step of the diagnosis."""

    def doing(self, node: str, text: str) -> None:
        """State what is being done now."""

    def done(self, step: Step) -> None:
        """State that a box was left."""

    def rest(self) -> None:
        """Leave the screen to somebody else: a question is about to be asked."""

    def found(self, incident_id: str, service: str | None, symptoms: tuple[Symptom, ...]) -> None:
        """State that an incident was opened."""


class Spending(Protocol):
    """Who counts the tokens of each day."""

    def of_day(self, at: datetime) -> int:
        """Return the tokens of the day of this moment; StoreError where nobody can know."""

    def add(self, at: datetime, tokens: int) -> None:
        """Count tokens to the day of this moment; StoreError where that cannot be kept."""


# For as long as it is entered: shows whether the operator skips the model for this step.
Skip = Callable[[], AbstractContextManager[Callable[[], bool]]]


@dataclass(frozen=True)
class Context:
    """One diagnosis' surroundings."""

    settings: Settings
    platform: Platform
    seen: Seen
    archive: Archive
    progress: Progress
    clock: Callable[[], datetime]
    pause: Callable[[float], None]  # between two checks
    model: "ModelClient | None" = None
    attended: bool = False  # somebody is there to be asked: a change is tried out (dry run) before the question
    unkept: str | None = None  # why nothing can be kept: no change is offered then, for an approval needs its record
    catalog: Catalog = field(default_factory=builtin)  # what is known: built-in rows and those of packs
    spending: Spending | None = None  # None: nobody counts the model's tokens of a day
    skip: Skip | None = None  # None: there is no terminal to skip the model from
