"""A platform that talks to the sandbox, and a tiny one made of plain records."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from opsagent.clients.live import LivePlatform
from opsagent.config.settings import KubernetesSettings, Settings, StatsSettings
from opsagent.config.titanium import TITANIUM
from opsagent.sandbox import Sandbox

Boxed = tuple[LivePlatform, Sandbox]


@pytest.fixture
def boxed(tmp_path: Path) -> Iterator[Callable[[str], Boxed]]:
    """Return a maker: scenario -> (platform, sandbox)."""
    with ExitStack() as stack:

        def make(scenario: str) -> Boxed:
            box = stack.enter_context(Sandbox(scenario, speed=20))
            kubernetes = KubernetesSettings(kubeconfig=str(box.write_kubeconfig(tmp_path / "config")))
            return LivePlatform(Settings(kubernetes=kubernetes, stats=StatsSettings(url=box.stats_url)), TITANIUM), box

        yield make
