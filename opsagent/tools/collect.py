"""Everything that a diagnosis checks, redacted, into a bundle: collect."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from opsagent.analysis.evidence.workloads import services_found
from opsagent.analysis.figures.profiles import profile_rows
from opsagent.analysis.reasoning.topology import call_graph
from opsagent.clients.alert_json import alert_entry
from opsagent.clients.bundle.metrics import written
from opsagent.errors import CheckError, NotCheckedError
from opsagent.models.coverage import outcome_of
from opsagent.models.figures import Alert, Figures, KnowsAlertGaps, KnowsAlerts, KnowsFigures
from opsagent.models.observed import HealthAnswer, KubeObject, LogRef, Objects, Skipped, StatsSample
from opsagent.models.plain import stamp
from opsagent.models.platform import KnowsLogGaps, Platform
from opsagent.models.service import Service, resolve
from opsagent.redact import Redactor, redact_json, redact_object
from opsagent.tools.clean_log import clean_log
from opsagent.tools.cluster import all_kinds
from opsagent.tools.side_by_side import side_by_side


class Sink(Protocol):
    """Where a bundle's files go."""

    def document(self, name: str, value: Any) -> None:
        """Write one JSON document."""

    def lines(self, name: str, rows: Iterable[Any]) -> None:
        """Write one JSON document a line."""

    def objects(self, name: str, items: Iterable[KubeObject]) -> None:
        """Write a Kubernetes List."""

    def log(self, where: str, pieces: Iterable[str]) -> None:
        """Write a log at its place."""


@dataclass(frozen=True)
class CollectLimits:
    """How much is checked."""

    samples: int  # fresh ones of /stats
    interval_s: float  # between two of them
    log_lines: int  # of each container
    log_since_s: int


@dataclass
class Collection:
    """What came together, and what could not be checked."""

    services: tuple[Service, ...] = ()
    service: str | None = None  # the one that was asked for
    samples: tuple[StatsSample, ...] = ()
    fresh: tuple[StatsSample, ...] = ()  # those that were not kept before
    objects: Objects = field(default_factory=Objects)
    looks: tuple[HealthAnswer, ...] = ()
    logs: tuple[str, ...] = ()
    figures: Figures = field(default_factory=lambda: Figures("none"))
    alerts: tuple[Alert, ...] | None = None  # None: not checked
    skipped: dict[Skipped, None] = field(default_factory=dict)


