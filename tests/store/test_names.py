"""Names for tab completion: kept for a moment, for one platform, and never an error for who presses Tab."""

import os
import time
from pathlib import Path

import pytest

from opsagent.errors import StoreError
from opsagent.store.names import FILE, FRESH_S, Names, keep_names, may_check, read_names

NAMES = Names(1_000.0, ("blog-service",), ("blog-1", "blog-2"))


def test_names_of_one_platform_are_kept(tmp_path: Path) -> None:
    """What was kept is read again; another platform's names take their place; nobody else may read the file."""
    assert read_names(tmp_path, "a") is None
    keep_names(tmp_path, "a", NAMES)
    assert read_names(tmp_path, "a") == NAMES
    assert read_names(tmp_path, "b") is None
    keep_names(tmp_path, "b", NAMES)
    assert read_names(tmp_path, "a") is None
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"a": 1}', '{"a": {"at": "x", "services": [], "pods": []}}', "[" * 5000]
)
def test_a_damaged_file_is_no_names(tmp_path: Path, content: str) -> None:
    """It is only a memory: the next check writes it again."""
    (tmp_path / FILE).write_text(content)
    assert read_names(tmp_path, "a") is None


def test_names_are_fresh_for_some_seconds() -> None:
    """A clock that was set back makes nothing fresh."""
    assert NAMES.fresh(1_000.0)
    assert NAMES.fresh(1_000.0 + FRESH_S - 0.1)
    assert not NAMES.fresh(1_000.0 + FRESH_S)
    assert not NAMES.fresh(999.0)


def test_one_goes_to_check_at_a_time(tmp_path: Path) -> None:
    """Whoever comes right after does not; later somebody does again."""
    assert may_check(tmp_path)
    assert not may_check(tmp_path)
    [lock] = tmp_path.iterdir()
    long_ago = time.time() - 60
    os.utime(lock, (long_ago, long_ago))
    assert may_check(tmp_path)


def test_a_directory_in_the_way_is_an_error(tmp_path: Path) -> None:
    """Who checks is told that nothing can be kept, and where; nothing is left beside it."""
    (tmp_path / FILE).mkdir()
    (tmp_path / FILE / "x").touch()
    with pytest.raises(StoreError, match=FILE):
        keep_names(tmp_path, "a", NAMES)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
