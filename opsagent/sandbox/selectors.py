"""Label and field selectors, as the API server reads them."""

import re
from typing import Any

from .facts import Json

_SET = re.compile(r"^\s*(?P<key>[^\s!=(),]+)\s+(?P<op>in|notin)\s*\((?P<values>[^)]*)\)\s*$")


def matches(item: Json, labels: str, fields: str) -> bool:
    """Return whether an object meets a labelSelector and a fieldSelector; empty ones match everything."""
    found = item.get("metadata", {}).get("labels") or {}
    return all(_label(found, part) for part in _split(labels)) and all(_field(item, part) for part in _split(fields))


def selects(selector: Json, labels: Json) -> bool:
    """Return whether a Service's or ReplicaSet's plain selector picks these labels; an empty one picks nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _split(text: str) -> list[str]:
    return [part for part in re.split(r",(?![^(]*\))", text) if part.strip()]


def _label(labels: Json, part: str) -> bool:
    in_set = _SET.match(part)
    if in_set:
        values = {value.strip() for value in in_set["values"].split(",")}
        return (labels.get(in_set["key"]) in values) == (in_set["op"] == "in")
    if "=" in part:
        key, negated, value = _equation(part)
        return (labels.get(key) == value) != negated
    key = part.strip()
    return key[1:] not in labels if key.startswith("!") else key in labels


def _field(item: Json, part: str) -> bool:
    path, negated, value = _equation(part)
    found: Any = item
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return (("" if found is None else str(found)) == value) != negated


def _equation(part: str) -> tuple[str, bool, str]:
    key, sign, value = re.split(r"(!=|==|=)", part, maxsplit=1)
    return key.strip(), sign == "!=", value.strip()
