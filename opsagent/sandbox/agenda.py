"""What will happen in the simulated cluster, and when."""

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Agenda:
    """Actions by due time. `now` is the due time of the action that runs, so that each acts at its own moment."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.now = time.time()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Run `action` that many simulated seconds after `now`."""
        heapq.heappush(self._due, (self.now + seconds / self.speed, next(self._order), action))

    def clear(self) -> None:
        """Forget everything that was to happen."""
        self._due.clear()

    def advance(self, before: Callable[[], None]) -> None:
        """Run everything that is due, in order; `before` is called in front of each action at its moment."""
        until = time.time()
        while self._due and self._due[0][0] <= until:
            due, _, action = heapq.heappop(self._due)
            self.now = max(self.now, due)
            before()
            action()
        self.now = max(self.now, until)


def stamp(moment: float) -> str:
    """Write a moment as Kubernetes does: RFC 3339, UTC, whole seconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> float:
    """Return the moment that `stamp` wrote."""
    return datetime.fromisoformat(text).timestamp()


def stamp_nano(moment: float) -> str:
    """Write a moment as the log end point does with timestamps=true."""
    at = datetime.fromtimestamp(moment, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond:06d}000Z"


def stamp_micro(moment: float) -> str:
    """Write a moment as a MicroTime: RFC 3339, UTC, microseconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
