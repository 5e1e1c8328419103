"""Rows of claims and volumes as the objects that they stand for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over.stated import stated

Row = Mapping[str, str]
_NONE = frozenset({"", "<none>", "<unset>", "<unknown>", "<pending>", "None"})


def claim_row(row: Row, _now: datetime) -> dict[str, Any]:
    """Return spec and status of the claim behind a row."""
    spec = {"volumeName": _text(row.get("VOLUME")), "storageClassName": _text(row.get("STORAGECLASS"))}
    modes = _modes(row)
    status = {"phase": row.get("STATUS") or None, "accessModes": modes or None}
    return {"spec": stated(spec), "status": stated(status)}


def volume_row(row: Row, _now: datetime) -> dict[str, Any]:
    """Return spec and status of the volume behind a row."""
    claim = _text(row.get("CLAIM"))
    spec: dict[str, Any] = {
        "capacity": {"storage": row["CAPACITY"]} if row.get("CAPACITY") else None,
        "accessModes": _modes(row) or None,
        "storageClassName": _text(row.get("STORAGECLASS")),
        "persistentVolumeReclaimPolicy": _text(row.get("RECLAIM POLICY")),
    }
    if claim and "/" in claim:
        namespace, name = claim.split("/", 1)
        spec["claimRef"] = {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": name}
    return {"spec": stated(spec), "status": stated({"phase": row.get("STATUS") or None})}


def _modes(row: Row) -> list[str]:
    long = {"RWO": "ReadWriteOnce", "ROX": "ReadOnlyMany", "RWX": "ReadWriteMany", "RWOP": "ReadWriteOncePod"}
    return [long[part] for part in row.get("ACCESS MODES", "").split(",") if part in long]


def _text(value: str | None) -> str | None:
    return None if value is None or value in _NONE else value
