"""Reports on disk: one JSON file each, whole or not at all."""

import json
import os
import secrets
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from opsagent.errors import IncidentError, StoreError
from opsagent.models.incident import Report
from opsagent.models.observed import Skipped
from opsagent.store.ids import checked_id
from opsagent.store.paths import REPORTS, make_private_below, open_private, reason, way_out
from opsagent.store.records import RecordError, from_json, to_json

SCHEMA = "opsagent.report/1"


@dataclass(frozen=True, slots=True)
class Shelf:
    """All reports that could be read, newest first, and those that could not."""

    reports: tuple[Report, ...]
    damaged: tuple[Skipped, ...] = ()


class Reports:
    """The reports in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def path(self, incident_id: str) -> Path:
        """Return the file that an incident's report has, or will have."""
        return self.state_dir / REPORTS / f"{checked_id(incident_id)}.json"

    def save(self, report: Report) -> Path:
        """Write the report in place of an earlier one of the same incident and return its file."""
        try:
            text = json.dumps({"schema": SCHEMA, "report": to_json(report)}, allow_nan=False, indent=1)
        except (RecordError, ValueError) as error:
            raise StoreError(f"the report of {report.incident_id} cannot be written: {error}") from error
        make_private_below(self.state_dir, REPORTS)
        path = self.path(report.incident_id)
        _write_whole(path, text.encode("ascii"))
        return path

    def load(self, text: str) -> Report:
        """Return the report of the incident whose id is, or begins with, `text`.

        Raises IncidentError where there is none, StoreError naming the file where it is damaged.
        """
        wanted = checked_id(text)
        names = [name for name in self._names() if name.startswith(wanted)]
        if wanted in names:
            return _read(self.path(wanted))
        if len(names) == 1:
            return _read(self.path(names[0]))
        if names:
            raise IncidentError(f"{text!r} begins several ids", hint="use one of: " + ", ".join(names[:6]))
        raise IncidentError(f"there is no report of incident {text!r}", hint="opsagent report list")

    def newest(self) -> Report:
        """Return the report that ended last; IncidentError where there is none."""
        shelf = self.list()
        if shelf.reports:
            return shelf.reports[0]
        if shelf.damaged:
            raise StoreError(f"{shelf.damaged[0].source}: {shelf.damaged[0].why}", hint="opsagent report list")
        raise IncidentError("there is no report yet", hint="opsagent diagnose writes one")

    def list(self) -> Shelf:
        """Return every report, and by name every file that is none: a damaged one hides no other."""
        found: list[Report] = []
        damaged: list[Skipped] = []
        for name in self._names():
            try:
                found.append(_read(self.path(name)))
            except StoreError as error:
                damaged.append(Skipped(f"{REPORTS}/{name}.json", error.message))
        found.sort(key=lambda report: (report.ended_at, report.incident_id), reverse=True)
        return Shelf(tuple(found), tuple(damaged))

    def prune(self, before: datetime, *, keep: Container[str] = ()) -> tuple[str, ...]:
        """Remove the reports that ended before, but those in `keep`; return their ids. A damaged one stays."""
        old = [one.incident_id for one in self.list().reports if one.ended_at < before and one.incident_id not in keep]
        for incident_id in old:
            path = self.path(incident_id)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"{path} cannot be removed: {reason(error)}", hint=way_out(error)) from error
        return tuple(old)

    def _names(self) -> tuple[str, ...]:
        directory = self.state_dir / REPORTS
        try:
            return tuple(
                sorted(path.stem for path in directory.iterdir() if path.suffix == ".json" and path.stem.isalnum())
            )
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"{directory} cannot be read: {reason(error)}", hint=way_out(error)) from error


def _read(path: Path) -> Report:
    try:
        document: Any = json.loads(path.read_bytes())
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise RecordError(f"no {SCHEMA}")
        return from_json(Report, document.get("report"))
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {reason(error)}", hint=way_out(error)) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreError(
            f"the report {path} is damaged: {error}", hint="it was cut off or changed by something else; move it aside"
        ) from error


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside, sync, rename, sync the directory: a crash or a full disk leaves the old file as it was."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = open_private(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {reason(error)}", hint=way_out(error)) from error
    finally:
        beside.unlink(missing_ok=True)
