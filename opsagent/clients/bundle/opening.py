"""Opening what `--from` names: a directory, an archive, one lone log or stdin."""

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from opsagent.clients.bundle.files import CHUNK, GIB, Files, Limits, Slice, Spool, is_bundle_file
from opsagent.errors import UsageError

# Directories that a bundle may have; whatever else lies beside it is none of ours and is not walked into.
FOLDERS = ("logs",)
_PASTED = 16 * 1024 * 1024  # bytes; a larger text is a log, and read as a stream


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
        from opsagent.clients.bundle.archive import read_archive  # noqa: PLC0415

        return read_archive(path, limits)
    if head.startswith((b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        raise UsageError(f"{path} is packed in a way that is not read", hint="use a directory, .tar or .tar.gz")
    return _recognised(_lone(path, limits))


def _recognised(files: Files) -> Files:
    """Return the files of a bundle where a lone text shows more than log lines, else the text as it is."""
    name, size = next(iter(files.sizes.items()))
    if size > _PASTED:
        return files
    try:
        text = b"".join(files.chunks(name)).decode("utf-8-sig", "replace")
    except OSError as error:
        raise UsageError(f"{files.path} cannot be read: {error}", hint="check its permissions") from error
    # Late: a log is spared what reads kubectl's output.
    from opsagent.clients.handed_over.recognise import may_be_structured, recognise  # noqa: PLC0415

    if not may_be_structured(text):
        return files
    from opsagent.clients.handed_over.as_bundle import files_of  # noqa: PLC0415

    found = recognise(text, files.modified)
    return files_of(found, files.path, files.modified, files.limits) if found.structured else files


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
    return _recognised(
        Files(
            path="-",
            sizes={"stdin": spool.size},
            opener=lambda _name: Slice(spool, 0, spool.size),  # type: ignore[arg-type,return-value]
            modified=datetime.now(UTC),
            lone=True,
            limits=limits,
        )
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


def _bounded(size: int, name: str, limits: Limits) -> int:
    if size > limits.file_bytes:
        raise UsageError(f"{name} is larger than {limits.file_bytes // GIB} GiB", hint="cut it to the incident first")
    return size
