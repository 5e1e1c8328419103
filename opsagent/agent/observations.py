"""What this process has seen of the platform: each thing is checked once, until `check_again`.

Raw objects and log text live here and not in the graph's state: they may be large, and a process that resumes an
incident must check again anyway.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import ref

from opsagent.agent.known import switched_off
from opsagent.agent.log_reading import LogReading
from opsagent.agent.measured import Measured
from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.evidence.changes import changes
from opsagent.analysis.evidence.coverage import Gathered, coverage
from opsagent.analysis.evidence.kubelet_word import outweighed
from opsagent.analysis.evidence.understood import is_log
from opsagent.analysis.evidence.workload_state import pods_by_service
from opsagent.analysis.evidence.workloads import services_found
from opsagent.analysis.figures.places import services_named
from opsagent.analysis.objects.index import cluster_of
from opsagent.config.settings import Settings
from opsagent.errors import CheckError, NotCheckedError
from opsagent.models.coverage import Coverage, Outcome, outcome_of
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Change, ServiceHealth
from opsagent.models.ignore import Ignored
from opsagent.models.observed import HealthAnswer, Objects, Skipped, StatsSample
from opsagent.models.platform import CountsPasses, Platform
from opsagent.models.service import Service
from opsagent.redact import Redactor, redact_records
from opsagent.tools.cluster import WIDE_KINDS, all_kinds
from opsagent.tools.side_by_side import side_by_side

if TYPE_CHECKING:
    from concurrent.futures import Future

    from opsagent.agent.scope import Scope


@dataclass
class Seen:
    """The checks of one round at one platform."""

    platform: Platform
    settings: Settings
    configured: tuple[Service, ...] | None  # None: services are the workloads found
    redact: Redactor
    catalog: Catalog = field(default_factory=builtin)
    noted: Callable[[], tuple[Skipped, ...]] = tuple  # what the platform itself states it could not check
    samples: list[StatsSample] = field(default_factory=list)
    ignored: dict[tuple[str, str | None], Ignored] = field(default_factory=dict)  # what the weighing set aside
    _objects: Objects | None = None
    _found: tuple[Service, ...] | None = None
    _changes: tuple[Change, ...] | None = None
    looks: list[HealthAnswer] = field(default_factory=list)
    _skipped: dict[Skipped, None] = field(default_factory=dict)
    measured: Measured = field(init=False)
    scope: "Scope | None" = None  # while a change is verified: nothing but this is read
    _refused: dict[str, Skipped] = field(default_factory=dict)  # kinds that this identity may not list: asked once
    logs: LogReading = field(init=False)
    _ahead: "Future[None] | None" = None

    def __post_init__(self) -> None:
        skipped, redact, here = self._skipped, self.redact, ref(self)

        def note(source: str, why: str, outcome: Outcome) -> None:
            skipped[Skipped(source, redact(why), outcome)] = None

        def objects() -> Objects:
            # Weak: parts that held the checks would keep all of a pass until Python searches for garbage.
            seen = here()
            assert seen is not None  # it holds the part that asks
            return seen.objects

        self.measured = Measured(self.platform, note)
        self.logs = LogReading(
            self.platform, self.settings.logs, redact, self.catalog, objects, lambda skip: skipped.update({skip: None})
        )

    def peek(self) -> None:
        """Begin the next check in the background: the platform answers while this process still loads its graph."""
        # Late: a quick pass has no use for it.
        from concurrent.futures import Future  # noqa: PLC0415

        ahead = self._ahead = Future[None]()

        def look() -> None:
            try:
                self._check_now()
            except BaseException as error:  # noqa: BLE001 - raised again where the look is asked for
                ahead.set_exception(error)
            else:
                ahead.set_result(None)

        threading.Thread(target=look, daemon=True).start()

    def check_again(self) -> None:
        """Forget everything: the next question checks again."""
        if self._ahead is not None:
            return  # the check under way is the new one
        if isinstance(self.platform, CountsPasses):
            self.platform.new_pass()
        self.samples.clear()
        self.looks.clear()
        self._objects = None
        self._found = None
        self._changes = None
        self.measured.new_round()
        self.logs.new_round()
        self._skipped.clear()
        self.ignored.clear()

    def forget(self) -> None:
        """Forget everything, a check that is under way included: it began before something was changed."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.exception()  # waited for, so that it leaves nothing behind; whether it succeeded no longer matters
        self.measured.forget()
        self.check_again()

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What could not be checked in this round."""
        return tuple(dict.fromkeys((*self.noted(), *self._skipped, *switched_off(self.catalog))))

    @property
    def services(self) -> tuple[Service, ...]:
        """The services of this platform: configured, or the workloads found."""
        if self.scope is not None:
            return self.scope.services
        if self.configured is not None:
            return self.configured
        if self._found is None:
            self._found = services_found(self.objects) or services_named(self.measured.figures)
        return self._found

    @property
    def objects(self) -> Objects:
        """The wide check of the cluster."""
        if self._objects is None:
            try:
                scope = self.scope
                self._objects = scope.look(self.platform) if scope else all_kinds(self.platform, refused=self._refused)
            except CheckError as error:
                self._skip(error)
                self._objects = Objects(skipped=(Skipped(error.source, error.message, outcome_of(error)),))
            self._skipped.update(dict.fromkeys(self._objects.skipped))
        return self._objects

    @property
    def known_objects(self) -> Objects:
        """What was read of the cluster so far, without a request; empty before the first check."""
        return self._objects or Objects()

    def changes(self, now: datetime) -> tuple[Change, ...]:
        """Return what changed in the hours before this check, redacted; `now` is the time of the check."""
        if self._changes is None:
            self._changes = redact_records(changes(self.objects, now=now), self.redact)
        return self._changes

    def take_health(self, services: Iterable[Service]) -> None:
        """Check the health paths of the services side by side; those that cannot be checked leave no check."""
        looks = side_by_side(self._check_health, services)
        self.looks.extend(look for look in looks if look is not None)

    def take_sample(self) -> StatsSample | None:
        """Ask /stats once more; None where this platform has none."""
        try:
            taken = tuple(self._clean(sample) for sample in self.platform.stats())
        except CheckError as error:
            self._skip(error)
            return None
        self.samples.extend(taken)
        if taken and taken[-1].error:
            refused = taken[-1].http in {401, 403}
            outcome = Outcome.REFUSED if refused else Outcome.FAILED
            self._skipped[Skipped("stats", taken[-1].error, outcome)] = None
        return taken[-1] if taken else None

    def check_if_new(self) -> None:
        """Check, where this process has not checked yet: it went on with what another one began."""
        if not self.samples and not self.looks and self._objects is None:
            self.look()

    def look(self) -> None:
        """Check /stats, the cluster and the health paths side by side, or take the check that was begun ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            self._check_now()
        else:
            ahead.result()

    def _check_now(self) -> None:
        looks: list[Callable[[], object]] = [self.take_sample, lambda: self.objects]
        known = self.scope.services if self.scope else self.configured
        if known is not None:
            looks.append(lambda: self.take_health(known))
        side_by_side(lambda look: look(), looks)
        if known is None:
            self.take_health(self.services)
        self._note_outweighed()

    def _note_outweighed(self) -> None:
        """Return the services whose failed check is about the way to them: the kubelet's own probe outweighs it."""
        cluster = cluster_of(self.objects)
        for service in self.services:
            pods = pods_by_service(self.services, cluster)[service.name]
            for look in self.looks:
                if look.service == service.name and not look.ok and outweighed(service, look, pods):
                    said = look.error or f"HTTP {look.http}"
                    why = f"{service.name}: {said}, although the kubelet's own probe of it succeeds on every pod"
                    outcome = Outcome.FAILED if look.http is None else Outcome.NOT_UNDERSTOOD
                    self._skipped[Skipped("health", self.redact(why), outcome)] = None

    def coverage(self, healths: tuple[ServiceHealth, ...]) -> Coverage:
        """Return what this pass has read so far, source by source and service by service."""
        return coverage(
            Gathered(
                services=self.services,
                healths=healths,
                samples=self.samples,
                looks=self.looks,
                objects=self.objects,
                digests=self.logs.read,
                skipped=self.skipped,
                known_kinds=frozenset(WIDE_KINDS),
                figures=self.measured.figures,
                understood=is_log,
            )
        )

    def digests(self, services: Iterable[str] | None) -> tuple[LogDigest, ...]:
        """Digest the logs of the named services, and those of which no service is known; of all with None."""
        return self.logs.of(services)

    def _check_health(self, service: Service) -> HealthAnswer | None:
        if service.health_url is None and self.platform.live:
            return None
        try:
            look = self.platform.health(service)
        except NotCheckedError as error:
            if self.platform.live:
                self._skip(error)
            return None
        except CheckError as error:
            self._skip(error)
            return None
        return redact_records((look,), self.redact)[0]

    def _clean(self, sample: StatsSample) -> StatsSample:
        return redact_records((sample,), self.redact)[0]

    def _skip(self, error: CheckError) -> None:
        self._note(Skipped(error.source, self.redact(error.message), outcome_of(error)))

    def _note(self, skipped: Skipped) -> None:
        self._skipped[skipped] = None
