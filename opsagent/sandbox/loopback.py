"""A threading HTTP server on loopback that ends cleanly."""

import contextlib
import json
import select
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .faults import CannedReply, Fault


class LoopbackServer(ThreadingHTTPServer):
    """Serves on 127.0.0.1; `end` closes every connection and joins every thread."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, port: int, handler: type["Handler"], owner: Any) -> None:
        self.owner = owner
        self.ending = threading.Event()
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name=f"sandbox:{self.port}")
        self._thread.start()

    @property
    def port(self) -> int:
        """Return the port that is served."""
        return int(self.server_address[1])

    def end(self) -> None:
        """Stop serving: no new connection, none of the old ones, no thread left."""
        self.ending.set()
        self.shutdown()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):  # the client was faster
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then serve it."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - signature of the base
        """Keep what went wrong in the server itself; a client that hangs up is not an error."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self.owner.errors.append(error)


class Handler(BaseHTTPRequestHandler):
    """Answers in HTTP/1.1 with a length or in chunks."""

    protocol_version = "HTTP/1.1"
    server: LoopbackServer
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - signature of the base
        """Write no access log; `Sandbox.requests` is one."""

    def handle(self) -> None:
        """Serve one connection until either side ends it."""
        with contextlib.suppress(ConnectionError, TimeoutError):  # the client hung up
            super().handle()

    def finish(self) -> None:
        """Flush what is left; the client may be gone."""
        with contextlib.suppress(ConnectionError):
            super().finish()

    def send(self, reply: CannedReply) -> None:
        """Send a complete answer."""
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def send_json(self, body: Any, status: int = 200) -> None:
        """Send a JSON document."""
        self.send(CannedReply(status, json.dumps(body, ensure_ascii=False).encode()))

    def begin_chunks(self, content_type: str) -> None:
        """Begin an answer of unknown length."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        """Send one piece of it; an empty one ends it."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        self.server.ending.wait(seconds)

    def break_off(self) -> None:
        """Break the connection: the client sees a reset."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()

    def read_body(self) -> bytes:
        """Return the request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def client_left(self) -> bool:
        """Return whether the client has closed its side."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""

    def delayed(self, fault: Fault | None) -> Fault | None:
        """Wait as long as a fault states, and hand it on."""
        if fault is not None and fault.delay_s:
            self.pause(fault.delay_s)
        return fault
