"""A file as the UTF-8 text it stands for: unpacked from gzip, brought from UTF-16, without a byte order mark."""

import codecs
import gzip
import zlib
from collections.abc import Iterator

from opsagent.clients.bundle.files import CHUNK, Entry, Limits, Slice, Spool
from opsagent.errors import UsageError

_GZIP = b"\x1f\x8b"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HEAD = 4096
_ASCII_SHARE = 0.4  # of bytes that are NUL where a text of ASCII is written as UTF-16


def plain(entry: Entry, spool: Spool, limits: Limits) -> Entry:
    """Return the entry as text, itself where it is text already.

    Raises OSError, and UsageError where it is broken or unpacks to too much.
    """
    head = entry.head(_HEAD)
    if head.startswith(_GZIP):
        name = entry.name[:-3] if entry.name.endswith(".gz") else entry.name
        unpacked = _spooled(_unpacked(entry, limits, spool.size), name, entry, spool)
        return plain(unpacked, spool, limits)
    coding = encoding_of(head)
    return entry if coding is None else _spooled(_transcoded(entry, coding), entry.name, entry, spool)


def encoding_of(head: bytes) -> str | None:
    """Return the encoding that the first bytes of a text show; None where it is UTF-8 as it should be."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked or len(head) < 4:
        return marked
    half = len(head) // 2
    for nul, name in ((head[1::2], "utf-16-le"), (head[0::2], "utf-16-be")):
        if nul.count(0) > 2 * _ASCII_SHARE * half and head.count(0) - nul.count(0) <= half // 50:
            return name
    return None


def is_binary(head: bytes) -> bool:
    """Return whether bytes are no text: images, core dumps, databases."""
    return b"\0" in head


def _spooled(pieces: Iterator[bytes], name: str, entry: Entry, spool: Spool) -> Entry:
    start = spool.size
    for piece in pieces:
        spool.append(piece)
    part = (start, spool.size - start)
    return Entry(name, part[1], lambda: Slice(spool, part), entry.modified)  # type: ignore[arg-type,return-value]


def _unpacked(entry: Entry, limits: Limits, already: int) -> Iterator[bytes]:
    left = min(limits.file_bytes, limits.total_bytes - already)
    try:
        with entry.opener() as raw, gzip.GzipFile(fileobj=raw) as stream:
            while piece := stream.read(CHUNK):
                left -= len(piece)
                if left < 0:
                    raise UsageError(f"{entry.name} unpacks to too much", hint="cut it to the incident first")
                yield piece
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(
            f"{entry.name} is cut off or broken: {error or type(error).__name__}", hint="copy or pack it again"
        ) from error


def _transcoded(entry: Entry, coding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(coding)("replace")
    for chunk in entry.chunks():
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
