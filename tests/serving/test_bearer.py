"""The two tokens: one for everything, one that reads alone, and where each may stand."""

import asyncio
from typing import Any

import pytest

from opsagent.serving.bearer import Bearer

ALL, READ = "token-for-everything", "token-for-reading"


async def _app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def status(method: str, *tokens: str, query: str = "", path: str = "/agent/incidents", read: str | None = READ) -> int:
    """Return the status of a request with these bearer tokens and this query."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {token}".encode()) for token in tokens]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": query.encode()}
    asyncio.run(Bearer(_app, ALL, read)(scope, receive, send))
    return int(sent[0]["status"])


def test_one_token_does_everything() -> None:
    """It reads and it starts diagnoses, but only as a header: a URL is written into logs and histories."""
    assert (status("GET", ALL), status("POST", ALL)) == (200, 200)
    assert status("GET", query=f"token={ALL}") == 401
    assert status("POST", query=f"token={ALL}") == 401


def test_the_other_one_reads_alone() -> None:
    """GET with it as header or as query parameter; a POST with it is 403 either way."""
    assert (status("GET", READ), status("GET", query=f"token={READ}")) == (200, 200)
    assert (status("POST", READ), status("POST", query=f"token={READ}")) == (403, 403)


@pytest.mark.parametrize(
    ("tokens", "query"),
    [
        ((), ""),
        (("wrong",), ""),
        ((), "token=wrong"),
        ((), f"token={READ}&token={READ}"),
        ((READ,), f"token={READ}"),
        ((READ, READ), ""),
        ((), f"Token={READ}"),
        ((READ[:-1],), ""),
        ((), "token="),
    ],
)
def test_anything_else_is_refused(tokens: tuple[str, ...], query: str) -> None:
    """None, a wrong one, a part of one, and two at once: 401."""
    assert status("GET", *tokens, query=query) == 401


def test_without_a_reading_token_there_is_no_way_but_the_header() -> None:
    """MCP has one token: the query means nothing there, an empty one included."""
    assert status("GET", query="token=", read=None) == 401
    assert status("GET", query="token=None", read=None) == 401


def test_probes_need_no_token() -> None:
    """/healthz answers anybody, by GET alone; a path that only begins so does not."""
    assert status("GET", path="/healthz") == 200
    assert status("POST", path="/healthz") == 401
    assert status("GET", path="/healthz/../agent/incidents") == 401
