"""Secrets out of records: findings, changes and symptoms quote what they were found in."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from opsagent.redact.objects import redact_json
from opsagent.redact.redactor import Redactor

R = TypeVar("R")


def redact_records(records: Iterable[R], redact: Redactor) -> tuple[R, ...]:
    """Return copies of dataclass records with every text in them redacted, nested records, tuples and JSON included."""
    return tuple(_walked(record, redact) for record in records)


def _walked(value: Any, redact: Redactor) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, tuple):
        return tuple(_walked(item, redact) for item in value)
    if isinstance(value, dict | list):
        return redact_json(value, redact)
    if is_dataclass(value) and not isinstance(value, type):
        clean = {field.name: _walked(getattr(value, field.name), redact) for field in fields(value)}
        return replace(value, **clean)
    return value
