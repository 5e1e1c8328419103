"""Write the Kubernetes objects of a platform, in the shape in which the API server returns them: all of them ready."""

import uuid
from datetime import UTC, datetime
from typing import Any

from tests.simulator.model import Part, Platform, Pod, Revision

Json = dict[str, Any]


def stamp(at: float) -> str:
    """Return a time as RFC 3339 in UTC, whole seconds."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def uid(*words: str) -> str:
    """Return the same UID for the same words."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(words)))


def objects(platform: Platform) -> list[Json]:
    """Return every object of a platform as it is at its end."""
    items = [_node(platform, node) for node in sorted(platform.nodes)]
    for part in platform.parts.values():
        items.append(_service(platform, part))
        if part.role == "service":
            items.append(_deployment(platform, part))
            items.extend(_replica_set(platform, part, revision) for revision in part.revisions)
        else:
            items.append(_stateful_set(platform, part))
        if part.role == "database":
            items.append(_claim(platform, part))
        items.extend(_pod(platform, part, pod) for pod in part.pods if pod.gone > platform.end)
        if len(part.revisions) > 1:
            items.append(_scaled_event(platform, part))
    return items


def _meta(platform: Platform, kind: str, name: str, created: float, **extra: Any) -> Json:
    meta = {"name": name, "namespace": platform.namespace, "uid": uid(platform.namespace, kind, name)}
    return {**meta, "creationTimestamp": stamp(created), **extra}


def _owner(platform: Platform, kind: str, name: str) -> list[Json]:
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid(platform.namespace, kind, name)}
    return [{**owner, "controller": True, "blockOwnerDeletion": True}]


def _wanted(platform: Platform, part: Part) -> int:
    return sum(pod.alive(platform.end) for pod in part.pods)


def _container(part: Part, revision: Revision) -> Json:
    cores, size = f"{round(part.cpu_limit * 1000)}m", f"{round(part.memory_limit / 1024**2)}Mi"
    requests = {"cpu": f"{round(part.cpu_limit * 500)}m", "memory": f"{round(part.memory_limit / 2 / 1024**2)}Mi"}
    return {
        "name": part.container,
        "image": f"example.org/{part.image}:1.{revision.number}.0",
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "resources": {"limits": {"cpu": cores, "memory": size}, "requests": requests},
        "imagePullPolicy": "IfNotPresent",
    }


def _template(part: Part, revision: Revision) -> Json:
    labels = {"app": part.name}
    return {
        "metadata": {"labels": labels},
        "spec": {"containers": [_container(part, revision)], "restartPolicy": "Always"},
    }


def _deployment(platform: Platform, part: Part) -> Json:
    count, newest = _wanted(platform, part), part.revisions[-1]
    rolled = stamp(newest.created + 40)
    status = {"observedGeneration": len(part.revisions), "replicas": count, "updatedReplicas": count}
    status |= {"readyReplicas": count, "availableReplicas": count}
    progress = f'ReplicaSet "{part.workload}-{newest.hash}" has successfully progressed.'
    conditions = [
        {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "lastUpdateTime": rolled},
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastUpdateTime": rolled},
    ]
    conditions[1]["message"] = progress
    note = {"deployment.kubernetes.io/revision": str(newest.number)}
    meta = _meta(platform, "Deployment", part.workload, part.revisions[0].created - 86400, annotations=note)
    meta["generation"] = len(part.revisions)
    spec = {"replicas": count, "selector": {"matchLabels": {"app": part.name}}, "template": _template(part, newest)}
    spec |= {"revisionHistoryLimit": 10, "progressDeadlineSeconds": 600, "strategy": {"type": "RollingUpdate"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": spec,
        "status": {**status, "conditions": conditions},
    }


def _replica_set(platform: Platform, part: Part, revision: Revision) -> Json:
    count = _wanted(platform, part) if revision is part.revisions[-1] else 0
    name, labels = f"{part.workload}-{revision.hash}", {"app": part.name, "pod-template-hash": revision.hash}
    note = {"deployment.kubernetes.io/revision": str(revision.number)}
    meta = _meta(platform, "ReplicaSet", name, revision.created, annotations=note, labels=labels)
    meta["ownerReferences"] = _owner(platform, "Deployment", part.workload)
    template = _template(part, revision)
    template["metadata"]["labels"] = labels
    status: Json = {"replicas": count, "observedGeneration": 1}
    if count:
        status |= {"readyReplicas": count, "availableReplicas": count, "fullyLabeledReplicas": count}
    spec = {"replicas": count, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta, "spec": spec, "status": status}


def _stateful_set(platform: Platform, part: Part) -> Json:
    count, newest = _wanted(platform, part), part.revisions[-1]
    spec = {"replicas": count, "serviceName": part.name, "selector": {"matchLabels": {"app": part.name}}}
    status = {"replicas": count, "readyReplicas": count, "availableReplicas": count, "currentReplicas": count}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": _meta(platform, "StatefulSet", part.workload, newest.created),
        "spec": {**spec, "template": _template(part, newest)},
        "status": {**status, "updatedReplicas": count, "observedGeneration": 1},
    }


