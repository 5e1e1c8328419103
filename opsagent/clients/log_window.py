"""The lines of a log from a moment on, by the stamps at their start."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from opsagent.clients.bundle.time import line_time

# A stamp without a zone may be of any: compared, it could drop the very lines of the incident.
_ZONED = re.compile(rb"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)(?=[\s\]|]|$)")
_MOST_LINE = 64 * 1024


def within(chunks: Iterable[bytes], cutoff: datetime) -> Iterator[bytes]:
    """Yield the lines at or after `cutoff`; a line without a zoned stamp goes with the line above, the first stay."""
    keep, rest = True, b""
    for chunk in chunks:
        block = rest + chunk
        end = block.rfind(b"\n") + 1
        if not end and len(block) < _MOST_LINE:
            rest = block
            continue
        end = end or len(block)
        kept = []
        for line in block[:end].splitlines(keepends=True):
            keep = _verdict(line, cutoff, before=keep)
            if keep:
                kept.append(line)
        rest = block[end:]
        if kept:
            yield b"".join(kept)
    if rest and _verdict(rest, cutoff, before=keep):
        yield rest


def last(chunks: Iterable[bytes], lines: int) -> bytes:
    """Return the last `lines` lines of chunks that are in memory already."""
    block = b"".join(chunks)
    at = len(block) - 1 if block.endswith(b"\n") else len(block)
    for _ in range(lines):
        at = block.rfind(b"\n", 0, at)
        if at < 0:
            return block
    return block[at + 1 :] if lines > 0 else b""


def _verdict(line: bytes, cutoff: datetime, *, before: bool) -> bool:
    if not _ZONED.match(line):
        return before
    at = line_time(line)
    return before if at is None else at >= cutoff
