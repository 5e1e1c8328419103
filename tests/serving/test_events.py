"""The stream of steps."""

import asyncio
import json

import pytest

from opsagent.serving import feed as feeding
from opsagent.serving.events import event_stream
from opsagent.serving.feed import Feed, FullError


async def pieces(feed: Feed, after: int | None, count: int, heartbeat_s: float = 5.0) -> list[str]:
    """Listen, and return the first pieces of the stream."""
    stream = await event_stream(feed, after, heartbeat_s=heartbeat_s)
    try:
        return [await anext(stream) for _ in range(count)]
    finally:
        await stream.aclose()  # type: ignore[attr-defined]


def test_events_of_another_thread_arrive_in_order() -> None:
    """What a diagnosis' thread shows is streamed with number, kind and one line of JSON."""

    async def listen() -> list[str]:
        feed = Feed()
        waiting = asyncio.create_task(pieces(feed, None, 3))
        await asyncio.sleep(0)
        await asyncio.to_thread(feed.publish, "opened", incident_id="b7k2")
        await asyncio.to_thread(feed.publish, "ended", closing="two\nlines \u2028 here")
        return await waiting

    greeting, first, second = asyncio.run(listen())
    assert greeting.startswith(":")
    assert first == 'id: 1\nevent: opened\ndata: {"incident_id": "b7k2"}\n\n'
    assert second.count("\n") == 4
    assert json.loads(second.split("data: ")[1])["closing"] == "two\nlines \u2028 here"


def test_who_comes_back_misses_nothing() -> None:
    """Last-Event-ID: what was reported since is sent first; without it only what is to come."""

    async def listen(after: int | None) -> list[str]:
        feed = Feed()
        for number in range(1, 4):
            feed.publish("step", n=number)
        waiting = asyncio.create_task(pieces(feed, after, 2))
        await asyncio.sleep(0)
        feed.publish("step", n=4)
        return await waiting

    assert '"n": 3' in asyncio.run(listen(2))[1]
    assert '"n": 4' in asyncio.run(listen(None))[1]


def test_silence_is_kept_alive() -> None:
    """With nothing to show a comment is sent, which proxies and browsers count as life."""
    assert asyncio.run(pieces(Feed(), None, 2, heartbeat_s=0.01))[1] == ": still here\n\n"


def test_listeners_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than may listen is refused; a place that is left is free again."""
    monkeypatch.setattr(feeding, "MOST_LISTENERS", 1)

    async def crowd() -> None:
        feed = Feed()
        with feed.listen(None), pytest.raises(FullError):
            await event_stream(feed, None)
        assert await pieces(feed, None, 1)

    asyncio.run(crowd())


def test_who_reads_too_slowly_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener's queue has an end: it is instructed to come back instead of growing without bound."""
    monkeypatch.setattr(feeding, "_BEHIND", 3)
    monkeypatch.setattr(feeding, "KEPT", 0)

    async def slow() -> list[object]:
        feed = Feed()
        with feed.listen(None) as queue:
            for number in range(9):
                feed.publish("step", n=number)
            await asyncio.sleep(0)
            return [queue.get_nowait() for _ in range(queue.qsize())]

    *told, last = asyncio.run(slow())
    assert len(told) == 2
    assert last is None
