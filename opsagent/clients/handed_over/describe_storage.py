"""Claims, volumes and classes as `kubectl describe` prints them, read back into the API's own JSON."""

from collections.abc import Mapping
from typing import Any

from opsagent.clients.handed_over.describe_text import Field, text_of
from opsagent.clients.handed_over.stated import stated


def claim_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return spec and status of a claim; what a claim that is not bound asks for is not printed."""
    spec = {"storageClassName": text_of(found, "StorageClass") or None, "volumeName": text_of(found, "Volume") or None}
    modes = _modes(text_of(found, "Access Modes"))
    capacity = text_of(found, "Capacity")
    status = {"phase": text_of(found, "Status") or None, "capacity": {"storage": capacity} if capacity else None}
    return {"spec": stated({**spec, "accessModes": modes or None}), "status": stated(status)}


def volume_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return spec and status of a volume."""
    claim = text_of(found, "Claim")
    namespace, _, name = claim.partition("/")
    spec = {
        "storageClassName": text_of(found, "StorageClass") or None,
        "accessModes": _modes(text_of(found, "Access Modes")) or None,
        "capacity": {"storage": text_of(found, "Capacity")} if text_of(found, "Capacity") else None,
        "claimRef": {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": name} if name else None,
    }
    return {"spec": stated(spec), "status": stated({"phase": text_of(found, "Status") or None})}


def class_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return the fields of a StorageClass."""
    names = {"provisioner": "Provisioner", "reclaimPolicy": "ReclaimPolicy", "volumeBindingMode": "VolumeBindingMode"}
    return stated({key: text_of(found, name) or None for key, name in names.items()})


def _modes(text: str) -> list[str]:
    long = {"RWO": "ReadWriteOnce", "ROX": "ReadOnlyMany", "RWX": "ReadWriteMany", "RWOP": "ReadWriteOncePod"}
    return [long.get(part.strip(), part.strip()) for part in text.split(",") if part.strip()]