def _service(platform: Platform, part: Part) -> Json:
    spec: Json = {"type": "ClusterIP", "selector": {"app": part.name}}
    spec |= {"ports": [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]}
    meta = _meta(platform, "Service", part.name, part.revisions[0].created - 86400)
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec, "status": {"loadBalancer": {}}}


def _claim(platform: Platform, part: Part) -> Json:
    size = f"{round(part.disk_size / 1024**3)}Gi"
    meta = _meta(platform, "PersistentVolumeClaim", f"data-{part.name}-0", part.revisions[0].created)
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": size}},
        "storageClassName": "standard",
    }
    status = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec, "status": status}


def _pod(platform: Platform, part: Part, pod: Pod) -> Json:
    newest = part.revisions[-1]
    started = max([pod.born, *(at for at in pod.restarts if at <= platform.end)])
    owner = (
        ("ReplicaSet", f"{part.workload}-{newest.hash}") if part.role == "service" else ("StatefulSet", part.workload)
    )
    labels = {"app": part.name} | ({"pod-template-hash": newest.hash} if part.role == "service" else {})
    state: Json = {"running": {"startedAt": stamp(started)}}
    count = sum(at <= platform.end for at in pod.restarts)
    status: Json = {"name": part.container, "ready": True, "started": True, "restartCount": count, "state": state}
    status |= {"image": f"example.org/{part.image}:1.{newest.number}.0", "lastState": {}}
    if count:
        code, reason = (137, "OOMKilled") if pod.oom else (0, "Completed")
        ended = {"exitCode": code, "reason": reason, "finishedAt": stamp(started - 2), "startedAt": stamp(pod.born)}
        status["lastState"] = {"terminated": ended}
    kinds = ("Initialized", "PodScheduled", "ContainersReady", "Ready")
    conditions = [{"type": kind, "status": "True", "lastTransitionTime": stamp(started + 5)} for kind in kinds]
    spec = {"nodeName": pod.node, "restartPolicy": "Always", "containers": [_container(part, newest)]}
    if part.role == "database":
        spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": f"data-{part.name}-0"}}]
    meta = _meta(platform, "Pod", pod.name, pod.born, labels=labels, ownerReferences=_owner(platform, *owner))
    body = {"phase": "Running", "startTime": stamp(pod.born), "conditions": conditions, "containerStatuses": [status]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": body}


def _node(platform: Platform, name: str) -> Json:
    size = {"cpu": str(int(platform.nodes[name])), "memory": "65536000Ki", "pods": "110"}
    good = {"MemoryPressure": "False", "DiskPressure": "False", "PIDPressure": "False", "Ready": "True"}
    conditions = [
        {"type": kind, "status": value, "lastHeartbeatTime": stamp(platform.end)} for kind, value in good.items()
    ]
    created = stamp(platform.start - 90 * 86400)
    meta = {"name": name, "uid": uid("node", name), "creationTimestamp": created}
    meta_labels = {"kubernetes.io/hostname": name}
    status = {"capacity": size, "allocatable": size, "conditions": conditions}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {**meta, "labels": meta_labels},
        "spec": {},
        "status": status,
    }


def _scaled_event(platform: Platform, part: Part) -> Json:
    """Return the event of the Deployment's controller for the newest ReplicaSet."""
    newest = part.revisions[-1]
    at, target = stamp(newest.created), f"{part.workload}-{newest.hash}"
    about = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": platform.namespace, "name": part.workload}
    body = {"type": "Normal", "reason": "ScalingReplicaSet", "message": f"Scaled up replica set {target} from 0 to 1"}
    times = {"firstTimestamp": at, "lastTimestamp": at, "count": 1, "source": {"component": "deployment-controller"}}
    meta = _meta(platform, "Event", f"{part.workload}.{newest.hash}", newest.created)
    about["uid"] = uid(platform.namespace, "Deployment", part.workload)
    return {"apiVersion": "v1", "kind": "Event", "metadata": meta, "involvedObject": about, **body, **times}
