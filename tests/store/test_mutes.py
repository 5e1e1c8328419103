"""Mutes are kept, replaced, listed and ended."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from opsagent.models.mute import Mute
from opsagent.store.mutes import Mutes
from tests.store.records_made import AT

MUTE = Mute(AT, AT + timedelta(hours=8), "tester@here", "the disk is ordered", code="storage.full", object="Pod/db-0")


def test_a_mute_is_kept_until_its_time_is_over(tmp_path: Path) -> None:
    """It is listed before its end and not after; a second one of the same fault takes its place."""
    mutes = Mutes(tmp_path)
    assert mutes.list(AT) == ()
    mutes.add(MUTE)
    longer = replace(MUTE, until=AT + timedelta(hours=9), reason="it is late")
    mutes.add(longer)
    assert mutes.list(AT + timedelta(hours=8)) == (longer,)
    assert mutes.list(AT + timedelta(hours=9)) == ()


def test_a_mute_can_be_ended(tmp_path: Path) -> None:
    """What is removed is listed no more; others stay."""
    mutes = Mutes(tmp_path)
    other = replace(MUTE, code=None, object=None, fault="f1", incident_id="b7k2")
    mutes.add(MUTE)
    mutes.add(other)
    mutes.remove(MUTE)
    assert mutes.list(AT) == (other,)


def test_a_mute_covers_one_fault_and_no_other() -> None:
    """By code and object, by the code alone, or by the identity of an incident's fault; within its time."""
    assert MUTE.covers("x", "storage.full", "Pod/db-0", AT)
    assert not MUTE.covers("x", "storage.full", "Pod/db-1", AT)
    assert not MUTE.covers("x", "db.locked", "Pod/db-0", AT)
    assert not MUTE.covers("x", "storage.full", "Pod/db-0", AT + timedelta(hours=8))
    assert replace(MUTE, object=None).covers("x", "storage.full", "Pod/db-1", AT)
    by_fault = replace(MUTE, code=None, object=None, fault="f1")
    assert by_fault.covers("f1", "db.locked", None, AT)
    assert not by_fault.covers("f2", None, None, AT)
