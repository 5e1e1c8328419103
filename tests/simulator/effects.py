"""Describe what changes at one place of the platform, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Knob = Literal[
    "entry",  # share of extra traffic at an entry point
    "cost",  # share of extra CPU a request
    "burn",  # CPU burnt beside the requests, share of the limit
    "slow",  # extra seconds of own waiting a request
    "fail",  # share of requests that fail in the part itself
    "leak",  # memory that is never freed, share of the limit a second
    "cache",  # memory of a cache that fills once, share of the limit
    "delay",  # extra seconds on the way to the part
    "loss",  # share of packets lost at a part or a node
    "connections",  # extra connections, share of the limit
    "publish",  # share of extra messages into a queue
    "disk",  # extra disk space used, share of the size
]


@dataclass(frozen=True)
class Effect:
    """Turn one knob of one target by `amount`, from `start` (Unix seconds), reached after `ramp_s`, until `end`."""

    knob: Knob
    target: str
    start: float
    amount: float
    ramp_s: float = 0.0
    end: float | None = None
    pods: tuple[str, ...] = ()

    def at(self, now: float) -> float:
        """Return the amount at a time; it falls after `end` as fast as it rose."""
        if now < self.start:
            return 0.0
        grown = 1.0 if self.ramp_s <= 0 else min(1.0, (now - self.start) / self.ramp_s)
        if self.end is not None and now >= self.end:
            grown *= 0.0 if self.ramp_s <= 0 else max(0.0, 1.0 - (now - self.end) / self.ramp_s)
        return self.amount * grown

    def scaled(self, factor: float) -> "Effect":
        """Return the same effect, stronger or weaker."""
        amount = self.amount * factor
        return Effect(self.knob, self.target, self.start, amount, self.ramp_s, self.end, self.pods)


class Effects:
    """Answer how far a knob is turned at a time."""

    def __init__(self, effects: Iterable[Effect]) -> None:
        self.all = tuple(effects)
        self._by: dict[tuple[str, str], list[Effect]] = {}
        for effect in self.all:
            self._by.setdefault((effect.knob, effect.target), []).append(effect)

    def at(self, knob: Knob, target: str, now: float, pod: str = "") -> float:
        """Return the sum of the amounts of one knob of one target (of one pod, where an effect names pods)."""
        found = self._by.get((knob, target))
        if not found:
            return 0.0
        return sum(effect.at(now) for effect in found if not effect.pods or pod in effect.pods)

    def targets(self, knob: Knob) -> list[str]:
        """Return the targets for which a knob is ever turned."""
        return sorted(target for name, target in self._by if name == knob)
