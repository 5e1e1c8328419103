"""Logs in files: which are read, from where on, and what is not a log."""

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opsagent.clients import files
from opsagent.clients.files import MOST_FILES, matching, read_file
from opsagent.errors import CheckError, NotCheckedError

NOW = datetime.now(UTC)


def text(path: Path, *, tail: int | None = None, since_s: int | None = None) -> str:
    """Return what is read of the one file at a path."""
    [file] = matching(str(path))
    return b"".join(read_file(file, tail=tail, since_s=since_s, now=NOW)).decode()


def test_the_last_lines(tmp_path: Path) -> None:
    """A tail is the file's end, with or without a last newline."""
    path = tmp_path / "a.log"
    path.write_text("1\n2\n3\n")
    assert text(path, tail=2) == "2\n3\n"
    path.write_text("1\n2\n3")
    assert text(path, tail=2) == "2\n3"
    assert text(path) == "1\n2\n3"


def test_lines_that_are_too_old_are_left_out(tmp_path: Path) -> None:
    """Stamps with a zone are compared; a stamp without one may be of any zone, so its line stays."""
    path = tmp_path / "a.log"
    old, new = NOW - timedelta(hours=3), NOW - timedelta(minutes=1)
    naive = f"{old:%Y-%m-%d %H:%M:%S}"
    path.write_text(f"{old.isoformat()} old\n  its trace\n{new.isoformat()} new\n{naive} where?\n")
    assert [line.split(" ")[-1] for line in text(path, since_s=3600).splitlines()] == ["new", "where?"]


def test_a_file_that_was_last_written_before_is_not_read(tmp_path: Path) -> None:
    """Last night's log reports nothing of now, whatever its lines begin with."""
    path = tmp_path / "a.log"
    path.write_text("database is locked\n")
    then = (NOW - timedelta(hours=8)).timestamp()
    os.utime(path, (then, then))
    assert text(path, since_s=3600) == ""
    assert text(path) == "database is locked\n"


def test_pipes_and_folders_are_no_logs(tmp_path: Path) -> None:
    """A pipe would be waited for, and a folder cannot be read: neither matches."""
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "folder.log").mkdir()
    assert matching(str(tmp_path / "*.log")) == ()


def test_what_became_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Between listing and reading a file may be replaced."""
    path = tmp_path / "a.log"
    path.write_text("line\n")
    [file] = matching(str(path))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(CheckError, match="not a regular file"):
        list(read_file(file, tail=None, since_s=None, now=NOW))


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """It is an error with the system's words, not an empty log."""
    path = tmp_path / "a.log"
    path.write_text("line\n")
    [file] = matching(str(path))
    path.unlink()
    with pytest.raises(CheckError, match="No such file"):
        list(read_file(file, tail=5, since_s=None, now=NOW))


@pytest.mark.parametrize("name", ["a.log.1.gz", "a.log"])
def test_a_rotated_log_is_read_packed(tmp_path: Path, name: str) -> None:
    """Known by its content, not by its name: all lines, the last ones, those of a window, as of a plain file."""
    stamped = [f"{NOW - timedelta(minutes=9 - n):%Y-%m-%dT%H:%M:%SZ} line {n}\n" for n in range(10)]
    path = tmp_path / name
    path.write_bytes(gzip.compress("".join(stamped).encode()))
    assert text(path) == "".join(stamped)
    assert text(path, tail=2) == "".join(stamped[-2:])
    assert text(path, since_s=150) == "".join(stamped[-3:])


def test_a_broken_packed_log_is_an_error(tmp_path: Path) -> None:
    """One that is cut off, or that is not what its first bytes promise, is not a short log."""
    path = tmp_path / "a.log.gz"
    for broken in (gzip.compress(b"one line\n" * 999)[:-9], b"\x1f\x8bnothing of gzip"):
        path.write_bytes(broken)
        with pytest.raises(CheckError, match="cut off or broken"):
            text(path)


def test_a_packed_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than the bound fills neither memory nor disk."""
    monkeypatch.setattr(files, "_MOST_UNPACKED", 1_000_000)
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"\0" * 9_000_000))
    with pytest.raises(CheckError, match="unpacks to more than"):
        text(path)


def test_files_packed_otherwise_are_named_not_read(tmp_path: Path) -> None:
    """Bytes of a packed log would be digested as lines."""
    path = tmp_path / "a.log.xz"
    path.write_bytes(b"\xfd7zXZ")
    with pytest.raises(NotCheckedError, match="is packed"):
        text(path)


def test_the_newest_files_of_a_glob(tmp_path: Path) -> None:
    """Of very many rotated files the newest are read."""
    for number in range(MOST_FILES + 5):
        path = tmp_path / f"{number}.log"
        path.write_text("x\n")
        os.utime(path, (number, number))
    found = matching(str(tmp_path / "*.log"))
    assert [file.path.stem for file in found] == [str(n) for n in range(MOST_FILES + 4, 4, -1)]
