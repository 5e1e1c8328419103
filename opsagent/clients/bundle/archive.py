"""A packed bundle, read member by member in one pass: nothing is extracted, nothing is trusted."""

import gzip
import tarfile
import zlib
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from opsagent.clients.bundle.files import CHUNK, GIB, Files, Limits, Slice, Spool, is_bundle_file
from opsagent.errors import UsageError

MAX_HEADER = 64 * 1024  # a member's name and attributes; tarfile reads them whole into memory
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_BROKEN = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError, RecursionError)


class _Member(tarfile.TarInfo):
    """A member whose extended header is small."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Member":
        member = super().frombuf(buf, encoding, errors)
        if member.type in _HEADERS and member.size > MAX_HEADER:
            raise UsageError("the archive has an oversized member header", hint="pack the bundle anew with plain tar")
        return member


class _Bounded:
    """The unpacked stream, cut where it grows beyond the limit (a packed bomb)."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._left, self._limit = stream, limit, limit

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise UsageError(
                f"the archive unpacks to more than {self._limit / GIB:.1f} GiB", hint="is this really a bundle?"
            )
        return data


def read_archive(path: Path, limits: Limits) -> Files:
    """Return the files of a .tar, .tar.gz or .tgz; a single directory around them is looked through.

    Raises UsageError for links, devices, absolute or `..` paths, broken archives and anything beyond the limits.
    """
    spool = Spool()  # nameless: no path of the archive ever reaches the file system
    try:
        places = _spool(path, spool, limits)
    except _BROKEN as error:
        raise UsageError(
            f"{path} is cut off or broken: {error or type(error).__name__}", hint="copy or pack it again"
        ) from error
    places = _unwrapped(places)
    return Files(
        path=str(path),
        sizes={name: size for name, (_start, size) in places.items()},
        opener=lambda name: Slice(spool, *places[name]),  # type: ignore[arg-type,return-value]
        modified=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        limits=limits,
    )


def _spool(path: Path, spool: Spool, limits: Limits) -> dict[str, tuple[int, int]]:
    places: dict[str, tuple[int, int]] = {}
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = gzip.GzipFile(fileobj=raw) if packed else raw
        bounded = _Bounded(stream, limits.total_bytes)  # type: ignore[arg-type]
        with tarfile.open(fileobj=bounded, mode="r|", tarinfo=_Member) as archive:  # type: ignore[call-overload]
            for count, member in enumerate(archive):
                if count >= limits.files:
                    raise UsageError(f"{path} holds more than {limits.files} members", hint="is this really a bundle?")
                name = _checked(member, path, limits)
                archive.members = []  # or tarfile keeps every header it has seen
                if name is None:
                    continue
                start = spool.size
                places[name] = (start, _copy(archive.extractfile(member), spool))
        while bounded.read(CHUNK):  # the checksum stands behind the archive's own end
            pass
    return places


def _checked(member: tarfile.TarInfo, path: Path, limits: Limits) -> str | None:
    """Return the member's path inside the bundle, None for a directory."""
    pure = PurePosixPath(member.name)
    if pure.is_absolute() or ".." in pure.parts:
        raise UsageError(f"{path} holds {member.name!r}, a path that leaves it", hint="pack the bundle anew")
    if member.isdir():
        return None
    if not member.isreg() or member.issparse():
        raise UsageError(
            f"{path} holds {member.name!r}, a link or a device", hint="a bundle holds plain files and directories only"
        )
    if member.size > limits.file_bytes:
        raise UsageError(
            f"{member.name} in {path} is larger than {limits.file_bytes / GIB:.1f} GiB",
            hint="cut it to the incident first",
        )
    return str(pure)


def _copy(source: IO[bytes] | None, spool: Spool) -> int:
    size = 0
    while source is not None and (chunk := source.read(CHUNK)):
        size += spool.append(chunk)
    return size


def _unwrapped(places: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Take off the one directory that most people pack their bundle in, and whatever is not a bundle's file."""
    found = {name: place for name, place in places.items() if is_bundle_file(name)}
    tops = {name.partition("/")[0] for name in places}
    if not found and len(tops) == 1 and all("/" in name for name in places):
        inner = {name.partition("/")[2]: place for name, place in places.items()}
        found = {name: place for name, place in inner.items() if is_bundle_file(name)}
    return found
