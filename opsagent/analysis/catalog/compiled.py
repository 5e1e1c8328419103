"""The built-in rows as one JSON text: read at each start, written by `python -m opsagent.analysis.catalog.compile`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

from opsagent.analysis.catalog.literals import literals_of
from opsagent.analysis.catalog.phrase import expanded
from opsagent.analysis.catalog.records import Code, Effect, Message, Peer, Reason, Remark, Variant
from opsagent.analysis.catalog.sources import Sources, read_text

HOME = Path(__file__).parent
COMPILED = HOME / "compiled.json"
_TUPLES = (
    "explains",
    "steps",
    "confirms",
    "rules_out",
    "names",
    "images",
    "ports",
    "words",
    "said",
    "literals",
    "brought_by",
)
_MADE: dict[str, Callable[[Any], Any]] = {**dict.fromkeys(_TUPLES, tuple), "tags": frozenset}


def built_in_sources() -> Sources:
    """Read every built-in row from its YAML file."""
    found = Sources()
    for name, kind in (("effects.yaml", ""), ("tags.yaml", ""), ("families.yaml", "")):
        read_text((HOME / name).read_text("utf-8"), name, found, kind=kind)
    for file in sorted((HOME / "codes").glob("*.yaml")):
        read_text(file.read_text("utf-8"), f"codes/{file.name}", found, kind="codes")
    for kind in ("peers", "reasons", "messages", "remarks"):
        file = HOME / f"{kind}.yaml"
        if file.exists():
            read_text(file.read_text("utf-8"), file.name, found, kind=kind)
    patterns = shared_patterns()
    found.remarks = [_searchable(row, patterns) for row in found.remarks]
    return found


def dumped(sources: Sources) -> str:
    """Return rows as JSON, one a line, without what equals the default: a change of a row is a change of a line."""
    shared = ("actions", "families", "tags")
    parts = [f'"{name}": {json.dumps(getattr(sources, name), ensure_ascii=False)}' for name in shared]
    for name in ("codes", "peers", "reasons", "messages", "remarks"):
        rows = ",\n".join(json.dumps(_lean(row), ensure_ascii=False) for row in getattr(sources, name))
        parts.append(f'"{name}": [\n{rows}\n]')
    return "{" + ",\n".join(parts) + "}\n"


def loaded() -> Sources:
    """Return the built-in rows from the compiled file, in about 10 ms."""
    document = json.loads(COMPILED.read_text("utf-8"))
    found = Sources(actions=document["actions"], families=document["families"], tags=document["tags"])
    found.codes = [_code(row) for row in document["codes"]]
    found.peers = [Peer(**_typed(row)) for row in document["peers"]]
    found.reasons = [Reason(**row) for row in document["reasons"]]
    found.messages = [Message(**_typed(row)) for row in document["messages"]]
    found.remarks = [Remark(**_typed(row)) for row in document["remarks"]]
    return found


def shared_patterns() -> dict[str, str]:
    """Return the sub-patterns that patterns name in braces."""
    import yaml  # noqa: PLC0415 - only what reads sources pays for it

    shared = yaml.safe_load((HOME / "phrases" / "_patterns.yaml").read_text("utf-8"))
    return {name: entry["pattern"] for name, entry in shared.items()}


def _searchable(row: Remark, patterns: Mapping[str, str]) -> Remark:
    pattern = expanded(row.pattern, patterns)
    unless = expanded(row.unless, patterns)
    return replace(row, pattern=pattern, unless=unless, literals=literals_of(pattern))


def _code(row: dict[str, Any]) -> Code:
    effects = {kind: Effect(*entry) for kind, entry in row.pop("effects", {}).items()}
    variants = tuple(_variant(entry) for entry in row.pop("variants", ()))
    return Code(effects=effects, variants=variants, **_typed(row))


def _variant(row: dict[str, Any]) -> Variant:
    effects = {kind: Effect(*entry) for kind, entry in row.pop("effects", {}).items()}
    return Variant(effects=effects, **_typed(row))


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    return {key: _MADE[key](value) if key in _MADE else value for key, value in row.items()}


def _lean(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields(row):
        value = getattr(row, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if value != default:
            found[one.name] = _jsonable(one.name, value)
    return found


def _jsonable(name: str, value: Any) -> Any:
    if name == "effects":
        return {kind: [effect.verdict, effect.why] for kind, effect in value.items()}
    if name == "variants":
        return [_lean(variant) for variant in value]
    return sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value
