"""Logs in files: what a path or glob names, read from the end, never followed into a device or a pipe."""

import glob
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, cast

from opsagent.clients.bundle.files import CHUNK, Files, Slice, Spool
from opsagent.clients.bundle.logs import last_lines
from opsagent.clients.log_window import within
from opsagent.errors import CheckError, NotCheckedError

MOST_FILES = 20  # of one service: the newest
_GZIP = b"\x1f\x8b"  # its first bytes: a rotated log is packed, whatever its name
_PACKED = (".bz2", ".xz", ".zst")
_MOST_UNPACKED = 512 * 1024 * 1024  # bytes of one file: a few may hold far more than a disk


@dataclass(frozen=True, slots=True)
class LogFile:
    """One regular file, as it was when it was listed."""

    path: Path
    size: int
    modified: datetime


def matching(pattern: str) -> tuple[LogFile, ...]:
    """Return the regular files that a path or glob names, the newest first, at most MOST_FILES."""
    found = []
    for name in glob.glob(os.path.expanduser(pattern)):  # noqa: PTH111, PTH207 - the operator's own pattern, absolute
        try:
            about = os.stat(name)  # noqa: PTH116
        except OSError:
            continue  # gone since the folder was read
        if stat.S_ISREG(about.st_mode):
            found.append(LogFile(Path(name), about.st_size, datetime.fromtimestamp(about.st_mtime, UTC)))
    return tuple(sorted(found, key=lambda file: file.modified, reverse=True)[:MOST_FILES])


def read_file(file: LogFile, *, tail: int | None, since_s: int | None, now: datetime) -> Iterator[bytes]:
    """Yield a file's lines, the last `tail` of them, those with a stamp not older than `since_s`.

    A file that was last written before yields nothing. Raises CheckError where it cannot be read.
    """
    cutoff = now - timedelta(seconds=since_s) if since_s is not None else None
    if cutoff is not None and file.modified < cutoff:
        return
    if file.path.suffix in _PACKED:
        hint = "pack it with gzip, or name the plain file"
        raise NotCheckedError(f"{file.path} is packed and is not read", source="logs", hint=hint)
    name = str(file.path)
    try:
        files = _unpacked(file) or Files(name, {name: file.size}, _open, file.modified, lone=True)
        chunks = files.chunks(name) if tail is None else last_lines(files, name, tail)
        yield from chunks if cutoff is None else within(chunks, cutoff)
    except OSError as error:
        raise CheckError(f"{name} cannot be read: {error.strerror or error}", source="logs") from error


def _unpacked(file: LogFile) -> Files | None:
    """Return a gzip file's text, kept on disk for as long as it is read; None for a plain file."""
    name = str(file.path)
    with _open(name) as raw:
        if raw.read(len(_GZIP)) != _GZIP:
            return None
        raw.seek(0)
        # Late: most logs are plain.
        import gzip  # noqa: PLC0415
        import zlib  # noqa: PLC0415

        spool = Spool()
        try:
            with gzip.GzipFile(fileobj=raw) as text:
                while (chunk := text.read(CHUNK)) and spool.size <= _MOST_UNPACKED:
                    spool.append(chunk)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CheckError(f"{name} is cut off or broken: {error}", source="logs", hint="pack it again") from error
    if spool.size > _MOST_UNPACKED:
        raise CheckError(
            f"{name} unpacks to more than {_MOST_UNPACKED // 1024**2} MiB", source="logs", hint="cut it to the incident"
        )
    part = (0, spool.size)
    opener = cast("Callable[[str], IO[bytes]]", lambda _: Slice(spool, part))
    return Files(name, {name: spool.size}, opener, file.modified, lone=True)


def _open(name: str) -> IO[bytes]:
    """Open a regular file; what became a pipe or a device since is refused without waiting for it."""
    number = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(0, "not a regular file")
    return os.fdopen(number, "rb")
