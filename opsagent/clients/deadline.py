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
        self._turn = threading.Condition()
        self._running = self._ended = self._idle = False
        self._twins: list[socket.socket] = []
        self._watcher: threading.Thread | None = None
        self._outer: Deadline | None = None

    def resume(self) -> None:
        """Let the time run, for what this thread asks for."""
        self._outer, _here.deadline = getattr(_here, "deadline", None), self
        with self._turn:
            self._begun, self._running = time.monotonic(), True
            if self._idle:
                self._turn.notify_all()
        if self._watcher is None:
            # One for all of it: a log has thousands of chunks, and each of them resumes and pauses.
            self._watcher = threading.Thread(target=self._wait, name="deadline", daemon=True)
            self._watcher.start()

    def pause(self) -> None:
        """Stop the time: a reader who takes his own does not spend the server's."""
        with self._turn:
            if not self._running:
                return
            self._running = False
            self._left -= time.monotonic() - self._begun
        _here.deadline, self._outer = self._outer, None

    def watch(self, connection: socket.socket) -> None:
        """Include a connection. A duplicate is kept, so that TLS laid over it later changes nothing."""
        try:
            twin = socket.socket(fileno=os.dup(connection.fileno()))
        except OSError:
            return  # closed already: there is nothing to wait for
        with self._turn:
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
        with self._turn:
            self._ended = True
            self._turn.notify_all()
            for twin in self._twins:
                twin.close()
            self._twins.clear()

    def _wait(self) -> None:
        """Cut the connections off when the time has run out; it is not waked for each pause and resume."""
        with self._turn:
            while not self._ended:
                left = self._left - (time.monotonic() - self._begun)
                if not self._running:
                    self._idle = True
                    self._turn.wait()
                    self._idle = False
                elif left > 0:
                    self._turn.wait(left)
                else:
                    self.over = True
                    for twin in self._twins:
                        _shut(twin)
                    return


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
