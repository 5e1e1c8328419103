"""The times that stand in a bundle, whoever wrote them."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from opsagent.models.look import KubeObject

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(?=[\s\]|]|$)")
_KEYS = ("creationTimestamp", "lastTimestamp", "firstTimestamp", "eventTime", "lastTransitionTime", "startedAt",
         "finishedAt", "renewTime", "lastHeartbeatTime", "lastObservedTime", "startTime", "completionTime")  # fmt: skip
_PASSED = frozenset({"spec", "managedFields", "labels", "annotations", "data", "involvedObject", "source"})
_MAX_DEPTH = 12


def parse_time(text: object) -> datetime | None:
    """Return an RFC 3339 time as aware UTC (one without a zone counts as UTC), None where it is none."""
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
    """Return the newest stamp at the start of a line in the end of a log."""
    times = (line_time(line) for line in ending.split(b"\n"))
    return max((at for at in times if at), default=None)


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
