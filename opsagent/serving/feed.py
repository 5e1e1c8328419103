"""Events of running diagnoses, from their threads to whoever listens over HTTP."""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opsagent.models.evidence import Symptom
from opsagent.models.incident import Step
from opsagent.models.plain import plain

KEPT = 500  # events that a listener who comes back may still get
MOST_LISTENERS = 32
_BEHIND = 1000  # events that wait for a slow listener before it is cut off


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, numbered since the start."""

    number: int
    kind: str  # "opened", "found", "step", "ended", "failed"
    data: dict[str, Any]


class FullError(Exception):
    """There are as many listeners as there may be."""


class Feed:
    """Takes events from any thread and hands them to listeners of one event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Event] = deque(maxlen=KEPT)
        self._number = 0
        self._listeners: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Event | None]]] = []

    def publish(self, kind: str, **data: Any) -> None:
        """Add an event; called from any thread, never waits for a listener."""
        with self._lock:
            self._number += 1
            event = Event(self._number, kind, plain(data))
            self._kept.append(event)
            listeners = list(self._listeners)
        for loop, queue in listeners:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_put, queue, event)

    def end(self) -> None:
        """End every listener's stream: the server is about to stop, and would wait for them."""
        with self._lock:
            listeners = list(self._listeners)
        for loop, queue in listeners:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_end, queue)

    @contextmanager
    def listen(self, after: int | None) -> Iterator["asyncio.Queue[Event | None]"]:
        """Give a queue of the events to come, first those kept since number `after`; None ends it.

        Called in the event loop. Raises FullError where too many listen.
        """
        queue: asyncio.Queue[Event | None] = asyncio.Queue(_BEHIND + KEPT)
        me = (asyncio.get_running_loop(), queue)
        with self._lock:
            if len(self._listeners) >= MOST_LISTENERS:
                raise FullError
            for event in self._kept:
                if after is not None and event.number > after:
                    queue.put_nowait(event)
            self._listeners.append(me)
        try:
            yield queue
        finally:
            with self._lock:
                self._listeners.remove(me)


def _put(queue: "asyncio.Queue[Event | None]", event: Event) -> None:
    if queue.full():
        return
    # One who reads too slowly is cut off and comes back with Last-Event-ID, rather than grow without end.
    queue.put_nowait(event if queue.qsize() < queue.maxsize - 1 else None)


def _end(queue: "asyncio.Queue[Event | None]") -> None:
    if not queue.full():
        queue.put_nowait(None)


class FeedProgress:
    """Progress of one diagnosis, instructed to the feed."""

    def __init__(self, feed: Feed) -> None:
        """Show this feed; the incident is named when it is opened."""
        self._feed = feed
        self.incident_id: str | None = None

    def doing(self, node: str, text: str) -> None:
        """Report nothing: what is being done now is a screen's business."""

    def done(self, step: Step) -> None:
        """Report a box that was left."""
        self._feed.publish("step", incident_id=self.incident_id, step=step)

    def rest(self) -> None:
        """Report nothing: there is no screen to leave."""

    def found(self, incident_id: str, service: str | None, symptoms: tuple[Symptom, ...]) -> None:
        """Show what is wrong."""
        self._feed.publish("found", incident_id=incident_id, service=service, symptoms=symptoms)
