"""The files of a bundle: a directory, an archive or one lone log, read without following or extracting anything."""

import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import IO

CHUNK = 256 * 1024
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a bundle is read at most; a bundle may be somebody else's, and hostile."""

    files: int = 20_000
    file_bytes: int = 2 * GIB
    total_bytes: int = 4 * GIB
    json_bytes: int = GIB // 4  # one document that has to be in memory whole
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
    """What came from an archive or stdin, kept (in memory, or nameless on disk) for as long as it is looked at."""

    def __init__(self) -> None:
        file = tempfile.SpooledTemporaryFile(max_size=32 * 1024 * 1024)  # noqa: SIM115 - closed with the last reader
        weakref.finalize(self, file.close)
        self._file, self._lock, self.size = file, Lock(), 0

    def append(self, data: bytes) -> int:
        """Add bytes at the end; return how many."""
        self._file.write(data)
        self.size += len(data)
        return len(data)

    def read_at(self, place: int, size: int) -> bytes:
        """Return up to `size` bytes from `place` on."""
        with self._lock:  # logs are digested side by side, and all of them stand in the one spool
            self._file.seek(place)
            return self._file.read(size)


class Slice:
    """A part of a spool, read like a file of its own."""

    def __init__(self, spool: Spool, start: int, size: int) -> None:
        self._spool, self._start, self._size, self._at = spool, start, size, 0

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
        left = self._size - self._at
        data = self._spool.read_at(self._start + self._at, left if size < 0 else min(size, left))
        self._at += len(data)
        return data


def is_bundle_file(name: str) -> bool:
    """Return whether a file of this path inside a bundle is one that is read."""
    return name.startswith("logs/") or ("/" not in name and name.endswith((".json", ".jsonl", ".log")))
