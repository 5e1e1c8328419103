"""What a printed text states of an object's fields; what it leaves out is no field."""

from collections.abc import Mapping
from typing import Any


def stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value; 0, False and "" are values, None is not."""
    return {key: value for key, value in fields.items() if value is not None}


def number(text: str | None) -> int | None:
    """Return a non-negative integer of decimal digits, None where the text is none."""
    return int(text) if text and text.isdecimal() else None
