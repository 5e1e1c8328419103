"""A scripted OpenAI-compatible server: a real HTTP server on loopback, answers enqueued, requests recorded."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opsagent.models.tokens import MESSAGE, estimate

Script = Callable[["Handler"], None]  # writes one complete response


class ModelServer(ThreadingHTTPServer):
    """Answers each POST with the next script; without one, with 500."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts: list[Script] = []
        self.requests: list[dict[str, Any]] = []  # {"path", "headers" in lower case, "body"}
        self.closing = threading.Event()  # set at the end: scripts that hang wait for it

    @property
    def url(self) -> str:
        """The base URL to configure."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def sizes(self) -> list[int]:
        """The tokens of each request so far, estimated: its messages, and the schema beside them."""
        bodies = [request["body"] for request in self.requests]
        return [
            estimate(json.dumps(body.get("response_format", "")))
            + sum(MESSAGE + estimate(one["content"]) for one in body["messages"])
            for body in bodies
        ]

    def enqueue(self, *answers: "str | dict[str, Any] | Script") -> None:
        """Append answers: text, an object that is sent as JSON text, or a script."""
        for answer in answers:
            if callable(answer):
                self.scripts.append(answer)
            else:
                self.scripts.append(replies(answer if isinstance(answer, str) else json.dumps(answer)))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that go away: some tests are about just that."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: ModelServer

    def do_POST(self) -> None:
        """Record the request and play the next script."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.requests.append({"path": self.path, "headers": headers, "body": json.loads(raw)})
        script = self.server.scripts.pop(0) if self.server.scripts else fails(500, "nothing enqueued")
        script(self)

    def send(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        """Send one complete response."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Report nothing."""


def replies(
    text: str, *, tokens: tuple[int, int] | None = (100, 20), finish: str = "stop", stream: bool = True
) -> Script:
    """Answer with a completion, streamed where it was asked for so and `stream` holds."""

    def script(handler: Handler) -> None:
        asked = handler.server.requests[-1]["body"]
        sent, made = tokens or (0, 0)
        usage = {"prompt_tokens": sent, "completion_tokens": made, "total_tokens": sent + made} if tokens else None
        head = {"id": "c1", "created": 1, "model": asked["model"]}
        if not (asked.get("stream") and stream):
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
            body = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
            handler.send(200, "application/json", json.dumps(body).encode())
            return
        head["object"] = "chat.completion.chunk"
        size = max(10, len(text) // 50)
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        events: list[dict[str, Any]] = [
            {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}}]} for piece in pieces
        ]
        events.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if usage:
            events.append({**head, "choices": [], "usage": usage})
        lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
        handler.send(200, "text/event-stream", "".join(lines).encode())

    return script


def fails(status: int, message: str = "no", **headers: str) -> Script:
    """Answer with an error as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "error"}}).encode()
    return lambda handler: handler.send(status, "application/json", body, **headers)


def raw(body: bytes, kind: str = "application/json", status: int = 200) -> Script:
    """Answer with these bytes."""
    return lambda handler: handler.send(status, kind, body)


def cut(handler: Handler) -> None:
    """Promise more than is sent, and close."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'data: {"id": "c1", "choices": [{"index": 0, "delta": {"content": "{"}}]}\n\n')
    handler.close_connection = True


def hang(handler: Handler) -> None:
    """Report nothing until the test is over."""
    handler.server.closing.wait(30)
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """Send a byte every now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.server.closing.wait(0.05):
        handler.wfile.write(b":")
        handler.wfile.flush()


@contextmanager
def running() -> Iterator[ModelServer]:
    """Serve for as long as the block lasts."""
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
