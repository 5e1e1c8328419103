"""The times that are in a bundle, whoever wrote them."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from opsagent.models.observed import KubeObject

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(?=[\s\]|]|$)")
_KEYS = ("creationTimestamp", "lastTimestamp", "firstTimestamp", "eventTime", "lastTransitionTime", "startedAt",
         "finishedAt", "renewTime", "lastHeartbeatTime", "lastObservedTime", "startTime", "completionTime")  # fmt: skip
_PASSED = frozenset({"spec", "managedFields", "labels", "annotations", "data", "involvedObject", "source"})
_MAX_DEPTH = 12
_FIELDS = ("ts", "time", "timestamp", "@timestamp", "t", "datetime", "date")  # of loggers that write JSON
_NUMBER = re.compile(r"\d{10,19}(?:\.\d{1,9})?", re.ASCII)
_UNITS = (1, 1_000, 1_000_000, 1_000_000_000)
_FROM_S, _UNTIL_S = 1_000_000_000, 10_000_000_000  # 2001 to 2286: ten digits


def parse_time(text: object) -> datetime | None:
    """Return an RFC 3339 time as aware UTC (one without a zone counts as UTC), None where it is not one."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text.strip().replace(",", "."))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def line_time(line: bytes) -> datetime | None:
    """Return the stamp that a log line starts with, None where it starts with none."""
    hit = _STAMP.match(line[:48].lstrip(b"["))
    return parse_time(hit[1].decode()) if hit else None


def newest_line_time(ending: bytes) -> datetime | None:
    """Return the newest time of a line in the end of a log: the stamp at its start, or a field of its JSON."""
    times = (_json_time(line) if line[:1] == b"{" else line_time(line) for line in ending.split(b"\n"))
    return max((at for at in times if at), default=None)


def _json_time(line: bytes) -> datetime | None:
    """Read the time of a line of JSON from its own fields: those of objects within it may be somebody else's."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    found = (_any_time(fields.get(key)) for key in _FIELDS) if isinstance(fields, dict) else ()
    return next((at for at in found if at is not None), None)


def _any_time(value: object) -> datetime | None:
    """Read a time as text or as a number since 1970; its size shows whether s, ms, µs or ns."""
    if isinstance(value, dict):
        value = value.get("$date")  # extended JSON
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            return parse_time(value)
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    unit = next((per_s for per_s in _UNITS if _FROM_S * per_s <= value < _UNTIL_S * per_s), None)
    return datetime.fromtimestamp(value / unit, UTC) if unit else None


def newest_in(objects: Iterable[KubeObject]) -> datetime | None:
    """Return the newest time at which the API server or a kubelet saw something."""
    # Parsed once each: fifty thousand events share a few thousand seconds.
    texts = {text for item in objects for text in _texts_in(item, 0)}
    return max((at for text in texts if (at := parse_time(text))), default=None)


def _texts_in(value: Any, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _texts_in(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str):
                if key in _KEYS:
                    yield item
            elif isinstance(item, (dict, list)) and key not in _PASSED:
                yield from _texts_in(item, depth + 1)
