"""The files of a bundle: a directory, an archive or one lone log, read without following or extracting anything."""

import contextlib
import os
import stat
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO

from opsagent.errors import UsageError

CHUNK = 256 * 1024
GIB = 1024**3
# Directories that a bundle may have; whatever else lies beside it is none of ours and is not walked into.
FOLDERS = ("logs",)


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


def open_files(path_or_dash: str, limits: Limits | None = None) -> Files:
    """Return the files of a bundle directory, a .tar, .tar.gz or .tgz, one log, or "-" (a log on stdin).

    Raises UsageError where it is none of these, holds a link or device, points outside itself, or is too large.
    """
    limits = limits or Limits()
    if path_or_dash == "-":
        return _stdin(limits)
    path = Path(path_or_dash)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _directory(path, limits)
        if not stat.S_ISREG(mode):
            raise UsageError(f"{path} is neither a directory nor a file", hint="--from takes a bundle or a log file")
        with path.open("rb") as stream:
            head = stream.read(512)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {path}", hint="--from takes a bundle directory, .tar.gz or log") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        raise UsageError(f"{path} cannot be read: {error}", hint="check the path and its permissions") from error
    if head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar":
        # Late: only archives need tarfile, and `--from DIR` should not pay for it.
        from opsagent.clients.bundle_archive import read_archive  # noqa: PLC0415

        return read_archive(path, limits)
    if head.startswith((b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        raise UsageError(f"{path} is packed in a way that is not read", hint="use a directory, .tar or .tar.gz")
    return _lone(path, limits)


def _lone(path: Path, limits: Limits) -> Files:
    info = path.stat()
    return Files(
        path=str(path),
        sizes={path.name: _bounded(info.st_size, path.name, limits)},
        opener=lambda _name: path.open("rb"),
        modified=datetime.fromtimestamp(info.st_mtime, UTC),
        lone=True,
        limits=limits,
    )


def _stdin(limits: Limits) -> Files:
    spool = Spool()  # a log is read more than once: its time, its digest, the lines around a hit
    while chunk := sys.stdin.buffer.read(CHUNK):
        if spool.size == 0 and chunk.startswith(b"\x1f\x8b"):
            raise UsageError(
                "what comes on stdin is packed", hint="--from - takes a plain log; give archives as a file"
            )
        _bounded(spool.size + len(chunk), "stdin", limits)
        spool.append(chunk)
    return Files(
        path="-",
        sizes={"stdin": spool.size},
        opener=lambda _name: Slice(spool, 0, spool.size),  # type: ignore[arg-type,return-value]
        modified=datetime.now(UTC),
        lone=True,
        limits=limits,
    )


def _directory(path: Path, limits: Limits) -> Files:
    sizes: dict[str, int] = {}
    newest = path.stat().st_mtime
    for name, info in _walk(path, "", limits):
        sizes[name] = _bounded(info.st_size, name, limits)
        newest = max(newest, info.st_mtime)
        if len(sizes) > limits.files:
            raise UsageError(f"{path} holds more than {limits.files} files", hint="is this really a bundle?")
    if sum(sizes.values()) > limits.total_bytes:
        raise UsageError(f"{path} holds more than {limits.total_bytes // GIB} GiB", hint="is this really a bundle?")

    def opener(name: str) -> IO[bytes]:
        # Whoever swaps a file for a link or a pipe after the walk gets an error, not our eyes.
        handle = os.open(path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with contextlib.ExitStack() as undo:
            undo.callback(os.close, handle)
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError("not a plain file any more")
            undo.pop_all()
        return os.fdopen(handle, "rb")

    return Files(str(path), sizes, opener, datetime.fromtimestamp(newest, UTC), limits=limits)


def _walk(root: Path, under: str, limits: Limits) -> Iterator[tuple[str, os.stat_result]]:
    if under.count("/") > limits.depth:
        raise UsageError(f"{root / under} is nested too deeply", hint="is this really a bundle?")
    with os.scandir(root / under) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            name = f"{under}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if under or entry.name in FOLDERS:
                    yield from _walk(root, f"{name}/", limits)
            elif under or is_bundle_file(name):
                if not entry.is_file(follow_symlinks=False):
                    raise UsageError(
                        f"{root / name} is a link or a device, not a plain file",
                        hint="a bundle holds plain files only; copy what the link points to",
                    )
                yield name, entry.stat(follow_symlinks=False)
            elif entry.is_symlink() and entry.name in FOLDERS:
                raise UsageError(f"{root / name} is a link", hint="a bundle holds plain files and directories only")


def is_bundle_file(name: str) -> bool:
    """Return whether a file of this path inside a bundle is one that is read."""
    return name.startswith("logs/") or ("/" not in name and name.endswith((".json", ".jsonl", ".log")))


def _bounded(size: int, name: str, limits: Limits) -> int:
    if size > limits.file_bytes:
        raise UsageError(f"{name} is larger than {limits.file_bytes // GIB} GiB", hint="cut it to the incident first")
    return size
