"""The audit trail: what was written cannot be changed, taken out, moved or cut off unnoticed."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opsagent.errors import StoreError
from opsagent.models.audit import AuditKind, AuditMark
from opsagent.store.audit import Audit
from opsagent.store.db import reading
from tests.store.records_made import AT, PLAN


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """Return a trail of five records."""
    trail = Audit(tmp_path / "state")
    for number in range(1, 6):
        trail.append("look", "b7k2", {"n": number, "plan": PLAN}, AT, key=f"k{number}")
    return trail


def tamper(audit: Audit, *statements: str) -> None:
    """Write past opsagent, and past its triggers."""
    with closing(sqlite3.connect(audit.state_dir / "opsagent.db", isolation_level=None)) as connection:
        for name in ("audit_stays", "audit_is_kept"):
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)


def test_a_trail_that_nobody_touched_is_complete(audit: Audit) -> None:
    """Five records, no complaint, the last one's number and hash."""
    verdict = audit.verify({})
    assert (verdict.records, verdict.complaints) == (5, ())
    assert verdict.last == audit.list()[-1].mark


def test_records_are_found_again(audit: Audit) -> None:
    """By incident, kind and key; what was given comes back as plain JSON."""
    [found] = audit.list("b7k2", kind="look", key="k3")
    assert (found.number, found.data["n"], found.data["plan"]["action"], found.at) == (3, 3, "restart_deployment", AT)
    assert audit.list("other") == ()


def test_an_empty_trail_is_complete(tmp_path: Path) -> None:
    """Reading makes no file, and complains of nothing."""
    assert Audit(tmp_path / "none").verify({}).complaints == ()
    assert not (tmp_path / "none").exists()


SWAP = (
    "UPDATE audit SET number = 99 WHERE number = 2",
    "UPDATE audit SET number = 2 WHERE number = 3",
    "UPDATE audit SET number = 3 WHERE number = 99",
)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (("UPDATE audit SET record = replace(record, 'web', 'wEb') WHERE number = 3",), "record 3 was changed"),
        (("UPDATE audit SET kind = 'plan' WHERE number = 3",), "record 3 is at the wrong place"),
        (("UPDATE audit SET record = 'x', hash = 'y' WHERE number = 3",), "record 3 was changed"),
        (("DELETE FROM audit WHERE number = 3",), "record 3 is missing"),
        (("DELETE FROM audit WHERE number < 3",), "records 1 to 2 are missing"),
        (SWAP, "record 2 is at the wrong place"),
        (
            ("DELETE FROM audit WHERE number > 3",),
            "the end was cut off: 5 records were written, the last one here is 3",
        ),
        (("DELETE FROM audit",), "the end was cut off"),
    ],
)
def test_tampering_is_reported(audit: Audit, statements: tuple[str, ...], told: str) -> None:
    """Changed, renamed, missing, reordered, cut off: each is named with the record's number."""
    tamper(audit, *statements)
    assert told in "; ".join(audit.verify({}).complaints)


def test_a_trail_cut_off_with_its_counter_is_recognised_by_a_report(audit: Audit) -> None:
    """Who takes the end away and sets the counter back, too, is given away by the mark in a report."""
    mark = audit.list()[-1].mark
    tamper(audit, "DELETE FROM audit WHERE number > 3", "UPDATE sqlite_sequence SET seq = 3 WHERE name = 'audit'")
    assert audit.verify({}).complaints == ()
    assert audit.verify({"report b7k2": mark}).complaints == ("record 5, which the report b7k2 names, is missing",)


def test_a_trail_written_again_is_recognised_by_a_report(audit: Audit, tmp_path: Path) -> None:
    """A complete chain made up again fits in itself, and not the mark in a report."""
    mark = audit.list()[-1].mark
    other = Audit(tmp_path / "other")
    for number in range(1, 6):
        other.append("look", "b7k2", {"n": number}, AT)
    assert other.verify({}).complaints == ()
    assert other.verify({"report b7k2": mark}).complaints == ("record 5 is another one than the report b7k2 names",)


def test_a_gap_stays_when_the_trail_goes_on(audit: Audit) -> None:
    """After the end was cut off new records do not take the lost numbers: the gap is reported for good."""
    tamper(audit, "DELETE FROM audit WHERE number > 3")
    assert audit.append("end", "b7k2", {}, AT).number == 6
    assert "records 4 to 5 are missing" in audit.verify({}).complaints


