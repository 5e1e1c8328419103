"""The figures of a verification with the names and units that an operator reads."""

from collections.abc import Mapping
from typing import Any

from opsagent.models.plan import Verification
from opsagent.ui.language import localised
from opsagent.ui.traffic_view import figure

# Figures of a verification: by their key the name and the unit that an operator reads.
FIGURES = {
    "status": ("status", ""),
    "requests_per_second": ("requests", "/s"),
    "response_ms": ("response time", "ms"),
    "stats_took_s": ("answer of /stats", "s"),
}


def _value(figures: Mapping[str, Any], key: str) -> str:
    value = figures.get(key, localised("not read"))
    unit = FIGURES.get(key, (key, ""))[1]
    if isinstance(value, float):
        return f"{figure(value) if abs(value) >= 1 else f'{value:.2g}'} {unit}".rstrip()
    return localised("not reported" if value is None else str(value))


def figure_rows(seen: Verification) -> list[tuple[str, str, str]]:
    """Return each figure of a verification by its name, before and after, with units."""
    keys = dict.fromkeys((*seen.before, *seen.after))
    return [
        (localised(FIGURES.get(key, (key, ""))[0]), _value(seen.before, key), _value(seen.after, key))
        for key in keys
        if key != "at"  # when they were read; `took_s` states it better
    ]
