"""The configuration file: YAML, read safely, with the line of everything that is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from opsagent.config.check import is_secret_like, refuse_secret
from opsagent.config.given import Given
from opsagent.config.ignore import read_ignore
from opsagent.config.keys import CATALOG, IGNORE, LISTED, LOG_SOURCES, SERVICES, keys, nearest, sections
from opsagent.config.log_sources import read_log_sources
from opsagent.config.nodes import pairs, plain_value
from opsagent.config.packs import read_catalog
from opsagent.config.services import read_services
from opsagent.errors import ConfigError
from opsagent.models.ignore import IgnoreRule
from opsagent.models.log_source import LogSource
from opsagent.models.service import Service

_MOST_BYTES = 1_000_000
_KEY_NAMES = ("api_key", "apikey", "api-key", "secret", "token", "password")


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a configuration file holds."""

    given: dict[str, Given]  # single values by dotted key
    services: tuple[Service, ...] | None  # None where it names none
    ignore: tuple[IgnoreRule, ...]
    catalog: tuple[Path, ...]  # packs
    log_sources: tuple[LogSource, ...] = ()


def read_file(path: Path) -> FileContent:
    """Return what the file holds. Raises ConfigError naming file, line and key."""
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        given = dict(_walk(root, "", path)) if root is not None else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ConfigError(f"{path}{line}: this is not YAML: {problem}") from error
    except (RecursionError, ValueError) as error:
        raise ConfigError(f"{path}: this is no usable YAML: {error}") from error
    listed, known, packs, sources = (given.pop(name, None) for name in (SERVICES, IGNORE, CATALOG, LOG_SOURCES))
    return FileContent(
        given,
        read_services(listed) if listed else None,
        read_ignore(known) if known else (),
        read_catalog(packs) if packs else (),
        read_log_sources(sources) if sources else (),
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ConfigError(f"{path} is over {_MOST_BYTES:,} bytes: that is not a configuration")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"the configuration {path} cannot be read: {error.strerror or error}",
            hint="name another with --config or OPSAGENT_CONFIG",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start})") from error


def _walk(node: yaml.Node, prefix: str, path: Path) -> Iterator[tuple[str, Given]]:
    """Yield every key with its value; what is listed stays a node."""
    for key, value, where in pairs(node, prefix.rstrip(".") or "the file", path):
        name = prefix + key
        if name in LISTED:
            yield name, Given(value, where)
        elif name in sections():
            if not _is_empty(value):
                yield from _walk(value, f"{name}.", path)
        elif name in keys():
            yield name, Given(plain_value(value), where)
        else:
            _refuse_unknown(name, Given(plain_value(value), where))


def _is_empty(node: yaml.Node) -> bool:
    return plain_value(node) is None


def _refuse_unknown(name: str, given: Given) -> None:
    end = name.rsplit(".", 1)[-1].lower()
    secret = isinstance(given.value, str) and (is_secret_like(given.value) or any(word in end for word in _KEY_NAMES))
    if secret:
        refuse_secret(name, given)
    given.refuse(name, "is not a setting", nearest(name))
