"""Deployments and what belongs to them, as the API server returns them, for tests of plans and risks."""

from typing import Any

from opsagent.models.observed import Objects


def deployment(name: str = "web", *, replicas: int | None = 1, namespace: str = "shop", **more: Any) -> dict[str, Any]:
    """Return a Deployment; `pod` is its pod spec, `annotations`, `labels` and `spec` are merged in."""
    labels = {"app": name}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": more.get("pod", {"containers": [{"name": name}]})},
        **more.get("spec", {}),
    }
    if replicas is not None:
        spec["replicas"] = replicas
    metadata = {
        "name": name, "namespace": namespace, "uid": f"uid-{name}", "generation": 3, "resourceVersion": "77",
        "labels": {**labels, **more.get("labels", {})}, "annotations": more.get("annotations", {}),
    }  # fmt: skip
    return {"kind": "Deployment", "metadata": metadata, "spec": spec}


def replica_set(owner: str, revision: str) -> dict[str, Any]:
    """Return a ReplicaSet of a Deployment at a revision."""
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{owner}-{revision}",
            "labels": {"app": owner},
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [{"kind": "Deployment", "name": owner, "uid": f"uid-{owner}", "controller": True}],
        },
    }


def pod(owner: str, *, ready: bool = False, waiting: str = "", phase: str = "Running") -> dict[str, Any]:
    """Return a pod of a Deployment."""
    state = {"waiting": {"reason": waiting}} if waiting else {"running": {}}
    status = {
        "phase": phase,
        "conditions": [{"type": "Ready", "status": str(ready)}],
        "containerStatuses": [{"name": owner, "ready": ready, "state": state}],
    }
    return {
        "kind": "Pod",
        "metadata": {"name": f"{owner}-x", "namespace": "shop", "labels": {"app": owner}},
        "status": status,
    }


def volumes(claim: str = "", empty: str = "", path: str = "/data") -> dict[str, Any]:
    """Return a pod spec that mounts a claim or an emptyDir."""
    source = {"persistentVolumeClaim": {"claimName": claim}} if claim else {"emptyDir": {}}
    mount = {"name": claim or empty, "mountPath": path}
    return {"containers": [{"name": "c", "volumeMounts": [mount]}], "volumes": [{"name": claim or empty, **source}]}


def claim(name: str, mode: str) -> dict[str, Any]:
    """Return a claim with one access mode."""
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": {"accessModes": [mode]}}


def autoscaler(target: str, least: int | None = None) -> dict[str, Any]:
    """Return a HorizontalPodAutoscaler of a Deployment."""
    spec: dict[str, Any] = {"scaleTargetRef": {"kind": "Deployment", "name": target}}
    if least is not None:
        spec["minReplicas"] = least
    return {"kind": "HorizontalPodAutoscaler", "metadata": {"name": f"{target}-hpa"}, "spec": spec}


def seen(*items: dict[str, Any]) -> Objects:
    """Return objects as seen."""
    return Objects(tuple(items), frozenset(item["kind"] for item in items))
