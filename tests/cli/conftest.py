"""Sandboxes with a shell beside them."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opsagent.sandbox import Sandbox
from tests.cli.shell import Shell, environment
from tests.session import SPEED

Boxed = Callable[..., Shell]


@pytest.fixture
def boxed(tmp_path: Path) -> Iterator[Boxed]:
    """Start a sandbox of a scenario, and hand out a shell that is pointed at it."""
    boxes: list[Sandbox] = []

    def start(scenario: str = "healthy", *, speed: float = SPEED, **env: str) -> Shell:
        box = Sandbox(scenario, speed=speed)
        box.start()
        boxes.append(box)
        return Shell(box, tmp_path, environment(box, tmp_path, **env))

    yield start
    for box in boxes:
        box.stop()
        assert box.errors == []


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A healthy platform for commands that only check."""
    folder = tmp_path_factory.mktemp("well")
    with Sandbox("healthy", speed=SPEED) as box:
        yield Shell(box, folder, environment(box, folder))


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Put back what a command that runs inside this process does to signals."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
