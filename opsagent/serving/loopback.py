"""Serve an application over HTTP until interrupted, behind the token."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from opsagent.serving.bounds import CONNECTIONS, BoundedApp

HEADERS_S = 10.0
IDLE_S = 5
MAX_HEADERS = 32_768  # bytes


class TimedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 that also closes a connection whose request line and headers do not arrive in time."""

    headers_s = HEADERS_S
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as inherited
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.headers_s, transport.close)

    def data_received(self, data: bytes) -> None:
        """Wait on while headers are incomplete, and no longer once a request has begun."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(self.headers_s, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop()
        super().connection_lost(exc)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def configured(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """Return the server's settings: bounded bodies, headers, connections and idle time; it ends within 5 s."""
    return uvicorn.Config(
        BoundedApp(app),
        host=host,
        port=port,
        http=TimedProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_S,
        h11_max_incomplete_event_size=MAX_HEADERS,
        timeout_graceful_shutdown=2,
    )


class EndingServer(uvicorn.Server):
    """uvicorn's server that states when it is instructed to stop, before it waits for answers under way."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        """Call `on_exit` at the first SIGINT or SIGTERM."""
        super().__init__(config)
        self._on_exit = on_exit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """State it, and stop."""
        self._on_exit()
        super().handle_exit(sig, frame)


def serve(app: ASGIApp, host: str, port: int, on_exit: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM; warnings and errors alone are logged, on stderr.

    on_exit: ends what would go on for ever, so that the server does not have to cut it off.
    """
    with suppress(KeyboardInterrupt):  # as uvicorn.run: it has ended in order by then
        EndingServer(configured(app, host, port), on_exit).run()
