"""Pods: a healthy one, and how their parts check in each state that the kubelet reports."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta

from . import names
from .model import Obj, Revision, Workload, name_of, parse_time, stamp
from .scheduler import place
from .world import World, condition, owner_ref

NOT_READY = [
    {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
    {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
]
ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"


def new_pod(
    world: World,
    w: Workload,
    rev: Revision,
    at: datetime,
    *,
    node: Obj | None = None,
    ordinal: int = 0,
    bound: bool = True,
) -> Obj:
    """Add a healthy pod of a revision; without a node the scheduler's choice is taken, or none where not `bound`."""
    pod = _bare(world, w, rev, at, ordinal)
    w.pods.append(pod)
    if not bound:
        pod["status"] = {"phase": "Pending", "qosClass": qos(pod)}
        return pod
    spec = pod["spec"]
    chosen = node or place(world, spec)
    spec["nodeName"] = name_of(chosen)
    started = world.after(at, world.rng.randint(1, 4))
    ready = world.after(started, world.rng.randint(2, 12))
    taken = {p["status"].get("podIP") for p in world.pods()}
    net = chosen["spec"]["podCIDR"].rsplit(".", 1)[0]
    address = next(a for a in (f"{net}.{i}" for i in range(world.rng.randint(2, 90), 255)) if a not in taken)
    status: Obj = {"phase": "Running", "hostIP": chosen["status"]["addresses"][0]["address"], "podIP": address}
    status |= {"podIPs": [{"ip": address}], "qosClass": qos(pod), "startTime": stamp(at)}
    status["containerStatuses"] = [_running(world, c, started) for c in spec["containers"]]
    status["conditions"] = [condition("Initialized", "True", at), condition("Ready", "True", ready)]
    status["conditions"] += [condition("ContainersReady", "True", ready), condition("PodScheduled", "True", at)]
    if world.minor >= 29:
        status["conditions"].insert(0, condition("PodReadyToStartContainers", "True", started))
    pod["status"] = status
    return pod


def _bare(world: World, w: Workload, rev: Revision, at: datetime, ordinal: int) -> Obj:
    base = name_of(rev.rs or w.obj)
    name = f"{base}-{ordinal}" if w.kind == "StatefulSet" else f"{base}-{names.suffix(world.rng)}"
    labels = dict(rev.template["metadata"]["labels"])
    if w.kind == "Deployment":
        labels["pod-template-hash"] = rev.hash
    elif w.kind == "StatefulSet":
        labels |= {
            "controller-revision-hash": f"{name_of(w.obj)}-{rev.hash}",
            "statefulset.kubernetes.io/pod-name": name,
        }
    else:
        labels |= {"controller-revision-hash": rev.hash, "pod-template-generation": str(rev.number)}
    pod = world.new("v1", "Pod", name, at, labels=labels)
    if w.kind != "StatefulSet":
        pod["metadata"]["generateName"] = f"{base}-"
    pod["metadata"]["ownerReferences"] = [owner_ref(rev.rs or w.obj)]
    spec = deepcopy(rev.template["spec"])
    volume = f"kube-api-access-{names.suffix(world.rng)}"
    for c in spec["containers"]:
        c.setdefault("volumeMounts", []).append({"name": volume, "mountPath": ACCOUNT_PATH, "readOnly": True})
    token = {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}
    spec["volumes"] = [*spec["volumes"], {"name": volume, "projected": {"defaultMode": 420, "sources": [token]}}]
    for template in w.obj["spec"].get("volumeClaimTemplates", []):
        volume = template["metadata"]["name"]
        claim = {"name": volume, "persistentVolumeClaim": {"claimName": f"{volume}-{name}"}}
        spec["volumes"].append(claim)
    spec.setdefault("tolerations", []).extend(deepcopy(NOT_READY))
    pod["spec"] = spec | {"enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority", "priority": 0}
    pod["status"] = {"phase": "Pending"}
    return pod


def qos(pod: Obj) -> str:
    """Return the QoS class that the API server computes."""
    found = [c.get("resources", {}) for c in pod["spec"]["containers"]]
    if not any(r.get("requests") or r.get("limits") for r in found):
        return "BestEffort"
    same = all(
        r.get("limits") and r.get("requests", r["limits"]) == r["limits"] and len(r["limits"]) == 2 for r in found
    )
    return "Guaranteed" if same else "Burstable"


