"""What several mechanisms need: which pods are hit, edits of a running workload, and the expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import apps, changes, voices
from tests.clusters.model import NONE, RESTART, ROLLBACK, SCALE, Expect, Obj, Workload, parse_time
from tests.clusters.pods import container_status

if TYPE_CHECKING:
    from datetime import datetime

    from tests.clusters.changes import Broken, Change
    from tests.clusters.world import World

ALL = frozenset({RESTART, SCALE, ROLLBACK})


def struck(world: World, w: Workload) -> list[Obj]:
    """Return the pods that a fault in place hits: mostly all, else one of them."""
    return list(w.pods) if world.chance(0.7) else w.pods[:1]


def edit_all(w: Workload, change: Change) -> None:
    """Apply a change to every revision and pod of a workload, as if it had always been so."""
    for rev in w.revisions:
        change(rev.template["spec"])
        if rev.rs is not None:
            change(rev.rs["spec"]["template"]["spec"])
    for pod in w.pods:
        change(pod["spec"])


def expect(
    w: Workload,
    *codes: str,
    pods: list[Obj] | None = None,
    also: tuple[str, ...] = (),
    plans: frozenset[str] = NONE,
    harmful: frozenset[str] = frozenset(),
) -> Expect:
    """Return the expectation of a fault in a workload; `also` are further objects that stand for the cause."""
    impossible = frozenset({ROLLBACK, RESTART, SCALE}) if w.kind != "Deployment" else frozenset()
    if len(w.revisions) < 2:
        impossible |= {ROLLBACK}
    return Expect(codes, (*also, *w.refs(pods)), plans, (harmful | impossible) - plans, w.name)


def of_revision(w: Workload, broken: Broken, *codes: str, also: tuple[str, ...] = ()) -> Expect:
    """Return the expectation of a fault in a new revision: roll back where an older one ran."""
    plans = broken.plans() if w.kind == "Deployment" else NONE
    return expect(w, *codes, pods=broken.pods, also=also, plans=plans, harmful=broken.harmful())


def in_place(
    w: Workload, *codes: str, pods: list[Obj], also: tuple[str, ...] = (), harmful: frozenset[str] = NONE
) -> Expect:
    """Return the expectation of a fault that no revision brought: the older revision has it too, so no roll-back."""
    return expect(w, *codes, pods=pods, also=also, harmful=(harmful | {ROLLBACK}) - NONE)


def arrive(world: World, w: Workload, change: Change) -> tuple[list[Obj], Broken | None]:
    """Let pods with a changed spec come about: by a new revision, or always so and only now made again (no Broken)."""
    if world.chance(0.65):
        broken = changes.new_revision(world, w, change)
        return broken.pods, broken
    edit_all(w, change)
    return changes.replaced(world, w, world.rng.randint(1, w.replicas)), None


def verdict(w: Workload, pods: list[Obj], broken: Broken | None, *codes: str, also: tuple[str, ...] = ()) -> Expect:
    """Return the expectation for either way of `arrive`; a restart would only stop the pods that still run."""
    if broken is not None:
        return of_revision(w, broken, *codes, also=also)
    harmful = frozenset({RESTART}) if len(pods) < len(w.pods) else frozenset()
    return in_place(w, *codes, pods=pods, also=also, harmful=harmful)


def caller_of(world: World, w: Workload) -> Workload:
    """Return a workload that calls this one, connecting one where nobody does yet."""
    found = world.callers(w)
    if not found:
        free = [
            c for c in world.workloads if c is not w and not c.store and c not in world.taken and c.name not in w.calls
        ]
        found = free[:1] or [c for c in world.workloads if c is not w and not c.store][:1]
        apps.call(found[0], w)
    return found[0]


def caller_says(world: World, w: Workload, kind: str) -> Workload:
    """Let a caller of a workload log failed calls since the fault began; return the caller."""
    caller = caller_of(world, w)
    log_calls(world, caller, w, kind)
    world.silent.add(w.name)
    return caller


def log_calls(world: World, caller: Workload, callee: Workload, kind: str) -> None:
    """Log failed calls of one workload to another; kind is refused, timeout or no-host."""
    assert callee.service is not None
    address = str(callee.service["spec"].get("clusterIP"))
    lines = [
        voices.failed_call(world.rng, caller.lang, kind, apps.url_of(callee), address)
        for _ in range(world.rng.randint(3, 9))
    ]
    say(world, caller, lines)


def say(world: World, w: Workload, lines: list[str], *, pod: Obj | None = None, container: str | None = None) -> None:
    """Log lines of a workload's pod, spread between the fault's begin and now."""
    name = container or w.container
    running = [p for p in w.pods if _began(p, name)]
    if pod is None and not running:
        return
    chosen = pod or running[0]
    begin = max(world.since, _began(chosen, name) or world.since)
    step = (world.now - begin) / (len(lines) + 2)
    spoken = [(begin + step * (i + 1), voices.dated(line, begin + step * (i + 1))) for i, line in enumerate(lines)]
    world.log(chosen, name, spoken)


def _began(pod: Obj, container: str) -> datetime | None:
    """Return when a container that runs was started."""
    if "containerStatuses" not in pod["status"]:
        return None
    running = container_status(pod, container)["state"].get("running")
    return parse_time(running["startedAt"]) if running else None


def config_object(world: World, kind: str, name: str) -> Obj:
    """Add a ConfigMap or Secret by name only, as a bundle holds them."""
    found = world.new("v1", kind, name, world.ago(world.rng.randint(2, 200) * 86400))
    if kind == "Secret":
        found["type"] = "Opaque"
    return world.add(found)
