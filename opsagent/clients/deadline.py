"""One total deadline for one answer: name and headers, 1xx answers and slow drips included.

Time-outs of HTTP libraries count from one received byte to the next; a server that drips never meets them.
"""

import os
import socket
import threading
import time
from types import TracebackType
from typing import Self

_here = threading.local()


class Deadline:
    """Shut the connections of this thread's request down when the time is over; use as a context manager."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False  # whether it was cut off: what came until then may look complete, and is not
        self._left = seconds
        self._begun = 0.0
        self._lock = threading.Lock()
        self._twins: list[socket.socket] = []
        self._timer: threading.Timer | None = None
        self._outer: Deadline | None = None

    def resume(self) -> None:
        """Let the time run, for what this thread asks for."""
        self._outer, _here.deadline = getattr(_here, "deadline", None), self
        self._begun = time.monotonic()
        self._timer = threading.Timer(max(self._left, 0.0), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def pause(self) -> None:
        """Stop the time: a reader who takes his own does not spend the server's."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._left -= time.monotonic() - self._begun
        _here.deadline, self._outer = self._outer, None

    def watch(self, connection: socket.socket) -> None:
        """Include a connection. A duplicate is kept, so that TLS laid over it later changes nothing."""
        try:
            twin = socket.socket(fileno=os.dup(connection.fileno()))
        except OSError:
            return  # closed already: there is nothing to wait for
        with self._lock:
            self._twins.append(twin)
            if self.over:
                _shut(twin)

    def __enter__(self) -> Self:
        self.resume()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()
        with self._lock:
            for twin in self._twins:
                twin.close()
            self._twins.clear()

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            for twin in self._twins:
                _shut(twin)


def watch(connection: socket.socket) -> None:
    """Include a connection in the deadline of this thread's request, where it has one."""
    deadline: Deadline | None = getattr(_here, "deadline", None)
    if deadline is not None:
        deadline.watch(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster
