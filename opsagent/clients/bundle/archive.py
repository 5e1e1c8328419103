"""A packed bundle or folder, read member by member in one pass: nothing is extracted, nothing is trusted."""

import gzip
import tarfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
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

_TELLING = frozenset({"logs", "pods", "namespaces", "var"})  # folders whose names show what is in them
MAX_HEADER = 64 * 1024  # a member's name and attributes; tarfile reads them complete into memory
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
BROKEN = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError, RecursionError)


class _Member(tarfile.TarInfo):
    """A member whose extended header is small."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Member":
        member = super().frombuf(buf, encoding, errors)
        if member.type in _HEADERS and member.size > MAX_HEADER:
            raise UsageError("the archive has an oversized member header", hint="pack the bundle again with plain tar")
        return member


class BoundedStream:
    """The unpacked stream, cut where it grows beyond the limit (a packed bomb)."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._left, self._limit = stream, limit, limit

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises UsageError beyond the limit."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise UsageError(
                f"the archive unpacks to more than {self._limit / GIB:.1f} GiB", hint="is this really a bundle?"
            )
        return data


@dataclass(slots=True)
class _Members:
    """What an archive holds: plain files by their place in the spool, and what is no plain file."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


def read_archive(packed: Entry, path: str, limits: Limits) -> Files | Loose:
    """Return the files of a .tar, .tar.gz or .tgz; a single directory around them is searched.

    Raises UsageError for absolute or `..` paths, broken archives and anything beyond the limits, and for links and
    devices in a bundle; in any other archive these are left out and noted.
    """
    spool = Spool()  # nameless: no path of the archive ever reaches the file system
    try:
        members = _spooled(packed, path, spool, limits)
    except BROKEN as error:
        raise UsageError(
            f"{path} is cut off or broken: {error or type(error).__name__}", hint="copy or pack it again"
        ) from error
    places = _unwrapped(members.places, members.odd)
    own = {name: place for name, place in places.items() if is_bundle_file(name)}
    if is_bundle(places):
        if members.odd:
            raise UsageError(
                f"{path} holds {members.odd[0]!r}, a link or a device",
                hint="a bundle holds plain files and directories only",
            )
        return Files(
            path=path,
            sizes={name: size for name, (_start, size) in own.items()},
            opener=lambda name: Slice(spool, own[name]),  # type: ignore[arg-type,return-value]
            modified=packed.modified,
            limits=limits,
        )
    entries = tuple(_entry(name, place, spool, packed) for name, place in places.items())
    notes = (f"{len(members.odd)} links and devices are left out ({members.odd[0]} …)",) if members.odd else ()
    return Loose(path, entries, notes)


def _entry(name: str, place: tuple[int, int], spool: Spool, packed: Entry) -> Entry:
    return Entry(name, place[1], lambda: Slice(spool, place), packed.modified)  # type: ignore[arg-type,return-value]


def _spooled(packed: Entry, path: str, spool: Spool, limits: Limits) -> _Members:
    members = _Members()
    with packed.opener() as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = gzip.GzipFile(fileobj=raw) if zipped else raw
        bounded = BoundedStream(stream, limits.total_bytes)  # type: ignore[arg-type]
        with tarfile.open(fileobj=bounded, mode="r|", tarinfo=_Member) as archive:  # type: ignore[call-overload]
            for count, member in enumerate(archive):
                if count >= limits.files:
                    raise UsageError(f"{path} holds more than {limits.files} members", hint="pack fewer files")
                archive.members = []  # or tarfile keeps every header it has seen
                name = _checked(member, path, limits)
                if not member.isreg() or member.issparse():
                    members.odd += [] if member.isdir() else [name]
                    continue
                start = spool.size
                members.places[name] = (start, _copy(archive.extractfile(member), spool))
        while bounded.read(CHUNK):  # the checksum is behind the archive's own end
            pass
    return members


def _checked(member: tarfile.TarInfo, path: str, limits: Limits) -> str:
    """Return the member's path inside the archive."""
    pure = PurePosixPath(member.name)
    if pure.is_absolute() or ".." in pure.parts:
        raise UsageError(f"{path} holds {member.name!r}, a path that leaves it", hint="pack it again from its folder")
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


def _unwrapped(places: dict[str, tuple[int, int]], odd: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Take off the one directory that most people pack their folder in."""
    names = [*places, *odd]
    tops = {name.partition("/")[0] for name in names}
    if len(tops) == 1 and not tops & _TELLING and all("/" in name for name in names):
        return {name.partition("/")[2]: place for name, place in places.items()}
    return places
