"""A log of any size as a few counted groups, in one pass and bounded memory."""

import re
from collections.abc import Callable, Iterable

from opsagent.analysis.logs.groups import choose
from opsagent.analysis.logs.line_counter import Tally
from opsagent.analysis.text.templates import SAMPLE_WIDTH
from opsagent.models.digest import LogDigest
from opsagent.models.observed import LogRef

_BLOCK = 256 * 1024
_HEAD, _TAIL = 6_000, 2_000  # what is kept of a longer line
_STRETCH = (_HEAD + _TAIL) // 2  # where each holds a line's end, no line is longer than two
_TAIL_LINES = 8
_COLOUR = re.compile(rb"\x1b\[[0-9;:]*[A-Za-z]")
_DROPPED = b"0123456789\r"


class Digester:
    """Digest the bytes of one log as they come; the same digest however they are cut."""

    def __init__(self, ref: LogRef, *, redact: Callable[[str], str] = str) -> None:
        self._ref = ref
        self._redact = redact
        self._tally = Tally()
        self._rest = b""  # what was not digested yet: less than a block
        self._cut = False  # bytes were already dropped from the middle of its first line
        self._size = 0
        self._last: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the log, of any length."""
        self._size += len(chunk)
        start = 0
        # Blocks begin and end where the log states, not where a chunk does: so cuts leave no trace.
        while len(self._rest) + len(chunk) - start >= _BLOCK:
            end = start + _BLOCK - len(self._rest)
            self._take(self._rest + chunk[start:end])
            start = end
        self._rest += chunk[start:]

    def _take(self, block: bytes) -> None:
        end = block.rfind(b"\n")
        if end < 0:
            self._cut = True
            self._rest = block[:_HEAD] + block[-_TAIL:]
            return
        self._rest = block[end + 1 :]
        self._block(block[:end])

    def _block(self, block: bytes) -> None:
        """Digest complete lines."""
        if self._cut:
            self._cut = False
            first, newline, others = block.partition(b"\n")
            block = _shorten(first) + newline + others
        if b"\x1b[" in block:
            block = _COLOUR.sub(b"", block)  # the words and figures of a line are the same in colour
        lines = block.split(b"\n")
        if not _short(block):
            lines = [_shorten(line) if len(line) > _HEAD + _TAIL else line for line in lines]
            block = b"\n".join(lines)
        self._tally.count(lines, block.translate(None, _DROPPED).split(b"\n"))
        self._last = (self._last + lines[-_TAIL_LINES:])[-_TAIL_LINES:]

    def close(self) -> LogDigest:
        """End the log and choose what is kept of it."""
        if self._rest:
            self._block(self._rest.removesuffix(b"\n"))
            self._rest = b""
        self._tally.close()
        groups = choose(self._tally.templates, self._tally.lines, self._redact)
        stamps = [at for g in groups for at in (g.first_at, g.last_at) if at is not None]
        tail = [self._redact(line[:SAMPLE_WIDTH].decode("utf-8", "replace").rstrip("\r")) for line in self._last]
        ref = self._ref
        return LogDigest(
            where=ref.where, pod=ref.pod, container=ref.container, previous=ref.previous, service=ref.service,
            lines=self._tally.lines, size=self._size, groups=groups, tail=tuple(tail),
            first_at=min(stamps, default=None), last_at=max(stamps, default=ref.ended_at), ended_at=ref.ended_at,
        )  # fmt: skip


def _short(block: bytes) -> bool:
    """Return whether every stretch of a few thousand bytes holds a line's end: cheaper than to ask each line."""
    return all(block.find(b"\n", at, at + _STRETCH) >= 0 for at in range(0, len(block) - _STRETCH, _STRETCH))


def _shorten(line: bytes) -> bytes:
    return line[:_HEAD] + b" ... " + line[-_TAIL:]


def digest(ref: LogRef, chunks: Iterable[bytes], *, redact: Callable[[str], str] = str) -> LogDigest:
    """Digest one log in a single streaming pass; invalid UTF-8 becomes U+FFFD."""
    digester = Digester(ref, redact=redact)
    for chunk in chunks:
        digester.feed(chunk)
    return digester.close()
