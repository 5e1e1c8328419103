"""Measure a platform at rest: what its parts do before anything happens."""

import dataclasses
import math
import random
from dataclasses import dataclass

from tests.simulator.effects import Effects
from tests.simulator.flow import Flow
from tests.simulator.graph import build
from tests.simulator.latency import Latency
from tests.simulator.model import Platform

REST = 6


@dataclass(frozen=True)
class Rest:
    """Rates (1/s), latency and CPU use (share of the limit) of every part in the middle of the day."""

    rates: dict[str, float]
    latency: dict[str, Latency]
    used: dict[str, float]
    connections: dict[str, float]


def measure(platform: Platform) -> Rest:
    """Run a few samples of the platform, at the time of day at which the case ends."""
    short = dataclasses.replace(platform, start=platform.end, count=REST)
    flow = Flow(short, Effects(()), random.Random(1)).run()
    return Rest(
        rates={name: track.requests[-1] for name, track in flow.tracks.items()},
        latency={name: track.latency[-1] for name, track in flow.tracks.items()},
        used={
            name: max(pod.cpu[-1] for pod in track.pods.values()) / platform.parts[name].cpu_limit
            for name, track in flow.tracks.items()
        },
        connections={name: track.connections[-1] for name, track in flow.tracks.items() if track.connections},
    )


def platform_of(key: str) -> tuple[Platform, Rest]:
    """Return the random platform of a key, its consumers limited by workers rather than by CPU."""
    rng = random.Random(key)
    platform = build(rng)
    rest = measure(platform)
    for consumer in platform.consumers.values():
        part = platform.parts[consumer]
        rest_s = rest.latency[consumer].average() - part.wait_s
        part.wait_s = max(part.wait_s, min(5.0, len(part.pods) / rest.rates[consumer] * rng.uniform(1.5, 3)))
        busy = rest_s + part.wait_s
        need = rest.rates[consumer] * busy * (1 + platform.daily) / len(part.pods)
        part.workers = max(1, math.ceil(need * rng.uniform(1.5, 2.2)))
        part.cpu_limit = max(part.cpu_limit, round(part.workers / busy * part.cost_s / 0.7 + 0.05, 2))
    for name, used in rest.connections.items():
        part = platform.parts[name]
        while part.connections_limit < used * 2.2:
            part.connections_limit += 100
    return platform, measure(platform)


def room(platform: Platform, rest: Rest, consumer: str) -> float:
    """Return how many messages a second a consumer can take."""
    part = platform.parts[consumer]
    return len(part.pods) * part.workers / rest.latency[consumer].average()
