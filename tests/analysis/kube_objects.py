"""Builders of small Kubernetes objects: sane by default, each test breaks one thing."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from opsagent.analysis.objects.checks import object_findings
from opsagent.models.evidence import Finding
from opsagent.models.observed import Objects

NOW = datetime(2030, 5, 6, 12, 0, 0, tzinfo=UTC)
SPACE = "shop"
Obj = dict[str, Any]


def ago(seconds: float) -> str:
    """Return the time so many seconds before the check, as the API server writes it."""
    return (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def meta(name: str, age: float = 86_400, **more: Any) -> Obj:
    """Return the metadata of an object."""
    return {"name": name, "namespace": SPACE, "creationTimestamp": ago(age), **more}


def container(name: str = "main", port: int | None = 8080, **more: Any) -> Obj:
    """Return a container that declares one port."""
    ports = {"ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}]} if port else {}
    return {"name": name, "image": f"acme/{name}:1.4", **ports, **more}


def running(name: str = "main", *, ready: bool = True, started: float = 80_000, **more: Any) -> Obj:
    """Return the status of a container that runs."""
    return {"name": name, "ready": ready, "restartCount": 0, "state": {"running": {"startedAt": ago(started)}}, **more}


def waiting(reason: str, message: str = "", name: str = "main", **more: Any) -> Obj:
    """Return the status of a container that waits."""
    state = {"waiting": {"reason": reason, "message": message}}
    return {"name": name, "ready": False, "restartCount": 0, "state": state, **more}


def ended(code: int, reason: str = "Error", finished: float = 60, lived: float = 30, message: str = "") -> Obj:
    """Return a termination."""
    times = {"startedAt": ago(finished + lived), "finishedAt": ago(finished)}
    return {"terminated": {"exitCode": code, "reason": reason, "message": message, **times}}


def crashing(code: int, reason: str = "Error", name: str = "main", message: str = "", **more: Any) -> Obj:
    """Return the status of a container in a crash loop."""
    last = ended(code, reason, message=message)
    return waiting("CrashLoopBackOff", "back-off 5m0s", name, restartCount=9, lastState=last, **more)


def pod(
    name: str = "cart-6d5f7c9b84-x2x2x", *statuses: Obj, app: str = "cart", spec: Obj | None = None, **status: Any
) -> Obj:
    """Return a pod of the Deployment `app`; ready unless its statuses state otherwise."""
    own = list(statuses) or [running()]
    ready = all(item.get("ready") for item in own)
    phase = status.pop("phase", "Running" if all("waiting" not in item.get("state", {}) for item in own) else "Pending")
    conditions = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True" if ready else "False"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta(
            name,
            labels={"app": app},
            ownerReferences=[{"kind": "ReplicaSet", "name": f"{app}-6d5f7c9b84", "controller": True}],
        ),
        "spec": {"nodeName": "worker-1", "restartPolicy": "Always", "containers": [container()], **(spec or {})},
        "status": {"phase": phase, "conditions": conditions, "containerStatuses": own, **status},
    }


def pending(message: str = "", *, spec: Obj | None = None, age: float = 900, **more: Any) -> Obj:
    """Return a pod without a node, with what the scheduler reports about it."""
    made = pod(spec=spec)
    del made["spec"]["nodeName"]
    made["metadata"]["creationTimestamp"] = ago(age)
    said = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    made["status"] = {"phase": "Pending", **({"conditions": [said]} if message else {}), **more}
    return made


def deployment(
    app: str = "cart", replicas: int = 1, available: int | None = None, spec: Obj | None = None, **status: Any
) -> Obj:
    """Return a Deployment, complete unless `available` states otherwise."""
    up = replicas if available is None else available
    template = {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container()], **(spec or {})}}
    counts = {"observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": up}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(app, generation=1, annotations={"deployment.kubernetes.io/revision": "1"}),
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": app}}, "template": template},
        "status": {**counts, "availableReplicas": up, **status},
    }


def replica_set(
    app: str = "cart", suffix: str = "6d5f7c9b84", replicas: int = 1, revision: int = 1, **more: Any
) -> Obj:
    """Return a ReplicaSet of the Deployment `app`."""
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": meta(
            f"{app}-{suffix}",
            age=more.pop("age", 86_400),
            annotations={"deployment.kubernetes.io/revision": str(revision)},
            ownerReferences=[{"kind": "Deployment", "name": app, "controller": True}],
        ),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": app}},
            "template": {"metadata": {"labels": {"app": app}}, "spec": more.pop("spec", {"containers": [container()]})},
        },
        "status": {"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas, **more},
    }


def service(
    name: str = "cart", port: int = 80, target: int | str = 8080, selector: Obj | None = None, **more: Any
) -> Obj:
    """Return a Service in front of the pods of `name`."""
    ports = [{"name": "http", "port": port, "targetPort": target, "protocol": more.pop("protocol", "TCP")}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(name),
        "spec": {"selector": {"app": name} if selector is None else selector, "ports": ports, **more},
    }


def endpoints(name: str, ready: int = 1, unready: int = 0) -> Obj:
    """Return the EndpointSlice of a Service."""
    states = [True] * ready + [False] * unready
    return {
        "kind": "EndpointSlice",
        "metadata": meta(f"{name}-abcde", labels={"kubernetes.io/service-name": name}),
        "endpoints": [{"addresses": [f"10.0.0.{i}"], "conditions": {"ready": state}} for i, state in enumerate(states)],
    }


def event(about: Obj | str, reason: str, message: str, *, age: float = 30, count: int = 3, kind: str = "Pod") -> Obj:
    """Return a warning event of core v1."""
    names = (
        {"kind": kind, "name": about}
        if isinstance(about, str)
        else {"kind": about["kind"], "name": about["metadata"]["name"]}
    )
    if names["kind"] != "Node":
        names["namespace"] = SPACE
    return {
        "kind": "Event",
        "metadata": meta(f"{names['name']}.{reason}.{abs(hash(message)) % 9999}"),
        "involvedObject": names,
        "reason": reason,
        "message": message,
        "type": "Warning",
        "count": count,
        "firstTimestamp": ago(age + 60),
        "lastTimestamp": ago(age),
    }


def node(name: str = "worker-1", cpu: str = "4", memory: str = "8Gi", pods: str = "110", **more: Any) -> Obj:
    """Return a node that is ready."""
    conditions = more.pop("conditions", [condition("Ready", "True", "KubeletReady")])
    return {
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **more.pop("labels", {})}},
        "spec": more.pop("spec", {}),
        "status": {"conditions": conditions, "allocatable": {"cpu": cpu, "memory": memory, "pods": pods, **more}},
    }


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Obj:
    """Return a condition that has held for ten minutes."""
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": ago(600)}


def claim(name: str = "data", **spec: Any) -> Obj:
    """Return a claim that is not bound."""
    wanted = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "5Gi"}},
        "storageClassName": "fast",
    }
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": meta(name),
        "spec": {**wanted, **spec},
        "status": {"phase": "Pending"},
    }


def volume(
    name: str = "pv-1", phase: str = "Available", size: str = "5Gi", labels: Obj | None = None, **spec: Any
) -> Obj:
    """Return a volume of the class `fast`."""
    offered = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}, "storageClassName": "fast"}
    return {
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {**offered, **spec},
        "status": {"phase": phase},
    }


def thing(kind: str, name: str, **fields: Any) -> Obj:
    """Return any other object."""
    return {"kind": kind, "metadata": meta(name, **fields.pop("meta", {})), **fields}


def seen(*items: Any, looked: tuple[str, ...] = ()) -> Objects:
    """Return objects as one check: the kinds of the items count as checked."""
    kinds = {item["kind"] for item in items if isinstance(item, dict) and isinstance(item.get("kind"), str)}
    return Objects(items=tuple(copy.deepcopy(items)), looked=frozenset(kinds | set(looked)))


def find(*items: Any, looked: tuple[str, ...] = (), window: float = 600.0) -> tuple[Finding, ...]:
    """Return what the rules find in these objects."""
    return object_findings(seen(*items, looked=looked), now=NOW, crash_window_s=window)


def first(*items: Any, looked: tuple[str, ...] = ()) -> tuple[str, str | None]:
    """Return code and object of the strongest finding that carries a cause, ("healthy", None) where none does."""
    found = [finding for finding in find(*items, looked=looked) if finding.strength >= 0.5]
    return (found[0].code, found[0].object) if found else ("healthy", None)


def stack(*, spec: Obj | None = None, app: str = "cart") -> list[Obj]:
    """Return a healthy service: Deployment, ReplicaSet, pod, Service, endpoints, node."""
    return [
        deployment(app, spec=spec),
        replica_set(app),
        pod(f"{app}-6d5f7c9b84-x2x2x", app=app, spec=spec),
        service(app),
        endpoints(app),
        node(),
    ]


def broken(instead: Obj, *more: Obj) -> list[Obj]:
    """Return the service `cart` with its pod replaced by a broken one."""
    return [
        deployment(available=0),
        replica_set(readyReplicas=0, availableReplicas=0),
        instead,
        service(target="http"),
        node(),
        *more,
    ]
