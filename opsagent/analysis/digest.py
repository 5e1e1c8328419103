"""A log of any size as a few counted groups, in one pass and bounded memory."""

from collections.abc import Callable, Iterable

from opsagent.analysis.log_groups import choose
from opsagent.analysis.log_templates import SAMPLE_WIDTH, STAMP_WIDTH, Group, Templates
from opsagent.analysis.log_traces import Shape, Trace
from opsagent.models.digest import LogDigest
from opsagent.models.look import LogRef

_BLOCK = 256 * 1024
_HEAD, _TAIL = 6_000, 2_000  # what is kept of a longer line
_TAIL_LINES = 8
_DROPPED = b"0123456789\r"
_TRACE_STARTS = Shape.OPENS | Shape.FRAME
_LOOKED_AT = Shape.SPLITS | Shape.LATE_STAMP


class Digester:
    """Digest the bytes of one log as they come; the same digest however they are cut."""

    def __init__(self, ref: LogRef, *, redact: Callable[[str], str] = str) -> None:
        self._ref = ref
        self._redact = redact
        self._templates = Templates()
        self._trace: Trace | None = None
        self._rest = b""  # the line that has no end yet
        self._cut = False  # bytes were already dropped from the middle of it
        self._lines = 0
        self._size = 0
        self._last: list[bytes] = []
        self._prev: tuple[Group | None, bytes, int] = (None, b"", 0)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the log, of any length."""
        self._size += len(chunk)
        for start in range(0, len(chunk), _BLOCK) if len(chunk) > _BLOCK else (0,):
            self._take(chunk[start : start + _BLOCK] if len(chunk) > _BLOCK else chunk)

    def _take(self, chunk: bytes) -> None:
        block = self._rest + chunk
        if len(block) < _BLOCK // 4:
            self._rest = block
            return
        end = block.rfind(b"\n")
        if end < 0:
            self._cut = True
            self._rest = block[:_HEAD] + block[-_TAIL:]
            return
        self._rest = block[end + 1 :]
        block = block[:end]
        if self._cut:
            self._cut = False
            first, newline, others = block.partition(b"\n")
            block = _shorten(first) + newline + others
        self._block(block)

    def _block(self, block: bytes) -> None:
        """Digest whole lines."""
        lines = block.split(b"\n")
        if len(block) > _HEAD and max(map(len, lines)) > _HEAD + _TAIL:
            lines = [_shorten(line) if len(line) > _HEAD + _TAIL else line for line in lines]
            block = b"\n".join(lines)
        bare = block.translate(None, _DROPPED)
        if self._templates.crowded:
            self._templates.look_over(bare)
        stripped = bare.split(b"\n")
        keys = list(map(hash, stripped))
        base = n = self._lines
        templates = self._templates
        aliases = templates.aliases
        find = aliases.get
        trace = self._trace is not None
        splits, width = Shape.SPLITS, STAMP_WIDTH  # locals: this loop is the digest's speed
        for key, line in zip(keys, lines, strict=True):
            n += 1
            group = find(key)
            if group is None:
                if trace and self._trace and self._trace.frame(stripped[n - base - 1], line, key, n):
                    continue
                group = templates.meet(key, stripped[n - base - 1], line, n)
            if trace or group.shape:
                if trace or group.shape != splits or not (anchor := group.anchor) or group.variants is None:
                    trace = self._look(group, line, key, n, (keys, lines, n - base - 1))
                    continue
                # The numbers of most such lines were read before: what stands behind the anchor says which they are.
                at = line.find(anchor) + len(anchor)
                group = group.variants.get(line[at : at + 5]) or templates.variant(group, line, n)
            group.count += 1
            group.last = n
            group.last_stamp = line[:width]
        self._lines = n
        self._prev = (find(keys[-1]), lines[-1], keys[-1])
        self._last = (self._last + lines[-_TAIL_LINES:])[-_TAIL_LINES:]

    def _look(self, group: Group, line: bytes, key: int, n: int, place: tuple[list[int], list[bytes], int]) -> bool:
        """Take a line that is, or may be, part of a traceback, or whose numbers mean something."""
        shape = group.shape & Shape.IN_TRACE
        trace = self._trace
        if trace is not None:
            plain_frame = shape & Shape.INDENTED and not shape & (Shape.OPENS | Shape.TRAILS)
            if (plain_frame and trace.frame(b" ", line, key, n)) or trace.takes(shape, line):
                if not plain_frame or trace.last != n:
                    trace.add(shape, line, key, n)
                if not group.count:
                    group.shape |= Shape.FRESH
                return True
            self._end_trace()
        if group.shape & Shape.FRESH:
            group.begin(line, n)
        if group.shape & _TRACE_STARTS:
            self._trace = self._begin(shape, line, key, n, place)
            return True
        if group.shape & _LOOKED_AT:
            wide = group.shape & Shape.LATE_STAMP
            if group.shape & Shape.SPLITS:
                group = self._templates.variant(group, line, n)
            _count(group, n, line[:SAMPLE_WIDTH] if wide else line[:STAMP_WIDTH])
        else:
            _count(group, n, line[:STAMP_WIDTH])
        return False

    def _begin(self, shape: int, line: bytes, key: int, n: int, place: tuple[list[int], list[bytes], int]) -> Trace:
        if shape & Shape.OPENS:
            trace = Trace(n, None, 0)
            trace.open_with(line, key, n)
            return trace
        keys, lines, at = place
        head, head_line, head_key = (
            (self._templates.aliases.get(keys[at - 1]), lines[at - 1], keys[at - 1]) if at else self._prev
        )
        # A frame without a head line: the line before it was the head, and was counted as a line of its own.
        if head is None or head.shape & Shape.BLANK or not head_line.strip():
            trace = Trace(n, None, 0)
        else:
            head = self._templates.variant(head, head_line, n - 1) if head.shape & Shape.SPLITS else head
            head.count -= 1
            trace = Trace(n - 1, head_line, head_key)
        trace.add(shape, line, key, n)
        return trace

    def _end_trace(self) -> None:
        trace, self._trace = self._trace, None
        if trace is not None:
            _count(self._templates.trace(trace), trace.last, trace.stamp)

    def close(self) -> LogDigest:
        """End the log and choose what is kept of it."""
        if self._rest:
            rest = self._rest.removesuffix(b"\n")
            if self._cut:
                first, newline, others = rest.partition(b"\n")
                rest = _shorten(first) + newline + others
            self._block(rest)
            self._rest, self._cut = b"", False
        self._end_trace()
        groups = choose(self._templates, self._lines, self._redact)
        stamps = [at for g in groups for at in (g.first_at, g.last_at) if at is not None]
        tail = [self._redact(line[:SAMPLE_WIDTH].decode("utf-8", "replace").rstrip("\r")) for line in self._last]
        ref = self._ref
        return LogDigest(
            where=ref.where, pod=ref.pod, container=ref.container, previous=ref.previous, service=ref.service,
            lines=self._lines, size=self._size, groups=groups, tail=tuple(tail),
            first_at=min(stamps, default=None), last_at=max(stamps, default=None),
        )  # fmt: skip


def _count(group: Group, n: int, stamp: bytes) -> None:
    group.count += 1
    group.last = n
    group.last_stamp = stamp


def _shorten(line: bytes) -> bytes:
    return line[:_HEAD] + b" ... " + line[-_TAIL:]


def digest(ref: LogRef, chunks: Iterable[bytes], *, redact: Callable[[str], str] = str) -> LogDigest:
    """Digest one log in a single streaming pass; invalid UTF-8 becomes U+FFFD."""
    digester = Digester(ref, redact=redact)
    for chunk in chunks:
        digester.feed(chunk)
    return digester.close()
