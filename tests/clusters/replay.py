"""Healthy life of one cluster, pass by pass: deploys, scaling, drains, finished Jobs, and one blip an hour.

Each pass sees the same nodes and workloads at a later time, with the noise of that time. A blip is a pod that fails
its readiness probe right now, for less than half a minute, while others of its workload serve. A fault begins in one
pass, stays as it is in those after it, and is put right.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from opsagent.agent import wiring
from opsagent.agent.watch_pass import Met, Pass
from opsagent.clients.bundle.platform import open_bundle
from opsagent.config.settings import Settings
from opsagent.redact import Redactor
from opsagent.store.store import Store
from tests.session import Heard

from .cases import Case, make_world, write
from .noise import add_noise
from .pods import created, unready
from .registry import MECHANISMS
from .render import add_logs, bundle
from .settle import settle
from .transform import shift

if TYPE_CHECKING:
    from pathlib import Path

    from .model import Expect
    from .world import World

EVERY = timedelta(minutes=10)
AGE = timedelta(minutes=4)  # of a fault when a pass meets it first
PASSES_AN_HOUR = 6


@dataclass(frozen=True)
class Fault:
    """A fault of this mechanism, seen by the passes from `first` to before `fixed`."""

    mechanism: str
    first: int
    fixed: int


def moment(seed: int, number: int, fault: Fault | None = None) -> Case:
    """Return the cluster of a seed as the pass of that number sees it, its faults beside the case."""
    world = make_world(seed, (6, 12), 6)
    faults: tuple[Expect, ...] = ()
    if fault is not None and fault.first <= number < fault.fixed:
        # The same workload, names and onset in each pass: only the time goes on.
        world.rng = Random(f"{seed}/{fault.mechanism}")
        world.since = world.now - AGE - EVERY * (number - fault.first)
        faults = (MECHANISMS[fault.mechanism].build(world),)
    world.rng = Random(f"{seed}/{number}")
    add_noise(world, world.rng.randint(0, 4), keep=2)
    settle(world)
    if number % PASSES_AN_HOUR == 0:
        blip(world)
    add_logs(world, faulty=bool(faults))
    case = Case(f"replay-{seed}-{number:04d}", "healthy", seed, bundle(world, None), faults, None)
    return shift(case, EVERY * number)


def blip(world: World) -> None:
    """Let one pod of a workload with others fail its readiness probe right now."""
    free = [w for w in world.workloads if w not in world.taken and len(w.pods) > 1 and w.kind == "Deployment"]
    if not free:
        return
    w = world.rng.choice(free)
    pod = world.rng.choice(w.pods)
    at = max(world.ago(world.rng.randint(2, 25)), created(pod))
    unready(pod, w.container, at)
    text = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    world.kubelet(pod, "Unhealthy", text, first=at, last=at, count=1, warning=True, container=w.container)
    settle(world)


@dataclass
class Watch:
    """The passes of `watch` over one cluster, and what they reported."""

    folder: Path
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open what outlives a pass."""
        self.settings = Settings(state_dir=self.folder / "state")
        self.store = Store.at(self.settings, {})

    def meets(self, case: Case) -> None:
        """Let one pass run over a moment of the cluster."""
        top = write(replace(case, faults=()), self.folder)
        given = open_bundle(str(top / "bundle"))
        ctx = wiring.bundled(self.settings, given, Redactor(), progress=Heard(), environ={}, model=False)
        for one in Pass(ctx, self.store, "replay", lambda: wiring.desk(self.store)).run():
            if isinstance(one, Exception):
                raise one
            if isinstance(one, Met) and one.notice is not None:
                self.told.append(f"{case.id}: {one.notice} {one.sighting.service} {one.sighting.code}")

    @property
    def pages(self) -> list[str]:
        """What somebody was woken for: that something is over wakes nobody."""
        return [line for line in self.told if ": recovered " not in line]
