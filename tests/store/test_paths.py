"""The state directory is where it should be, and nobody else's business."""

import os
import stat
from pathlib import Path

import pytest

from opsagent.config.settings import Settings
from opsagent.errors import StoreError
from opsagent.store.paths import make_private, make_private_below, open_private, state_dir


def mode(path: Path) -> int:
    """Return a file's rights."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> object:
    """Run under several umasks."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting, else XDG's place, else the one below the home; a relative XDG path is ignored."""
    monkeypatch.setenv("HOME", "/home/op")
    assert state_dir(Settings(state_dir=Path("/var/lib/x")), {"XDG_STATE_HOME": "/s"}) == Path("/var/lib/x")
    assert state_dir(Settings(state_dir=Path("~/x")), {}) == Path("/home/op/x")
    assert state_dir(Settings(), {"XDG_STATE_HOME": "/s"}) == Path("/s/opsagent")
    assert state_dir(Settings(), {"XDG_STATE_HOME": "s"}) == Path("/home/op/.local/state/opsagent")


@pytest.mark.usefixtures("umask")
def test_it_is_made_private_whatever_the_umask(tmp_path: Path) -> None:
    """Directories are 0700, files 0600."""
    root = tmp_path / "a" / "opsagent"
    make_private(root)
    assert (mode(root), mode(make_private_below(root, "reports"))) == (0o700, 0o700)
    os.close(open_private(root / "x"))
    assert mode(root / "x") == 0o600


def test_wider_rights_are_tightened(tmp_path: Path) -> None:
    """A directory of opsagent's own, and its files, are closed to others."""
    root = tmp_path / "opsagent"
    root.mkdir(mode=0o755)
    (root / "opsagent.db").touch(mode=0o644)
    make_private(root)
    os.close(open_private(root / "opsagent.db"))
    assert (mode(root), mode(root / "opsagent.db")) == (0o700, 0o600)


def test_a_directory_that_others_use_is_refused(tmp_path: Path) -> None:
    """Somebody who names /tmp, or a home, does not lock it for everybody else."""
    tmp_path.chmod(0o755)
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(StoreError, match=r"open to other users .* \(thesis.txt\)") as caught:
        make_private(tmp_path)
    assert caught.value.hint is not None
    assert "chmod 700" in caught.value.hint
    assert mode(tmp_path) == 0o755


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    """A file where the directory should be, and a link where a file should be."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file cannot be made or read: File exists"):
        make_private(tmp_path / "file")
    with pytest.raises(StoreError, match="cannot be made or read: Not a directory"):
        make_private(tmp_path / "file" / "below")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="link cannot be opened"):
        open_private(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()
