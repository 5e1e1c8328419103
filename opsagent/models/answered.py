"""The answer to an operator's question about a stored incident."""

from dataclasses import dataclass
from typing import Literal

from opsagent.models.opinion import Claim, LookedUp


@dataclass(frozen=True, slots=True)
class Answered:
    """What the stored evidence shows, line by line, each with its quote; or a model's answer with tested claims."""

    incident_id: str
    question: str
    by: Literal["rules", "model"]
    lines: tuple[str, ...]  # of the rules: facts and quotes; of a model: its sentences
    claims: tuple[Claim, ...] = ()  # of a model, each tested against the stored evidence
    looked_up: tuple[LookedUp, ...] = ()
    fallback: str | None = None  # why a configured model's answer was not used
    tokens: int | None = None
    took_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("lines", "claims", "looked_up"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def supported(self) -> bool:
        """Whether the answer rests on evidence: always that of the rules, a model's where one claim holds."""
        return self.by == "rules" or any(claim.supported for claim in self.claims)
