"""From settings to a diagnosis' surroundings: the one place where platform, store and model are put together."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from opsagent.agent.context import Archive, Context, Progress, Spending
from opsagent.agent.known import catalog_of
from opsagent.agent.observations import Seen
from opsagent.analysis.evidence.workloads import services_found
from opsagent.analysis.figures.stats import reported_services
from opsagent.config.language import language_of
from opsagent.config.load import services_of
from opsagent.config.settings import Settings
from opsagent.errors import CheckError
from opsagent.models.audit import AuditKind, AuditMark, AuditRecord
from opsagent.models.incident import Report
from opsagent.models.observed import StatsSample
from opsagent.models.plan import ActionRecord
from opsagent.models.platform import Platform
from opsagent.models.service import Service
from opsagent.redact import Redactor
from opsagent.store.incidents import Incident
from opsagent.store.paths import CHECKPOINTS
from opsagent.store.store import Store, sample_key

if TYPE_CHECKING:
    from opsagent.agent.driving import Desk
    from opsagent.clients.bundle.platform import BundlePlatform
    from opsagent.clients.model.client import ModelClient


@contextmanager
def desk(store: Store) -> Iterator["Desk"]:
    """Open the checkpoints, for as long as an incident is worked on."""
    # The graph and its saver cost two seconds at import: only who works on an incident pays them.
    from opsagent.agent.driving import Desk  # noqa: PLC0415
    from opsagent.store.checkpoints import checkpointer  # noqa: PLC0415

    saver = checkpointer(store.incidents.state_dir / CHECKPOINTS)
    try:
        yield Desk(store.incidents, saver)
    finally:
        saver.conn.close()


@dataclass(frozen=True)
class LiveArchive:
    """The store, for one platform's samples."""

    store: Store
    server_key: str

    def keep_samples(self, samples: tuple[StatsSample, ...]) -> None:
        """Keep samples of /stats for later trends."""
        self.store.samples.keep(samples, self.server_key)

    def earlier_samples(self, since: datetime) -> tuple[StatsSample, ...]:
        """Return the kept samples of this platform, oldest first."""
        return self.store.samples.recent(self.server_key, since)

    def save_report(self, report: Report) -> None:
        """Write the report of an incident's end."""
        self.store.reports.save(report)

    def record_action(self, record: ActionRecord) -> None:
        """Append a line to the action history, unless a process that was cut off has done so."""
        earlier = [known.detail for known in self.actions_of(record.incident_id)]
        if record.detail is None or record.detail not in earlier:
            self.store.history.append(record)

    def audit(
        self, kind: AuditKind, incident_id: str, data: Mapping[str, Any], at: datetime, *, key: str | None = None
    ) -> AuditMark | None:
        """Append a record to the audit trail and wait for the disk; StoreError where that cannot be."""
        return self.store.audit.append(kind, incident_id, data, at, key=key)

    def audited(
        self, kind: AuditKind, *, key: str | None = None, incident_id: str | None = None
    ) -> tuple[AuditRecord, ...]:
        """Return the records of a kind, oldest first."""
        return self.store.audit.list(incident_id, kind=kind, key=key)

    def earlier_incidents(self, fault: str, since: datetime) -> tuple[Incident, ...]:
        """Return the incidents of the same fault that began after `since`, oldest first."""
        return self.store.incidents.of_fault(fault, since)

    def actions_of(self, incident_id: str) -> tuple[ActionRecord, ...]:
        """Return what was done for an incident."""
        return self.store.history.list(incident_id)


