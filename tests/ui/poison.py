"""Put hostile text into every string of a record."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

HOSTILE = (
    "\x1b[31mRED\x1b[0m \x1b]8;;http://evil\x07x\x1b]8;;\x07 \x9b2J \x1bPq\x1b\\ a\x00b\r\n[/red][link=http://e]k[/link]"
    " \u202egnp.exe\u2066 \u200b\ufeff\ufe0f\U000e0041 half\ud83d \x7f\x08\x08 로그인 e\u0301\u0301\u0301\u0301\u0301"
    f"{'w' * 300}"
)


def poisoned(record: Any, text: str = HOSTILE) -> Any:
    """Return the record with `text` in every field of free text; words from a fixed list stay."""
    return _poisoned(type(record), record, text)


def _poisoned(hint: Any, value: Any, text: str) -> Any:
    if isinstance(value, str):
        return value if _is_fixed(hint) else text
    if is_dataclass(value) and not isinstance(value, type):
        hints = get_type_hints(type(value))
        changed = {
            field.name: _poisoned(hints[field.name], getattr(value, field.name), text) for field in fields(value)
        }
        return type(value)(**changed)
    if isinstance(value, tuple):
        inner = get_args(hint)
        return tuple(_poisoned(inner[0] if inner else Any, item, text) for item in value)
    if isinstance(value, Mapping):
        first = next(iter(value.values()), "")
        return {text: _poisoned(type(first), first, text)} if value else {}
    return value


def _is_fixed(hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return True
    return get_origin(hint) in (Union, UnionType) and any(_is_fixed(part) for part in get_args(hint))
