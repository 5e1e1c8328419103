"""A scripted HTTP server on loopback, for answers that no healthy server gives."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Request:
    """One request as it came in."""

    method: str
    path: str  # without the query
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """One answer, or a way to fail."""

    status: int = 200
    body: Any = b""  # bytes as they are, anything else as JSON
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    length: int | None = None  # a Content-Length that is not the body's
    chunks: list[bytes] | None = None  # sent chunked
    unfinished: bool = False  # no last chunk
    drop: bool = False  # hang up without an answer
    drip_s: float = 0.0  # between two bytes


Answer = Reply | Callable[[Request], Reply]
VERSION = {"major": "1", "minor": "32", "gitVersion": "v1.32.2"}


class Script:
    """What the server answers: the first matching path; a list is worked off, its last entry stays."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[Request] = []
        # As every API server does; a test that wants another answer sets one.
        self._routes: dict[tuple[str, str], list[Answer]] = {("GET", "/version"): [Reply(body=VERSION)]}

    def on(self, path: str, *answers: Answer, method: str = "GET") -> None:
        """Answer a path."""
        self._routes[method, path] = list(answers)

    def answer(self, request: Request) -> Reply:
        """Return the next answer for a request."""
        self.seen.append(request)
        answers = self._routes.get((request.method, request.path))
        if not answers:
            return Reply(404, status(404, "NotFound", f'"{request.path}" not found'))
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(request) if callable(answer) else answer

    def paths(self, method: str = "GET") -> list[str]:
        """Return the paths asked for, in order."""
        return [request.path for request in self.seen if request.method == method]


@contextmanager
def serve() -> Iterator[Script]:
    """Serve a script on a free port of loopback."""
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def _do(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, path, query, dict(self.headers.items()), body)
            reply = script.answer(request)
            try:
                _send(self, reply)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_PATCH = do_PUT = _do  # noqa: N815

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Stay silent: clients that hang up are what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    if reply.delay_s:
        time.sleep(reply.delay_s)
    if reply.drop:
        handler.close_connection = True
        return
    data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    handler.send_response(reply.status)
    handler.send_header("Content-Type", reply.kind)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if reply.chunks is not None:
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for chunk in reply.chunks:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            handler.wfile.flush()
        if not reply.unfinished:
            handler.wfile.write(b"0\r\n\r\n")
        handler.close_connection = reply.unfinished
        return
    handler.send_header("Content-Length", str(len(data) if reply.length is None else reply.length))
    handler.end_headers()
    if reply.drip_s:
        for place in range(len(data)):
            handler.wfile.write(data[place : place + 1])
            handler.wfile.flush()
            time.sleep(reply.drip_s)
    else:
        handler.wfile.write(data)
    handler.close_connection = reply.length is not None


def status(code: int, reason: str, message: str) -> dict[str, Any]:
    """Return an API server's Status object."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }


def items(*objects: dict[str, Any], kind: str = "Pod", version: str = "v1", token: str | None = None) -> dict[str, Any]:
    """Return a list as the API server answers it: it names its kind, and its items name none."""
    head = {"continue": token} if token else {}
    return {"kind": f"{kind}List", "apiVersion": version, "metadata": head, "items": objects}


def kubeconfig(directory: Path, server: str, user: dict[str, Any] | None = None) -> str:
    """Write a kubeconfig with one context "here" and return its path."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t0ken"} if user is None else user}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "here",
    }
    path = directory / "kubeconfig"
    path.write_text(json.dumps(config))
    return str(path)
