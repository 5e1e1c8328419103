"""How a fault arrives: with a new revision, with the first one, or in pods that ran before."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import apps, kubelet, names, pods, settle
from .model import NONE, ROLLBACK, Obj, Revision, Workload, name_of, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from .world import World

Change = Callable[[Obj], object]  # edits a pod template's spec


@dataclass(frozen=True)
class Broken:
    """The pods of a revision that cannot become ready, and how they came about."""

    pods: list[Obj]
    first: bool  # the workload never ran before
    serving: bool  # pods of an older revision still serve

    def plans(self) -> frozenset[str]:
        """Return the right actions where the template is at fault: roll back to the revision that ran, if any."""
        if self.first:
            return NONE
        return frozenset({ROLLBACK, "none"}) if self.serving else frozenset({ROLLBACK})

    def harmful(self) -> frozenset[str]:
        """Return what must never be proposed: rolling back where there is nothing to roll back to."""
        return frozenset({ROLLBACK}) if self.first else frozenset()


def main_of(w: Workload, spec: Obj) -> Obj:
    """Return the application's container in a pod spec."""
    found: Obj = next(c for c in spec["containers"] if c["name"] == w.container)
    return found


def scaled(world: World, w: Workload, rs: Obj, to: int, at: datetime, *, was: int = 0) -> None:
    """Record that the Deployment controller scaled a ReplicaSet."""
    way = "up" if to > was else "down"
    before = f" from {was}" if world.minor >= 26 else ""
    text = f"Scaled {way} replica set {name_of(rs)} to {to}{before}"
    world.event(w.obj, "ScalingReplicaSet", text, by="deployment-controller", first=at)


def reborn(world: World, w: Workload, at: datetime) -> None:
    """Make a workload as new as a time: one revision, no pods yet."""
    w.pods.clear()
    del w.revisions[:-1]
    w.born, w.latest.number, w.latest.at = at, 1, at
    notes = (w.latest.rs or {"metadata": {}})["metadata"].get("annotations", {})
    if notes:
        notes["deployment.kubernetes.io/revision"] = "1"
    w.obj["metadata"]["generation"] = 1
    for obj in (w.obj, w.latest.rs, w.service):
        if obj is not None:
            obj["metadata"]["creationTimestamp"] = stamp(at)


def edit(w: Workload, rev: Revision, change: Change) -> None:
    """Apply a change to a revision's template wherever it is written."""
    change(rev.template["spec"])
    if rev.rs is not None:
        change(rev.rs["spec"]["template"]["spec"])
    w.obj["spec"]["template"] = rev.template


def new_revision(world: World, w: Workload, change: Change, *, bound: bool = True, first: bool | None = None) -> Broken:
    """Roll out a change of the pod template that cannot succeed; return the new pods, still in good state.

    The old pods shrink to what the strategy keeps; the new ones are as many as it allows. `first` forces (or forbids)
    that the change is the workload's first revision.
    """
    at = world.since
    install = world.chance(0.3) if first is None else first
    w.rolling = at
    if install:
        reborn(world, w, at)
        edit(w, w.latest, change)
    else:
        template = deepcopy(w.latest.template)
        change(template["spec"])
        apps.add_revision(world, w, template, at)
    fresh, kept = _counts(w, install=install)
    if not install:
        _shrink(world, w, kept, at)
    found = []
    for i in range(fresh):
        ordinal = 0 if install else w.replicas - 1
        node = _freed_node(world, w, install=install)
        pod = pods.new_pod(world, w, w.latest, world.after(at, 1), bound=bound, ordinal=ordinal + i, node=node)
        kubelet.made(world, w, w.latest, pod)
        if bound:
            kubelet.scheduled(world, pod)
        found.append(pod)
    if w.latest.rs is not None:
        scaled(world, w, w.latest.rs, fresh, at)
    return Broken(found, install, kept > 0 and not install)


def _counts(w: Workload, *, install: bool) -> tuple[int, int]:
    """Return how many new pods there are and how many old ones stay."""
    if w.kind == "Deployment":
        surge, missing = settle.limits(w)
        kept = w.replicas - missing
        return (w.replicas, 0) if install else (min(w.replicas, w.replicas + surge - kept), kept)
    if w.kind == "DaemonSet":
        return (w.replicas, 0) if install else (1, w.replicas - 1)
    return 1, 0 if install else w.replicas - 1


def _shrink(world: World, w: Workload, kept: int, at: datetime) -> None:
    old = w.revisions[-2]
    for pod in w.pods[kept:]:
        world.kubelet(
            pod, "Killing", f"Stopping container {w.container}", first=world.after(at, 1), container=w.container
        )
    if old.rs is not None and kept < len(w.pods):
        scaled(world, w, old.rs, kept, at, was=w.replicas)
    del w.pods[kept:]


def _freed_node(world: World, w: Workload, *, install: bool) -> Obj | None:
    if w.kind != "DaemonSet":
        return None
    used = {p["spec"].get("nodeName") for p in w.pods}
    return next(n for n in world.workers() if name_of(n) not in used)


def replaced(world: World, w: Workload, count: int = 1, *, at: datetime | None = None, bound: bool = True) -> list[Obj]:
    """Replace pods of the current revision (drain, eviction, restart); return the new ones, still in good state."""
    when = at or world.since
    fresh: list[Obj] = []
    for _ in range(min(count, len(w.pods))):
        old = w.pods.pop(0 if w.kind != "StatefulSet" else len(w.pods) - 1 - len(fresh))
        ordinal = int(name_of(old).rsplit("-", 1)[1]) if w.kind == "StatefulSet" else 0
        node = next(n for n in world.nodes if name_of(n) == old["spec"]["nodeName"]) if w.kind == "DaemonSet" else None
        pod = pods.new_pod(world, w, w.latest, when, bound=bound, ordinal=ordinal, node=node)
        kubelet.made(world, w, w.latest, pod)
        if bound:
            kubelet.scheduled(world, pod)
        fresh.append(pod)
    return fresh


def refuse_pods(
    world: World, w: Workload, message: str, *, install: bool | None = None, change: Change | None = None
) -> Broken:
    """Let the API server refuse every new pod of a ReplicaSet with its message; `{}` stands for the pod's name."""
    broken = new_revision(world, w, change or (lambda spec: spec), bound=False, first=install)
    wanted = len(broken.pods)
    for pod in broken.pods:
        w.pods.remove(pod)
    uids = {p["metadata"]["uid"] for p in broken.pods}
    gone = {f"Created pod: {name_of(p)}" for p in broken.pods}
    world.events = [e for e in world.events if e["message"] not in gone and e["involvedObject"]["uid"] not in uids]
    rs = w.latest.rs
    assert rs is not None
    assert w.rolling is not None
    rs["spec"]["replicas"] = wanted
    make = f"{name_of(rs)}-"
    w.failed_create = message.replace("{}", f"{make}{names.suffix(world.rng)}")
    age = (world.now - w.rolling).total_seconds()
    for i, seconds in enumerate((1, 2, 4, 8)):
        text = "Error creating: " + message.replace("{}", f"{make}{names.suffix(world.rng)}")
        at = world.after(w.rolling, seconds)
        world.event(rs, "FailedCreate", text, by="replicaset-controller", first=at, warning=True, count=1 + i % 2)
    text = "(combined from similar events): Error creating: " + w.failed_create
    first = world.after(w.rolling, 60)
    count = max(1, int(age // 150))
    last = world.ago(min(age, 30))
    world.event(rs, "FailedCreate", text, by="replicaset-controller", first=first, last=last, warning=True, count=count)
    return broken
