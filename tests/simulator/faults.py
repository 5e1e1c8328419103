"""Catalogue of the faults: each turns knobs of one place and knows what a right answer is."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.simulator.answers import ANSWERS
from tests.simulator.effects import Effect
from tests.simulator.model import Platform
from tests.simulator.places import (
    ancestors,
    busy_services,
    busy_stores,
    explained_by,
    first_slow,
    release,
    serving,
    spellings,
)
from tests.simulator.sizing import Rest, room


@dataclass(frozen=True)
class Fault:
    """One fault: what it changes and since when, the codes and objects that are right, and the figures that show it."""

    kind: str
    codes: tuple[str, ...]
    objects: tuple[str, ...]
    place: str
    start: float
    effects: tuple[Effect, ...]
    doubtful: bool = False

    def scaled(self, factor: float) -> "Fault":
        """Return the same fault, stronger."""
        return replace(self, effects=tuple(effect.scaled(factor) for effect in self.effects))


def fault(answer: str, objects: tuple[str, ...], place: str, start: float, effects: tuple[Effect, ...]) -> Fault:
    """Return a fault with the codes that are right for it."""
    right = ANSWERS[answer]
    return Fault(answer.split("/")[0], right.codes, objects, place, start, effects, right.doubtful)


Maker = Callable[[random.Random, Platform, Rest], Fault | None]


def onset(rng: random.Random, platform: Platform, least_s: float = 300.0) -> float:
    """Return when the incident begins: 5 to 40 minutes before the end, and after 40 % of the samples."""
    span = platform.end - platform.start
    longest = max(least_s, min(2400.0, span * 0.6))
    return platform.end - rng.uniform(least_s, longest)


def _bad_release(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = serving(platform, rest)
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    release(rng, platform, name, start)
    effect = Effect("fail", name, start, rng.choice((0.1, 0.2, 0.35, 0.6)))
    objects = spellings(platform, name)
    return fault("release-errors", objects, name, start, (effect,))


def _slow_release(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = serving(platform, rest)
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    release(rng, platform, name, start)
    slow = Effect("slow", name, start, max(0.05, rest.latency[name].average() * rng.uniform(1, 4)))
    objects = spellings(platform, name)
    return fault("release-slow", objects, name, start, (slow,))


def _own_latency(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = serving(platform, rest)
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    slow = Effect(
        "slow", name, start, max(0.05, rest.latency[name].average() * rng.uniform(1.5, 5)), rng.choice((0, 120))
    )
    return fault("own-latency", spellings(platform, name), name, start, (slow,))


def _cpu_cost(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = serving(platform, rest)
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    more = rng.uniform(0.97, 1.3) / rest.used[name] - 1
    effect = Effect("cost", name, start, more, rng.choice((0, 60, 240)))
    return fault("cpu-cost", spellings(platform, name), name, start, (effect,))


def _cpu_burn(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = serving(platform, rest)
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    pods = tuple(pod.name for pod in platform.parts[name].pods)
    hit = pods[:1] if rng.random() < 0.3 else ()
    effect = Effect("burn", name, start, 1.05 - rest.used[name] * rng.uniform(0.6, 0.9), rng.choice((0, 30)), pods=hit)
    return fault("cpu-burn", spellings(platform, name), name, start, (effect,))


def _leak(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = busy_services(platform, rest, 0.5)
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform, 720.0)
    part = platform.parts[name]
    part.memory_saw = min(part.memory_saw, 0.08)
    part.memory_base = min(part.memory_base, 0.5)
    killed = rng.random() < 0.35
    reach = (0.95 - part.memory_base) * (rng.uniform(1.2, 2.0) if killed else rng.uniform(0.8, 0.98))
    for pod in part.pods:
        pod.oom = killed
    effect = Effect("leak", name, start, reach / (platform.end - start))
    return fault("memory-leak/killed" if killed else "memory-leak", spellings(platform, name), name, start, (effect,))


def _surge(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    name, start = rng.choice(sorted(platform.entries)), onset(rng, platform)
    effect = Effect("entry", name, start, rng.uniform(1.5, 4), rng.choice((30, 90, 240)))
    return fault("traffic-surge", spellings(platform, name), name, start, (effect,))


def _node_loss(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    start = onset(rng, platform)
    pods = dict.fromkeys(platform.nodes, 0)
    for name in busy_services(platform, rest):
        for pod in platform.parts[name].pods:
            pods[pod.node] += 1
    places = sorted(node for node, count in pods.items() if count >= 2)
    if len(places) < 2:
        return None
    node = rng.choice(places)
    effect = Effect("loss", node, start, rng.uniform(0.02, 0.12))
    return fault("loss-node", (f"Node/{node}",), node, start, (effect,))


def _service_loss(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = [
        name
        for name in serving(platform, rest)
        if platform.callers(name) and (platform.callees(name) or explained_by(platform, name) == [name])
    ]
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    effect = Effect("loss", name, start, rng.uniform(0.03, 0.2))
    nodes = {pod.node for pod in platform.parts[name].pods}
    objects = spellings(platform, name) + (tuple(f"Node/{node}" for node in nodes) if len(nodes) == 1 else ())
    return fault("loss-service", objects, name, start, (effect,))


def _delay(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    def fits(name: str) -> bool:
        """Return whether the way to a part can be distinguished from every other cause."""
        first = first_slow(platform, name)
        if len(first) < 2 or explained_by(platform, name) != [name]:
            return False
        return all(rest.rates[c] >= 1 and _times(platform, c, name) >= 0.3 for c in first)

    kinds = ("service", "database")
    places = [n for n in platform.order if platform.parts[n].role in kinds and n not in platform.entries and fits(n)]
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    first = first_slow(platform, name)
    need = max(rest.latency[c].average() / min(1.0, _times(platform, c, name)) for c in first)
    effect = Effect("delay", name, start, min(0.8, max(0.05, need * rng.uniform(0.8, 2.5))), rng.choice((0, 0, 60)))
    return fault("delay", spellings(platform, name), name, start, (effect,))


def _times(platform: Platform, caller: str, callee: str) -> float:
    return sum(call.times for call in platform.calls if call.caller == caller and call.callee == callee)


def _callers_mean(platform: Platform, rest: Rest, name: str) -> float:
    """Return the response time (s) of the slowest caller of a part."""
    return max(rest.latency[caller].average() for caller in platform.callers(name))


def _db_slow(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = busy_stores(platform, rest, "database")
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    slow = min(1.0, max(0.03, _callers_mean(platform, rest, name) * rng.uniform(0.8, 2.5)))
    effects = [Effect("slow", name, start, slow, rng.choice((0, 60, 300)))]
    costly = rng.random() < 0.4
    if costly:
        effects.append(Effect("cost", name, start, rng.uniform(0.55, 0.75) / rest.used[name] - 1))
    part = platform.parts[name]
    part.connections_limit = max(part.connections_limit, round(4 * rest.rates[name] * slow / 50 + 2) * 50)
    return fault("db-slow/cpu" if costly else "db-slow", spellings(platform, name), name, start, tuple(effects))


def _db_connections(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = busy_stores(platform, rest, "database")
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform)
    limit = platform.parts[name].connections_limit
    amount = rng.uniform(1.1, 1.35) - rest.connections[name] / limit
    effect = Effect("connections", name, start, amount, rng.uniform(0.0, 0.5) * (platform.end - start))
    return fault("db-connections", spellings(platform, name), name, start, (effect,))


def _backlog(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = busy_stores(platform, rest, "queue", 1.0)
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform, 360.0)
    consumer = platform.consumers[name]
    amount = room(platform, rest, consumer) / rest.rates[name] * rng.uniform(1.2, 2.0) - 1
    effect = Effect("publish", name, start, amount, rng.choice((0, 60)))
    producers = [c.caller for c in platform.calls if c.callee == name and c.times > 0]
    objects = spellings(platform, name) + tuple(o for p in producers for o in spellings(platform, p))
    return fault("queue-backlog", objects, name, start, (effect,))


def _consumer_slow(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = busy_stores(platform, rest, "queue", 1.0)
    if not places:
        return None
    queue, start = rng.choice(places), onset(rng, platform, 360.0)
    name = platform.consumers[queue]
    part, busy = platform.parts[name], rest.latency[name].average()
    wanted = len(part.pods) * part.workers / (rest.rates[queue] * rng.uniform(0.25, 0.75))
    effect = Effect("slow", name, start, wanted - busy, rng.choice((0, 60)))
    objects = spellings(platform, name) + spellings(platform, queue)
    return fault("queue-consumer-slow", objects, name, start, (effect,))


def _disk(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    places = [n for n in platform.order if platform.parts[n].role == "database"]
    if not places:
        return None
    name, start = rng.choice(places), onset(rng, platform, 600.0)
    ramp = (platform.end - start) * rng.uniform(0.6, 1.0)
    effect = Effect("disk", name, start, 1.0 - platform.parts[name].disk_base, ramp)
    objects = (f"PersistentVolumeClaim/data-{name}-0", *spellings(platform, name))
    return fault("disk-full", objects, name, start, (effect,))


def _node_disk(rng: random.Random, platform: Platform, rest: Rest) -> Fault | None:
    node, start = rng.choice(sorted(platform.nodes)), onset(rng, platform, 600.0)
    effect = Effect("disk", node, start, rng.uniform(0.95, 1.0), (platform.end - start) * rng.uniform(0.7, 1.0))
    return fault("disk-full-node", (f"Node/{node}",), node, start, (effect,))


FAULTS: dict[str, tuple[Maker, float]] = {
    "release-errors": (_bad_release, 9),
    "release-slow": (_slow_release, 6),
    "own-latency": (_own_latency, 3),
    "cpu-cost": (_cpu_cost, 6),
    "cpu-burn": (_cpu_burn, 6),
    "memory-leak": (_leak, 9),
    "traffic-surge": (_surge, 9),
    "loss-node": (_node_loss, 5),
    "loss-service": (_service_loss, 4),
    "delay": (_delay, 8),
    "db-slow": (_db_slow, 8),
    "db-connections": (_db_connections, 8),
    "queue-backlog": (_backlog, 6),
    "queue-consumer-slow": (_consumer_slow, 6),
    "disk-full": (_disk, 5),
    "disk-full-node": (_node_disk, 3),
}


def unrelated(platform: Platform, fault: Fault) -> list[str]:
    """Return the services whose figures the fault does not reach."""
    if fault.place not in platform.parts:
        return []
    reached = {fault.place, *ancestors(platform, fault.place), *platform.callees(fault.place)}
    return [name for name in platform.services() if name not in reached]
