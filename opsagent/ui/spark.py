"""A course in a few characters: a sparkline, with gaps as gaps."""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_GAP = " "


def spark(points: Sequence[float | None], width: int) -> str:
    """Return the course as `width` bars from 0 to its highest point; a gap is a blank, no course is "".

    Of several points under one bar the highest counts: a peak must not vanish.
    """
    known = [point for point in points if point is not None]
    if not known or width < 1:
        return ""
    top = max(*known, 0.0)
    parts = [points[i * len(points) // width : (i + 1) * len(points) // width or 1] for i in range(width)]
    return "".join(_bar([point for point in part if point is not None], top) for part in parts)


def _bar(points: list[float], top: float) -> str:
    if not points:
        return _GAP
    return _BARS[0] if top <= 0 else _BARS[min(int(max(*points, 0.0) / top * len(_BARS)), len(_BARS) - 1)]
