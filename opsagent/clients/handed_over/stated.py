"""What a printed text states of an object's fields; what it leaves out is no field."""

import re
from collections.abc import Mapping
from typing import Any


def stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value; 0, False and "" are values, None is not."""
    return {key: value for key, value in fields.items() if value is not None}


def number(text: str | None) -> int | None:
    """Return a non-negative integer of decimal digits, None where the text is not one."""
    return int(text) if text and text.isdecimal() else None


def of_ready(text: str) -> tuple[int, int] | None:
    """Return the figures of "1/3", None where the text is no such pair."""
    found = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    return (int(found[1]), int(found[2])) if found else None


def condition(kind: str, status: str, **more: str) -> dict[str, str]:
    """Return one entry of `status.conditions`."""
    return {"type": kind, "status": status, **{key: value for key, value in more.items() if value}}
