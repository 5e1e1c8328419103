"""What one client may take of the server: the size of a body, and the time until it is there."""

import asyncio
import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1_000_000  # bytes; the largest request that anything here asks for has a few hundred
BODY_S = 10.0
CONNECTIONS = 64


class _RefusedError(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


class BoundedApp:
    """An ASGI application that lets no body over 1 MB, and none that does not come, through to another."""

    def __init__(self, app: ASGIApp, *, max_body: int = MAX_BODY, body_s: float = BODY_S) -> None:
        self._app, self._max, self._body_s = app, max_body, body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413 before the body is read, 413 or 408 while it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_announced(scope, self._max)
            body = await self._read(receive)
        except _RefusedError as refused:
            await _refuse(send, refused)
            return
        if body is not None:
            await self._app(scope, _again(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """Return the complete body; None where the client has gone."""
        body: bytes = b""
        try:
            async with asyncio.timeout(self._body_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += bytes(message.get("body", b""))
                    if len(body) > self._max:
                        raise _too_large(self._max)
                    if not message.get("more_body"):
                        return body
        except TimeoutError:
            raise _RefusedError(408, f"the body did not arrive within {self._body_s:g} s") from None


def _check_announced(scope: Scope, most: int) -> None:
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > most):
            raise _too_large(most)


def _too_large(most: int) -> _RefusedError:
    return _RefusedError(413, f"the body is larger than {most:,} bytes")


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that hands out the body that was read, then what comes after it."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def hand_out() -> Message:
        return left.pop() if left else await receive()

    return hand_out


async def _refuse(send: Send, refused: _RefusedError) -> None:
    body = json.dumps({"error": str(refused), "hint": None, "incident_id": None}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers.append((b"connection", b"close"))  # what is left of the body is not read
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
