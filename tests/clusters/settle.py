"""What the controllers write once pods are as they are: counts, conditions, EndpointSlices, quota usage, PDB status.

Sources: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status,
https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/,
https://kubernetes.io/docs/concepts/policy/resource-quotas/, https://kubernetes.io/docs/tasks/run-application/configure-pdb/
"""

from __future__ import annotations

import math

from .model import Obj, Workload, cpu_text, memory_text, name_of, stamp
from .pods import created, is_ready
from .scheduler import TERMINAL, asked
from .world import World, condition, owner_ref


def alive(pods: list[Obj]) -> list[Obj]:
    """Return the pods that a controller counts: neither ended nor being deleted."""
    return [p for p in pods if p["status"].get("phase") not in TERMINAL and "deletionTimestamp" not in p["metadata"]]


def pods_of(w: Workload, hash_: str) -> list[Obj]:
    """Return the pods of one revision."""
    labels = ("pod-template-hash", "controller-revision-hash")
    return [p for p in w.pods if any(str(p["metadata"]["labels"].get(k, "")).endswith(hash_) for k in labels)]


def share(text: str | int, total: int, *, up: bool) -> int:
    """Resolve maxSurge or maxUnavailable."""
    if isinstance(text, int):
        return text
    part = int(text.rstrip("%")) * total / 100
    return math.ceil(part) if up else math.floor(part)


def limits(w: Workload) -> tuple[int, int]:
    """Return how many pods a Deployment's rolling update may add and may miss, as the controller resolves them."""
    rolling = w.obj["spec"]["strategy"].get("rollingUpdate")
    if rolling is None:
        return 0, w.replicas
    surge = share(rolling["maxSurge"], w.replicas, up=True)
    missing = share(rolling["maxUnavailable"], w.replicas, up=False)
    return surge, missing if surge or missing else 1


def settle(world: World) -> None:
    """Derive every controller's status from the pods."""
    for w in world.workloads:
        if not w.frozen:
            workload(world, w)
    for service in [o for o in _all(world) if o["kind"] == "Service"]:
        if not any(_slice_of(o, service) for o in world.extra):
            endpoint_slice(world, service)
    for obj in world.extra:
        if obj["kind"] == "ResourceQuota":
            _quota(world, obj)
        elif obj["kind"] == "PodDisruptionBudget" and "status" not in obj:
            _budget(world, obj)


def workload(world: World, w: Workload) -> None:
    """Derive the status of one controller and its ReplicaSets."""
    for rev in w.revisions:
        if rev.rs is not None:
            _replica_set(w, rev.rs, pods_of(w, rev.hash))
    if w.kind == "Deployment":
        _deployment(world, w)
    elif w.kind == "StatefulSet":
        _stateful_set(w)
    else:
        _daemon_set(w)


def _all(world: World) -> list[Obj]:
    return [w.service for w in world.workloads if w.service] + world.extra


def _slice_of(obj: Obj, service: Obj) -> bool:
    labels = obj["metadata"].get("labels", {})
    return bool(obj["kind"] == "EndpointSlice" and labels.get("kubernetes.io/service-name") == name_of(service))


def _replica_set(w: Workload, rs: Obj, pods: list[Obj]) -> None:
    found = alive(pods)
    ready = sum(map(is_ready, found))
    rs["spec"].setdefault("replicas", 0)
    newest = w.latest.rs is rs
    if not (newest and w.failed_create):
        rs["spec"]["replicas"] = len(found)
    status: Obj = {"replicas": len(found), "fullyLabeledReplicas": len(found), "observedGeneration": 1}
    status |= {"readyReplicas": ready, "availableReplicas": ready} if ready else {}
    if newest and w.failed_create and w.rolling:
        text = w.failed_create
        status["conditions"] = [condition("ReplicaFailure", "True", w.rolling, "FailedCreate", text)]
    rs["status"] = status


