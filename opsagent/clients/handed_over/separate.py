"""Interleaved logs taken apart in one pass: each owner's lines in their order, in memory that does not grow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from opsagent.clients.bundle.files import Slice, Spool
from opsagent.clients.handed_over.frames import Frame, uncoloured
from opsagent.clients.handed_over.owners import NOBODY, Owner

_PIECE = 64 * 1024  # bytes of one owner that are written at once
_WAITING = 16 * 1024 * 1024  # bytes of all owners that wait to be written
_MOST = 2_000  # owners; the lines of any more stay together
_LONGEST = 1024 * 1024  # bytes of a line; a longer one is cut into lines
OTHERS = Owner(service="others")


@dataclass(slots=True)
class Log:
    """The log of one owner, as parts of a spool."""

    owner: Owner
    parts: list[tuple[int, int]] = field(default_factory=list)  # (start, size)
    waiting: bytearray = field(default_factory=bytearray)
    unfinished: dict[bytes, bytes] = field(default_factory=dict)  # by stream: a line of which more comes

    @property
    def size(self) -> int:
        """Return how many bytes were written."""
        return sum(size for _, size in self.parts)

    def reader(self, spool: Spool) -> Slice:
        """Return the log as a file."""
        return Slice(spool, *self.parts)


class Separator:
    """Take the lines of one text as they come and keep them by owner."""

    def __init__(self, frame: Frame | None, spool: Spool) -> None:
        self._frame, self._spool = frame, spool
        self._logs: dict[Owner, Log] = {}
        self._last: Log | None = None
        self._waiting = 0

    def logs(self, chunks: Iterable[bytes]) -> tuple[Log, ...]:
        """Return the logs of a text, those of the first line first. Raises what reading the chunks raises."""
        for line in lines_of(chunks):
            self._take(uncoloured(line))
        return self.close()

    def put(self, owner: Owner, text: bytes) -> None:
        """Keep a record whose owner is known."""
        self._write(self._log(owner), text)

    def close(self) -> tuple[Log, ...]:
        """Return the logs of all that was taken."""
        for log in self._logs.values():
            for rest in log.unfinished.values():
                self._write(log, rest)
            self._flush(log)
        return tuple(log for log in self._logs.values() if log.parts)

    def _take(self, line: bytes) -> None:
        assert self._frame is not None
        found = self._frame.split(line)
        if self._frame.sections:
            if found is not None:
                self._last = self._log(found.owner)
            else:
                self._write(self._last or self._log(NOBODY), line)
            return
        if found is None:
            # What has no mark goes on with the line above it: a trace that was wrapped, a note of the tool.
            self._write(self._last or self._log(NOBODY), line)
            return
        log = self._last = self._log(found.owner)
        text = log.unfinished.pop(found.stream, b"")
        text = _joined(text, found.text) if text else found.text
        if found.ends or len(text) > _LONGEST:
            self._write(log, text)
        else:
            log.unfinished[found.stream] = text

    def _log(self, owner: Owner) -> Log:
        log = self._logs.get(owner)
        if log is None:
            if len(self._logs) >= _MOST:
                owner = OTHERS
            log = self._logs.setdefault(owner, Log(owner))
        return log

    def _write(self, log: Log, text: bytes) -> None:
        log.waiting += text
        log.waiting += b"\n"
        self._waiting += len(text) + 1
        if len(log.waiting) >= _PIECE:
            self._flush(log)
        elif self._waiting >= _WAITING:
            for one in self._logs.values():
                self._flush(one)

    def _flush(self, log: Log) -> None:
        if log.waiting:
            start = self._spool.size
            size = self._spool.append(bytes(log.waiting))
            last = log.parts[-1] if log.parts else None
            if last is not None and sum(last) == start:
                log.parts[-1] = (last[0], last[1] + size)
            else:
                log.parts.append((start, size))
            self._waiting -= len(log.waiting)
            log.waiting = bytearray()


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a text, each with its end; one that is too long comes in pieces."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(rest) > _LONGEST:
            yield rest
            rest = b""
    if rest:
        yield rest


def _joined(first: bytes, more: bytes) -> bytes:
    """Join the parts of a line that the run-time cut: each part bears a stamp, the line bears the first."""
    return first + more.split(b" ", 1)[1] if more[10:11] == b"T" and b" " in more else first + more
