"""Chunks of a log into lines, with bounded memory whatever the log holds."""

from collections import deque
from collections.abc import Iterable, Iterator

from opsagent.errors import CheckError, TransientCheckError

MOST_LINES = 100_000  # of one log that are kept where all are asked for: the last ones
LINE_BYTES = 16 * 1024  # of a line that is shown; the rest is counted


def pieces(chunks: Iterable[bytes], size: int) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, piece): a line of at most `size` bytes whole, a longer one in pieces of that size.

    Line numbers are 1-based. A carriage return before the line's end is left out.
    """
    number, rest = 1, bytearray()
    try:
        for chunk in chunks:
            start = 0
            while (end := chunk.find(b"\n", start)) >= 0:
                rest += chunk[start:end]
                yield from ((number, part) for part in _parts(rest, size))
                rest.clear()
                number += 1
                start = end + 1
            rest += chunk[start:]
            while len(rest) > size:
                yield number, bytes(rest[:size])
                del rest[:size]
    except CheckError:  # the log broke off: what came of its last line is not lost
        yield from ((number, part) for part in _parts(rest, size) if part)
        raise
    if rest:
        yield from ((number, part) for part in _parts(rest, size))


def last_lines(chunks: Iterable[bytes], tail: int | None) -> tuple[list[str], str | None]:
    """Return the last `tail` lines as text, and why the log broke off, None where it is complete.

    Without a tail all lines, as far as MOST_LINES. Undecodable bytes become U+FFFD; of a very long line the beginning
    is kept and the rest counted.
    """
    kept: deque[tuple[int, bytes, int]] = deque(maxlen=MOST_LINES if tail is None else max(tail, 0))
    broke_off = None
    try:
        for number, piece in pieces(chunks, LINE_BYTES):
            if kept and kept[-1][0] == number:
                _, head, more = kept[-1]
                kept[-1] = (number, head, more + len(piece))
            else:
                kept.append((number, piece, 0))
    except TransientCheckError as error:
        if not kept:
            raise
        broke_off = error.message
    return [_shown(head, more) for _, head, more in kept], broke_off


def split_stamp(line: str) -> tuple[str, str]:
    """Return the RFC 3339 stamp at the start of a line with its blank, and the rest; ("", line) without one."""
    stamp, blank, rest = line.partition(" ")
    if blank and len(stamp) >= 20 and stamp[:4].isdecimal() and stamp[4] == "-" and stamp[10] == "T":
        return stamp + blank, rest
    return "", line


def _parts(line: bytearray, size: int) -> Iterator[bytes]:
    if line.endswith(b"\r"):
        del line[-1:]
    if not line:
        yield b""
    for start in range(0, len(line), size):
        yield bytes(line[start : start + size])


def _shown(head: bytes, more: int) -> str:
    text = head.decode("utf-8", "replace")
    return f"{text}… (+{more:,} bytes)" if more else text
