"""Durations as kubectl spells them, and days."""

import re

from opsagent.errors import UsageError

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|d|h|m|s)")
_SECONDS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_MOST_S = 10 * 365 * 86_400


def parse_since(text: str) -> int:
    """Return a duration ("45s", "10m", "1h30m", "1.5h", "2d", "0") in whole seconds, rounded up.

    Raises UsageError for anything else.
    """
    plain = text.strip().lower()
    if plain == "0":
        return 0
    parts = _PART.findall(plain)
    if not parts or "".join(number + unit for number, unit in parts) != plain:
        raise UsageError(f"invalid duration {text!r}", hint='use for example "10m", "1h30m", "45s", "2d"')
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > _MOST_S:
        raise UsageError(f"{text!r} is longer than ten years", hint='use for example "24h"')
    return int(-(-seconds // 1))
