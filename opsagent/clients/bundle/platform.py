"""A bundle on disk, checked as if it were the platform: the same calls, no network, no action."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from typing import Any, cast

from opsagent.clients.alert_json import read_alerts
from opsagent.clients.bundle.errors import notes_of
from opsagent.clients.bundle.files import Files, Limits
from opsagent.clients.bundle.health import pick_check
from opsagent.clients.bundle.logs import last_lines, log_refs, newest_of_logs, reported, since
from opsagent.clients.bundle.metrics import METRICS, read_figures
from opsagent.clients.bundle.objects import (
    load_json,
    load_text,
    main_namespace,
    name_of,
    namespace_of,
    read_objects,
    source_of,
)
from opsagent.clients.bundle.opening import Report, open_files
from opsagent.clients.bundle.stats import read_samples
from opsagent.clients.bundle.time import newest_in, parse_time
from opsagent.errors import CheckError, NotCheckedError, NotFoundError, UsageError
from opsagent.models.figures import Alert, Figures
from opsagent.models.observed import HealthAnswer, KubeObject, LogRef, Objects, Skipped, StatsSample, Where
from opsagent.models.profiles import Row
from opsagent.models.resources import CLUSTER_SCOPED
from opsagent.models.service import Service

ALL_NAMESPACES = "*"
ALERTS = "alerts.json"
_CLOCK_DRIFT = timedelta(minutes=5)


def open_bundle(
    given: str | Sequence[str], limits: Limits | None = None, report: Report = lambda _: None
) -> "BundlePlatform":
    """Open what was handed over as one body of evidence; `report` is reported what is being read.

    Each of `given` is a bundle, a folder, an archive of either, a file, or "-" for stdin. Raises UsageError where one
    cannot be read, and where all of them together hold nothing.
    """
    files = open_files(given, limits, report)
    if not files.objects and not any(size for name, size in files.sizes.items() if name != "errors.json"):
        what = "is empty" if files.lone else "holds nothing that is read"
        raise UsageError(
            f"{'stdin' if files.path == '-' else files.path} {what}",
            hint="--from takes logs, output of kubectl, manifests, folders and archives of them, and bundles; "
            "opsagent collect -o DIR writes a bundle",
        )
    return BundlePlatform(files)


class BundlePlatform:
    """What a bundle holds; a file that it does not hold was not checked, and never looks fine."""

    live = False

    def __init__(self, files: Files) -> None:
        self._files = files
        self.report: Report = lambda _: None  # reported how far a long log is read
        self._notes: list[Skipped] = []
        self._meta = self._read_meta()

    @cached_property
    def where(self) -> Where:
        """Name the bundle that is checked."""
        declared = self._meta.get("namespace")
        namespace = declared if isinstance(declared, str) and declared else main_namespace(self._objects)
        return Where(namespace=namespace or "default", bundle=self._files.path)

    @property
    def service(self) -> str | None:
        """Return the service that the bundle was collected for."""
        service = self._meta.get("service")
        return service if isinstance(service, str) and service else None

    @cached_property
    def _now(self) -> datetime:
        return parse_time(self._meta.get("collected_at")) or self._newest or self._files.modified

    def now(self) -> datetime:
        """Return collected_at, else the newest time in the bundle, else its files' (aware, UTC)."""
        return self._now

    @cached_property
    def _samples(self) -> tuple[tuple[StatsSample, ...], tuple[Skipped, ...]]:
        return read_samples(self._files)

    def stats(self) -> tuple[StatsSample, ...]:
        """Return the samples of stats.jsonl, oldest first. Raises NotCheckedError, CheckError."""
        if "stats.jsonl" not in self._files.sizes:
            raise self._missing("stats", "stats.jsonl")
        samples, notes = self._samples
        if not samples:
            raise CheckError(notes[0].why if notes else "stats.jsonl holds no sample", source="stats")
        return samples

    @cached_property
    def _health(self) -> dict[str, Any]:
        document = self._document("health.json", "health")
        if not isinstance(document, dict):
            raise CheckError("health.json is no JSON object", source="health")
        return document

    def health(self, service: Service) -> HealthAnswer:
        """Return the check of a service's health path. Raises NotCheckedError, CheckError."""
        if "health.json" not in self._files.sizes:
            raise self._missing("health", "health.json")
        return pick_check(self._health, service)

    @cached_property
    def _objects(self) -> Objects:
        found = read_objects(self._files) if not self._files.lone else Objects()
        declared = self._meta.get("looked")
        looked = {kind for kind in declared if isinstance(kind, str)} if isinstance(declared, list) else set()
        allocated = self._meta.get("allocated")
        return Objects(
            found.items, found.looked | looked, found.skipped, allocated if isinstance(allocated, dict) else {}
        )

    def objects(self) -> Objects:
        """Return every object of the bundle, of all namespaces, and the kinds that were checked."""
        return self._objects

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Return the objects of a kind in the namespace ("*": in all), or cluster-wide. Raises NotCheckedError."""
        if kind not in self._objects.looked:
            raise self._missing(source_of(kind), kind)
        wanted = namespace or self.where.namespace
        return tuple(
            item
            for item in self._objects.items
            if item["kind"] == kind
            and (wanted == ALL_NAMESPACES or kind in CLUSTER_SCOPED or namespace_of(item) in (None, wanted))
        )

    def get(self, kind: str, name: str) -> KubeObject:
        """Return one object. Raises NotFoundError, NotCheckedError."""
        for item in self.list(kind):
            if name_of(item) == name:
                return item
        raise NotFoundError(f"the bundle holds no {kind} {name!r}", source=source_of(kind))

    @cached_property
    def _refs(self) -> tuple[LogRef, ...]:
        pods = {name_of(item) or "": item for item in self._objects.items if item["kind"] == "Pod"}
        return log_refs(self._files, pods)

    def logs(self, namespace: str | None = None) -> tuple[LogRef, ...]:
        """Return the logs in the bundle; with a namespace, without those of pods known to live elsewhere.

        Raises NotCheckedError where there is none.
        """
        if not self._refs:
            raise self._missing("logs", "logs/")
        if namespace in (None, ALL_NAMESPACES):
            return self._refs
        pods = (item for item in self._objects.items if item["kind"] == "Pod")
        elsewhere = {name_of(item) for item in pods if namespace_of(item) not in (None, namespace)}
        return tuple(ref for ref in self._refs if ref.pod is None or ref.pod not in elsewhere)

    def read_log(
        self,
        ref: LogRef,
        *,
        tail: int | None = None,
        since_s: int | None = None,
        since_time: datetime | None = None,
        follow: bool = False,  # noqa: ARG002 - nothing more will be written to a bundle, its end is the end
    ) -> Iterator[bytes]:
        """Yield a log in chunks, oldest line first; `since_s` counts back from now(). Raises CheckError."""
        if since_time is not None:
            since_s = max(1, ceil((self.now() - since_time).total_seconds()))
        if ref.where not in self._files.sizes:
            raise NotFoundError(f"the bundle holds no log {ref.where!r}", source="logs")
        return self._read(ref.where, tail, since_s)

    def may(self, verb: str, resource: str, subresource: str = "") -> bool | None:  # noqa: ARG002 - nobody to ask
        """Return None: a bundle cannot be asked what its writer may do."""
        return None

    def declared_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Return bundle.json's `dependencies`."""
        declared = self._meta.get("dependencies")
        if not isinstance(declared, dict):
            return {}
        return {
            str(name): tuple(callee for callee in callees if isinstance(callee, str))
            for name, callees in declared.items()
            if isinstance(callees, list)
        }

    def figures(self, rows: Callable[[], tuple[Row, ...]]) -> Figures:  # noqa: ARG002 - a bundle holds what it holds
        """Return the series of metrics.json. Raises NotCheckedError, CheckError."""
        if METRICS not in self._files.sizes:
            raise self._missing("metrics", METRICS)
        return self._figures

    @cached_property
    def _figures(self) -> Figures:
        try:
            return read_figures(load_text(self._files, METRICS))
        except (OSError, ValueError, RecursionError) as error:
            raise CheckError(f"{METRICS} cannot be read: {error}", source="metrics") from error

    def alerts(self) -> tuple[Alert, ...]:
        """Return the alerts of alerts.json. Raises NotCheckedError, CheckError."""
        if ALERTS not in self._files.sizes:
            raise self._missing("alerts", ALERTS)
        try:
            return read_alerts(self._document(ALERTS, "alerts"))
        except ValueError as error:
            raise CheckError(f"{ALERTS} cannot be read: {error}", source="alerts") from error

    def skipped(self) -> tuple[Skipped, ...]:
        """Return what the writer could not check (errors.json) and what of the bundle cannot be read."""
        notes = [*self._errors, *self._notes, *self._objects.skipped]
        if "stats.jsonl" in self._files.sizes:
            notes += self._samples[1]
        notes += self._doubts()
        return tuple(dict.fromkeys(notes))

    @cached_property
    def _errors(self) -> tuple[Skipped, ...]:
        if "errors.json" not in self._files.sizes:
            return ()
        try:
            document = self._document("errors.json", "bundle")
        except CheckError as error:
            return (Skipped("bundle", error.message),)
        return notes_of(document)

    @cached_property
    def _newest(self) -> datetime | None:
        """Return the newest time that anything in the bundle was seen at."""
        seen = newest_in(self._objects.items)
        times = [seen] if seen else []
        if "stats.jsonl" in self._files.sizes:
            times += [sample.at for sample in self._samples[0]]
        return max([*times, *newest_of_logs(self._files, self._refs[:500])], default=None)

    def _read_meta(self) -> dict[str, Any]:
        if "bundle.json" not in self._files.sizes or self._files.lone:
            return {}
        try:
            document = self._document("bundle.json", "bundle")
        except CheckError as error:
            self._notes.append(Skipped("bundle", error.message))
            return {}
        if isinstance(document, dict):
            return cast("dict[str, Any]", document)
        self._notes.append(Skipped("bundle", "bundle.json is no JSON object"))
        return {}

    def _document(self, name: str, source: str) -> Any:
        try:
            return load_json(self._files, name)
        except (OSError, ValueError, RecursionError) as error:
            raise CheckError(
                f"{name} cannot be read: {error}", source=source, hint="the rest of the bundle is used"
            ) from error

    def _read(self, name: str, tail: int | None, since_s: int | None) -> Iterator[bytes]:
        try:
            chunks = self._files.chunks(name) if tail is None else last_lines(self._files, name, tail)
            lines = chunks if since_s is None else since(chunks, self._now - timedelta(seconds=since_s))
            yield from reported(lines, name, self._files.sizes[name], self.report)
        except OSError as error:
            raise CheckError(f"{name} cannot be read: {error}", source="logs") from error

    def _missing(self, source: str, what: str) -> NotCheckedError:
        reasons = [note.why for note in self._errors if note.source in (source, what)]
        if not reasons and source not in ("stats", "health", "logs", "metrics", "alerts"):
            reasons = [note.why for note in (*self._errors, *self._objects.skipped) if note.source == "objects"]
        return NotCheckedError(reasons[0] if reasons else f"not in the bundle ({what})", source=source)

    def _doubts(self) -> Iterator[Skipped]:
        """Yield what makes the bundle's own statements doubtful: its namespace, its clock."""
        spaces = {namespace for item in self._objects.items if (namespace := namespace_of(item))}
        if spaces and self.where.namespace not in spaces:
            seen = ", ".join(sorted(spaces)[:5])
            yield Skipped("objects", f"none is of {self.where.namespace}; they are of {seen}")
        if self._newest and self._newest - self._now > _CLOCK_DRIFT:
            minutes = round((self._newest - self._now).total_seconds() / 60)
            yield Skipped(
                "clock", f"something in the bundle is {minutes} min newer than the bundle states it is itself"
            )
