"""The audit trail: append-only records, each with the hash of the one before."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from opsagent.errors import StoreError
from opsagent.models.audit import AuditKind, AuditMark, AuditRecord
from opsagent.models.json_values import mapping_at
from opsagent.store.db import reading, writing
from opsagent.store.records import RecordError, from_json, time_text, to_json

_ROWS = "SELECT number, kind, incident, key, record, hash FROM audit"
_DAMAGED = "opsagent audit --verify names every broken record"
_Row = tuple[int, str, str, str | None, str, str]


@dataclass(frozen=True, slots=True)
class TrailVerdict:
    """What a check of the complete trail found."""

    records: int
    last: AuditMark | None
    complaints: tuple[str, ...]


class Audit:
    """The audit trail in a state directory."""

    def __init__(self, state_dir: Path) -> None:
        """Name the directory; nothing is opened yet."""
        self.state_dir = state_dir

    def append(
        self, kind: AuditKind, incident_id: str, data: Mapping[str, Any], at: datetime, *, key: str | None = None
    ) -> AuditMark:
        """Add a record; on return the disk has it. StoreError where it cannot be added: then nothing may be done."""
        with writing(self.state_dir) as connection:
            prev = self._end(connection)
            ever = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
            # Numbers are never given twice: where the end was cut off, the gap stays.
            number = int(ever[0]) + 1 if ever else 1
            record = _canonical(
                {
                    "number": number,
                    "at": time_text(at),
                    "kind": kind,
                    "incident": incident_id,
                    "key": key,
                    "prev": prev,
                    "data": to_json(data),
                }
            )
            mark = AuditMark(number, _hash(record))
            connection.execute(
                "INSERT INTO audit (number, kind, incident, key, record, hash) VALUES (?, ?, ?, ?, ?, ?)",
                (number, kind, incident_id, key, record, mark.hash),
            )
        return mark

    def list(
        self, incident_id: str | None = None, *, kind: AuditKind | None = None, key: str | None = None
    ) -> tuple[AuditRecord, ...]:
        """Return the records in the order in which they were written; StoreError where one cannot be read."""
        with reading(self.state_dir) as connection:
            rows = connection.execute(
                f"{_ROWS} WHERE (?1 IS NULL OR incident = ?1) AND (?2 IS NULL OR kind = ?2)"
                " AND (?3 IS NULL OR key = ?3) ORDER BY number",
                (incident_id, kind, key),
            ).fetchall()
        return tuple(_record(row) for row in rows)

    def verify(self, marks: Mapping[str, AuditMark]) -> TrailVerdict:
        """Check every record against its hash and its neighbour, and the whole against the marks that reports hold.

        marks: by the name of who holds it ("report b7k2").
        """
        with reading(self.state_dir) as connection:
            rows = connection.execute(f"{_ROWS} ORDER BY number").fetchall()
            ever = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
        complaints = [*_broken(rows), *_cut(rows, int(ever[0]) if ever else 0), *_unmarked(rows, marks)]
        complaints += _unapproved(rows)
        last = AuditMark(rows[-1][0], rows[-1][5]) if rows else None
        return TrailVerdict(len(rows), last, tuple(complaints))

    def _end(self, connection: sqlite3.Connection) -> str:
        row = connection.execute(f"{_ROWS} ORDER BY number DESC LIMIT 1").fetchone()
        if row is None:
            return ""
        if _hash(row[4]) != row[5]:
            raise StoreError(f"the audit trail is damaged: record {row[0]} was changed", hint=_DAMAGED)
        return str(row[5])


def _broken(rows: list[_Row]) -> Iterator[str]:
    expected, prev = 1, ""
    for number, kind, incident, key, text, known in rows:
        if number != expected:
            missing = f"record {expected} is" if number == expected + 1 else f"records {expected} to {number - 1} are"
            yield f"{missing} missing"
        if _hash(text) != known:
            yield f"record {number} was changed: its hash is another one"
        held = _held(text)
        if (held.get("number"), held.get("kind"), held.get("incident"), held.get("key")) != (
            number, kind, incident, key,
        ):  # fmt: skip
            yield f"record {number} is at the wrong place, or under the wrong name"
        if number == expected and held.get("prev") != prev:
            yield f"record {number} does not follow the one before it"
        expected, prev = number + 1, known


def _cut(rows: list[_Row], ever: int) -> Iterator[str]:
    last = rows[-1][0] if rows else 0
    if ever > last:
        yield f"the end was cut off: {ever} records were written, the last one here is {last}"


def _unmarked(rows: list[_Row], marks: Mapping[str, AuditMark]) -> Iterator[str]:
    hashes = {row[0]: row[5] for row in rows}
    for holder, mark in marks.items():
        if mark.number not in hashes:
            yield f"record {mark.number}, which the {holder} names, is missing"
        elif hashes[mark.number] != mark.hash:
            yield f"record {mark.number} is another one than the {holder} names"


def _unapproved(rows: list[_Row]) -> Iterator[str]:
    """Name each intent that no approval is before: the same approval, of the same incident."""
    approved: set[tuple[str, str]] = set()
    for number, kind, incident, key, text, _ in rows:
        data = mapping_at(_held(text).get("data"))
        if kind == "approval":
            # Version 0.1 kept the answer alone, under the fingerprint that it was given to.
            whole = data.get("approval")
            approved.add((incident, _canonical(whole) if isinstance(whole, dict) else f"shown {key}"))
        elif kind == "intent":
            wanted = mapping_at(data.get("approval"))
            of_old = f"shown {mapping_at(wanted.get('answer')).get('shown')}" if "platform" not in wanted else ""
            if not approved & {(incident, _canonical(wanted)), (incident, of_old)}:
                yield f"record {number} is an intent without an approval: incident {incident} was not approved so"


def _record(row: _Row) -> AuditRecord:
    held = _held(row[4])
    try:
        return from_json(AuditRecord, {**held, "incident_id": held.get("incident"), "hash": row[5]})
    except RecordError as error:
        raise StoreError(f"record {row[0]} of the audit trail cannot be read: {error}", hint=_DAMAGED) from error


def _held(text: str) -> dict[str, Any]:
    try:
        held = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(text: str | bytes) -> str:
    # A damaged row may hold bytes: SQLite keeps whatever type was written.
    whole = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text or b"")
    return hashlib.sha256(whole).hexdigest()
