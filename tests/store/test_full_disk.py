"""A file system that is full or read-only: a clear error before anything is done, and reading goes on."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from opsagent.agent import run
from opsagent.errors import StoreError
from opsagent.sandbox import Sandbox
from opsagent.store.audit import Audit
from opsagent.store.incidents import Incidents
from opsagent.store.reports import Reports
from tests.session import SPEED, ScriptedAnswers, at_work, settings_for
from tests.store.records_made import AT, WHERE, report


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 2 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> None:
    """Leave no byte free."""
    with (place / "other.lock").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return


def test_a_full_disk_refuses_a_record_and_reading_goes_on(small: Path) -> None:
    """Audit, ledger and report each state that the disk is full and what helps; what was written is still read."""
    audit, ledger, reports = Audit(small), Incidents(small), Reports(small)
    incident_id = ledger.open("web", WHERE, AT)
    reports.save(report())
    for number in range(3):
        audit.append("look", incident_id, {"n": number}, AT)
    fill(small)
    with pytest.raises(StoreError, match="the file system is full") as refused:
        audit.append("look", incident_id, {"text": "x" * 100_000}, AT)
    assert "make room" in (refused.value.hint or "")
    with pytest.raises(StoreError, match="No space left"):
        reports.save(report("c3d4", closing="x" * 100_000))
    assert audit.verify({}).complaints == ()
    assert ledger.get(incident_id).service == "web"
    assert [one.incident_id for one in reports.list().reports] == ["b7k2"]


def test_a_read_only_state_directory_is_read(small: Path) -> None:
    """Mounted read-only: listing, reports and the trail's check work, and a new record is refused."""
    audit, ledger = Audit(small), Incidents(small)
    incident_id = ledger.open("web", WHERE, AT)
    audit.append("look", incident_id, {}, AT)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    assert audit.verify({}).records == 1
    assert ledger.list(everything=True)[0].id == incident_id
    with pytest.raises(StoreError):
        audit.append("intent", incident_id, {}, AT)


def test_a_disk_that_is_full_when_the_answer_comes_changes_nothing(small: Path, tmp_path: Path) -> None:
    """The yes is given, the disk is full: an error that states it, and no request that changes anything."""
    with Sandbox("db-locked", speed=SPEED) as box:
        made = settings_for(box, tmp_path)
        settings = replace(made, state_dir=small)
        replies = ScriptedAnswers(["approve"], before=lambda panel: fill(small))
        with pytest.raises(StoreError), at_work(settings) as (ctx, desk):
            run.diagnose_one(ctx, run.DiagnosisRequest("blog-service"), desk, replies)
        assert box.state.deployment("blog-service").rollouts == 0
        assert not [path for method, path in box.requests if method == "PATCH" and "dryRun" not in path]
