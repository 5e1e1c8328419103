"""The bearer token of the HTTP front ends."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from opsagent.errors import StoreError
from opsagent.store.paths import TOKEN
from opsagent.store.token import bearer_token


def test_it_is_made_once_and_private(tmp_path: Path) -> None:
    """The first start makes it, 0600; later starts read the same."""
    token = bearer_token(tmp_path / "state")
    assert len(token) >= 32
    assert bearer_token(tmp_path / "state") == token
    assert stat.S_IMODE((tmp_path / "state" / TOKEN).stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == [TOKEN]


def test_starts_at_once_agree(tmp_path: Path) -> None:
    """Eight starts at the same moment all get one token."""
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(bearer_token, [tmp_path / "state"] * 8))
    assert len(tokens) == 1


def test_an_emptied_file_is_not_a_token(tmp_path: Path) -> None:
    """An empty token would let everybody in: refused, with how to fix it."""
    bearer_token(tmp_path)
    (tmp_path / TOKEN).write_text("")
    with pytest.raises(StoreError, match="holds no token") as refused:
        bearer_token(tmp_path)
    assert "remove it" in (refused.value.hint or "")


def test_a_link_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """A link in the token's place is refused: what it points at is not ours."""
    (tmp_path / "elsewhere").write_text("x" * 50)
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / TOKEN).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="cannot be opened"):
        bearer_token(tmp_path / "state")
