"""The ledger of incidents: which there are, the stage of each, and what is needed to resume it."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from opsagent.errors import IncidentError, StoreError
from opsagent.models.incident import Report, Stage, Status
from opsagent.models.observed import Where
from opsagent.models.panel import Panel
from opsagent.store.db import reading, writing
from opsagent.store.ids import checked_id, new_id
from opsagent.store.lock import is_held
from opsagent.store.records import RecordError, from_json, time_text, to_json

OPEN = ("running", "interrupted", "failed", "awaiting_approval")


@dataclass(frozen=True, slots=True)
class Incident:
    """One line of the ledger."""

    id: str
    service: str | None
    where: Where
    stage: Status | Stage
    started_at: datetime
    updated_at: datetime
    code: str | None = None  # of the leading cause
    expires_at: datetime | None = None  # of the panel that waits
    text: str = ""  # how it ended, or why it stopped
    settings: dict[str, Any] = field(default_factory=dict)  # how to reach the same system again
    fault: str | None = None  # by which the same fault is known again

    @property
    def open(self) -> bool:
        """Whether it has no end yet."""
        return self.stage in OPEN


class Incidents:
    """The ledger in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def open(
        self, service: str | None, where: Where, now: datetime, *, settings: Mapping[str, Any] | None = None
    ) -> str:
        """Enter a new incident and return its id; `settings` is what a later process needs to reach the same system."""
        at, place = time_text(now), json.dumps(to_json(where))
        values = (service, where.namespace, where.server, "running", at, at, place, json.dumps(to_json(settings or {})))
        with writing(self.state_dir) as connection:
            for attempt in range(1000):
                incident_id = new_id(4 + attempt // 100)
                try:
                    connection.execute(
                        "INSERT INTO incidents (id, service, namespace, server, stage, started_at, updated_at, place,"
                        " settings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (incident_id, *values),
                    )
                except sqlite3.IntegrityError:
                    continue
                return incident_id
        raise StoreError("no free incident id was found", hint="name another directory: OPSAGENT_STATE_DIR")

    def pending(self, panel: Panel, now: datetime) -> None:
        """Note that the incident waits for an answer to this panel: until now, its fault was seen."""
        self.update(
            panel.incident_id,
            stage="awaiting_approval",
            service=panel.service,
            code=panel.causes[0].code if panel.causes else None,
            expires_at=time_text(panel.expires_at),
            text=panel.plan.change,
            updated_at=time_text(now),
            fault=panel.fault or None,
        )

    def resumed(self, incident_id: str, now: datetime) -> None:
        """Note that somebody works on it again."""
        self.update(incident_id, stage="running", updated_at=time_text(now))

    def left(self, incident_id: str, stage: Stage | Literal["awaiting_approval"], why: str, now: datetime) -> None:
        """Note that the incident stopped before its end, or goes on waiting for an approval."""
        self.update(incident_id, stage=stage, text=why, updated_at=time_text(now))

    def ended(self, report: Report) -> None:
        """Note how the incident ended."""
        self.update(
            report.incident_id,
            stage=report.status,
            service=report.service,
            code=report.causes[0].code if report.causes else None,
            text=report.closing,
            expires_at=None,
            updated_at=time_text(report.ended_at),
            fault=report.fault or None,
        )

    def update(self, incident_id: str, **columns: str | None) -> None:
        """Set columns of one incident; IncidentError where there is none."""
        names = ", ".join(f"{name} = ?" for name in columns)
        with writing(self.state_dir) as connection:
            change = f"UPDATE incidents SET {names} WHERE id = ?"  # noqa: S608  names are ours
            done = connection.execute(change, (*columns.values(), incident_id))
            if done.rowcount != 1:
                raise _no_such(incident_id)

    def get(self, text: str) -> Incident:
        """Return the one incident whose id is, or begins with, `text`; IncidentError where there is none or several."""
        wanted = checked_id(text)
        with reading(self.state_dir) as connection:
            rows = connection.execute(
                f"{_SELECT} WHERE id = ?1 OR id GLOB ?1 || '*'  ORDER BY id = ?1 DESC, id LIMIT 6",
                (wanted,),
            ).fetchall()
        if not rows:
            raise _no_such(text)
        if len(rows) > 1 and rows[0][0] != wanted:
            raise IncidentError(f"{text!r} begins several ids", hint="use one of: " + ", ".join(row[0] for row in rows))
        return self._incident(rows[0])

    def list(self, *, everything: bool = False) -> tuple[Incident, ...]:
        """Return the incidents that have no end yet, or all of them, newest first; `damaged` has those left out."""
        found = (entry for entry in self._entries() if isinstance(entry, Incident))
        return tuple(incident for incident in found if everything or incident.open)

    def damaged(self) -> tuple[StoreError, ...]:
        """Return an error for each line that cannot be read: it hides no other one, and is not silently left out."""
        return tuple(entry for entry in self._entries() if isinstance(entry, StoreError))

    def _entries(self) -> Iterator[Incident | StoreError]:
        with reading(self.state_dir) as connection:
            rows = connection.execute(f"{_SELECT} ORDER BY started_at DESC, id").fetchall()
        for row in rows:
            try:
                yield self._incident(row)
            except StoreError as error:
                yield error

    def closed_with(self, incident_id: str, stage: Status, text: str, now: datetime) -> None:
        """Note the end of an incident that another one brought about, or that a person closed."""
        self.update(incident_id, stage=stage, text=text, expires_at=None, updated_at=time_text(now))

    def of_fault(self, fault: str, since: datetime | None = None) -> tuple[Incident, ...]:
        """Return the incidents of one fault that began after `since`, oldest first; none of the fault ""."""
        with reading(self.state_dir) as connection:
            rows = connection.execute(
                f"{_SELECT} WHERE fault = ?1 AND fault != '' AND (?2 IS NULL OR started_at > ?2)"
                " ORDER BY started_at, id",
                (fault, time_text(since) if since else None),
            ).fetchall()
        return tuple(self._incident(row) for row in rows)

    def keep_redaction(self, incident_id: str, state: Mapping[str, Any]) -> None:
        """Keep `Redactor.state()`, so that a later process gives the same secrets the same numbers."""
        self.update(incident_id, redaction=json.dumps(to_json(state)))

    def redaction(self, incident_id: str) -> dict[str, Any] | None:
        """Return what `keep_redaction` kept; None where nothing was."""
        with reading(self.state_dir) as connection:
            row = connection.execute("SELECT redaction FROM incidents WHERE id = ?", (incident_id,)).fetchone()
        if row is None:
            raise _no_such(incident_id)
        try:
            kept = json.loads(row[0]) if row[0] else None
        except ValueError as error:
            raise StoreError(
                f"what was redacted in incident {incident_id} cannot be read from {self.state_dir}: {error}",
                hint="the record is damaged; opsagent diagnose begins a new incident",
            ) from error
        return kept if isinstance(kept, dict) else None

    def _incident(self, row: tuple[Any, ...]) -> Incident:
        incident_id, service, stage, code, text, started, updated, expires, place, settings, fault = row
        if stage == "running" and not is_held(self.state_dir, incident_id):
            stage = "interrupted"  # its process is gone and could not state it
        try:
            return from_json(
                Incident,
                {
                    "id": incident_id,
                    "service": service,
                    "where": json.loads(place),
                    "stage": stage,
                    "started_at": started,
                    "updated_at": updated,
                    "code": code,
                    "expires_at": expires,
                    "text": text,
                    "settings": json.loads(settings),
                    "fault": fault,
                },
            )
        except (RecordError, ValueError) as error:
            raise StoreError(
                f"incident {incident_id} cannot be read from {self.state_dir}: {error}",
                hint="it was written by another opsagent, or changed by something else",
            ) from error


_SELECT = (
    "SELECT id, service, stage, code, text, started_at, updated_at, expires_at, place, settings, fault FROM incidents"
)


def _no_such(text: str) -> IncidentError:
    return IncidentError(f"there is no incident {text!r}", hint="opsagent incidents --all lists them")
