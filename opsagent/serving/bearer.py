"""The door of the HTTP front ends: no request passes without the token."""

import hmac
import json
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

REFUSED = {
    "error": "the bearer token is missing or wrong",
    "hint": "send Authorization: Bearer TOKEN; opsagent names the token's file when it starts",
}


class Bearer:
    """An ASGI application that lets only requests with the token through to another."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] == "lifespan" or self._knows(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        body = json.dumps(REFUSED).encode()
        headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _knows(self, scope: Scope) -> bool:
        given: list[Any] = [value for name, value in scope["headers"] if name == b"authorization"]
        # Constant time: how long a refusal takes says nothing about the token.
        return len(given) == 1 and hmac.compare_digest(given[0], self._wanted)
