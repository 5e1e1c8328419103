"""Sightings are kept by their facts."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from opsagent.errors import StoreError
from opsagent.models.sighting import BlindSpot, Sighting
from opsagent.store.sightings import Sightings
from tests.store.records_made import AT

ONE = Sighting("k1", "shop", "web", "db.locked", "Deployment/web", "b7k2", AT, AT, AT)


def test_a_sighting_is_kept_and_replaced_by_its_facts(tmp_path: Path) -> None:
    """The same key again is the same row; another platform's are not listed; the newest comes first."""
    kept = Sightings(tmp_path)
    kept.save(ONE)
    newer = replace(ONE, count=2, last_seen=AT + timedelta(minutes=2))
    kept.save(newer)
    kept.save(replace(ONE, key="k2"))
    kept.save(replace(ONE, key="k3", platform="other"))
    assert kept.list("shop") == (newer, replace(ONE, key="k2"))


def test_none_yet_and_a_broken_one(tmp_path: Path) -> None:
    """No database is not a sighting; a row that somebody broke is reported."""
    kept = Sightings(tmp_path)
    assert kept.list("shop") == ()
    kept.save(ONE)
    with closing(sqlite3.connect(tmp_path / "opsagent.db", isolation_level=None)) as past:
        past.execute("UPDATE sightings SET record = '{}'")
    with pytest.raises(StoreError, match="sighting"):
        kept.list("shop")


def test_blind_spots_are_kept_by_platform_and_subject(tmp_path: Path) -> None:
    """None yet; the same subject again is the same row; another platform's are not listed."""
    kept = Sightings(tmp_path)
    assert kept.blind_spots("shop") == {}
    kept.save_blind_spot(BlindSpot("shop", "objects", since=AT, passes=1, why="HTTP 401"))
    newer = BlindSpot("shop", "objects", AT, AT + timedelta(minutes=2), 2, AT, "HTTP 403", AT)
    kept.save_blind_spot(newer)
    kept.save_blind_spot(BlindSpot("shop", "stats"))
    kept.save_blind_spot(BlindSpot("other", "objects"))
    assert kept.blind_spots("shop") == {"objects": newer, "stats": BlindSpot("shop", "stats")}


def test_a_blind_spot_that_somebody_broke_is_reported(tmp_path: Path) -> None:
    """With the way to read it again, not as "none"."""
    kept = Sightings(tmp_path)
    kept.save_blind_spot(BlindSpot("shop", "objects"))
    with closing(sqlite3.connect(tmp_path / "opsagent.db", isolation_level=None)) as past:
        past.execute("UPDATE blind_spots SET record = '{}'")
    with pytest.raises(StoreError, match="blind spot"):
        kept.blind_spots("shop")