def test_nothing_is_added_to_a_damaged_end(audit: Audit) -> None:
    """Where the last record was changed there is no audit, and so no action."""
    tamper(audit, "UPDATE audit SET record = replace(record, 'web', 'wEb') WHERE number = 5")
    with pytest.raises(StoreError, match="damaged: record 5") as refused:
        audit.append("intent", "b7k2", {}, AT)
    assert "audit --verify" in (refused.value.hint or "")


@pytest.mark.parametrize("statement", ["UPDATE audit SET hash = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses(audit: Audit, statement: str) -> None:
    """A slip of our own cannot change a record: triggers are in the way."""
    with (
        closing(sqlite3.connect(audit.state_dir / "opsagent.db")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)


def test_a_mark_of_the_future_is_reported(audit: Audit) -> None:
    """A report that names a record which was never written is a complaint."""
    assert audit.verify({"report x": AuditMark(9, "0")}).complaints != ()


def test_the_reading_connection_cannot_write(audit: Audit) -> None:
    """`opsagent audit` cannot change what it checks."""
    with pytest.raises(StoreError), reading(audit.state_dir) as connection:
        connection.execute("INSERT INTO audit (kind, incident, record, hash) VALUES ('look', 'x', 'x', 'x')")


APPROVAL = {"platform": {"server": "https://a"}, "answer": {"shown": "f"}, "action": "restart_deployment"}
OLD = {"server": "https://a", "answer": {"shown": "f"}, "action": "restart_deployment"}


def complaints(folder: Path, *records: tuple[AuditKind, str, dict[str, Any], str]) -> tuple[str, ...]:
    """Return what is reported about a trail of (kind, incident, data, key)."""
    trail = Audit(folder / "state")
    for kind, incident, data, key in records:
        trail.append(kind, incident, data, AT, key=key)
    return trail.verify({}).complaints


INTENT: tuple[AuditKind, str, dict[str, Any], str] = ("intent", "b7k2", {"approval": APPROVAL}, "k")


@pytest.mark.parametrize(
    "before",
    [
        (),
        (("approval", "other", {"approval": APPROVAL}, "k"),),
        (("approval", "b7k2", {"approval": {**APPROVAL, "action": "scale_deployment"}}, "k"),),
        (("approval", "b7k2", {"answer": {}}, "f"),),
        (("panel", "b7k2", {"approval": APPROVAL}, "k"),),
    ],
)
def test_an_intent_that_nobody_approved_is_reported(tmp_path: Path, before: Any) -> None:
    """None, of another incident, of another change, of an older shape, of another kind: the intent has no approval."""
    assert complaints(tmp_path, *before, INTENT) == (
        f"record {len(before) + 1} is an intent without an approval: incident b7k2 was not approved so",
    )


def test_an_approval_after_its_intent_is_none(tmp_path: Path) -> None:
    """What comes later approved nothing."""
    assert (
        "record 1 is an intent without"
        in complaints(tmp_path, INTENT, ("approval", "b7k2", {"approval": APPROVAL}, "k"))[0]
    )


def test_an_approved_intent_is_complete(tmp_path: Path) -> None:
    """The very approval of the very incident is before it; version 0.1 kept the answer alone."""
    assert complaints(tmp_path / "a", ("approval", "b7k2", {"approval": APPROVAL}, "k"), INTENT) == ()
    old: tuple[AuditKind, str, dict[str, Any], str] = ("intent", "b7k2", {"approval": OLD}, "k")
    assert complaints(tmp_path / "b", ("approval", "b7k2", {"answer": {}}, "f"), old) == ()
    assert complaints(tmp_path / "c", ("approval", "b7k2", {"answer": {}}, "g"), old) != ()
    assert complaints(tmp_path / "d", ("approval", "other", {"answer": {}}, "f"), old) != ()


@pytest.mark.parametrize("value", ["x'ff00ff'", "'[]'", "'{'", "7"])
def test_a_damaged_record_is_reported(audit: Audit, value: str) -> None:
    """Whatever a row holds in place of a record: `verify` names it, nothing is read from it or added behind it."""
    tamper(audit, f"UPDATE audit SET record = {value} WHERE number = 5")
    assert any("record 5 was changed" in complaint for complaint in audit.verify({}).complaints)
    with pytest.raises(StoreError, match="record 5 of the audit trail cannot be read"):
        audit.list()
    with pytest.raises(StoreError, match="record 5 was changed"):
        audit.append("look", "b7k2", {}, AT)
