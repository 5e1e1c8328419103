"""Checks of the generator's own output: is a case a cluster that could exist?

python -m tests.clusters.check N --kind fault|healthy|double --seed S
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from datetime import datetime, timedelta

from .cases import KINDS, Case
from .model import ACTIONS, Obj, name_of, parse_time, ref
from .pods import container_status, created, is_ready
from .scheduler import RESOURCES, TERMINAL, amount, asked

CODE = re.compile(r"^([a-z]+\.([a-z]+(-[a-z]+)*|\*)|unknown|healthy)$")
WHOLE_SERVICES = ("controller_manager_down", "terminating")  # nobody keeps EndpointSlices or counts up to date there


def problems(case: Case) -> list[str]:
    """Return what is wrong with a case; empty where nothing is."""
    meta = json.loads(case.bundle["bundle.json"])
    items: list[Obj] = json.loads(case.bundle["objects.json"])["items"]
    now = parse_time(meta["collected_at"])
    found = [*_labels(case, items), *_identity(items), *_times(items, now), *_pods(items), *_nodes(items)]
    if case.mechanism not in WHOLE_SERVICES:
        found += [*_slices(items), *_counts(items)]
    found += _logs(case, items, now)
    if not case.faults:
        found += _calm(items, now)
    return [f"{case.id}: {text}" for text in found]


def of_kind(items: list[Obj], *kinds: str) -> list[Obj]:
    """Return the objects of some kinds."""
    return [o for o in items if o["kind"] in kinds]


def _labels(case: Case, items: list[Obj]) -> list[str]:
    known = {ref(o) for o in items}
    found = [f"odd code {c}" for c in case.any_of if not CODE.match(c)]
    for fault in case.faults:
        if not known & set(fault.objects):
            found.append(f"none of the expected objects is there: {fault.objects}")
        if not fault.plans or not fault.plans <= ACTIONS or fault.plans & fault.harmful:
            found.append(f"plans {sorted(fault.plans)} and harmful {sorted(fault.harmful)} do not go together")
    return found


def _identity(items: list[Obj]) -> list[str]:
    uids = {o["metadata"]["uid"]: o for o in items}
    found = [f"uid twice: {ref(o)}" for o in items if uids[o["metadata"]["uid"]] is not o]
    names = Counter((o["kind"], o["metadata"].get("namespace"), name_of(o)) for o in items)
    found += [f"twice: {k}" for k, count in names.items() if count > 1]
    for obj in items:
        for owner in obj["metadata"].get("ownerReferences", []):
            real = uids.get(owner["uid"])
            if real is None or (real["kind"], name_of(real)) != (owner["kind"], owner["name"]):
                found.append(f"{ref(obj)} is owned by {owner['kind']}/{owner['name']}, which is not there")
            elif created(real) > created(obj):
                found.append(f"{ref(obj)} is older than its owner")
    return found


def _stamps(value: object) -> list[datetime]:
    """Return every time stamp of a status or event that must lie in the past."""
    if isinstance(value, dict):
        skip = ("notAfter", "renewTime")
        return [t for k, v in value.items() if k not in skip for t in _stamps(v)]
    if isinstance(value, list):
        return [t for v in value for t in _stamps(v)]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
        return [parse_time(value)]
    return []


def _times(items: list[Obj], now: datetime) -> list[str]:
    found = []
    for obj in items:
        slack = timedelta(seconds=60) if "deletionTimestamp" in obj["metadata"] else timedelta(0)
        if any(t > now + slack for t in _stamps(obj)):
            found.append(f"{ref(obj)} has a time after collection")
        if obj["kind"] == "Event" and obj.get("firstTimestamp") and obj["firstTimestamp"] > obj["lastTimestamp"]:
            found.append(f"{ref(obj)} ends before it begins")
        if obj["kind"] == "Event" and obj.get("count", 1) < 1:
            found.append(f"{ref(obj)} has no count")
        if obj["kind"] == "Event" and "{}" in obj["message"]:
            found.append(f"{ref(obj)} has an empty place: {obj['message']}")
    for pod in of_kind(items, "Pod"):
        for status in pod["status"].get("containerStatuses", []):
            running = status["state"].get("running")
            if running and parse_time(running["startedAt"]) < created(pod):
                found.append(f"{ref(pod)} started before it was made")
            for state in (status["state"], status["lastState"]):
                done = state.get("terminated")
                if done and done["startedAt"] > done["finishedAt"]:
                    found.append(f"{ref(pod)} ended before it started")
    return found


def _pods(items: list[Obj]) -> list[str]:
    found = []
    nodes = {name_of(n) for n in of_kind(items, "Node")}
    claims = {name_of(c) for c in of_kind(items, "PersistentVolumeClaim")}
    for pod in of_kind(items, "Pod"):
        spec, status = pod["spec"], pod["status"]
        if spec.get("nodeName", next(iter(nodes))) not in nodes:
            found.append(f"{ref(pod)} is on a node that is not there")
        if "containerStatuses" in status and "nodeName" in spec:
            if {c["name"] for c in spec["containers"]} != {s["name"] for s in status["containerStatuses"]}:
                found.append(f"{ref(pod)} has statuses of other containers")
            bad = any(not s["ready"] for s in status["containerStatuses"])
            if bad and is_ready(pod):
                found.append(f"{ref(pod)} is ready with a container that is not")
        for volume in spec.get("volumes", []):
            name = volume.get("persistentVolumeClaim", {}).get("claimName")
            if name and name not in claims:
                found.append(f"{ref(pod)} mounts the claim {name}, which is not there")
    return found


def _nodes(items: list[Obj]) -> list[str]:
    found = []
    pods = [p for p in of_kind(items, "Pod") if p["status"].get("phase") not in TERMINAL]
    for node in of_kind(items, "Node"):
        mine = [p for p in pods if p["spec"].get("nodeName") == name_of(node)]
        for resource in RESOURCES:
            room = amount(resource, str(node["status"]["allocatable"].get(resource, "0")))
            if sum(asked(p["spec"], resource) for p in mine) > room:
                found.append(f"{ref(node)} holds more {resource} than it has")
    return found


def _slices(items: list[Obj]) -> list[str]:
    found = []
    pods = {p["metadata"]["uid"]: p for p in of_kind(items, "Pod")}
    for each in of_kind(items, "EndpointSlice"):
        for endpoint in each["endpoints"]:
            pod = pods.get(endpoint["targetRef"]["uid"])
            if pod is None:
                found.append(f"{ref(each)} points to a pod that is not there")
            elif endpoint["conditions"]["ready"] != (is_ready(pod) and "deletionTimestamp" not in pod["metadata"]):
                found.append(f"{ref(each)} does not follow the readiness of {ref(pod)}")
    return found


def _counts(items: list[Obj]) -> list[str]:
    found = []
    pods = of_kind(items, "Pod")
    for rs in of_kind(items, "ReplicaSet"):
        mine = [
            p for p in pods if any(o["uid"] == rs["metadata"]["uid"] for o in p["metadata"].get("ownerReferences", []))
        ]
        mine = [
            p for p in mine if p["status"].get("phase") not in TERMINAL and "deletionTimestamp" not in p["metadata"]
        ]
        if rs["status"]["replicas"] != len(mine):
            found.append(f"{ref(rs)} counts {rs['status']['replicas']} of {len(mine)} pods")
        if rs["status"].get("readyReplicas", 0) != sum(map(is_ready, mine)):
            found.append(f"{ref(rs)} counts the wrong ready pods")
    for d in of_kind(items, "Deployment"):
        mine = [
            o
            for o in of_kind(items, "ReplicaSet")
            if o["metadata"].get("ownerReferences", [{}])[0].get("name") == name_of(d)
        ]
        if d["status"].get("replicas", 0) != sum(o["status"]["replicas"] for o in mine):
            found.append(f"{ref(d)} does not count its ReplicaSets' pods")
    return found


def _logs(case: Case, items: list[Obj], now: datetime) -> list[str]:
    found = []
    pods = {name_of(p): p for p in of_kind(items, "Pod")}
    for path, text in case.bundle.items():
        if not path.startswith("logs/"):
            continue
        _, pod, file = path.split("/")
        name = file.removesuffix(".log").removesuffix(".previous")
        if pod not in pods or name not in {c["name"] for c in pods[pod]["spec"]["containers"]}:
            found.append(f"{path} belongs to nothing")
        elif "containerStatuses" in pods[pod]["status"] and "ContainerCreating" in str(
            container_status(pods[pod], name)
        ):
            found.append(f"{path} is the log of a container that was never made")
        stamps = [line[:19] for line in text.splitlines()]
        if stamps != sorted(stamps) or any(s[:10] < "2026" for s in stamps):
            found.append(f"{path} is not in order")
        if stamps and stamps[-1] > now.strftime("%Y-%m-%dT%H:%M:%S"):
            found.append(f"{path} ends after collection")
        if "{at}" in text:
            found.append(f"{path} has an empty place")
    return found


def _calm(items: list[Obj], now: datetime) -> list[str]:
    """A healthy cluster: every pod is ready, young or finished, and every Deployment has its pods."""
    found = []
    for pod in of_kind(items, "Pod"):
        young = now - created(pod) < timedelta(seconds=60)
        if not is_ready(pod) and not young and pod["status"].get("phase") not in TERMINAL:
            found.append(f"{ref(pod)} is not ready in a healthy cluster")
    for d in of_kind(items, "Deployment"):
        conditions = {c["type"]: c["status"] for c in d["status"]["conditions"]}
        if conditions["Available"] != "True":
            found.append(f"{ref(d)} is not available in a healthy cluster")
    return found


def main(argv: list[str] | None = None) -> None:
    """Check N cases and print what is wrong with them."""
    parser = argparse.ArgumentParser(prog="tests.clusters.check", description="Check generated cases.")
    parser.add_argument("n", type=int)
    parser.add_argument("--kind", choices=sorted(KINDS), default="fault")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    found = [p for seed in range(args.seed, args.seed + args.n) for p in problems(KINDS[args.kind](seed))]
    print("\n".join(found[:60]))
    print(f"{len(found)} problems in {args.n} {args.kind} cases")


if __name__ == "__main__":
    main()
