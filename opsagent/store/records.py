"""Records to JSON and back: the one form in which the store keeps them."""

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from opsagent.errors import StoreError

T = TypeVar("T")

MAX_DEPTH = 200


class RecordError(ValueError):
    """Data that is not the record it should be; the message names the place."""


def to_json(value: Any, depth: int = 0) -> Any:
    """Return records as dicts, tuples as lists, times as RFC 3339 in UTC to the microsecond; NaN becomes None.

    A field that Python's own words make end in "_" loses it: `from_` is "from".
    """
    if depth > MAX_DEPTH:
        raise RecordError("nested too deep to be kept")
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name.removesuffix("_"): to_json(getattr(value, field.name), depth + 1) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, depth + 1) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((to_json(item, depth + 1) for item in value), key=str)
    return _scalar(value)


def from_json(cls: type[T], data: Any) -> T:
    """Return the record of class `cls` that `to_json` made; RecordError where it is not one.

    Fields that are missing take their default, fields that are not known are left out: an older and a newer opsagent
    read each other's records.
    """
    value: T = _read(cls, data, cls.__name__)
    return value


def time_text(at: datetime) -> str:
    """Return "2026-11-22T12:25:45.000001Z"; a time without a zone is a RecordError."""
    if at.tzinfo is None:
        raise RecordError(f"a time without a zone cannot be kept: {at.isoformat()}")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_of(text: Any, where: str = "time") -> datetime:
    """Return the time (aware, UTC) that `time_text` wrote."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise RecordError(f"{where}: {text!r} is no time") from error
    if at.tzinfo is None:
        raise RecordError(f"{where}: {text!r} has no zone")
    return at.astimezone(UTC)


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise RecordError(f"{type(value).__name__} cannot be kept")


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def stored(cls: type[T], text: str, what: str) -> T:
    """Return the record that a row holds as JSON; `what` names it: "a mute". Raises StoreError."""
    try:
        return from_json(cls, json.loads(text))
    except (RecordError, ValueError) as error:
        raise StoreError(f"{what} cannot be read: {error}", hint="it was changed by something else") from error


def _read(hint: Any, data: Any, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _read_union(hint, data, where)
    if origin in (tuple, list, frozenset, set):
        return _read_many(hint, data, where)
    if origin in (dict, Mapping) or hint is dict:
        return _read_dict(hint, data, where)
    if is_dataclass(hint) and isinstance(hint, type):
        return _read_record(hint, data, where)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _read_enum(hint, data, where)
    return _read_scalar(hint, data, where)


def _read_enum(hint: type[Enum], data: Any, where: str) -> Enum:
    try:
        return hint(data)
    except ValueError as error:
        raise RecordError(f"{where}: {data!r} is no {hint.__name__}") from error


def _read_record(cls: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise RecordError(f"{where}: expected a {cls.__name__}, found {_kind(data)}")
    hints = _hints(cls)
    given: dict[str, Any] = {}
    for field in fields(cls):
        key = field.name.removesuffix("_")
        if key in data:
            given[field.name] = _read(hints[field.name], data[key], f"{where}.{key}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise RecordError(f"{where}: {key} is missing")
    return cls(**given)


def _read_union(hint: Any, data: Any, where: str) -> Any:
    choices = get_args(hint)
    if data is None and NoneType in choices:
        return None
    problem = RecordError(f"{where}: {_kind(data)} does not fit")
    for choice in choices:
        if choice is not NoneType:
            try:
                return _read(choice, data, where)
            except RecordError as error:
                problem = error
    raise problem


def _read_many(hint: Any, data: Any, where: str) -> Any:
    if not isinstance(data, list):
        raise RecordError(f"{where}: expected a list, found {_kind(data)}")
    inner = get_args(hint)
    if get_origin(hint) is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
        if len(inner) != len(data):
            raise RecordError(f"{where}: expected {len(inner)} items, found {len(data)}")
        return tuple(_read(kind, item, f"{where}[{n}]") for n, (kind, item) in enumerate(zip(inner, data, strict=True)))
    make: Any = get_origin(hint)
    return make(_read(inner[0], item, f"{where}[{n}]") for n, item in enumerate(data))


def _read_dict(hint: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise RecordError(f"{where}: expected an object, found {_kind(data)}")
    inner = get_args(hint)
    kind = inner[1] if len(inner) == 2 else Any
    return {key: _read(kind, item, f"{where}.{key}") for key, item in data.items()}


def _read_scalar(hint: Any, data: Any, where: str) -> Any:
    if get_origin(hint) is Literal:
        if not any(data == choice and type(data) is type(choice) for choice in get_args(hint)):
            raise RecordError(f"{where}: {data!r} is none of {', '.join(map(str, get_args(hint)))}")
        return data
    if hint is datetime:
        return time_of(data, where)
    if hint is Path and isinstance(data, str):
        return Path(data)
    if hint is float and data is None:
        return math.nan  # JSON has no NaN
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if hint is Any or (isinstance(data, hint) and not (isinstance(data, bool) and hint is not bool)):
        return data
    raise RecordError(f"{where}: expected {getattr(hint, '__name__', hint)}, found {_kind(data)}")


def _kind(data: Any) -> str:
    return "null" if data is None else type(data).__name__
