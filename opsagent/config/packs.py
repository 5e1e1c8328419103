"""`catalog:` of the configuration file: files, or folders of files, that add to what opsagent knows."""

from pathlib import Path
from typing import TYPE_CHECKING

from opsagent.config.given import Given
from opsagent.config.keys import CATALOG
from opsagent.config.nodes import items, plain_value
from opsagent.errors import ConfigError

if TYPE_CHECKING:
    from yaml import Node

_MOST_BYTES = 1_000_000


def read_catalog(given: Given) -> tuple[Path, ...]:
    """Return the paths of a YAML list, relative ones beside the configuration file; ConfigError names line and key."""
    node: Node = given.value
    nodes = items(node)
    values = [plain_value(item) for item in nodes] if nodes is not None else [plain_value(node)]
    if nodes is None and values == [None]:
        return ()
    beside = Path(given.where.rsplit(":", 1)[0]).parent
    found: list[Path] = []
    for value in values:
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            given.refuse(CATALOG, "expected a list of files or folders", "catalog: [/etc/opsagent/packs]")
        found.append(beside / Path(value).expanduser())
    return tuple(found)


def pack_files(path: Path) -> tuple[tuple[str, str], ...]:
    """Return (name, text) of a pack's file, or of every .yaml file of a folder, in order of their names.

    Raises ConfigError where one cannot be read.
    """
    try:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        return tuple((str(file), _text(file)) for file in files)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(
            f"the catalog pack {path} cannot be read: {why}", hint="name a file, or a folder with .yaml files"
        ) from error


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        content = opened.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{file} is over {_MOST_BYTES:,} bytes: that is not a catalog pack")
    return content.decode("utf-8-sig")
