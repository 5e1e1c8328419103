"""Cases: a bundle and what a diagnosis of it has to answer.

python -m tests.clusters.cases OUTDIR N --kind fault|healthy|double --seed S
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from . import mechanisms, names, render
from .apps import STORES, connect, make_app, make_store
from .infra import make_nodes, make_system
from .model import ACTIONS, NONE, Expect
from .noise import add_noise
from .registry import MECHANISMS, Mechanism
from .settle import settle
from .world import World

EPOCH = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
HEALTHY = Expect(("healthy",), (), NONE, ACTIONS - NONE, None)


@dataclass(frozen=True)
class Case:
    """A bundle as relative path -> text, and the faults in it (none for a healthy cluster)."""

    id: str
    mechanism: str  # names of the mechanisms, joined by +, or "healthy"
    seed: int
    bundle: dict[str, str]
    faults: tuple[Expect, ...]
    service: str | None

    @property
    def any_of(self) -> tuple[str, ...]:
        """The accepted codes of the first cause, of any of the faults."""
        return tuple(dict.fromkeys(c for f in self.faults for c in f.any_of)) or HEALTHY.any_of

    @property
    def objects(self) -> tuple[str, ...]:
        """Every accepted spelling of the first cause's object."""
        return tuple(dict.fromkeys(o for f in self.faults for o in f.objects))

    @property
    def plans(self) -> frozenset[str]:
        """The acceptable actions."""
        return frozenset().union(*(f.plans for f in self.faults)) if self.faults else HEALTHY.plans

    @property
    def harmful(self) -> frozenset[str]:
        """The actions that must never be proposed, for none of the faults."""
        found = [f.harmful for f in self.faults] or [HEALTHY.harmful]
        return frozenset.intersection(*found) - self.plans