def _deployment(world: World, w: Workload) -> None:
    w.obj["spec"]["replicas"] = w.replicas
    found = alive(w.pods)
    updated = alive(pods_of(w, w.latest.hash))
    ready = sum(map(is_ready, found))
    status: Obj = {"observedGeneration": w.obj["metadata"]["generation"]}
    counts = {
        "replicas": len(found),
        "updatedReplicas": len(updated),
        "readyReplicas": ready,
        "availableReplicas": ready,
    }
    counts["unavailableReplicas"] = max(0, max(len(found), w.replicas) - ready)
    status |= {k: v for k, v in counts.items() if v}
    status["conditions"] = deployment_conditions(world, w, ready)
    w.obj["status"] = status
    w.obj["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = str(w.latest.number)


def deployment_conditions(world: World, w: Workload, ready: int) -> list[Obj]:
    """Return the conditions Available, Progressing and, where creates fail, ReplicaFailure."""
    at = world.after(w.latest.at, 20)
    enough = ready >= w.replicas - limits(w)[1]
    since = at if enough else max(at, world.after(world.since, 10))
    text = ("MinimumReplicasAvailable", "Deployment has minimum availability.")
    lack = ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    found = [condition("Available", str(enough), since, *(text if enough else lack), lastUpdateTime=stamp(since))]
    rs = name_of(w.latest.rs) if w.latest.rs else ""
    begin = w.rolling
    if begin is None:
        done = f'ReplicaSet "{rs}" has successfully progressed.'
        found.append(condition("Progressing", "True", at, "NewReplicaSetAvailable", done, lastUpdateTime=stamp(at)))
    elif (world.now - begin).total_seconds() > w.obj["spec"]["progressDeadlineSeconds"] + 5:
        late = f'ReplicaSet "{rs}" has timed out progressing.'
        end = world.after(begin, w.obj["spec"]["progressDeadlineSeconds"] + 1)
        found.append(
            condition("Progressing", "False", end, "ProgressDeadlineExceeded", late, lastUpdateTime=stamp(end))
        )
    else:
        going = f'ReplicaSet "{rs}" is progressing.'
        if w.failed_create:
            going = f'Created new replica set "{rs}"'
        reason = "NewReplicaSetCreated" if w.failed_create else "ReplicaSetUpdated"
        found.append(condition("Progressing", "True", begin, reason, going, lastUpdateTime=stamp(begin)))
    if w.failed_create and begin:
        why = condition("ReplicaFailure", "True", begin, "FailedCreate", w.failed_create, lastUpdateTime=stamp(begin))
        found.append(why)
    return found


def _stateful_set(w: Workload) -> None:
    found, latest = alive(w.pods), f"{name_of(w.obj)}-{w.latest.hash}"
    before = w.revisions[-2] if w.rolling and len(w.revisions) > 1 else w.latest
    ready = sum(map(is_ready, found))
    w.obj["spec"]["replicas"] = w.replicas
    status = {"observedGeneration": w.obj["metadata"]["generation"], "replicas": len(found), "readyReplicas": ready}
    status |= {"availableReplicas": ready, "collisionCount": 0, "updateRevision": latest}
    status |= {"currentRevision": f"{name_of(w.obj)}-{before.hash}", "updatedReplicas": len(pods_of(w, w.latest.hash))}
    status["currentReplicas"] = len(pods_of(w, before.hash))
    w.obj["status"] = status


def _daemon_set(w: Workload) -> None:
    found = alive(w.pods)
    ready = sum(map(is_ready, found))
    status = {"desiredNumberScheduled": w.replicas, "currentNumberScheduled": len(found), "numberReady": ready}
    status |= {"numberAvailable": ready, "numberMisscheduled": 0, "observedGeneration": w.obj["metadata"]["generation"]}
    status |= {"updatedNumberScheduled": len(pods_of(w, w.latest.hash))}
    if w.replicas > ready:
        status["numberUnavailable"] = w.replicas - ready
    w.obj["status"] = status


def target_port(service_port: Obj, pod: Obj) -> int | None:
    """Resolve a Service port's target in a pod; None where the pod has no port of that name."""
    target = service_port.get("targetPort", service_port["port"])
    if isinstance(target, int):
        return target
    ports = [p for c in pod["spec"]["containers"] for p in c.get("ports", [])]
    named = [p for p in ports if p.get("name") == target and p.get("protocol", "TCP") == service_port["protocol"]]
    return int(named[0]["containerPort"]) if named else None


def endpoint_slice(world: World, service: Obj) -> None:
    """Add the EndpointSlice of a Service with a selector, following the pods' readiness."""
    selector = service["spec"].get("selector")
    if not selector:
        return
    chosen = [p for p in world.pods() if selector.items() <= p["metadata"].get("labels", {}).items()]
    chosen = [p for p in chosen if p["metadata"]["namespace"] == service["metadata"]["namespace"]]
    chosen = [p for p in chosen if p["status"].get("podIP") and p["status"].get("phase") not in TERMINAL]
    labels = {"kubernetes.io/service-name": name_of(service)}
    labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io"
    at = created(service)
    name = f"{name_of(service)}-{world.uid()[:5]}"
    found = world.new("discovery.k8s.io/v1", "EndpointSlice", name, at, labels=labels)
    found["metadata"]["ownerReferences"] = [owner_ref(service)]
    found |= {"addressType": "IPv4", "endpoints": [_endpoint(p) for p in chosen], "ports": []}
    for port in service["spec"].get("ports", []):
        number = target_port(port, chosen[0]) if chosen else None
        if number is not None:
            found["ports"].append({"name": port.get("name", ""), "port": number, "protocol": port["protocol"]})
    world.extra.append(found)


def _endpoint(pod: Obj) -> Obj:
    going = "deletionTimestamp" in pod["metadata"]
    ready = is_ready(pod)
    conditions = {"ready": ready and not going, "serving": ready, "terminating": going}
    about = {
        "kind": "Pod",
        "namespace": pod["metadata"]["namespace"],
        "name": name_of(pod),
        "uid": pod["metadata"]["uid"],
    }
    where = {"addresses": [pod["status"]["podIP"]], "nodeName": pod["spec"]["nodeName"]}
    return where | {"conditions": conditions, "targetRef": about}


def used(world: World, resource: str) -> str:
    """Return what the namespace uses of a quota's resource."""
    pods = [p for p in world.pods() if p["metadata"]["namespace"] == world.namespace]
    pods = [p for p in pods if p["status"].get("phase") not in TERMINAL]
    if resource == "pods":
        return str(len(pods))
    if resource == "services":
        return str(sum(o["kind"] == "Service" for o in _all(world)))
    side, _, what = resource.rpartition(".")
    total = sum(asked(p["spec"], what, side or "requests") for p in pods)
    if what == "storage":
        claims = [o for o in world.extra if o["kind"] == "PersistentVolumeClaim"]
        sizes = [o["spec"]["resources"]["requests"]["storage"] for o in claims]
        return f"{sum(int(s.removesuffix('Gi')) for s in sizes)}Gi"
    return cpu_text(total) if what == "cpu" else memory_text(total)


def _quota(world: World, quota: Obj) -> None:
    hard = quota["spec"]["hard"]
    quota["status"] = {"hard": dict(hard), "used": {k: used(world, k) for k in hard}}


def _budget(world: World, budget: Obj) -> None:
    labels = budget["spec"]["selector"]["matchLabels"]
    pods = alive([p for p in world.pods() if labels.items() <= p["metadata"].get("labels", {}).items()])
    healthy, expected = sum(map(is_ready, pods)), len(pods)
    if "minAvailable" in budget["spec"]:
        desired = share(budget["spec"]["minAvailable"], expected, up=True)
    else:
        desired = max(0, expected - share(budget["spec"]["maxUnavailable"], expected, up=True))
    allowed = max(0, healthy - desired)
    status: Obj = {
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
    }
    reason = "SufficientPods" if allowed else "InsufficientPods"
    status["conditions"] = [condition("DisruptionAllowed", str(bool(allowed)), created(budget), reason)]
    budget["status"] = status | {"observedGeneration": 1}
