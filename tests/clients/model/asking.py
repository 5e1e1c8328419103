"""A model client on a scripted server, as its tests ask it."""

from typing import Any

from pydantic import BaseModel, Field

from opsagent.clients.model.client import ModelClient, ModelReply
from opsagent.config.settings import ModelSettings
from tests.model_server import ModelServer

GOOD = {"code": "db.locked", "evidence": ["E1"]}


class Shape(BaseModel):
    """What the tests ask for."""

    code: str = Field(max_length=40)
    evidence: list[str] = Field(default_factory=list, max_length=5)


class Clock:
    """A clock that is put forward by pauses only."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def client(
    server: ModelServer, *, environ: dict[str, str] | None = None, clock: Clock | None = None, **more: Any
) -> ModelClient:
    clock = clock or Clock()
    settings = ModelSettings(**{"name": "small", "base_url": server.url, **more})
    return ModelClient(settings, environ or {}, clock=clock, pause=clock.pause)


def ask(model: ModelClient) -> ModelReply:
    try:
        return model.ask("be brief", "what is wrong?", Shape)
    finally:
        model.close()
