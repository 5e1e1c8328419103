"""The Kubernetes objects of a bundle: objects.json, or whatever `kubectl get -o json` printed into *.json files."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from opsagent.clients.bundle.files import Files
from opsagent.models.coverage import Outcome
from opsagent.models.observed import KubeObject, Objects, Skipped
from opsagent.models.resources import KIND_BY_PLURAL, RESOURCES

OWN = frozenset({"bundle.json", "health.json", "errors.json", "metrics.json", "alerts.json"})


def source_of(kind: str) -> str:
    """Return how `not_checked` names a kind: "pods", "networkpolicies"."""
    known = RESOURCES.get(kind)
    return known.plural if known else f"{kind.lower()}s"


def kind_of_file(name: str) -> str | None:
    """Return the kind that a file called pods.json or pods.yaml lists; None where its name shows none."""
    stem, _, ending = name.lower().rpartition(".")
    return KIND_BY_PLURAL.get(stem) if ending in ("json", "yaml", "yml", "txt") else None


def read_objects(files: Files) -> Objects:
    """Return all objects in the bundle; what could not be read of them is in `skipped`."""
    items = list(files.objects)
    looked: set[str] = set()
    skipped: list[Skipped] = []
    for name in sorted(files.sizes):
        if not name.endswith(".json") or "/" in name or name in OWN or name in (files.owners or ()):
            continue
        try:
            document = load_json(files, name)
        except (OSError, ValueError, RecursionError) as error:
            skipped.append(Skipped("objects", f"{name} cannot be read: {error}", Outcome.NOT_UNDERSTOOD))
            continue
        kind = _kind_of_list(document, name)
        if kind:
            looked.add(kind)
        odd = 0
        for item in _items(document):
            whole = _whole(item, kind)
            if whole is None:
                odd += 1
            else:
                items.append(whole)
        if odd:
            why = f"{name}: {odd} entries are no Kubernetes objects"
            skipped.append(Skipped("objects", why, Outcome.NOT_UNDERSTOOD))
    looked |= {item["kind"] for item in items}
    return Objects(tuple(items), frozenset(looked), tuple(skipped))


def load_json(files: Files, name: str) -> Any:
    """Return a document of the bundle. Raises OSError, ValueError or RecursionError."""
    return json.loads(load_text(files, name))


def load_text(files: Files, name: str) -> str:
    """Return the text of a document that has to be in memory at once. Raises OSError, ValueError."""
    if files.sizes[name] > files.limits.json_bytes:
        raise ValueError(f"larger than {files.limits.json_bytes} bytes")
    return b"".join(files.chunks(name)).decode("utf-8-sig", "replace")


def namespace_of(item: KubeObject) -> str | None:
    """Return the namespace that an object states it lives in."""
    metadata = item.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return namespace if isinstance(namespace, str) and namespace else None


def name_of(item: KubeObject) -> str | None:
    """Return the object's name."""
    metadata = item.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else None


def main_namespace(objects: Objects) -> str | None:
    """Return the namespace that most workloads (else most objects) live in."""
    for kinds in (frozenset({"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job"}), objects.looked):
        counts = Counter(namespace_of(item) for item in objects.items if item["kind"] in kinds)
        counts.pop(None, None)
        if counts:
            return counts.most_common(1)[0][0]
    return None


def _kind_of_list(document: Any, name: str) -> str | None:
    """Return the kind that an (even empty) list is about: PodList, or a file called pods.json."""
    kind = document.get("kind") if isinstance(document, dict) else None
    if isinstance(kind, str) and kind.endswith("List") and kind != "List":
        return kind.removesuffix("List")
    return kind_of_file(name) if kind == "List" else None


def _items(document: Any) -> Iterator[Any]:
    if isinstance(document, dict) and str(document.get("kind")).endswith("List"):
        items = document.get("items")
        yield from items if isinstance(items, list) else ()
    elif isinstance(document, list):
        yield from document
    else:
        yield document


def _whole(item: Any, kind: str | None) -> KubeObject | None:
    """Return the object with its kind stated and, of a Secret, nothing but names."""
    if not isinstance(item, dict):
        return None
    if not isinstance(item.get("kind"), str):
        # The API server leaves the kind out of the members of a PodList; metadata shows an object from other JSON.
        if kind is None or not isinstance(item.get("metadata"), dict):
            return None
        item = {**item, "kind": kind}
    return names_only(item)


def names_only(secret: KubeObject) -> KubeObject:
    """Return an object, of a Secret nothing but its names."""
    if secret.get("kind") != "Secret":
        return secret
    # `kubectl get secrets -o json` prints the contents; nothing here needs them, so nothing here gets them.
    kept = {key: value for key, value in secret.items() if key not in ("data", "stringData")}
    metadata = kept.get("metadata")
    if isinstance(metadata, dict):
        kept["metadata"] = {
            key: value for key, value in metadata.items() if key not in ("annotations", "managedFields")
        }
    return kept
