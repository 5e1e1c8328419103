"""Rows of `kubectl get events` and of a describe block's Events as Event objects."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over import ages
from opsagent.clients.handed_over.kinds import kind_of
from opsagent.models.observed import KubeObject
from opsagent.models.resources import CLUSTER_SCOPED

# Columns that hold a time: kubectl's own of every age, and what people call theirs.
_WHEN = ("LAST SEEN", "LASTSEEN", "AGE", "LAST", "TIME", "LASTTIMESTAMP", "LAST_SEEN", "TIMESTAMP", "CREATED", "WHEN")
_OBJECT = re.compile(r"^(?!SUB).*OBJECT|INVOLVED|^POD$|^TARGET")
_OWN_NAME = re.compile(r"\.[0-9a-f]+$")  # an event is called like its object, and a number
_NAMED = re.compile(r"^(?P<kind>[A-Za-z.0-9-]+)/(?P<name>\S+)$")


def event(
    row: Mapping[str, str], now: datetime, *, namespace: str | None, about: tuple[str, str] | None = None
) -> KubeObject | None:
    """Return the event of a row, None where it is not one; `about` is (kind, name) where the row names no object."""
    seen = _seen(row, now)
    about = _about(row) or about
    if seen is None or about is None or not row.get("REASON"):
        return None
    count = int(row["COUNT"]) if row.get("COUNT", "").isdecimal() else seen.count
    first = ages.age(row.get("FIRST SEEN") or row.get("FIRSTSEEN", ""))
    kind, name = about
    place = row.get("NAMESPACE") or namespace
    involved: dict[str, Any] = {"kind": kind, "name": name}
    metadata: dict[str, Any] = {"name": f"{name}.{abs(hash_of(row)):x}"}
    if place and kind not in CLUSTER_SCOPED:
        involved["namespace"] = metadata["namespace"] = place
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": metadata,
        "involvedObject": involved,
        "type": row.get("TYPE") or "Normal",
        "reason": row["REASON"],
        "message": row.get("MESSAGE", ""),
        "count": count,
        "firstTimestamp": ages.stamp(now - first if first is not None else seen.first),
        "lastTimestamp": ages.stamp(seen.last),
        "source": {"component": row.get("FROM") or row.get("SOURCE", "").split(",")[0]},
    }


def _seen(row: Mapping[str, str], now: datetime) -> ages.Repeated | None:
    """Return when a row's event was seen: an age, or, in columns of somebody's own, a time."""
    for column in _WHEN:
        at = ages.repeated(row.get(column, ""), now)
        moment = ages.moment(row.get(column, "")) if at is None else None
        if at is not None or moment is not None:
            return at or ages.Repeated(moment or now, moment or now, 1)
    # Columns that hold no time at all: what is printed is what the API server still keeps.
    return None if any(column in row for column in _WHEN) else ages.Repeated(now, now, 1)


def _about(row: Mapping[str, str]) -> tuple[str, str] | None:
    """Return kind and name of what a row is about: OBJECT, KIND and NAME, or a column of somebody's own."""
    named = next((hit for key, value in row.items() if _OBJECT.search(key) and (hit := _NAMED.match(value))), None)
    if named:
        return kind_of(named["kind"]) or named["kind"].capitalize(), named["name"]
    kind = next((value for key, value in row.items() if key.endswith("KIND") and value), "")
    name = next((row[key] for key in row if _OBJECT.search(key) and row[key]), "") or _OWN_NAME.sub(
        "", row.get("NAME", "")
    )
    return (kind_of(kind) or kind, name) if kind and name else None


def hash_of(row: Mapping[str, str]) -> int:
    """Return a number that is the same for the same row in every process: events need names of their own."""
    value = 5381
    for text in (row.get("OBJECT", ""), row.get("REASON", ""), row.get("MESSAGE", ""), row.get("AGE", "")):
        for byte in text.encode():
            value = (value * 33 + byte) & 0xFFFFFFFF
    return value
