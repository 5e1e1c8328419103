"""Sandboxes that must end without a thread, a socket or an error left."""

import threading
from collections.abc import Callable, Iterator

import pytest

from opsagent.sandbox import Sandbox

Boxes = Callable[..., Sandbox]


@pytest.fixture
def boxes() -> Iterator[Boxes]:
    """Start sandboxes; afterwards stop them and see that nothing is left and nothing went wrong inside."""
    before = set(threading.enumerate())
    started: list[Sandbox] = []

    def start(scenario: str = "healthy", speed: float = 40.0) -> Sandbox:
        box = Sandbox(scenario, speed=speed).start()
        started.append(box)
        return box

    yield start
    for box in started:
        box.stop()
    assert [error for box in started for error in box.errors] == []
    assert set(threading.enumerate()) - before == set()
