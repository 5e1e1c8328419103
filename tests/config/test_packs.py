"""`catalog:` of the file: a list of paths beside it, each refused with its line where it is none."""

from pathlib import Path

import pytest

from opsagent.config.load import load
from opsagent.config.packs import pack_files
from opsagent.errors import ConfigError


def loaded(folder: Path, text: str) -> tuple[Path, ...]:
    """Load a configuration with this text."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, {}, {}).catalog


def test_paths_are_beside_the_file(tmp_path: Path) -> None:
    """A relative path is beside the configuration, an absolute one stays; nothing and an empty list mean no packs."""
    assert loaded(tmp_path, "catalog: [packs/shop.yaml, /etc/packs]") == (
        tmp_path / "packs/shop.yaml",
        Path("/etc/packs"),
    )
    assert loaded(tmp_path, "catalog: packs") == (tmp_path / "packs",)
    assert loaded(tmp_path, "catalog:") == loaded(tmp_path, "catalog: []") == ()


@pytest.mark.parametrize("text", ["catalog: [1]", "catalog: {a: b}", "catalog: ['']", "\ncatalog: [[x]]"])
def test_what_is_not_a_path_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    """The message names file, line and key."""
    with pytest.raises(ConfigError, match=r"config\.yaml:\d: catalog expected a list"):
        loaded(tmp_path, text)


def test_a_variable_cannot_hold_packs(tmp_path: Path) -> None:
    """They are listed in the file, as the message states."""
    with pytest.raises(ConfigError, match="catalog packs are listed in the configuration file"):
        load(None, {"OPSAGENT_CATALOG": "x", "XDG_CONFIG_HOME": str(tmp_path)}, {})


def test_a_folder_gives_its_yaml_files_in_order(tmp_path: Path) -> None:
    """Other files are left alone; what cannot be read is named."""
    for name in ("b.yaml", "a.yaml", "notes.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    assert [text for _, text in pack_files(tmp_path)] == ["a.yaml", "b.yaml"]
    with pytest.raises(ConfigError, match=r"none\.yaml cannot be read: No such file"):
        pack_files(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        pack_files(tmp_path / "bad.yaml")
