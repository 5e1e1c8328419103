"""What every front end works on: the settings, and the platform, services and store that they point at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opsagent.agent import wiring
from opsagent.agent.context import Context, Progress
from opsagent.config.settings import Settings
from opsagent.models.platform import ChangeablePlatform
from opsagent.models.service import Service
from opsagent.redact import Redactor
from opsagent.store.store import Store


@dataclass(frozen=True)
class Source:
    """One platform, as one operator's command would see it."""

    settings: Settings
    platform: ChangeablePlatform
    find_services: Callable[[], tuple[Service, ...]]  # asked at each use: they may have to be searched for
    store: Store
    environ: Mapping[str, str]

    def context(self, progress: Progress, *, model: bool) -> Context:
        """Return the surroundings of one incident, with secrets numbered again."""
        return wiring.live(
            self.settings,
            self.platform,
            Redactor(),
            store=self.store,
            progress=progress,
            environ=self.environ,
            model=model,
        )
