"""A sandbox a test, with settings that point at it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opsagent.clients.live import LivePlatform
from opsagent.config.settings import Settings
from opsagent.config.titanium import TITANIUM
from opsagent.sandbox import Sandbox
from opsagent.serving.source import Source
from opsagent.store.store import Store
from tests.desk import SPEED, settings_for

Boxed = Callable[[str], tuple[Sandbox, Settings]]


def source_of(settings: Settings) -> Source:
    """Return what a front end would be handed."""
    return Source(settings, LivePlatform(settings, TITANIUM), lambda: TITANIUM, Store.at(settings, {}), {})


@pytest.fixture
def boxed(tmp_path: Path) -> Iterator[Boxed]:
    """Start a sandbox of a scenario, with settings that point at it."""
    boxes: list[Sandbox] = []

    def start(scenario: str) -> tuple[Sandbox, Settings]:
        box = Sandbox(scenario, speed=SPEED)
        box.start()
        boxes.append(box)
        return box, settings_for(box, tmp_path)

    yield start
    for box in boxes:
        box.stop()
        assert box.errors == []
