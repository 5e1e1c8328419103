"""Rows of `kubectl get events` and of a describe block's Events as Event objects."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over import ages
from opsagent.clients.handed_over.kinds import CLUSTER_SCOPED, kind_of
from opsagent.models.look import KubeObject

_NAMED = re.compile(r"^(?P<kind>[A-Za-z.0-9-]+)/(?P<name>\S+)$")


def event(
    row: Mapping[str, str], now: datetime, *, namespace: str | None, about: tuple[str, str] | None = None
) -> KubeObject | None:
    """Return the event of a row, None where it is none; `about` is (kind, name) where the row names no object."""
    seen = ages.repeated(row.get("LAST SEEN") or row.get("AGE", ""), now)
    named = _NAMED.match(row.get("OBJECT", ""))
    if named:
        about = (kind_of(named["kind"]) or named["kind"].capitalize(), named["name"])
    if seen is None or about is None or not row.get("REASON"):
        return None
    count = int(row["COUNT"]) if row.get("COUNT", "").isdecimal() else seen.count
    first = ages.age(row.get("FIRST SEEN", ""))
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


def hash_of(row: Mapping[str, str]) -> int:
    """Return a number that is the same for the same row in every process: events need names of their own."""
    value = 5381
    for text in (row.get("OBJECT", ""), row.get("REASON", ""), row.get("MESSAGE", ""), row.get("AGE", "")):
        for byte in text.encode():
            value = (value * 33 + byte) & 0xFFFFFFFF
    return value