@dataclass
class Collector:
    """One collection from one platform."""

    platform: Platform
    services: tuple[Service, ...] | None  # None: the workloads found
    redact: Redactor
    bounds: CollectLimits
    report: Callable[[str, str, float], None]  # what was checked, what came of it, seconds
    pause: Callable[[float], None]

    def collect(self, asked: str | None, earlier: Iterable[StatsSample], sink: Sink) -> Collection:
        """Check everything and write it down, secrets redacted.

        asked: the service that the incident is about; its logs, those of what it calls and of its callers are then
        all that are written. earlier: kept samples of the window. Raises UnknownServiceError, and CheckError where
        nothing at all could be checked.
        """
        found = Collection()
        # While a service hangs each sample of /stats takes seconds: the rest does not wait for them.
        looks: tuple[Callable[[], None], ...] = (
            lambda: self._timed("stats", self._stats, found),
            lambda: self._around(asked, found, sink),
            lambda: self._measured(found),
        )
        side_by_side(lambda look: look(), looks)
        answered = any(sample.stats is not None for sample in found.fresh)
        if not (found.objects.looked or found.looks or found.figures or found.logs or answered):
            tried = "; ".join(f"{skipped.source}: {skipped.why}" for skipped in found.skipped)
            raise CheckError(
                f"nothing could be checked, so there is nothing to collect: {tried}",
                source="bundle",
                hint="`opsagent doctor` checks every source; `opsagent stats` and `opsagent pods` try one thing each",
            )
        known = {sample.at for sample in found.fresh}
        found.samples = (*(self._clean(s) for s in earlier if s.at not in known), *found.fresh)
        self._write(found, sink)
        return found

    def _around(self, asked: str | None, found: Collection, sink: Sink) -> None:
        self._timed("cluster", self._objects, found)
        found.services = self.services if self.services is not None else services_found(found.objects)
        found.service = resolve(asked, found.services).name if asked else None
        self._timed("health", self._health, found)
        self._timed("logs", lambda into: self._logs(into, sink), found)

    def _measured(self, found: Collection) -> None:
        """Ask for figures and alerts where there is a source of them; one that is not configured is not mentioned."""
        for what, read in (("metrics", self._figures), ("alerts", self._alerts)):
            begun = time.monotonic()
            try:
                self.report(what, read(found), time.monotonic() - begun)
            except NotCheckedError:
                continue
            except CheckError as error:
                self._skip(found, error)
                self.report(what, f"not checked: {self.redact(error.message)}", time.monotonic() - begun)

    def _figures(self, found: Collection) -> str:
        if not isinstance(self.platform, KnowsFigures):
            raise NotCheckedError("this platform has no figures", source="metrics")
        found.figures = self.platform.figures(profile_rows)
        for note in found.figures.notes:
            found.skipped[Skipped("metrics", self.redact(note))] = None
        return f"{len(found.figures.series):,} series"

    def _alerts(self, found: Collection) -> str:
        if not isinstance(self.platform, KnowsAlerts):
            raise NotCheckedError("this platform has no alerts", source="alerts")
        found.alerts = self.platform.alerts()
        for gap in self.platform.alert_gaps if isinstance(self.platform, KnowsAlertGaps) else ():
            found.skipped[Skipped(gap.source, self.redact(gap.why), gap.outcome)] = None
        return f"{len(found.alerts)} alerts"

    def _timed(self, what: str, look: Callable[[Collection], str], found: Collection) -> None:
        begun = time.monotonic()
        try:
            text = look(found)
        except CheckError as error:
            self._skip(found, error)
            text = f"not checked: {self.redact(error.message)}"
        self.report(what, text, time.monotonic() - begun)

    def _stats(self, found: Collection) -> str:
        for number in range(self.bounds.samples):
            if number:
                self.pause(self.bounds.interval_s)
            found.fresh += tuple(self._clean(sample) for sample in self.platform.stats())
        for sample in found.fresh:
            if sample.error:
                found.skipped[Skipped("stats", sample.error)] = None
        good = sum(sample.stats is not None for sample in found.fresh)
        return f"{good} of {len(found.fresh)} fresh samples answered"

    def _objects(self, found: Collection) -> str:
        found.objects = all_kinds(self.platform, clean=lambda item: redact_object(item, self.redact))
        for skip in found.objects.skipped:
            found.skipped[Skipped(skip.source, self.redact(skip.why), skip.outcome)] = None
        return f"{len(found.objects.items):,} objects of {len(found.objects.looked)} kinds"

    def _health(self, found: Collection) -> str:
        def look(service: Service) -> HealthAnswer | CheckError:
            try:
                return self.platform.health(service)
            except CheckError as error:
                return error.as_answer()

        answers = side_by_side(look, [service for service in found.services if service.health_url])
        found.looks = tuple(answer for answer in answers if isinstance(answer, HealthAnswer))
        for answer in answers:
            if isinstance(answer, CheckError):
                self._skip(found, answer)
        return f"{len(found.looks)} of {len(answers)} health paths asked"

    def _logs(self, found: Collection, sink: Sink) -> str:
        near = _near(found)
        refs = [ref for ref in self.platform.logs() if near is None or ref.service is None or ref.service in near]
        for gap in self.platform.log_gaps if isinstance(self.platform, KnowsLogGaps) else ():
            found.skipped[gap.skipped] = None

        def read(ref: LogRef) -> CheckError | None:
            try:
                chunks = self.platform.read_log(ref, tail=self.bounds.log_lines, since_s=self.bounds.log_since_s)
                sink.log(ref.where, clean_log(chunks, self.redact))
            except CheckError as error:
                return error.as_answer()
            return None

        answers = side_by_side(read, refs)
        for ref, error in zip(refs, answers, strict=True):
            if error is not None:
                found.skipped[Skipped("logs", f"{ref.where}: {self.redact(error.message)}")] = None
        found.logs = tuple(ref.where for ref, error in zip(refs, answers, strict=True) if error is None)
        return f"{len(found.logs)} of {len(refs)} logs read"

    def _write(self, found: Collection, sink: Sink) -> None:
        if found.samples:
            sink.lines("stats.jsonl", (_sample(sample) for sample in found.samples))
        if found.looks:
            sink.document("health.json", {look.service: self._look(look) for look in found.looks})
        if found.figures:
            sink.document("metrics.json", redact_json(written(found.figures), self.redact))
        if found.alerts is not None:
            sink.document("alerts.json", redact_json([alert_entry(alert) for alert in found.alerts], self.redact))
        if found.objects.looked:
            sink.objects("objects.json", found.objects.items)
        if found.skipped:
            sink.document(
                "errors.json",
                [{"source": skip.source, "error": skip.why, "outcome": skip.outcome} for skip in found.skipped],
            )
        about: dict[str, Any] = {
            "version": 1,
            "collected_at": stamp(self.platform.now()),
            "namespace": self.platform.where.namespace,
            "service": found.service,
            "looked": sorted(found.objects.looked),
        }
        calls = {service.name: list(service.depends_on) for service in found.services if service.depends_on}
        sink.document("bundle.json", {**about, "dependencies": calls} if calls else about)

    def _look(self, look: HealthAnswer) -> dict[str, Any]:
        fields = {"http": look.http, "tcp": look.tcp, "took_s": look.took_s, "body": look.body, "error": look.error}
        return {
            key: self.redact(value) if isinstance(value, str) else value
            for key, value in fields.items()
            if value is not None
        }

    def _clean(self, sample: StatsSample) -> StatsSample:
        body = None if sample.stats is None else redact_json(sample.stats, self.redact)
        error = None if sample.error is None else self.redact(sample.error)
        return StatsSample(sample.at, sample.took_s, sample.http, body, error, sample.reach, sample.url, sample.hint)

    def _skip(self, found: Collection, error: CheckError) -> None:
        found.skipped[Skipped(error.source, self.redact(error.message), outcome_of(error))] = None


def _near(found: Collection) -> set[str] | None:
    """Return the patient, all that it calls and all that call it; None: everybody."""
    if found.service is None:
        return None
    graph = call_graph(found.services, found.objects, (), {})
    near = {found.service, *graph.below(found.service)}
    return near | {service.name for service in found.services if found.service in graph.below(service.name)}


def _sample(sample: StatsSample) -> dict[str, Any]:
    fields = {"http": sample.http, "stats": sample.stats, "error": sample.error}
    present = {key: value for key, value in fields.items() if value is not None}
    return {"at": stamp(sample.at), "took_s": round(sample.took_s, 4), **present}
