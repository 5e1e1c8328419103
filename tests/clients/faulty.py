"""A server that is before a sandbox and passes every request on, but for those of one source."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from opsagent.clients.kinds import KINDS
from opsagent.sandbox import Sandbox
from opsagent.tools.cluster import WIDE_KINDS
from tests.clients.loopback import status

MB = 1024 * 1024
LISTS = {f"list {kind}": KINDS[kind] for kind in WIDE_KINDS}
_PATHS = {
    "stats": r"/stats",
    "front health": r"/lb-health",
    "proxied stats": r"/api/v1/namespaces/[^/]+/services/[^/]+/proxy/stats",
    "proxied health": r"/api/v1/namespaces/[^/]+/services/[^/]+/proxy/(health|lb-health)?",
    "logs": r"/api/v1/namespaces/[^/]+/pods/[^/]+/log",
    "version": r"/version",
    "access": r"/apis/authorization\.k8s\.io/v1/selfsubjectaccessreviews",
    "api": r"/(api|apis|version)(/.*)?",
}
SOURCES = (*LISTS, *_PATHS)
DIRECT = ("stats", "front health")  # the load balancer's own URL; everything else is the API server's
# Those that are of an address and not of a path: the settings name it wrongly, or nobody is there.
ADDRESS_FAULTS = ("refused", "no DNS", "TLS")
SLOW_FAULTS = ("hang", "drip")
CODES = {"401": "Unauthorized", "403": "Forbidden", "404": "NotFound", "410": "Expired", "429": "TooManyRequests"}
CODES |= {"500": "InternalError", "503": "ServiceUnavailable"}
FAULTS = (
    *ADDRESS_FAULTS,
    *SLOW_FAULTS,
    "cut body",
    *CODES,
    "302",
    "HTML",
    "empty",
    "{}",
    "wrong kind",
    "wrong items",
    "over the limit",
)


@dataclass
class Faulty:
    """The server: its URL, and how often the fault was met."""

    url: str = ""
    hits: int = 0


def is_of(source: str, path: str) -> bool:
    """Return whether a request's path is of a source."""
    if source in LISTS:
        kind = LISTS[source]
        root = f"/apis/{kind.group_version}" if kind.group else f"/api/{kind.group_version}"
        return re.fullmatch(rf"{re.escape(root)}(/namespaces/[^/]+)?/{kind.plural}", path) is not None
    return re.fullmatch(_PATHS[source], path) is not None


@contextmanager
def faulty(box: Sandbox, source: str, fault: str) -> Iterator[Faulty]:
    """Serve the sandbox's API and load balancer at one address, with a fault at one source; "none" is not a fault."""
    served, ended = Faulty(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def _do(self) -> None:
            path = self.path.partition("?")[0]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                if fault in FAULTS and is_of(source, path):
                    served.hits += 1
                    misbehave(self, fault, source, ended)
                else:
                    _pass_on(self, box, path, body)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = _do  # noqa: N815

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Stay silent: clients that hang up are expected."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield served
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _pass_on(handler: BaseHTTPRequestHandler, box: Sandbox, path: str, body: bytes) -> None:
    base = box.stats_url if any(is_of(source, path) for source in DIRECT) else box.api_url
    given = {name: value for name, value in handler.headers.items() if name.lower() not in ("host", "connection")}
    with closing(http.client.HTTPConnection(urlsplit(base).netloc, timeout=20)) as connection:
        connection.request(handler.command, handler.path, body or None, given)
        answer = connection.getresponse()
        send(handler, answer.status, answer.read(), answer.headers.get("Content-Type", ""))


def misbehave(handler: BaseHTTPRequestHandler, fault: str, source: str, ended: threading.Event) -> None:
    """Answer a request as the fault does."""
    if fault == "hang":
        ended.wait(20)
        handler.close_connection = True
    elif fault == "drip":
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not ended.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()
        handler.close_connection = True
    elif fault == "cut body":
        send(handler, 200, b'{"kind": "', "application/json", length=5000)
    elif fault in CODES:
        code = int(fault)
        send(handler, code, json.dumps(status(code, CODES[fault], "this is the fault")).encode(), "application/json")
    else:
        send(handler, *_wrong(fault, source))


def _wrong(fault: str, source: str) -> tuple[int, bytes, str]:
    """Return status, body and type of an answer that is none."""
    if fault == "302":
        return 302, b"", "text/plain"
    if fault == "HTML":
        return 200, b"<!doctype html><title>Sign in</title>", "text/html"
    kind = LISTS[source] if source in LISTS else KINDS["Pod"]
    head = {"kind": f"{kind.name}List", "apiVersion": kind.group_version, "metadata": {}}
    bodies: dict[str, bytes] = {
        "empty": b"",
        "{}": b"{}",
        "wrong kind": json.dumps(head | {"kind": "SecretList", "apiVersion": "v1", "items": []}).encode(),
        "wrong items": json.dumps(head | {"items": [None, 5, {"metadata": 7}]}).encode(),
        "over the limit": b'{"a": "' + b"x" * (4 * MB) + b'"}',
    }
    return 200, bodies[fault], "application/json"


def send(handler: BaseHTTPRequestHandler, code: int, body: bytes, kind: str, length: int | None = None) -> None:
    """Send a complete answer; `length` is a Content-Length that is not the body\'s."""
    handler.send_response(code)
    if code == 302:
        handler.send_header("Location", "/login")
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)
    handler.close_connection = length is not None
