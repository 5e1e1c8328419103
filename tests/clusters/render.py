"""The bundle of a world: which objects it lists, its logs, and the text of its files."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from . import scheduler, voices
from .model import Obj, Workload, cpu_text, memory_text, name_of, parse_time, stamp
from .pods import container_status, is_ready

if TYPE_CHECKING:
    from .world import World

ORDER = [
    "Node",
    "Namespace",
    "Pod",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "EndpointSlice",
    "Event",
]


def callee_down(world: World, w: Workload) -> bool:
    """Return whether a Service has no ready endpoint, so that calls to it are refused."""
    assert w.service is not None
    slices = [o for o in world.extra if o["kind"] == "EndpointSlice"]
    mine = [s for s in slices if s["metadata"]["labels"]["kubernetes.io/service-name"] == name_of(w.service)]
    return not any(e["conditions"]["ready"] for s in mine for e in s["endpoints"])


def add_logs(world: World, *, faulty: bool) -> None:
    """Add logs of pods at work, and the complaints of callers whose callee has no ready pod."""
    for w in world.workloads:
        for pod in w.pods[:2]:
            if world.chance(0.5) and pod["status"].get("phase") == "Running":
                _steady(world, w, pod)
    if not faulty:
        return
    from .mechanisms import kit

    for w in world.workloads:
        if w.service is not None and w.name not in world.silent and callee_down(world, w):
            for caller in world.callers(w)[:3]:
                kit.log_calls(world, caller, w, "refused")
    for path, lines in world.logs.items():
        world.logs[path] = sorted(lines, key=lambda line: line[:30])


def _steady(world: World, w: Workload, pod: Obj) -> None:
    path = f"logs/{name_of(pod)}/{w.container}.log"
    state = container_status(pod, w.container)["state"]
    if path in world.logs or "running" not in state or not is_ready(pod):
        return
    begin = parse_time(state["running"]["startedAt"])
    lines = voices.steady(world.rng, w.lang, w.name, w.port)
    if (world.now - begin).total_seconds() > 600:
        lines = lines[1:]
    gap = min(60.0, max(0.0, (world.now - begin).total_seconds()) / (len(lines) + 1))
    times = [world.now - timedelta(seconds=gap * (len(lines) - i)) for i in range(len(lines))]
    world.log(pod, w.container, [(at, voices.dated(line, at)) for at, line in zip(times, lines, strict=True)])


def objects(world: World) -> list[Obj]:
    """Return every object that the bundle lists, kinds in the order that kubectl was asked for them."""
    found: list[Obj] = [*world.nodes, *world.extra, *world.events, *_standard(world)]
    for w in world.workloads:
        found += [w.obj, *w.pods, *(r.rs for r in w.revisions if r.rs), *([w.service] if w.service else [])]
    if world.show_system:
        found += world.system
    else:
        hidden = {o["metadata"]["uid"] for o in world.system}
        found = [o for o in found if o.get("involvedObject", {}).get("uid") not in hidden]
    rank = {kind: i for i, kind in enumerate(ORDER)}
    return sorted(found, key=lambda o: (rank.get(o["kind"], 99), o["kind"], name_of(o)))


def _standard(world: World) -> list[Obj]:
    at = world.ago(86400 * 450)
    found = [world.new("v1", "ServiceAccount", "default", at), world.new("v1", "ConfigMap", "kube-root-ca.crt", at)]
    standard = world.new("storage.k8s.io/v1", "StorageClass", "standard", at, namespace="")
    standard |= {
        "provisioner": "disk.csi.example.com",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    standard["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return [*found, standard]


def allocated(world: World) -> dict[str, Obj]:
    """Return what the pods of every namespace request on each node, as `kubectl describe node` sums it."""
    found: dict[str, Obj] = {}
    for node in world.nodes:
        pods = scheduler.on_node(world, name_of(node))
        rows: Obj = {}
        for resource, text in (("cpu", cpu_text), ("memory", memory_text)):
            sides = ("requests", "limits")
            rows[resource] = {
                side: text(sum(scheduler.asked(p["spec"], resource, side) for p in pods)) for side in sides
            }
        found[name_of(node)] = rows
    return found


def bundle(world: World, service: str | None) -> dict[str, str]:
    """Return the bundle's files as relative path -> text."""
    meta: Obj = {"version": 1, "collected_at": stamp(world.now), "namespace": world.namespace, "service": service}
    if world.chance(0.3):
        meta["dependencies"] = {w.name: list(w.calls) for w in world.workloads if w.calls}
    if not world.show_system:
        meta["allocated"] = allocated(world)
    listing = {"apiVersion": "v1", "kind": "List", "items": objects(world)}
    found = {"bundle.json": json.dumps(meta), "objects.json": json.dumps(listing)}
    if not world.show_system:
        hidden = {name_of(o) for o in world.system}
        world.logs = {k: v for k, v in world.logs.items() if k.split("/")[1] not in hidden}
    return found | {path: "\n".join(lines) + "\n" for path, lines in world.logs.items()}
