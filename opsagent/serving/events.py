"""Events as text/event-stream, the way browsers read them."""

import asyncio
import json
from collections.abc import AsyncIterator

from opsagent.serving.feed import Event, Feed

HEARTBEAT_S = 15.0  # proxies close what is silent for longer


async def event_stream(feed: Feed, after: int | None, *, heartbeat_s: float = HEARTBEAT_S) -> AsyncIterator[str]:
    """Return the stream, joined already; raises FullError where too many listen."""
    stream = _events(feed, after, heartbeat_s)
    await anext(stream)  # joins, so that nothing is missed from now on
    return stream


async def _events(feed: Feed, after: int | None, heartbeat_s: float) -> AsyncIterator[str]:
    with feed.listen(after) as queue:
        yield ""
        yield ": listening\n\n"
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), heartbeat_s)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if event is None:
                return
            yield as_text(event)


def as_text(event: Event) -> str:
    """Return one event as lines; ASCII JSON has no line feed that could end it early."""
    return f"id: {event.number}\nevent: {event.kind}\ndata: {json.dumps(event.data)}\n\n"
