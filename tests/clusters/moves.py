"""Pods that leave a node: drains, evictions and their replacements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import kubelet
from .infra import set_cordon
from .model import Obj, Workload, name_of
from .pods import new_pod
from .scheduler import fits

if TYPE_CHECKING:
    from datetime import datetime

    from .world import World


def leave(world: World, w: Workload, pod: Obj, at: datetime, *, keep: bool = False) -> Obj:
    """Replace a pod by one on another node, ready soon; `keep` leaves the old object in the list."""
    at = max(at, w.latest.at)
    if not keep:
        w.pods.remove(pod)
        world.kubelet(pod, "Killing", f"Stopping container {w.container}", first=at, container=w.container)
    ordinal = int(name_of(pod).rsplit("-", 1)[1]) if w.kind == "StatefulSet" else 0
    fresh = new_pod(world, w, w.latest, at, ordinal=ordinal)
    kubelet.fresh_events(world, w, w.latest, fresh)
    kubelet.started(world, fresh, at, pulled=world.chance(0.5))
    return fresh


def drain(world: World, node: Obj, at: datetime, *, stay: Workload | None = None) -> None:
    """Cordon a node and move its pods away, except those of one workload and of DaemonSets."""
    set_cordon(node, at)
    text = f"Node {name_of(node)} status is now: NodeNotSchedulable"
    world.event(node, "NodeNotSchedulable", text, by="kubelet", first=at, host=name_of(node))
    for w in world.workloads:
        if w is stay or w.kind == "DaemonSet":
            continue
        for pod in [p for p in w.pods if _runs_on(p, node)]:
            if fits(world, pod["spec"]):
                leave(world, w, pod, world.after(at, world.rng.randint(2, 40)))


def _runs_on(pod: Obj, node: Obj) -> bool:
    return pod["spec"].get("nodeName") == name_of(node) and bool(pod["status"].get("phase") == "Running")
