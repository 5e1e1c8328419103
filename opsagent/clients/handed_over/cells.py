"""Cells of kubectl's tables as the figures and conditions that they stand for."""

import re


def number(text: str | None) -> int | None:
    """Return a whole number, None where the text is none."""
    return int(text) if text and text.isdecimal() else None


def of_ready(text: str) -> tuple[int, int] | None:
    """Return the figures of "1/3", None where the text is no such pair."""
    found = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    return (int(found[1]), int(found[2])) if found else None


def condition(kind: str, status: str, **more: str) -> dict[str, str]:
    """Return one entry of `status.conditions`."""
    return {"type": kind, "status": status, **{key: value for key, value in more.items() if value}}
