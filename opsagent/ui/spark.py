"""A figure over time in a few characters."""

import math
from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"


def spark(values: Sequence[float | None], width: int = 10) -> str:
    """Return the newest `width` values as a line of blocks, from 0 to the highest; a blank where there is none."""
    newest = [value if value is not None and math.isfinite(value) else None for value in values[-width:]]
    most = max((value for value in newest if value is not None), default=0.0)
    top = len(_LEVELS) - 1
    return "".join(
        " " if value is None else _LEVELS[min(top, round(max(value, 0.0) / most * top)) if most > 0 else 0]
        for value in newest
    )
