"""Figures in log lines: how long something took, and how long it usually takes."""

import re

_UNIT_S = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "millis": 1e-3, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0,
}  # fmt: skip
# A figure and its unit, as rules write them into their patterns.
TIME = r"(\d+(?:[.,]\d+)?) ?(milli|msec|ms|µs|us|ns|sec|s|min|m)(?:s|seconds?|econds?|onds?|utes?)?\b"


def seconds(match: re.Match[str]) -> tuple[float, ...]:
    """Return the times that a pattern's groups hold, in seconds; a figure without a unit is in seconds."""
    groups = [group for group in match.groups() if group]
    figures = [float(group.replace(",", ".")) for group in groups if group[0].isdigit()]
    units = [_unit(group) for group in groups if not group[0].isdigit()]
    units += [1.0] * (len(figures) - len(units))
    return tuple(figure * unit for figure, unit in zip(figures, units, strict=False))


def _unit(word: str) -> float:
    lowered = word.lower().rstrip(".")
    if lowered.startswith(("milli", "msec", "_ms")):
        return 1e-3
    return _UNIT_S.get(lowered, 1.0)
