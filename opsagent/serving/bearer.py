"""The door of the HTTP front ends: no request passes without the token."""

import hmac
import json
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

REFUSED = {
    "error": "the bearer token is missing or wrong",
    "hint": "send Authorization: Bearer TOKEN; opsagent names the token's file when it starts",
}


READS_ONLY = {
    "error": "this token only reads",
    "hint": "send the token of the file api-token to start a diagnosis",
}
OPEN_PATHS = frozenset({"/healthz"})  # for probes, which have no token; they learn nothing but that it answers
_READING = frozenset({"GET", "HEAD"})


class Bearer:
    """An ASGI application that lets only requests with a token through to another."""

    def __init__(self, app: ASGIApp, token: str, read_token: str | None = None) -> None:
        """Name the token for everything, and the one that reads alone.

        Browsers' EventSource sends no headers: for reading the second one may also come as the query parameter `token`.
        """
        self._app = app
        self._wanted = f"Bearer {token}".encode()
        self._reads = read_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401, or 403 where a token that reads would change something."""
        if scope["type"] == "lifespan" or self._knows(scope) or _open(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif not self._may_read(scope):
            await _refuse(send, 401, REFUSED)
        elif scope["method"] in _READING:
            await self._app(scope, receive, send)
        else:
            await _refuse(send, 403, READS_ONLY)

    def _knows(self, scope: Scope) -> bool:
        given = _authorization(scope)
        # Constant time: how long a refusal takes reports nothing about the token.
        return len(given) == 1 and hmac.compare_digest(given[0], self._wanted)

    def _may_read(self, scope: Scope) -> bool:
        if self._reads is None:
            return False
        in_query = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
        given = _authorization(scope) + [f"Bearer {token}".encode() for token in in_query]
        return len(given) == 1 and hmac.compare_digest(given[0], f"Bearer {self._reads}".encode())


def _authorization(scope: Scope) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == b"authorization"]


def _open(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] in _READING and scope["path"] in OPEN_PATHS


async def _refuse(send: Send, status: int, why: dict[str, str]) -> None:
    body = json.dumps(why).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
