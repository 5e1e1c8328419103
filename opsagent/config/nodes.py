"""YAML as nodes: values with the line where they are."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from yaml import MappingNode, Node, ScalarNode, SequenceNode
from yaml.constructor import SafeConstructor

from opsagent.config.given import Given
from opsagent.config.keys import did_you_mean
from opsagent.errors import ConfigError

T = TypeVar("T")


def pairs(node: Node, name: str, path: Path) -> Iterator[tuple[str, Node, str]]:
    """Yield key, value and place of a mapping; ConfigError where it is not one, or states a key twice."""
    if not isinstance(node, MappingNode):
        raise ConfigError(f"{place(node, path)}: {name}: expected keys and values")
    seen: dict[str, int] = {}
    for key_node, value in node.value:
        line = key_node.start_mark.line + 1
        key = key_node.value
        if not isinstance(key_node, ScalarNode):
            raise ConfigError(f"{path}:{line}: {name}: a key must be a plain word")
        if key in seen:
            raise ConfigError(f"{path}:{line}: {key} is stated twice", hint=f"the first time in line {seen[key]}")
        seen[key] = line
        yield key, value, f"{path}:{line}"


def items(node: Node) -> list[Node] | None:
    """Return the nodes of a list; None where it is not one."""
    return list(node.value) if isinstance(node, SequenceNode) else None


def entries(given: Given, key: str, things: str, hint: str, read: Callable[[Node, Path], T]) -> tuple[T, ...]:
    """Return what `read` makes of each entry of a YAML list, () of an empty setting; ConfigError for all else."""
    node: Node = given.value
    if plain_value(node) is None:
        return ()
    found = items(node)
    if found is None:
        given.refuse(key, f"expected a list of {things}", hint)
    path = Path(given.where.rsplit(":", 1)[0])
    return tuple(read(item, path) for item in found)


def fields_of(node: Node, key: str, path: Path, allowed: Sequence[str], entry: str) -> Iterator[tuple[str, Node, str]]:
    """Yield name, value and place of each field of an entry; ConfigError for one that is not `allowed`."""
    for name, value, where in pairs(node, key, path):
        if name not in allowed:
            raise ConfigError(f"{where}: {key}: {name} is not part of {entry}", hint=did_you_mean((), allowed))
        yield name, value, where


def plain_value(node: Node) -> Any:
    """Return a scalar as YAML's safe types; a list or mapping as an empty one, which no single setting takes."""
    if not isinstance(node, ScalarNode):
        return [] if isinstance(node, SequenceNode) else {}
    # A date or a binary is not a setting: what was typed is. (And there is no 30th of February to be made of it.)
    if node.tag.endswith((":timestamp", ":binary")):
        return node.value
    value = SafeConstructor().construct_object(node, deep=True)
    return value if value is None or isinstance(value, str | int | float | bool) else node.value


def place(node: Node, path: Path) -> str:
    """Return "file:line"."""
    return f"{path}:{node.start_mark.line + 1}"
