"""One file, many processes, and errors that state how to fix it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from opsagent.errors import StoreError
from opsagent.store import db
from opsagent.store.db import reading, writing
from opsagent.store.paths import DATABASE
from opsagent.store.schema import MIGRATIONS
from tests.store.test_paths import mode

INSERT = "INSERT INTO samples VALUES ('s', ?, '{}')"
COUNT = "SELECT count(*) FROM samples"


def count(root: Path) -> int:
    """Return how many samples there are."""
    with reading(root) as connection:
        found: int = connection.execute(COUNT).fetchone()[0]
    return found


def test_reading_makes_nothing(tmp_path: Path) -> None:
    """A check of what is not there yet is empty, and leaves no trace."""
    assert count(tmp_path / "state") == 0
    assert not (tmp_path / "state").exists()


def test_what_is_written_is_kept_and_private(tmp_path: Path) -> None:
    """WAL, full sync, 0600 for each of its files."""
    root = tmp_path / "state"
    with writing(root) as connection:
        connection.execute(INSERT, ("1",))
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        files = {path.name: mode(path) for path in root.iterdir()}
    assert DATABASE in files
    assert set(files.values()) == {0o600}
    assert count(root) == 1


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    """All or nothing, whatever went wrong."""

    def interrupted() -> None:
        with writing(tmp_path / "s") as connection:
            connection.execute(INSERT, ("1",))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert count(tmp_path / "s") == 0


def test_processes_that_start_at_once_all_write(tmp_path: Path) -> None:
    """Making the file, turning it to WAL and migrating are done by one; nobody fails, nothing is lost."""
    script = (
        "import sys, pathlib\n"
        "from opsagent.store.db import writing\n"
        "sys.stdin.read()\n"
        "for n in range(5):\n"
        "    with writing(pathlib.Path(sys.argv[1])) as c:\n"
        "        c.execute(\"INSERT INTO samples VALUES (?, ?, '{}')\", (sys.argv[2], str(n)))\n"
    )
    root = tmp_path / "s"
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(root), str(n)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for n in range(6)
    ]
    for one in crowd:
        assert one.stdin is not None
        one.stdin.close()  # the starting gun
        one.stdin = None
    ends = [one.communicate()[1] for one in crowd]
    assert [(one.returncode, end) for one, end in zip(crowd, ends, strict=True)] == [(0, b"")] * 6
    assert count(root) == 30


def test_an_older_database_is_migrated_and_read_without_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading sees the schema of today without touching the file; writing migrates it."""
    with writing(tmp_path / "s") as connection:
        connection.execute(INSERT, ("1",))
    later = (*MIGRATIONS, ("ALTER TABLE samples ADD COLUMN note TEXT NOT NULL DEFAULT 'new'",))
    monkeypatch.setattr(db, "MIGRATIONS", later)
    path = tmp_path / "s" / DATABASE
    for _ in range(2):
        with reading(tmp_path / "s") as connection:
            assert connection.execute("SELECT note FROM samples").fetchall() == [("new",)]
        with closing(sqlite3.connect(path)) as plain:
            assert plain.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    with writing(tmp_path / "s") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(later),)
        assert connection.execute("SELECT note FROM samples").fetchall() == [("new",)]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old schema stays whole, and the error names the file."""
    with writing(tmp_path / "s") as connection:
        connection.execute(INSERT, ("1",))
    with monkeypatch.context() as patched:
        patched.setattr(db, "MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE x (a)", "NONSENSE")))
        with pytest.raises(StoreError, match=r"opsagent\.db cannot be written"), writing(tmp_path / "s"):
            pass
    assert count(tmp_path / "s") == 1


def test_a_newer_database_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a newer opsagent wrote is neither read wrongly nor written."""
    with writing(tmp_path / "s"):
        pass
    monkeypatch.setattr(db, "MIGRATIONS", ())
    for opened in (reading, writing):
        with pytest.raises(StoreError, match="written by a newer opsagent"), opened(tmp_path / "s"):
            pass


def test_a_damaged_file_is_named_with_how_to_fix_it(tmp_path: Path) -> None:
    """Reading and writing both state that it is damaged, and what to do."""
    root = tmp_path / "s"
    root.mkdir(mode=0o700)
    (root / DATABASE).write_bytes(b"this was a database once" * 100)
    for opened in (reading, writing):
        with pytest.raises(StoreError, match="file is not a database") as caught, opened(root):
            pass
        assert caught.value.hint is not None
        assert "move it aside" in caught.value.hint


def test_a_file_that_another_writes_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that does not go ends in an error that states it; readers are not held up."""
    with writing(tmp_path / "s"):
        monkeypatch.setattr(db, "BUSY_S", 0.05)
        assert count(tmp_path / "s") == 0
        with pytest.raises(StoreError, match="locked") as caught, writing(tmp_path / "s"):
            pass
    assert caught.value.hint == "another opsagent is writing there; try again"


def test_no_room_is_an_error_before_anything_is_kept(tmp_path: Path) -> None:
    """A write that does not fit is refused whole; what was there can still be read."""
    root = tmp_path / "s"
    with writing(root) as connection:
        connection.execute(INSERT, ("1",))

    def too_much() -> None:
        with writing(root) as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages}")
            connection.execute(INSERT, ("x" * 1_000_000,))

    with pytest.raises(StoreError, match="full") as caught:
        too_much()
    assert caught.value.hint is not None
    assert "make room" in caught.value.hint
    assert count(root) == 1


def _fifo(path: Path) -> None:
    os.mkfifo(path, 0o600)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [_fifo, _device, Path.mkdir])
def test_what_is_no_ordinary_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A FIFO, a link to a device or a directory as database is an error at once, for readers and writers."""
    root = tmp_path / "s"
    root.mkdir(mode=0o700)
    make(root / DATABASE)
    with pytest.raises(StoreError, match="no ordinary file"):
        count(root)
    with pytest.raises(StoreError), writing(root):
        pass
