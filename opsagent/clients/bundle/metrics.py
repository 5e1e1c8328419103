"""The figures of a bundle: metrics.json, a series at a time."""

import json
from collections.abc import Iterable, Iterator
from math import isfinite, nan
from typing import Any

from opsagent.models.figures import Figures, Series, series_in_order, series_of

METRICS = "metrics.json"
_WORDS = ("metric", "kind", "name")


def read_figures(text: str) -> Figures:
    """Return the series of a metrics.json; entries that are none are counted in the notes. Raises ValueError.

    Each series becomes arrays as soon as it is parsed: a list of pairs takes six times the memory.
    """
    document = json.loads(text, object_hook=lambda entry: _series(entry) if "points" in entry else entry)
    if not isinstance(document, dict) or not isinstance(document.get("series"), list):
        raise ValueError('it is not an object with a list "series"')  # noqa: TRY004 - the file is wrong, no argument
    series = tuple(entry for entry in document["series"] if isinstance(entry, Series))
    odd = len(document["series"]) - len(series)
    notes = (f"{odd} entries of {METRICS} are no series",) if odd else ()
    return Figures(METRICS, series, notes)


def _series(entry: dict[str, Any]) -> Series | None:
    words = [entry.get(key) for key in _WORDS]
    points = entry["points"]
    if not isinstance(points, list) or not all(isinstance(word, str) and word for word in words):
        return None
    metric, kind, name = (str(word) for word in words)
    query, unit = entry.get("query"), entry.get("unit")
    made_by = query if isinstance(query, str) else None
    about = (metric, unit if isinstance(unit, str) else "", kind, name)
    try:  # as they nearly always are: pairs of numbers, in the order of time
        times = [at for at, _ in points]
        values = [nan if value is None else value for _, value in points]
        usual = series_in_order(*about, times, values, made_by)
    except (TypeError, ValueError):
        usual = None
    return usual or series_of(*about, _points(points), made_by)


def _points(points: Iterable[Any]) -> Iterator[tuple[float, float | None]]:
    for point in points:
        if not isinstance(point, list) or len(point) != 2:
            continue
        at, value = point
        if isinstance(at, int | float) and not isinstance(at, bool):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            yield float(at), float(value) if number else None


def written(figures: Figures) -> dict[str, Any]:
    """Return figures as metrics.json holds them: no figure is null."""
    return {"version": 1, "source": figures.source, "series": [_entry(series) for series in figures.series]}


def _entry(series: Series) -> dict[str, Any]:
    points = [
        [int(at) if at == int(at) else at, value if isfinite(value) else None]
        for at, value in zip(series.times, series.values, strict=True)
    ]
    entry: dict[str, Any] = {
        "metric": series.metric, "unit": series.unit, "kind": series.kind, "name": series.name, "points": points,
    }  # fmt: skip
    return {**entry, "query": series.query} if series.query else entry
