"""Catalogue of what healthy platforms do: each changes figures, and none of it is a fault."""

import random
from collections.abc import Callable

from tests.simulator.effects import Effect
from tests.simulator.graph import word
from tests.simulator.model import Platform, Pod
from tests.simulator.places import release, restart
from tests.simulator.sizing import Rest

Maker = Callable[[random.Random, Platform, Rest], tuple[Effect, ...]]


def _moment(rng: random.Random, platform: Platform, first: float = 0.1, last: float = 0.9) -> float:
    return platform.start + (platform.end - platform.start) * rng.uniform(first, last)


def _day(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    return ()


def burst(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    """Let a little more traffic in for some minutes."""
    start, lasts = _moment(rng, platform), rng.uniform(120, 600)
    name = rng.choice(sorted(platform.entries))
    return (Effect("entry", name, start, rng.uniform(0.2, 0.5), rng.uniform(60, 180), start + lasts),)


def _deploy(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    release(rng, platform, rng.choice(platform.services()), _moment(rng, platform, 0.3, 0.95))
    return ()


def restarted(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    """Start one container of several again, early in the time recorded."""
    several = [part for part in platform.parts.values() if len(part.pods) > 1]
    if several:
        restart(rng.choice(several), _moment(rng, platform, 0.05, 0.4))
    return ()


def _sawtooth(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    for name in platform.services():
        part = platform.parts[name]
        part.memory_base, part.memory_saw = rng.uniform(0.2, 0.45), rng.uniform(0.15, 0.35)
    return ()


def _cache(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    """Fill a cache in memory; it stays at its size."""
    part = platform.parts[rng.choice(platform.services())]
    part.memory_base, part.memory_saw = min(part.memory_base, 0.4), min(part.memory_saw, 0.05)
    ramp = (platform.end - platform.start) * rng.uniform(0.1, 0.3)
    return (Effect("cache", part.name, _moment(rng, platform, 0.02, 0.3), rng.uniform(0.1, 0.3), ramp),)


def _batch(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    """Run a nightly job inside one service: more CPU, far from the limit."""
    name = rng.choice(platform.services())
    start = _moment(rng, platform, 0.2, 0.8)
    amount = max(0.03, min(0.3, 0.65 - rest.used[name]))
    return (Effect("burn", name, start, amount, 60, start + rng.uniform(300, 1800)),)


def _scale_out(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    part = platform.parts[rng.choice(platform.services())]
    node = rng.choice(sorted(platform.nodes))
    name = f"{part.workload}-{part.revisions[-1].hash}-{word(rng, 5)}"
    part.pods.append(Pod(name, node, _moment(rng, platform, 0.3, 0.9)))
    return ()


def _falls(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    """Let the traffic fall, as in the evening."""
    ramp = (platform.end - platform.start) * rng.uniform(0.3, 0.6)
    start = _moment(rng, platform, 0.2, 0.4)
    return tuple(Effect("entry", name, start, -rng.uniform(0.2, 0.5), ramp) for name in platform.entries)


def _rises(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    """Let the traffic rise, as in the morning."""
    amount, start = rng.uniform(0.15, 0.45), _moment(rng, platform, 0.05, 0.2)
    ramp = (platform.end - platform.start) * rng.uniform(0.5, 0.8)
    return tuple(Effect("entry", name, start, amount, ramp) for name in platform.entries)


def _disk(rng: random.Random, platform: Platform, rest: Rest) -> tuple[Effect, ...]:
    """Let a disk grow a little, as it does every day."""
    stores = [name for name in platform.order if platform.parts[name].role == "database"]
    return (Effect("disk", rng.choice(stores), platform.start, 0.04, platform.end - platform.start),) if stores else ()


QUIET: dict[str, Maker] = {
    "day": _day,
    "burst": burst,
    "deploy": _deploy,
    "restart": restarted,
    "sawtooth": _sawtooth,
    "cache": _cache,
    "batch": _batch,
    "scale-out": _scale_out,
    "traffic-falls": _falls,
    "traffic-rises": _rises,
    "disk-grows": _disk,
}


def distract(rng: random.Random, platform: Platform, others: list[str], before: float) -> tuple[Effect, ...]:
    """Add harmless events to a platform with a fault: a release and a restart elsewhere, a burst that ended before."""
    if others and rng.random() < 0.3:
        release(rng, platform, rng.choice(others), rng.uniform(platform.start + 60, before - 120))
    if others and rng.random() < 0.3:
        part = platform.parts[rng.choice(others)]
        if len(part.pods) > 1:
            restart(part, rng.uniform(platform.start + 60, before - 300))
    if rng.random() < 0.25 and before - platform.start > 1500:
        start = rng.uniform(platform.start, before - 1200)
        name = rng.choice(sorted(platform.entries))
        return (Effect("entry", name, start, rng.uniform(0.1, 0.4), 60, start + rng.uniform(120, 500)),)
    return ()
