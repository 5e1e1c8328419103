"""Opening what `--from` names: bundles, folders, archives, single files and stdin, as one body of evidence."""

import contextlib
import gzip
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from opsagent.clients.bundle.files import (
    CHUNK,
    GIB,
    Entry,
    Files,
    Limits,
    Loose,
    Slice,
    Spool,
    is_bundle,
    is_bundle_file,
)
from opsagent.errors import UsageError

# Directories that a bundle may have; whatever else is beside it is not ours and is not walked into.
FOLDERS = ("logs",)
GZIP, TAR_AT = b"\x1f\x8b", 257  # the first bytes of gzip; where tar writes "ustar"
_OTHER_PACKING = (b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
Report = Callable[[str], None]  # reported in a few words what is being read


def open_files(given: str | Sequence[str], limits: Limits | None = None, report: Report = lambda _: None) -> Files:
    """Return everything that was handed over: bundles, folders, archives of them, files, "-" for stdin.

    Raises UsageError where one of them cannot be read, is packed in another way, or is too large; where a bundle
    holds a link or device, or points outside itself.
    """
    limits = limits or Limits()
    paths = tuple(dict.fromkeys((given,) if isinstance(given, str) else given))
    inputs = [_opened(path, limits, report) for path in paths]
    if len(inputs) == 1 and isinstance(inputs[0], Files):
        return inputs[0]
    # Late: a bundle is spared what recognises the rest.
    from opsagent.clients.handed_over.intake import gathered  # noqa: PLC0415

    return gathered(inputs, limits, report)


def _opened(path_or_dash: str, limits: Limits, report: Report) -> Files | Loose:
    if path_or_dash == "-":
        return _stdin(limits, report)
    path = Path(path_or_dash)
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            return _directory(path, limits)
        if not stat.S_ISREG(info.st_mode):
            raise UsageError(f"{path} is neither a directory nor a file", hint="--from takes a bundle or a log file")
        entry = Entry(path.name, info.st_size, lambda: path.open("rb"), datetime.fromtimestamp(info.st_mtime, UTC))
        return _file(entry, path_or_dash, limits)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {path}", hint="--from takes files, folders, archives, or -") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        raise UsageError(f"{path} cannot be read: {error}", hint="check the path and its permissions") from error


def _file(entry: Entry, path: str, limits: Limits) -> Files | Loose:
    """Open one file, or what came on stdin, by its first bytes."""
    head = entry.head(512)
    if head.startswith(_OTHER_PACKING):
        raise UsageError(f"{path} is packed in a way that is not read", hint="use .gz, .tar or .tar.gz")
    if _is_tar(head, entry):
        # Late: only archives need tarfile, and `--from DIR` should not pay for it.
        from opsagent.clients.bundle.archive import read_archive  # noqa: PLC0415

        return read_archive(entry, path, limits)
    bounded(entry.size, entry.name, limits)
    return Loose(path, (entry,), lone=True)


def _is_tar(head: bytes, entry: Entry) -> bool:
    if head.startswith(GZIP):
        with entry.opener() as raw, gzip.GzipFile(fileobj=raw) as unpacked:
            try:
                head = unpacked.read(512)
            except (OSError, EOFError):  # whoever unpacks it reports what is wrong
                return entry.name.lower().endswith((".tar.gz", ".tgz"))
    return head[TAR_AT : TAR_AT + 5] == b"ustar"


def _stdin(limits: Limits, report: Report) -> Files | Loose:
    spool = Spool()  # a log is read more than once: its time, its digest, the lines around a hit
    while chunk := sys.stdin.buffer.read(CHUNK):
        bounded(spool.size + len(chunk), "stdin", limits)
        spool.append(chunk)
        report(f"stdin, {spool.size // 1_000_000:,} MB so far")
    whole = (0, spool.size)
    entry = Entry("stdin", spool.size, lambda: Slice(spool, whole), datetime.now(UTC))  # type: ignore[arg-type,return-value]
    return _file(entry, "-", limits)


def _directory(path: Path, limits: Limits) -> Files | Loose:
    names = {name for entry in os.scandir(path) for name in _shown(entry)}
    if not is_bundle(names):
        # Late: a bundle is spared the walk through somebody's folder.
        from opsagent.clients.handed_over.folders import entries_of  # noqa: PLC0415

        return entries_of(path, limits)
    sizes: dict[str, int] = {}
    newest = path.stat().st_mtime
    for name, info in _walk(path, "", limits):
        sizes[name] = bounded(info.st_size, name, limits)
        newest = max(newest, info.st_mtime)
        if len(sizes) > limits.files:
            raise UsageError(f"{path} holds more than {limits.files} files", hint="is this really a bundle?")
    if sum(sizes.values()) > limits.total_bytes:
        raise UsageError(f"{path} holds more than {limits.total_bytes // GIB} GiB", hint="is this really a bundle?")
    return Files(
        str(path), sizes, lambda name: open_plain(path / name), datetime.fromtimestamp(newest, UTC), limits=limits
    )


def _shown(entry: os.DirEntry[str]) -> Iterator[str]:
    """Yield what an entry of a directory shows of its being a bundle; a hidden file shows nothing."""
    if not entry.name.startswith("."):
        yield f"{entry.name}/" if entry.is_dir() else entry.name


def open_plain(path: Path) -> IO[bytes]:
    """Open a plain file. Raises OSError where it is a link or a pipe, as whoever swaps it after the walk makes it."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, handle)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("not a plain file any more")
        undo.pop_all()
    return os.fdopen(handle, "rb")


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


def bounded(size: int, name: str, limits: Limits) -> int:
    """Return a size. Raises UsageError where it is more than is read of one file."""
    if size > limits.file_bytes:
        raise UsageError(f"{name} is larger than {limits.file_bytes // GIB} GiB", hint="cut it to the incident first")
    return size
