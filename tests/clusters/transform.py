"""Metamorphosis of a case: changes of a bundle that must not change the diagnosis.

Each takes a case and returns another with the same faults; the expected objects are renamed along.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from . import names
from .model import Expect, Obj, name_of, parse_time, ref, stamp
from .world import owner_ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cases import Case

RFC3339 = re.compile(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z")
SLASHED = re.compile(r"\b(\d{4}/\d\d/\d\d) (\d\d:\d\d:\d\d)\b")
ACCESS = re.compile(r"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d) \+0000\]")
UNORDERED = ("items", "conditions", "containerStatuses", "endpoints", "taints", "ownerReferences", "finalizers")


def rename(case: Case, seed: int) -> Case:
    """Give every application another name, in objects, labels, addresses, logs and expectations alike."""
    rng = Random(seed)
    old = sorted(_applications(case), key=lambda n: (len(n), n), reverse=True)
    fresh = dict(zip(old, [n for n in names.words(rng, 3 * len(old) + 3) if n not in old], strict=False))
    fresh |= {k.upper().replace("-", "_"): v.upper().replace("-", "_") for k, v in fresh.items()}
    if not fresh:
        return case
    ordered = sorted(fresh, key=len, reverse=True)
    pattern = re.compile(r"(?<![A-Za-z0-9])(" + "|".join(map(re.escape, ordered)) + r")(?![a-z0-9])")

    def swap(text: str) -> str:
        return pattern.sub(lambda m: fresh[m.group(1)], text)

    bundle = {swap(path): swap(text) for path, text in case.bundle.items()}
    faults = tuple(_renamed(f, swap) for f in case.faults)
    return replace(
        case, id=f"{case.id}-renamed", bundle=bundle, faults=faults, service=swap(case.service or "") or None
    )


def _renamed(fault: Expect, swap: Callable[[str], str]) -> Expect:
    objects = tuple(f"{kind}/{swap(name)}" for kind, _, name in (o.partition("/") for o in fault.objects))
    return replace(fault, objects=objects, service=swap(fault.service) if fault.service else None)


def _applications(case: Case) -> set[str]:
    """Return the values of the app labels that have a hyphen: words of their own, not parts of others."""
    found = set()
    for obj in json.loads(case.bundle["objects.json"])["items"]:
        if (
            obj["kind"] in ("Deployment", "StatefulSet", "DaemonSet")
            and obj["metadata"].get("namespace") != "kube-system"
        ):
            values = (obj["metadata"].get("labels", {}).get(k, "") for k in names.LABEL_SCHEMES)
            found |= {v for v in values if "-" in v}
    return found


def shuffle(case: Case, seed: int) -> Case:
    """Put the lists whose order means nothing into another order."""
    rng = Random(seed)

    def mix(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {k: mix(v, k) for k, v in value.items()}
        if isinstance(value, list):
            mixed = [mix(v) for v in value]
            if key in UNORDERED:
                rng.shuffle(mixed)
            return mixed
        return value

    objects = json.dumps(mix(json.loads(case.bundle["objects.json"])))
    return replace(case, id=f"{case.id}-shuffled", bundle=case.bundle | {"objects.json": objects})


def shift(case: Case, by: timedelta) -> Case:
    """Move every time stamp of the bundle, the programs' own included, by the same span of whole seconds."""

    def later(text: str) -> str:
        text = RFC3339.sub(lambda m: _moved(f"{m[1]} {m[2]}", "%Y-%m-%d %H:%M:%S", by, "T") + (m[3] or "") + "Z", text)
        text = SLASHED.sub(lambda m: _moved(m[0], "%Y/%m/%d %H:%M:%S", by), text)
        return ACCESS.sub(lambda m: f"[{_moved(m[1], '%d/%b/%Y:%H:%M:%S', by)} +0000]", text)

    bundle = {path: later(text) for path, text in case.bundle.items()}
    return replace(case, id=f"{case.id}-shifted", bundle=bundle)


