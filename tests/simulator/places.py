"""Find the places of a platform where a fault can be distinguished from others, and name them as Kubernetes does."""

import random

from tests.simulator.graph import word
from tests.simulator.model import Part, Platform, Pod, Revision
from tests.simulator.sizing import Rest


def ancestors(platform: Platform, name: str) -> set[str]:
    """Return every part whose requests reach a part."""
    found: set[str] = set()
    todo = [name]
    while todo:
        for caller in platform.callers(todo.pop()):
            if caller not in found:
                found.add(caller)
                todo.append(caller)
    return found


def descendants(platform: Platform, name: str) -> set[str]:
    """Return every part that the requests of a part reach."""
    found: set[str] = set()
    todo = [name]
    while todo:
        at = todo.pop()
        for callee in [*platform.callees(at), *([platform.consumers[at]] if at in platform.consumers else [])]:
            if callee not in found:
                found.add(callee)
                todo.append(callee)
    return found


def spellings(platform: Platform, name: str) -> tuple[str, ...]:
    """Return the names under which a part may be given as the object of a cause."""
    part = platform.parts[name]
    own = [f"Service/{name}", f"{part.workload_kind}/{part.workload}"]
    if part.role in ("database", "queue"):
        own.insert(0, f"{part.series_kind}/{name}")
    pods = [pod for pod in part.pods if pod.gone > platform.end]
    own += [f"Pod/{pod.name}" for pod in pods]
    own += [f"Container/{pod.name}/{part.container}" for pod in pods]
    own += [f"ReplicaSet/{part.workload}-{revision.hash}" for revision in part.revisions[-1:] if part.role == "service"]
    return tuple(own)


def busy_services(platform: Platform, rest: Rest, least: float = 2.0) -> list[str]:
    """Return the services with enough traffic for a fault to be seen (at least so many requests a second)."""
    return [n for n in platform.services() if rest.rates[n] >= least and not platform.parts[n].rare]


def serving(platform: Platform, rest: Rest, least: float = 2.0) -> list[str]:
    """Return the busy services that answer calls: all but the consumers of queues."""
    return [name for name in busy_services(platform, rest, least) if name not in platform.consumers.values()]


def busy_stores(platform: Platform, rest: Rest, role: str, least: float = 2.0) -> list[str]:
    """Return the stores of a role with enough traffic."""
    return [n for n in platform.order if platform.parts[n].role == role and rest.rates[n] >= least]


def explained_by(platform: Platform, name: str) -> list[str]:
    """Return every part that could be the slow way, where all ancestors of a part are slow and nothing else is."""
    slow = ancestors(platform, name)
    first = [caller for caller in slow if not slow.intersection(platform.callees(caller))]
    return [
        other
        for other in platform.order
        if other not in slow
        and platform.callers(other)
        and slow.issuperset(platform.callers(other))
        and all(other in platform.callees(caller) for caller in first)
    ]


def first_slow(platform: Platform, name: str) -> list[str]:
    """Return the callers of a part none of whose callees is slow when the way to the part is."""
    slow = ancestors(platform, name)
    return sorted(caller for caller in slow if not slow.intersection(platform.callees(caller)))


def release(rng: random.Random, platform: Platform, name: str, at: float) -> None:
    """Replace the pods of a Deployment by those of a new revision at a time."""
    part = platform.parts[name]
    last = part.revisions[-1]
    part.revisions.append(Revision(last.number + 1, word(rng, 10), at - rng.uniform(10, 50)))
    for old in [pod for pod in part.pods if pod.alive(at)]:
        old.gone = at
        new = f"{part.workload}-{part.revisions[-1].hash}-{word(rng, 5)}"
        part.pods.append(Pod(new, old.node, at))


def restart(part: Part, at: float) -> None:
    """Let the container of one pod of a part start again at a time."""
    pod = part.pods[-1]
    if pod.born < at < pod.gone:
        pod.restarts.append(at)