class NoArchive:
    """A bundle's diagnosis keeps nothing: it can be had again at any time."""

    def keep_samples(self, samples: tuple[StatsSample, ...]) -> None:
        """Keep nothing: the bundle holds its own samples."""

    def earlier_samples(self, since: datetime) -> tuple[StatsSample, ...]:  # noqa: ARG002  (Archive's signature)
        """Return nothing: the bundle holds its own samples."""
        return ()

    def save_report(self, report: Report) -> None:
        """Keep nothing: the report goes to the screen."""

    def record_action(self, record: ActionRecord) -> None:
        """Refuse: a bundle never points to an action."""
        raise AssertionError(f"a bundle led to {record.action}")

    def audit(
        self,
        kind: AuditKind,
        incident_id: str,  # noqa: ARG002  (Archive's signature)
        data: Mapping[str, Any],  # noqa: ARG002
        at: datetime,  # noqa: ARG002
        *,
        key: str | None = None,  # noqa: ARG002
    ) -> AuditMark | None:
        """Keep nothing, and refuse what only an action writes."""
        if kind in {"intent", "change"}:
            raise AssertionError(f"a bundle led to {kind}")
        return None

    def audited(
        self,
        kind: AuditKind,  # noqa: ARG002  (Archive's signature)
        *,
        key: str | None = None,  # noqa: ARG002
        incident_id: str | None = None,  # noqa: ARG002
    ) -> tuple[AuditRecord, ...]:
        """Return nothing: a bundle leaves no trail."""
        return ()

    def earlier_incidents(self, fault: str, since: datetime) -> tuple[Incident, ...]:  # noqa: ARG002
        """Return nothing: a bundle has no past here."""
        return ()

    def actions_of(self, incident_id: str) -> tuple[ActionRecord, ...]:  # noqa: ARG002
        """Return nothing: nothing is ever done for a bundle."""
        return ()


def live(
    settings: Settings,
    platform: Platform,
    redact: Redactor,
    *,
    store: Store,
    progress: Progress,
    environ: Mapping[str, str],
    model: bool = True,
) -> Context:
    """Return the surroundings of a diagnosis of the running system."""
    seen = Seen(platform, settings, services_of(settings), redact, catalog_of(settings))
    archive = LiveArchive(store, sample_key(settings))
    return _around(seen, archive, utc_now, progress, environ if model else None, store.model_tokens)


def bundled(
    settings: Settings,
    bundle: "BundlePlatform",
    redact: Redactor,
    *,
    progress: Progress,
    environ: Mapping[str, str],
    model: bool = True,
    spending: Spending | None = None,
) -> Context:
    """Return the surroundings of a diagnosis of a bundle: its own clock, its own services, nothing kept.

    `spending` counts what a model costs: a bundle's tokens are those of the day, too.
    """
    services = bundled_services(settings, bundle)
    seen = Seen(bundle, settings, services, redact, catalog_of(settings), noted=bundle.skipped)
    return _around(seen, NoArchive(), bundle.now, progress, environ if model else None, spending)


def bundled_services(settings: Settings, bundle: "BundlePlatform") -> tuple[Service, ...] | None:
    """Return the configured services where the bundle is of that platform; None: the workloads found in it.

    Of a bundle that holds /stats and no workloads the services are those that /stats reports.
    """
    known = services_of(settings)
    if settings.services is not None or bundle.where.namespace == settings.kubernetes.namespace:
        return known
    if services_found(bundle.objects()):
        return None
    try:
        samples = bundle.stats()
    except CheckError:
        return None  # what could not be read of it is in not_checked
    return reported_services(samples[-1], known or ()) or None


def utc_now() -> datetime:
    """Return the clock's time, aware, in UTC."""
    return datetime.now(UTC)


def _around(  # noqa: PLR0917 - the parts of a context, in their order
    seen: Seen,
    archive: Archive,
    clock: Callable[[], datetime],
    progress: Progress,
    environ: Mapping[str, str] | None,
    spending: Spending | None,
) -> Context:
    """Put the surroundings together; without an environment to take its key from no model is asked."""
    model = _model(seen.settings, environ) if environ is not None else None
    return Context(
        seen.settings, seen.platform, seen, archive, progress, clock, time.sleep, model, catalog=seen.catalog,
        spending=spending,
    )  # fmt: skip


def _model(settings: Settings, environ: Mapping[str, str]) -> "ModelClient | None":
    if settings.model.name is None:
        return None
    # A configured model's client costs two seconds at import; without one nothing of it is loaded.
    from opsagent.clients.model.client import ModelClient  # noqa: PLC0415

    return ModelClient(settings.model, environ, language=language_of(settings.language, environ))
