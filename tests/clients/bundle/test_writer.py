"""A bundle on disk: whole or not there, nobody else's to read, never over something else."""

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsagent.clients.bundle.platform import open_bundle
from opsagent.clients.bundle.writer import BundleWriter
from opsagent.errors import BundleError, CheckError, UsageError

ITEMS = [{"kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}}, {"kind": "Node", "metadata": {"name": "n"}}]


def filled(target: Path) -> Path:
    """Write a small bundle."""
    with BundleWriter(target) as writer:
        writer.document("bundle.json", {"version": 1, "namespace": "shop", "looked": ["Pod", "Node", "Event"]})
        writer.objects("objects.json", ITEMS)
        writer.lines("stats.jsonl", [{"at": "2026-11-22T12:00:00Z", "took_s": 0.1, "stats": {}}])
        writer.log("logs/a/main.log", ["one\n", "two \ud800 é\n"])
    return target


def left(folder: Path) -> list[str]:
    """Return what is in a directory."""
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    """Return the permission bits."""
    return path.lstat().st_mode & 0o777


@pytest.mark.parametrize("name", ["bundle", "bundle.tar.gz", "bundle.tgz", "bundle.tar"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    """Directory and archive both open as the bundle that was written, and nothing else is left beside it."""
    bundle = open_bundle(str(filled(tmp_path / name)))
    assert bundle.where.namespace == "shop"
    assert bundle.objects().looked == {"Pod", "Node", "Event"}
    assert [item["kind"] for item in bundle.objects().items] == ["Pod", "Node"]
    assert b"".join(bundle.read_log(bundle.logs()[0])).decode() == "one\ntwo ? é\n"
    assert left(tmp_path) == [name]


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    """Files 0600, directories 0700, whatever the umask; an archive names nobody."""
    before = os.umask(0)
    try:
        folder, packed = filled(tmp_path / "b"), filled(tmp_path / "b.tar.gz")
    finally:
        os.umask(before)
    assert mode(folder) == 0o700
    assert mode(packed) == 0o600
    for path in folder.rglob("*"):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path
    with tarfile.open(packed) as tar:
        for member in tar:
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
            assert member.name.split("/")[0] == "b"
            assert member.mode & 0o077 == 0


@pytest.mark.parametrize("kind", ["file", "directory", "dangling link"])
def test_nothing_is_overwritten(tmp_path: Path, kind: str) -> None:
    """A target that is there, even as a link to nowhere, is refused on entering and stays as it is."""
    target = tmp_path / "there"
    if kind == "file":
        target.write_text("mine")
    elif kind == "directory":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="nothing is overwritten"), BundleWriter(target):
        pytest.fail("it went on")
    assert left(tmp_path) == ["there"]


@pytest.mark.parametrize("name", ["b.tar.gz", "b"])
def test_a_target_that_comes_into_being_meanwhile_is_kept(tmp_path: Path, name: str) -> None:
    """Whoever was quicker keeps the file; the bundle is given up."""
    target = tmp_path / name
    with pytest.raises(BundleError), BundleWriter(target):
        target.write_text("mine")
    assert target.read_text() == "mine"
    assert left(tmp_path) == [name]


@pytest.mark.parametrize("name", ["b.zip", "b.tar.bz2", "b.gz"])
def test_other_archives_are_refused(tmp_path: Path, name: str) -> None:
    """No directory called b.zip comes out of a wrong ending."""
    with pytest.raises(UsageError, match="not packed like"), BundleWriter(tmp_path / name):
        pytest.fail("it went on")


def test_a_place_that_cannot_be_written_to_is_refused_at_once(tmp_path: Path) -> None:
    """A missing parent directory is reported before anything is asked."""
    with pytest.raises(UsageError, match="No such file"), BundleWriter(tmp_path / "no" / "such" / "b"):
        pytest.fail("it went on")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), CheckError("gone", source="logs"), RuntimeError("defect")])
@pytest.mark.parametrize("name", ["b", "b.tar.gz"])
def test_nothing_half_is_left(tmp_path: Path, name: str, error: BaseException) -> None:
    """Whatever ends it early, no file and no directory stays."""

    def interrupted() -> None:
        with BundleWriter(tmp_path / name) as writer:
            writer.log("logs/a/b.log", ["x"])
            raise error

    with pytest.raises(type(error)):
        interrupted()
    assert left(tmp_path) == []


def test_a_check_that_comes_back_after_the_end_writes_nothing(tmp_path: Path) -> None:
    """A thread that outlives an interrupt cannot bring the directory back."""
    with pytest.raises(KeyboardInterrupt), BundleWriter(tmp_path / "b") as writer:
        raise KeyboardInterrupt
    writer.log("logs/a/b.log", ["late"])
    assert left(tmp_path) == []


def test_a_full_disk_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    """What the system states becomes our error, and nothing is left."""

    def full() -> Iterator[str]:
        yield "the last that fits\n"
        raise OSError(28, "No space left on device")

    with pytest.raises(BundleError, match="No space left") as caught, BundleWriter(tmp_path / "b") as writer:
        writer.log("logs/a/b.log", full())
    assert caught.value.hint
    assert left(tmp_path) == []


def test_a_log_that_cannot_be_read_leaves_no_file(tmp_path: Path) -> None:
    """An empty file would state that nothing was logged; one that breaks off keeps what came."""

    def gone() -> list[str]:
        raise CheckError("gone", source="logs")

    def breaks() -> "list[str]":
        return ["kept\n"]

    with BundleWriter(tmp_path / "b") as writer:
        writer.document("bundle.json", {})
        with pytest.raises(CheckError):
            writer.log("logs/a/gone.log", (line for line in gone()))
        with pytest.raises(CheckError):
            writer.log("logs/a/short.log", (line for source in (breaks, gone) for line in source()))
        writer.log("logs/a/empty.log", [])
    assert sorted(path.name for path in (tmp_path / "b" / "logs" / "a").iterdir()) == ["empty.log", "short.log"]
    assert (tmp_path / "b" / "logs" / "a" / "short.log").read_text() == "kept\n"


@pytest.mark.parametrize(
    "where", ["logs/../x.log", "/etc/x.log", "logs/a/../../x.log", "logs/.x.log", "logs/a\0/b.log", "logs"]
)
def test_a_hostile_name_makes_no_path(tmp_path: Path, where: str) -> None:
    """A pod name that no API server would give leads nowhere."""
    with BundleWriter(tmp_path / "b") as writer:
        writer.document("bundle.json", {})
        with pytest.raises(BundleError, match="no place"):
            writer.log(where, ["x"])
    assert json.loads((tmp_path / "b" / "bundle.json").read_text()) == {}
    assert left(tmp_path) == ["b"]
