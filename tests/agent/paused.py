"""An incident on the sandbox that has come as far as its logs: what follows is run again and again, from there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from opsagent.agent import graph as diagram
from opsagent.agent.context import Context
from opsagent.agent.state import State
from opsagent.agent.wiring import NoArchive
from opsagent.clients.model.client import ModelClient
from opsagent.config.settings import ModelSettings
from opsagent.models.panel import Panel
from opsagent.sandbox import Sandbox
from tests.session import SPEED, Heard, at_work, settings_for


@dataclass
class Paused:
    """The real graph after `collect_logs`, on a platform that stays as it is."""

    box: Sandbox
    ctx: Context
    state: State
    heard: Heard

    def go_on(self, url: str, **settings: Any) -> tuple[State, Panel | None]:
        """Run to the end, or to the panel, with the model at that address."""
        wanted = ModelSettings(**{"name": "small", "base_url": url, "when": "always", **settings})
        model = ModelClient(wanted, {}, pause=lambda _: None)
        graph = diagram.build(InMemorySaver())
        config: Any = {"configurable": {"thread_id": "1"}}
        graph.update_state(config, dict(self.state), as_node="collect_logs")
        surroundings = replace(
            self.ctx, model=model, settings=replace(self.ctx.settings, model=wanted)
        )  # fmt: skip
        try:
            after: Any = graph.invoke(None, config, context=surroundings)
        finally:
            model.close()
        waiting = after.pop("__interrupt__", None)
        return after, waiting[0].value if waiting else None

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that would change something."""
        return [
            (method, path)
            for method, path in self.box.requests
            if method not in {"GET", "HEAD"} and "accessreview" not in path
        ]


@contextmanager
def paused(scenario: str, service: str, folder: Path) -> Iterator[Paused]:
    """Serve a scenario and diagnose it up to its logs."""
    with Sandbox(scenario, speed=SPEED) as box:
        heard = Heard()
        with at_work(settings_for(box, folder), heard) as (ctx, _):
            graph = diagram.build(InMemorySaver())
            config: Any = {"configurable": {"thread_id": "0"}}
            asked: State = {
                "incident_id": "h0st",
                "asked": service,
                "force": False,
                "where": ctx.platform.where,
                "started_at": ctx.clock(),
            }
            whole: Any = graph.invoke(asked, config, context=ctx, interrupt_after=["collect_logs"])
            whole.pop("__interrupt__", None)
            # An archive that takes no action: a change would raise, and nothing waits for a disk.
            yield Paused(box, replace(ctx, archive=NoArchive()), whole, heard)
