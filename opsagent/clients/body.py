"""The body of an answer, read up to a bound that counts what it unpacks to."""

import threading
import zlib
from collections.abc import Iterable

from opsagent.errors import NotAnAnswerError, TooLargeError

MB = 1024 * 1024
CHUNK = 64 * 1024
_ANY_ZLIB = 47  # gzip or zlib, by their headers


class Budget:
    """The bytes that all answers of a pass may hold together."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """Return the bytes taken since the last `reset`."""
        return self._taken

    def reset(self) -> None:
        """Begin a new pass: what the one before held is let go of."""
        with self._lock:
            self._taken = 0

    def take(self, size: int) -> bool:
        """Count bytes that were read; False where they are too many."""
        with self._lock:
            self._taken += size
            return self._taken <= self.most


class Body:
    """One body as it comes in, unpacked and bounded."""

    def __init__(self, encoding: str, most: int, *, who: str, source: str) -> None:
        """Take the Content-Encoding header; NotAnAnswerError where it is one that nobody asked for."""
        self._who, self._source, self._most = who, source, most
        plain = encoding.strip().lower()
        if plain not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise NotAnAnswerError(f"{who} answered packed as {plain[:20]!r}, unasked", source=source)
        self._unpack = zlib.decompressobj(_ANY_ZLIB) if plain not in {"", "identity"} else None
        self._data = bytearray()

    @property
    def cut(self) -> bool:
        """Return whether there is more than the bound."""
        return len(self._data) > self._most

    def add(self, chunk: bytes) -> int:
        """Take a chunk, and return how many bytes it unpacked to; at most one beyond the bound is kept."""
        room = self._most + 1 - len(self._data)
        before = len(self._data)
        if self._unpack is None:
            self._data += chunk[:room]
        elif room > 0:
            try:
                self._data += self._unpack.decompress(self._unpack.unconsumed_tail + chunk, room)
            except zlib.error as error:
                raise NotAnAnswerError(f"{self._who} answered what cannot be unpacked", source=self._source) from error
        return len(self._data) - before

    def end(self) -> bytes:
        """Return the body up to its bound; NotAnAnswerError where what was packed is incomplete."""
        if self._unpack is not None and not self.cut and not self._unpack.eof:
            raise NotAnAnswerError(f"{self._who} answered what cannot be unpacked to its end", source=self._source)
        return bytes(self._data[: self._most])


def read_body(chunks: Iterable[bytes], body: Body, budget: Budget | None = None, *, what: str, source: str) -> bytes:
    """Read chunks until the body ends or is cut.

    Raises TooLargeError where the answers of this pass become too large together.
    """
    for chunk in chunks:
        if budget is not None and not budget.take(body.add(chunk)):
            raise TooLargeError(
                f"cannot {what}: the answers of this pass are larger than {budget.most / MB:g} MB together",
                source=source,
                hint="name a smaller namespace, or raise kubernetes.max_read_mb",
            )
        if budget is None:
            body.add(chunk)
        if body.cut:
            break
    return body.end()
