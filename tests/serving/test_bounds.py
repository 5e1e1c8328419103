"""A request may not take more than its share: each bound is met by an answer or a closed connection."""

import asyncio
from typing import Any

import pytest

pytest.importorskip("uvicorn")

from opsagent.serving.bounds import MAX_BODY, BoundedApp
from opsagent.serving.loopback import TimedProtocol, configured


class Echo:
    """An application that answers how long the body was, and counts its requests."""

    asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] != "http":
            return
        self.asked += 1
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(len(body)).encode()})


def asked(app: Any, *messages: dict[str, Any], headers: tuple[tuple[bytes, bytes], ...] = ()) -> tuple[int, int]:
    """Return the status of the answer and how many messages of the body were read."""
    left, sent = list(messages), []

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app({"type": "http", "headers": headers}, receive, send))
    return sent[0]["status"], len(messages) - len(left)


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    """Return a piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("announced", [b"1000001", b"99999999999999999999", b"-1", b"x"])
def test_a_body_that_announces_too_much_is_refused_before_it_is_read(announced: bytes) -> None:
    """413, and not a byte of it was read."""
    echo = Echo()
    assert asked(BoundedApp(echo), part(b"x"), headers=((b"content-length", announced),)) == (413, 0)
    assert echo.asked == 0


def test_a_body_in_pieces_is_counted() -> None:
    """Without a length: 413 as soon as the pieces are more than 1 MB, 200 where they are exactly that."""
    half = b"x" * (MAX_BODY // 2)
    assert asked(BoundedApp(Echo()), *[part(half, more=True)] * 9) == (413, 3)
    assert asked(BoundedApp(Echo()), part(half, more=True), part(half)) == (200, 2)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """408 once the time is over."""
    assert asked(BoundedApp(Echo(), body_s=0.01), part(b"x", more=True)) == (408, 1)


def test_the_server_has_its_bounds() -> None:
    """Connections, idle time and headers are bounded, and an end waits for no listener."""
    settings = configured(Echo(), "127.0.0.1", 0)
    assert isinstance(settings.app, BoundedApp)
    assert settings.limit_concurrency == 64
    assert settings.timeout_keep_alive == 5
    assert settings.h11_max_incomplete_event_size == 32_768
    assert settings.timeout_graceful_shutdown == 2


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost:"])
def test_headers_that_do_not_come_end_the_connection(sent: bytes) -> None:
    """Nothing, or half a head: the server closes it."""

    class Hasty(TimedProtocol):
        headers_s = 0.05

    async def ends() -> bool:
        settings = configured(Echo(), "127.0.0.1", 0)
        settings.http = Hasty
        settings.timeout_keep_alive = 3600
        settings.load()
        from uvicorn.server import ServerState

        state, loop = ServerState(), asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Hasty(config=settings, server_state=state, app_state={}), "127.0.0.1", 0
        )
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(sent)
            await reader.read()  # until the end that the server makes
            writer.close()
            return reader.at_eof()

    assert asyncio.run(ends())
