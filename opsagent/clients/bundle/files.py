"""The files that an input is made of, read without following or extracting anything."""

import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from threading import Lock
from typing import IO

from opsagent.models.observed import KubeObject, LogRef

CHUNK = 256 * 1024
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a bundle is read at most; a bundle may be somebody else's, and hostile."""

    files: int = 20_000
    file_bytes: int = 2 * GIB
    total_bytes: int = 4 * GIB
    json_bytes: int = GIB // 4  # one document that has to be complete in memory
    depth: int = 6


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a bundle by their path inside it ("logs/<pod>/<container>.log")."""

    path: str  # as given to --from
    sizes: Mapping[str, int]  # bytes by name
    opener: Callable[[str], IO[bytes]]  # raises OSError
    modified: datetime  # newest file time (aware, UTC)
    lone: bool = False  # one log of which no more is known than a name
    limits: Limits = field(default_factory=Limits)
    objects: tuple[KubeObject, ...] = ()  # read already, of an input that is not a bundle
    # Whose logs the files are, by name, as far as a path or the frame around the lines shows it; None: as in a bundle.
    owners: Mapping[str, LogRef] | None = None

    def chunks(self, name: str, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes of a file from `start` on. Raises OSError."""
        with self.opener(name) as stream:
            stream.seek(start)
            while chunk := stream.read(CHUNK):
                yield chunk

    def ending(self, name: str, size: int) -> bytes:
        """Return the last `size` bytes of a file at most. Raises OSError."""
        with self.opener(name) as stream:
            stream.seek(max(0, self.sizes[name] - size))
            return stream.read(size)


class Spool:
    """What came from an archive or stdin, kept (in memory, or nameless on disk) for as long as it is checked."""

    def __init__(self) -> None:
        file = tempfile.SpooledTemporaryFile(max_size=32 * 1024 * 1024)  # noqa: SIM115 - closed with the last reader
        weakref.finalize(self, file.close)
        self._file, self._lock, self.size = file, Lock(), 0

    def append(self, data: bytes) -> int:
        """Add bytes at the end; return how many."""
        with self._lock:
            self._file.seek(self.size)
            self._file.write(data)
            self.size += len(data)
        return len(data)

    def read_at(self, place: int, size: int) -> bytes:
        """Return up to `size` bytes from `place` on."""
        with self._lock:  # logs are digested side by side, and all of them are in the one spool
            self._file.seek(place)
            return self._file.read(size)


class Slice:
    """Parts of a spool, read one behind the other like a file of its own."""

    def __init__(self, spool: Spool, *parts: tuple[int, int]) -> None:
        """Take (start, size) of each part."""
        self._spool, self._parts, self._at = spool, parts, 0
        self._ends = tuple(accumulate(size for _, size in parts))
        self._size = self._ends[-1] if parts else 0

    def __enter__(self) -> "Slice":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def seek(self, offset: int) -> int:
        """Go to `offset` from the start."""
        self._at = min(max(0, offset), self._size)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes (all that is left where negative)."""
        wanted = self._size - self._at if size < 0 else min(size, self._size - self._at)
        pieces = []
        while wanted > 0:
            part = bisect_right(self._ends, self._at)
            start, length = self._parts[part]
            inside = self._at - (self._ends[part] - length)
            data = self._spool.read_at(start + inside, min(wanted, length - inside))
            if not data:
                break
            pieces.append(data)
            self._at += len(data)
            wanted -= len(data)
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an input that is not a bundle: a log, a paste, a list of objects, or something else."""

    name: str  # its path inside the input ("a.log", "shop/pods.json")
    size: int  # bytes
    opener: Callable[[], IO[bytes]]  # raises OSError
    modified: datetime  # aware, UTC

    def chunks(self) -> Iterator[bytes]:
        """Yield its bytes. Raises OSError."""
        with self.opener() as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def head(self, size: int) -> bytes:
        """Return its first bytes. Raises OSError."""
        with self.opener() as stream:
            return stream.read(size)


@dataclass(frozen=True, slots=True)
class Loose:
    """An input that is not a bundle: its files, and what of it was left out."""

    path: str  # as given to --from
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    lone: bool = False  # one file or stdin


def is_bundle(names: Iterable[str]) -> bool:
    """Return whether files of these paths make a bundle: bundle.json, or nothing but what belongs into one."""
    found = set(names)
    if "bundle.json" in found:
        return True
    marked = any("/" not in name and name.endswith((".json", ".jsonl")) for name in found)
    return (marked or any(name.startswith("logs/") for name in found)) and all(map(is_bundle_file, found))


def is_bundle_file(name: str) -> bool:
    """Return whether a file of this path inside a bundle is one that is read."""
    return name.startswith("logs/") or ("/" not in name and name.endswith((".json", ".jsonl", ".log")))
