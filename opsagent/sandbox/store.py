"""The objects of the simulated cluster, their resource versions and the record that watches read."""

import threading
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from .facts import Json

Key = tuple[str, str]  # namespace ("" for cluster-scoped), name


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """One entry of the watch record."""

    version: int
    type: str  # ADDED, MODIFIED, DELETED
    plural: str
    namespace: str
    item: Json


class ObjectStore:
    """Objects by key. Not thread-safe by itself: hold `lock` while reading or changing."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 481_000
        self.recording = False  # from the first check on: nobody can have watched before
        self.record: deque[WatchEntry] = deque(maxlen=4_000)
        self._objects: dict[str, dict[Key, Json]] = {}  # by plural

    def get(self, plural: str, namespace: str, name: str) -> Json | None:
        """Return the stored object itself (change it only together with `save`)."""
        return self._objects.get(plural, {}).get((namespace, name))

    def all(self, plural: str, namespace: str | None = None) -> Iterator[Json]:
        """Yield the objects of a kind by namespace and name; None means every namespace."""
        of_kind = self._objects.get(plural, {})
        found = [(key, item) for key, item in of_kind.items() if namespace in (None, key[0])]
        for _, item in sorted(found, key=lambda pair: pair[0]):
            yield item

    def save(self, plural: str, item: Json) -> Json:
        """Store a new or changed object under the next resource version."""
        meta: dict[str, Any] = item["metadata"]
        key, of_kind = (meta.get("namespace", ""), meta["name"]), self._objects.setdefault(plural, {})
        kind = "MODIFIED" if key in of_kind else "ADDED"
        self.version += 1
        meta["resourceVersion"] = str(self.version)
        of_kind[key] = item
        self._note(kind, plural, item)
        return item

    def remove(self, plural: str, namespace: str, name: str) -> bool:
        """Take an object out; False where it was gone already."""
        item = self._objects.get(plural, {}).pop((namespace, name), None)
        if item is None:
            return False
        self.version += 1
        item["metadata"]["resourceVersion"] = str(self.version)
        self._note("DELETED", plural, item)
        return True

    def _note(self, kind: str, plural: str, item: Json) -> None:
        if not self.recording:
            return
        namespace = item["metadata"].get("namespace", "")
        self.record.append(WatchEntry(self.version, kind, plural, namespace, deepcopy(item)))
        self.changed.notify_all()