def _moved(text: str, form: str, by: timedelta, joint: str = " ") -> str:
    at = datetime.strptime(text, form).replace(tzinfo=UTC)
    if at.year < 2000:  # the kubelet's zero time stays what it is
        return text.replace(" ", joint)
    return (at + by).strftime(form).replace(" ", joint)


def add_bystanders(case: Case, seed: int, count: int = 3) -> Case:
    """Add healthy workloads that have nothing to do with the case and take no room: no requests, one ready pod each.

    In a namespace with a quota or being deleted, and on clusters without a free node, nothing is added.
    """
    rng = Random(seed)
    listing = json.loads(case.bundle["objects.json"])
    items: list[Obj] = listing["items"]
    meta = json.loads(case.bundle["bundle.json"])
    nodes = [n for n in items if n["kind"] == "Node" and _open(n, items)]
    closed = any(o["kind"] in ("ResourceQuota", "LimitRange") or o["metadata"].get("deletionTimestamp") for o in items)
    if not nodes or (closed and any(o["kind"] in ("ResourceQuota", "LimitRange", "Namespace") for o in items)):
        return case
    at = parse_time(meta["collected_at"]) - timedelta(days=30)
    taken = {name_of(o) for o in items}
    for name in [n for n in names.words(rng, count + 8) if n not in taken][:count]:
        items += _bystander(rng, f"{name}-aside", meta["namespace"], rng.choice(nodes), at)
    bundle = case.bundle | {"objects.json": json.dumps(listing)}
    return replace(case, id=f"{case.id}-bystanders", bundle=bundle)


def _open(node: Obj, items: list[Obj]) -> bool:
    held = [o for o in items if o["kind"] == "Pod" and o["spec"].get("nodeName") == name_of(node)]
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"])
    room = int(node["status"]["allocatable"]["pods"]) > len(held) + 30
    return ready and room and not node["spec"].get("taints") and not node["spec"].get("unschedulable")


def _bystander(rng: Random, name: str, space: str, node: Obj, at: datetime) -> list[Obj]:
    digest, when, labels = names.template_hash(rng), stamp(at), {"app": name}

    def new(api: str, kind: str, called: str, owner: Obj | None, **fields: object) -> Obj:
        uid = f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-4000-8000-{rng.getrandbits(48):012x}"
        own: Obj = {"name": called, "namespace": space, "uid": uid, "creationTimestamp": when, "labels": dict(labels)}
        if owner is not None:
            own["ownerReferences"] = [owner_ref(owner)]
        return {"apiVersion": api, "kind": kind, "metadata": own | {"generation": 1}, **fields}

    template: Obj = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "app", "image": f"cr.example/{name}:1"}]},
    }
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    counts = {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "observedGeneration": 1}
    going = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastTransitionTime": when}
    enough = {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "lastTransitionTime": when}
    status = counts | {"updatedReplicas": 1, "conditions": [enough, going]}
    deployment = new(
        "apps/v1", "Deployment", name, None, spec=spec | {"strategy": {"type": "RollingUpdate"}}, status=status
    )
    rs = new("apps/v1", "ReplicaSet", f"{name}-{digest}", deployment, spec=spec, status=counts)
    rs["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    address = f"10.245.{rng.randint(0, 255)}.{rng.randint(2, 254)}"
    conditions = [
        {"type": k, "status": "True", "lastTransitionTime": when} for k in ("Ready", "ContainersReady", "PodScheduled")
    ]
    running: Obj = {"name": "app", "image": f"cr.example/{name}:1", "ready": True, "started": True, "restartCount": 0}
    running |= {"state": {"running": {"startedAt": when}}, "lastState": {}}
    pod_spec = template["spec"] | {"nodeName": name_of(node)}
    pod_status: Obj = {"phase": "Running", "podIP": address, "conditions": conditions, "containerStatuses": [running]}
    pod = new(
        "v1", "Pod", f"{name}-{digest}-{names.suffix(rng)}", rs, spec=pod_spec, status=pod_status | {"startTime": when}
    )
    return [deployment, rs, pod]


def spellings(case: Case) -> set[str]:
    """Return Kind/name of every object of a case."""
    return {ref(o) for o in json.loads(case.bundle["objects.json"])["items"]}
