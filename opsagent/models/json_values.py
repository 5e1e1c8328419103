"""JSON of others, read defensively: whatever is at a place, the caller gets the type that it reads."""

from typing import Any


def mapping_at(value: object, *keys: str) -> dict[str, Any]:
    """Return the object below these keys, {} where there is none: `mapping_at(pod, "metadata", "annotations")`."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
