"""Only plain files of the bundle itself are read, and not without bounds."""

import io
import os
from pathlib import Path

import pytest

from opsagent.clients.bundle.files import Limits
from opsagent.clients.bundle.opening import open_files
from opsagent.clients.bundle.platform import open_bundle
from opsagent.errors import UsageError
from tests.clients.bundles import write, write_bundle


def test_links_are_refused_wherever_a_bundle_is_read(tmp_path: Path) -> None:
    """A link among the files, among the logs, or in place of the log directory is refused."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    for place in ("objects.json", "logs/a/b.log", "logs"):
        root = write_bundle(tmp_path / place.replace("/", "-"), bundle_json={"version": 1})
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).symlink_to(tmp_path if place == "logs" else secret)
        with pytest.raises(UsageError, match="link"):
            open_files(str(root))


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    """A named pipe among the logs is refused, and as the bundle itself too."""
    root = write_bundle(tmp_path / "b", bundle_json={})
    (root / "logs").mkdir()
    os.mkfifo(root / "logs" / "a.log")
    with pytest.raises(UsageError, match="device"):
        open_files(str(root))
    with pytest.raises(UsageError, match="neither"):
        open_files(str(root / "logs" / "a.log"))


def test_a_file_swapped_for_a_link_after_the_walk_is_not_followed(tmp_path: Path) -> None:
    """The open itself refuses links, so a swap between walk and read shows nothing."""
    root = write_bundle(tmp_path / "b", bundle_json={"version": 1})
    files = open_files(str(root))
    (root / "bundle.json").unlink()
    (root / "bundle.json").symlink_to("/etc/hostname")
    with pytest.raises(OSError, match="symbolic"):
        files.opener("bundle.json")


def test_other_files_beside_the_bundle_are_not_checked(tmp_path: Path) -> None:
    """What is not a bundle's file (a link to elsewhere, a big directory) is left alone."""
    root = write_bundle(tmp_path / "b", bundle_json={})
    (root / "notes").symlink_to("/etc")
    write(root, "src/a/b/c.log", "x")
    write(root, "logs/x/y.log", "x")
    assert sorted(open_files(str(root)).sizes) == ["bundle.json", "logs/x/y.log"]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(files=2), "more than 2 files"),
        (Limits(file_bytes=3), "larger than"),
        (Limits(total_bytes=9), "holds more than"),
        (Limits(depth=1), "too deeply"),
    ],
)
def test_sizes_are_bounded(tmp_path: Path, limits: Limits, said: str) -> None:
    """Too many files, a file or a sum too large, and deep nesting are refused."""
    for name in ("logs/a/b/1.log", "logs/2.log", "logs/3.log"):
        write(tmp_path, name, "four")
    with pytest.raises(UsageError, match=said):
        open_files(str(tmp_path), limits)


def test_paths_that_cannot_be_read_state_it(tmp_path: Path) -> None:
    """A missing path, a NUL in it and an unknown packing are usage errors."""
    zipped = tmp_path / "b.zip"
    zipped.write_bytes(b"PK\x03\x04rest")
    for path, said in ((tmp_path / "none", "there is no"), ("a\0b", "cannot be read"), (zipped, "packed")):
        with pytest.raises(UsageError, match=said):
            open_files(str(path))


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_a_log_comes_from_stdin_and_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is a log of which only "stdin" is known; what is cut off, or nothing at all, is refused."""
    monkeypatch.setattr("sys.stdin", _Stdin(b"one\ntwo"))
    bundle = open_bundle("-")
    (ref,) = bundle.logs()
    assert ref.where == "stdin"
    assert [b"".join(bundle.read_log(ref)) for _ in range(2)] == [b"one\ntwo"] * 2
    monkeypatch.setattr("sys.stdin", _Stdin(b"\x1f\x8b\x08"))
    with pytest.raises(UsageError, match="cut off or broken"):
        open_bundle("-")
    monkeypatch.setattr("sys.stdin", _Stdin(b""))
    with pytest.raises(UsageError, match="stdin is empty"):
        open_bundle("-")
