"""Logs besides the cluster's: every configured source, asked for what it has of each service."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from opsagent.clients.commands import arguments, printed
from opsagent.clients.files import LogFile, matching, read_file
from opsagent.clients.log_window import last, within
from opsagent.config.settings import LogSettings
from opsagent.errors import CheckError, NotCheckedError, TransientCheckError
from opsagent.models.coverage import outcome_of
from opsagent.models.log_source import LogSource
from opsagent.models.observed import LogGap, LogRef

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]|^\.+")
_EVER_S = 10 * 365 * 86_400  # where no bound is asked for: a command must be given one


class Logs(Protocol):
    """One source of logs."""

    def refs(self, services: Sequence[str], listed: Collection[str]) -> Iterator[LogRef | LogGap]:
        """Yield the logs of these services; `listed` pods are read from the cluster. Raises CheckError."""

    def read(self, ref: LogRef, *, tail: int | None, since_s: int | None) -> Iterator[bytes]:
        """Yield a log that `refs` yielded, oldest line first. Raises CheckError."""


class LogSources:
    """All sources of one platform; which of them has a log is remembered when it is listed."""

    def __init__(self, sources: Iterable[Logs]) -> None:
        self._sources = tuple(sources)
        self._owner: dict[LogRef, Logs] = {}
        self.gaps: tuple[LogGap, ...] = ()  # what kept a source from being listed, the last time

    def refs(self, services: Sequence[str], listed: Collection[str] = ()) -> tuple[LogRef, ...]:
        """Return the logs of these services in every source; what could not be listed is in `gaps`."""
        found: dict[LogRef, Logs] = {}
        gaps: list[LogGap] = []
        for source in self._sources:
            try:
                for one in source.refs(services, listed):
                    if isinstance(one, LogGap):
                        gaps.append(one)
                    else:
                        found.setdefault(one, source)
            except CheckError as error:
                gaps.append(LogGap(error.message, outcome_of(error)))
        self._owner |= found
        self.gaps = tuple(dict.fromkeys(gaps))
        return tuple(found)

    def owns(self, ref: LogRef) -> bool:
        """Return whether a log is of one of these sources."""
        return ref in self._owner

    def read(self, ref: LogRef, *, tail: int | None, since_s: int | None, follow: bool) -> Iterator[bytes]:
        """Yield a log. Raises CheckError."""
        if follow:
            hint = "follow it where it is written: tail -f, docker logs -f"
            raise NotCheckedError(f"{ref.where} is not of the cluster and cannot be followed", source="logs", hint=hint)
        return self._owner[ref].read(ref, tail=tail, since_s=since_s)


class ConfiguredLogs:
    """The files and commands of `logs.sources`."""

    def __init__(self, settings: LogSettings) -> None:
        self._settings = settings
        self._files: dict[LogRef, LogFile] = {}
        self._commands: dict[LogRef, tuple[LogSource, str]] = {}

    def refs(self, services: Sequence[str], listed: Collection[str] = ()) -> Iterator[LogRef | LogGap]:  # noqa: ARG002
        """Yield a log for each file and each command; an entry that names a service counts before those for all."""
        named = [source.service for source in self._settings.sources if source.service]
        for service in dict.fromkeys((*services, *named)):
            own = [source for source in self._settings.sources if source.service == service]
            own = own or [source for source in self._settings.sources if source.service is None]
            for number, source in enumerate(own, 1):
                part = str(number) if len(own) > 1 else ""
                yield from (
                    self._of_files(source, service, part) if source.files else self._of_command(source, service, part)
                )

    def read(self, ref: LogRef, *, tail: int | None, since_s: int | None) -> Iterator[bytes]:
        """Yield the lines of a file, or what a command prints."""
        now = datetime.now(UTC)
        if ref in self._files:
            yield from read_file(self._files[ref], tail=tail, since_s=since_s, now=now)
            return
        source, service = self._commands[ref]
        wanted_s = _EVER_S if since_s is None else since_s
        cutoff = now - timedelta(seconds=wanted_s)
        values = {
            "service": service,
            "since": f"{wanted_s}s",
            "since_time": cutoff.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tail": "all" if tail is None else str(tail),
        }
        chunks = printed(arguments(source.command, values), timeout_s=self._settings.timeout_s)
        new = chunks if since_s is None else within(chunks, cutoff)
        yield from new if tail is None else _ending(new, tail)

    def _of_files(self, source: LogSource, service: str, part: str) -> Iterator[LogRef | LogGap]:
        [pattern] = arguments((source.files or "",), {"service": service})
        files = matching(pattern)
        if not files:
            yield LogGap(f"{service}: no file matches {pattern}", service=service)
        for number, file in enumerate(files, 1):
            own = (part, str(number), file.path.name.removesuffix(".log")) if len(files) > 1 else (part,)
            ref = LogRef(_place(service, own), service=service)
            self._files[ref] = file
            yield ref

    def _of_command(self, source: LogSource, service: str, part: str) -> Iterator[LogRef]:
        ref = LogRef(_place(service, (part,)), service=service)
        self._commands[ref] = (source, service)
        yield ref


def _place(service: str, parts: tuple[str, ...]) -> str:
    """Return where a log is, as evidence and a bundle name it: plain words, whatever a file is called."""
    own = "-".join(_NOT_PLAIN.sub("_", part) for part in parts if part)
    return f"logs/{service}/{own}.log" if own else f"logs/{service}.log"


def _ending(chunks: Iterable[bytes], tail: int) -> Iterator[bytes]:
    """Yield the last lines; where the log broke off, what came before, and then the error."""
    kept: list[bytes] = []
    try:
        for chunk in chunks:
            kept.append(chunk)  # noqa: PERF402 - what came before an error is kept
    except TransientCheckError:
        yield last(kept, tail)
        raise
    yield last(kept, tail)