def _running(world: World, container: Obj, at: datetime) -> Obj:
    status: Obj = {"name": container["name"], "image": container["image"], "ready": True, "started": True}
    status |= {"imageID": f"{container['image'].rsplit(':', 1)[0]}@sha256:{world.rng.getrandbits(256):064x}"}
    status |= {"containerID": f"containerd://{world.rng.getrandbits(256):064x}", "restartCount": 0}
    return status | {"state": {"running": {"startedAt": stamp(at)}}, "lastState": {}}


def container_status(pod: Obj, name: str) -> Obj:
    """Return the status of one container of a pod."""
    found: Obj = next(s for s in pod["status"]["containerStatuses"] if s["name"] == name)
    return found


def created(pod: Obj) -> datetime:
    """Return when a pod was made."""
    return parse_time(pod["metadata"]["creationTimestamp"])


def is_ready(pod: Obj) -> bool:
    """Return whether the pod's Ready condition is true."""
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


def put(pod: Obj, new: Obj) -> None:
    """Set a condition of a pod, in the place of the one of the same type."""
    found = pod["status"].setdefault("conditions", [])
    for i, old in enumerate(found):
        if old["type"] == new["type"]:
            found[i] = new
            return
    found.append(new)


def refresh(pod: Obj, at: datetime) -> None:
    """Write Ready and ContainersReady from the containers' statuses, changed at a time."""
    bad = [s["name"] for s in pod["status"]["containerStatuses"] if not s["ready"]]
    for kind in ("Ready", "ContainersReady"):
        if bad:
            text = f"containers with unready status: [{' '.join(bad)}]"
            put(pod, condition(kind, "False", at, "ContainersNotReady", text))
        else:
            put(pod, condition(kind, "True", at))


def unready(pod: Obj, container: str, at: datetime) -> None:
    """Let a running container fail its readiness probe since a time."""
    container_status(pod, container)["ready"] = False
    refresh(pod, at)


def waiting(pod: Obj, container: str, reason: str, message: str | None = None) -> None:
    """Let a container wait that never ran; the pod is Pending where none of its containers runs."""
    status = container_status(pod, container)
    detail = {"reason": reason, **({"message": message} if message else {})}
    status |= {"ready": False, "started": False, "imageID": "", "state": {"waiting": detail}, "lastState": {}}
    status.pop("containerID", None)
    refresh(pod, created(pod))
    if not any("running" in s["state"] for s in pod["status"]["containerStatuses"]) or reason != "CrashLoopBackOff":
        pod["status"]["phase"] = "Pending"


def creating(pod: Obj, *, address: bool = False) -> None:
    """Let every container wait for the sandbox, volumes or network."""
    for c in pod["spec"]["containers"]:
        waiting(pod, c["name"], "ContainerCreating")
    if not address:
        pod["status"].pop("podIP")
        pod["status"].pop("podIPs")
        for kind in [c for c in pod["status"]["conditions"] if c["type"] == "PodReadyToStartContainers"]:
            kind["status"] = "False"


def unscheduled(world: World, pod: Obj, message: str) -> None:
    """Let the scheduler refuse a pod that has no node."""
    at = created(pod)
    pod["status"]["conditions"] = [condition("PodScheduled", "False", at, "Unschedulable", message)]
    age = (world.now - at).total_seconds()
    world.event(
        pod,
        "FailedScheduling",
        message,
        by="default-scheduler",
        first=at,
        last=world.ago(min(age, world.rng.randint(5, 200))),
        count=1 + int(age // 300),
        warning=True,
    )


def runs(world: World, since: datetime, seconds: float, delays: tuple[int, ...]) -> list[tuple[datetime, datetime]]:
    """Return start and end of each run of a container that ends after `seconds` and is started again with back-off."""
    found: list[tuple[datetime, datetime]] = []
    at = since
    while at + timedelta(seconds=seconds) < world.ago(2):
        found.append((at, at + timedelta(seconds=seconds)))
        at = found[-1][1] + timedelta(seconds=delays[min(len(found) - 1, len(delays) - 1)])
    return found or [(since, world.after(since, 1))]


BACKOFF = (1, 10, 20, 40, 80, 160, 300)
