"""How long an answer takes: what the thread that reads it reports, and where the one that waits for it gives up."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from opsagent.errors import ModelError

POLL_S = 0.1
Watch = Callable[[float, int], bool]  # seconds and tokens so far → whether to go on


class StalledError(Exception):
    """The stream is open, and no token comes."""


class SkippedModelError(ModelError):
    """The operator skipped the model for this step."""


@dataclass
class PendingQuestion:
    """One question under way; the worker's side calls `received`, the other one `check`."""

    within_s: float  # in all, the wait for the first byte of a cold model left out
    first_byte_s: float
    read_s: float  # between two tokens
    cold: bool  # whether the wait for the first byte is free of charge
    tokens: int = 0
    clock: Callable[[], float] = time.monotonic
    begun: float = field(init=False)
    first_at: float | None = None
    token_at: float | None = None

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def received(self, chunk: bytes) -> None:
        """Count what came: a comment that keeps the connection open is not a token."""
        came = chunk.count(b"data:") or int(not chunk.lstrip().startswith(b":"))
        if came:
            self.tokens += came
            self.token_at = self.clock()
            self.first_at = self.token_at if self.first_at is None else self.first_at

    @property
    def cold_s(self) -> float:
        """How long a cold model was waited for, free of charge."""
        until = self.clock() if self.first_at is None else self.first_at
        return min(until - self.begun, self.first_byte_s) if self.cold else 0.0

    def check(self, watch: Watch | None) -> None:
        """Raise where it is not waited any longer: StalledError, ModelError or SkippedModelError."""
        now = self.clock()
        if watch is not None and not watch(now - self.begun, self.tokens):
            raise SkippedModelError("the model was skipped by the operator", hint="opsagent resume asks it again")
        if self.first_at is None and now - self.begun > self.first_byte_s:
            raise StalledError(f"{self.first_byte_s:.0f} s")
        if self.token_at is not None and now - self.token_at > self.read_s:
            raise StalledError(f"{self.read_s:.0f} s, after {self.tokens} tokens")
        if now - self.begun - self.cold_s > self.within_s:
            raise ModelError(
                f"the model did not finish within the {self.within_s:.0f} s that were left",
                hint="raise model.timeout_s, or use a faster model",
            )
