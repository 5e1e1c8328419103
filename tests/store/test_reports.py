"""A report is on disk whole or not at all, and a damaged one is named."""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from opsagent.errors import IncidentError, StoreError
from opsagent.store.reports import SCHEMA, Reports
from tests.store.records_made import AT, report
from tests.store.test_paths import mode


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    """Every field, in a private file that other programs can read as JSON."""
    shelf = Reports(tmp_path / "s")
    path = shelf.save(report())
    assert path == tmp_path / "s" / "reports" / "b7k2.json"
    assert (mode(path), mode(path.parent), mode(tmp_path / "s")) == (0o600, 0o700, 0o700)
    assert shelf.load("b7k2") == report()
    assert shelf.load("b7") == report()
    document = json.loads(path.read_bytes())
    assert (document["schema"], document["report"]["status"]) == (SCHEMA, "recovered")


def test_a_later_report_of_the_same_incident_takes_its_place(tmp_path: Path) -> None:
    """Pending first, then ended: one file, and nothing beside it."""
    shelf = Reports(tmp_path / "s")
    shelf.save(report(status="awaiting_approval"))
    shelf.save(report())
    assert shelf.load("b7k2").status == "recovered"
    assert [path.name for path in (tmp_path / "s" / "reports").iterdir()] == ["b7k2.json"]


def test_newest_first(tmp_path: Path) -> None:
    """By the time at which the incident ended, whatever the files state."""
    shelf = Reports(tmp_path / "s")
    for hours, incident_id in ((2, "c2"), (3, "a3"), (1, "b1")):
        shelf.save(report(incident_id, ended_at=AT + timedelta(hours=hours)))
    assert [one.incident_id for one in shelf.list().reports] == ["a3", "c2", "b1"]
    assert shelf.newest().incident_id == "a3"


def test_none_yet(tmp_path: Path) -> None:
    """An empty shelf is empty, and is not made by checking it."""
    shelf = Reports(tmp_path / "s")
    assert shelf.list().reports == ()
    assert not (tmp_path / "s").exists()
    with pytest.raises(IncidentError, match="there is no report yet"):
        shelf.newest()
    with pytest.raises(IncidentError, match="there is no report of incident 'b7k2'"):
        shelf.load("b7k2")
    with pytest.raises(IncidentError, match="is not an incident id"):
        shelf.load("../../etc/passwd")


def test_a_beginning_that_fits_several_is_refused(tmp_path: Path) -> None:
    """The ids are named."""
    shelf = Reports(tmp_path / "s")
    shelf.save(report("b7k2"))
    shelf.save(report("b7m3"))
    with pytest.raises(IncidentError) as caught:
        shelf.load("b7")
    assert caught.value.hint == "use one of: b7k2, b7m3"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\x00",
        b'{"schema": "other"}',
        b'{"schema": "opsagent.report/1"}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_report_is_named_and_hides_no_other(tmp_path: Path, content: bytes) -> None:
    """Asked for, it is an error; in the list it is beside those that can be read."""
    shelf = Reports(tmp_path / "s")
    shelf.save(report("b7k2"))
    (tmp_path / "s" / "reports" / "c8m3.json").write_bytes(content)
    with pytest.raises(StoreError, match=r"c8m3\.json is damaged"):
        shelf.load("c8m3")
    listed = shelf.list()
    assert [one.incident_id for one in listed.reports] == ["b7k2"]
    assert [one.source for one in listed.damaged] == ["reports/c8m3.json"]
    assert shelf.newest().incident_id == "b7k2"


def test_a_disk_without_room_leaves_the_old_report(tmp_path: Path) -> None:
    """The write fails with how to fix it; the report that was there is complete, and no half file stays."""
    shelf = Reports(tmp_path / "s")
    shelf.save(report(status="awaiting_approval"))
    script = (
        "import pathlib, sys\n"
        "from opsagent.errors import StoreError\n"
        "from opsagent.store.reports import Reports\n"
        "from tests.store.records_made import report\n"
        "try:\n"
        "    Reports(pathlib.Path(sys.argv[1])).save(report())\n"
        "except StoreError as error:\n"
        "    print(error.message, '|', error.hint)\n"
    )

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    end = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "s")],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=no_room,
        cwd=Path(__file__).parents[2],
    )
    assert "b7k2.json cannot be written: File too large" in end.stdout
    assert shelf.load("b7k2").status == "awaiting_approval"
    assert [path.name for path in (tmp_path / "s" / "reports").iterdir()] == ["b7k2.json"]


def test_old_reports_are_removed_and_those_to_keep_stay(tmp_path: Path) -> None:
    """By their end; a damaged one and one of an open incident stay; a second time there is nothing to remove."""
    shelf = Reports(tmp_path)
    old, kept, new = (
        replace(report(), incident_id=name, ended_at=AT + timedelta(days=days))
        for name, days in (("old1", 0), ("kept", 0), ("new1", 9))
    )
    for one in (old, kept, new):
        shelf.save(one)
    shelf.path("bad1").write_text("{")
    assert shelf.prune(AT + timedelta(days=1), keep=("kept",)) == ("old1",)
    assert {one.incident_id for one in shelf.list().reports} == {"kept", "new1"}
    assert [one.source for one in shelf.list().damaged] == ["reports/bad1.json"]
    assert shelf.prune(AT + timedelta(days=1), keep=("kept",)) == ()
    assert shelf.newest().incident_id == "new1"


def test_without_a_report_there_is_no_newest(tmp_path: Path) -> None:
    """None at all is one error, none that can be read another one."""
    shelf = Reports(tmp_path)
    with pytest.raises(IncidentError, match="no report yet"):
        shelf.newest()
    shelf.save(report())
    for path in (tmp_path / "reports").iterdir():
        path.write_text("{")
    with pytest.raises(StoreError):
        shelf.newest()
