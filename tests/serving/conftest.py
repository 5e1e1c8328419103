"""A sandbox a test, with settings that point at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opsagent.clients.live import LivePlatform
from opsagent.config.settings import Settings
from opsagent.config.titanium import TITANIUM
from opsagent.serving.source import Source
from opsagent.store.store import Store
from tests.session import Boxed, sandboxes


def source_of(settings: Settings) -> Source:
    """Return what a front end would be handed."""
    return Source(settings, LivePlatform(settings, TITANIUM), lambda: TITANIUM, Store.at(settings, {}), {})


@pytest.fixture
def boxed(tmp_path: Path) -> Iterator[Boxed]:
    """Start sandboxes of scenarios."""
    with sandboxes(tmp_path) as start:
        yield start
