"""Chunks that are read in a thread of their own while those before them are worked on."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator

_MOST = 32  # chunks that wait: what is read too fast slows the stream down, and not the memory up


def read_ahead(chunks: Iterable[bytes], most: int = _MOST) -> Iterator[bytes]:
    """Yield the chunks in their order; what reading them raises is raised after the last one that came.

    Where the reader of this stops early the thread stops at its next chunk; it is not waited for, for it may hang.
    """
    ahead = _Ahead(most)
    threading.Thread(target=ahead.fill, args=(chunks,), name="read-ahead", daemon=True).start()
    try:
        while (chunk := ahead.next()) is not None:
            yield chunk
    finally:
        ahead.stop()
    if ahead.error is not None:
        raise ahead.error


class _Ahead:
    """A bounded queue that both ends may leave."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._chunks: deque[bytes] = deque()
        self._turn = threading.Condition()
        self._ended = self._stopped = False
        self.error: BaseException | None = None

    def fill(self, chunks: Iterable[bytes]) -> None:
        """Read to the end, or until nobody takes more."""
        try:
            for chunk in chunks:
                with self._turn:
                    self._turn.wait_for(lambda: len(self._chunks) < self._most or self._stopped)
                    if self._stopped:
                        break
                    self._chunks.append(chunk)
                    self._turn.notify_all()
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            self.error = error
        finally:
            if isinstance(chunks, Iterator) and hasattr(chunks, "close"):
                chunks.close()  # here: a generator cannot be closed from another thread while it runs
            with self._turn:
                self._ended = True
                self._turn.notify_all()

    def next(self) -> bytes | None:
        """Return the next chunk, None after the last one."""
        with self._turn:
            self._turn.wait_for(lambda: self._chunks or self._ended)
            if not self._chunks:
                return None
            chunk = self._chunks.popleft()
            self._turn.notify_all()
            return chunk

    def stop(self) -> None:
        """Take no more."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()
