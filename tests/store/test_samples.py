"""Samples are kept by where they came from, and not for ever."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from opsagent.errors import StoreError
from opsagent.models.observed import StatsSample
from opsagent.store import samples as module
from opsagent.store.db import writing
from opsagent.store.samples import KEEP_FOR, Samples
from tests.store.records_made import AT


def sample(seconds: float, **stats: object) -> StatsSample:
    """Return a sample taken then."""
    return StatsSample(AT + timedelta(seconds=seconds), 0.013, 200, dict(stats), None, "direct")


def test_they_come_back_in_order_and_since_when(tmp_path: Path) -> None:
    """Oldest first, failed ones included; the same check kept twice is one."""
    kept = Samples(tmp_path / "s")
    failed = StatsSample(AT + timedelta(seconds=5), 5.0, error="timed out")
    kept.keep((sample(10, a=1), failed), "s")
    kept.keep(iter((sample(0, a=0), sample(10, a=1))), "s")
    assert kept.recent("s", AT) == (sample(0, a=0), failed, sample(10, a=1))
    assert kept.recent("s", AT + timedelta(seconds=6)) == (sample(10, a=1),)


def test_a_sandbox_never_mixes_with_a_platform(tmp_path: Path) -> None:
    """Each server has its own."""
    kept = Samples(tmp_path / "s")
    kept.keep((sample(0, a=1),), "https://10.0.0.5:6443")
    assert kept.recent("http://127.0.0.1:9000", AT) == ()


def test_nothing_to_keep_makes_nothing(tmp_path: Path) -> None:
    """No samples, no file."""
    Samples(tmp_path / "s").keep((), "s")
    assert Samples(tmp_path / "s").recent("s", AT) == ()
    assert not (tmp_path / "s").exists()


def test_old_ones_are_forgotten_by_their_own_time(tmp_path: Path) -> None:
    """Age counts from the newest sample of the same server, not from a clock that may jump."""
    kept = Samples(tmp_path / "s")
    kept.keep((sample(0),), "a")
    kept.keep((sample(0), sample(60)), "b")
    kept.keep((sample(KEEP_FOR.total_seconds() + 30),), "b")
    assert [one.at for one in kept.recent("b", AT)] == [sample(60).at, sample(KEEP_FOR.total_seconds() + 30).at]
    assert len(kept.recent("a", AT)) == 1


def test_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that never ends does not fill the disk."""
    monkeypatch.setattr(module, "KEEP_AT_MOST", 3)
    kept = Samples(tmp_path / "s")
    for second in range(6):
        kept.keep((sample(second),), "s")
    assert kept.recent("s", AT) == (sample(3), sample(4), sample(5))


def test_a_changed_sample_is_stated(tmp_path: Path) -> None:
    """What cannot be read is an error, not an empty trend."""
    with writing(tmp_path / "s") as connection:
        connection.execute("INSERT INTO samples VALUES ('s', ?, ?)", (AT.isoformat(), json.dumps({"at": 5})))
    with pytest.raises(StoreError, match=r"a kept sample cannot be read: StatsSample.at"):
        Samples(tmp_path / "s").recent("s", AT - timedelta(days=1))