def make_world(seed: int, nodes: tuple[int, int], least: int) -> World:
    """Build a healthy cluster: nodes, kube-system, and at least `least` workloads that call each other."""
    rng = Random(seed)
    now = EPOCH + timedelta(minutes=37 * (seed % 9973), seconds=seed % 60)
    since = now - timedelta(seconds=rng.randint(125, 2400))
    space, label = rng.choice(names.NAMESPACES), rng.choice(names.LABEL_SCHEMES)
    world = World(rng, now, since, space, rng.randint(25, 33), label, rng.choice(names.REGISTRIES))
    world.show_system = rng.random() < 0.5
    make_nodes(world, _spread(rng, *nodes))
    make_system(world)
    most = max(least, min(60, 3 + 2 * len(world.workers())))
    wanted = _spread(rng, least, most)
    words = names.words(rng, wanted + 2)
    make_app(world, words.pop(), kind="StatefulSet")
    for row in rng.sample(STORES, min(len(STORES), wanted // 5, rng.choice((0, 1, 2)))):
        make_store(world, row, words[0].split("-")[0])
    while len(world.workloads) < wanted:
        enough = sum(w.kind == "Deployment" for w in world.workloads) >= least - 1
        kind = rng.choice(("Deployment",) * 8 + ("StatefulSet", "DaemonSet")) if enough else "Deployment"
        make_app(world, words.pop(), kind=kind)
    if rng.random() < 0.8 and not any(w.kind == "DaemonSet" for w in world.workloads):
        make_app(world, words.pop(), kind="DaemonSet")
    connect(world)
    return world


def _spread(rng: Random, low: int, high: int) -> int:
    """Draw a count whose logarithm is even: small clusters are more usual than large ones."""
    return min(high, int(math.exp(rng.uniform(math.log(low), math.log(high + 1)))))


def _case(kind: str, seed: int, name: str, world: World, faults: tuple[Expect, ...]) -> Case:
    settle(world)
    asked = [f.service for f in faults if f.service] or [w.name for w in world.workloads if w.service]
    if faults and all(o.startswith(("Job/", "CronJob/", "Pod/")) for f in faults for o in f.objects):
        asked = []  # a Job is on nobody's way: who asks about another service is reported about that one
    service = world.rng.choice(asked) if asked and world.chance(0.6 if len(faults) < 2 else 0.0) else None
    render.add_logs(world, faulty=bool(faults))
    return Case(
        f"{kind}-{seed:06d}-{name.replace('_', '-')}", name, seed, render.bundle(world, service), faults, service
    )


def generate(seed: int, name: str | None = None) -> Case:
    """Make a cluster with one fault; each mechanism has its turn as seeds ascend."""
    order = sorted(MECHANISMS)
    found = MECHANISMS[name or order[seed % len(order)]]
    world = make_world(seed, found.nodes, Random(seed).choice((3, 4, 5, 6)))
    add_noise(world, world.rng.choice((0, 1, 2, 3, 5)), keep=3)
    return _case("fault", seed, found.name, world, (found.build(world),))


def healthy(seed: int) -> Case:
    """Make a cluster without a fault, but with noise."""
    world = make_world(seed ^ 0x5EED, (1, 40), 3)
    add_noise(world, world.rng.randint(1, 8), keep=0)
    return _case("healthy", seed, "healthy", world, ())


def double(seed: int) -> Case:
    """Make a cluster with two faults that have nothing to do with each other, in two workloads."""
    single = [m for m in MECHANISMS.values() if m.scope == "workload"]
    rng = Random(seed ^ 0xD0B1E)
    first = sorted(single, key=lambda m: m.name)[seed % len(single)]
    second = rng.choice([m for m in single if _apart(m, first)])
    nodes = (max(3, first.nodes[0], second.nodes[0]), min(first.nodes[1], second.nodes[1]))
    world = make_world(seed ^ 0xD0B1E, nodes, 9)
    add_noise(world, rng.choice((0, 1, 2)), keep=6)
    faults = (first.build(world), second.build(world))
    return _case("double", seed, f"{first.name}+{second.name}", world, faults)


def _apart(one: Mechanism, other: Mechanism) -> bool:
    """Return whether two mechanisms do not share a code, and do not both need what a world has once."""
    family = one.code.split(".")[0]
    return one.code != other.code and family != other.code.split(".")[0]


def expected(case: Case) -> dict[str, object]:
    """Return what expected.json holds: the fields that score.py reads, plans, and each fault by itself."""
    found: dict[str, object] = {"any_of": list(case.any_of), "objects": list(case.objects), "not": []}
    found |= {"plans": sorted(case.plans), "harmful": sorted(case.harmful), "mechanism": case.mechanism}
    found |= {"service": case.service, "seed": case.seed}
    if len(case.faults) > 1:
        rows = [{"any_of": f.any_of, "objects": f.objects, "plans": sorted(f.plans)} for f in case.faults]
        found["faults"] = [row | {"harmful": sorted(f.harmful)} for row, f in zip(rows, case.faults, strict=True)]
    return found


def write(case: Case, folder: Path) -> Path:
    """Write a case as <folder>/<id>/bundle/... and <folder>/<id>/expected.json; return its folder."""
    top = folder / case.id
    for path, text in case.bundle.items():
        target = top / "bundle" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    (top / "expected.json").write_text(json.dumps(expected(case), indent=1) + "\n", "utf-8")
    return top


KINDS = {"fault": generate, "healthy": healthy, "double": double}


def main(argv: list[str] | None = None) -> None:
    """Write cases to a folder."""
    parser = argparse.ArgumentParser(prog="tests.clusters.cases", description="Write generated cases to a folder.")
    parser.add_argument("outdir", type=Path)
    parser.add_argument("n", type=int, help="how many cases")
    parser.add_argument("--kind", choices=sorted(KINDS), default="fault")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first case")
    args = parser.parse_args(argv)
    for seed in range(args.seed, args.seed + args.n):
        write(KINDS[args.kind](seed), args.outdir)
    print(f"{args.n} {args.kind} cases of {len(MECHANISMS)} mechanisms in {args.outdir}")


__all__ = ["Case", "double", "expected", "generate", "healthy", "main", "mechanisms", "write"]

if __name__ == "__main__":
    main()
