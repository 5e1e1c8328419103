"""Bundles for tests: written as directories or packed as archives."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

AT = "2026-03-04T05:06:07Z"


def write_bundle(root: Path, **files: Any) -> Path:
    """Write files under `root`; keys use `__` for `/` and `_json` for `.json`, values are text, bytes or JSON."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write(root, name.replace("__", "/").replace("_json", ".json"), content)
    return root


def write(root: Path, name: str, content: Any) -> None:
    """Write one file of a bundle."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_bytes(content))


def as_bytes(content: Any) -> bytes:
    """Return bytes, text or JSON as bytes."""
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def pack(path: Path, files: dict[str, Any], *members: tarfile.TarInfo) -> Path:
    """Pack files (and odd members without content) into an archive; the suffix states whether it is zipped."""
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(as_bytes(content))
            archive.addfile(info, io.BytesIO(as_bytes(content)))
        for member in members:
            archive.addfile(member)
    return path


def pod(name: str, namespace: str | None = "shop", **labels: str) -> dict[str, Any]:
    """Return a pod with labels."""
    metadata: dict[str, Any] = {"name": name, "labels": labels}
    if namespace:
        metadata["namespace"] = namespace
    return {"kind": "Pod", "metadata": metadata}


def listing(*items: Any) -> dict[str, Any]:
    """Return what kubectl prints for several objects."""
    return {"apiVersion": "v1", "kind": "List", "items": list(items)}
