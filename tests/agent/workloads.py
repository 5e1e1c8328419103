"""Workloads of other kinds than the platform has."""

from typing import Any


def workload(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    """Return a StatefulSet or DaemonSet that is rolled out and healthy."""
    labels = {"app": name}
    containers = [{"name": "main", "image": f"{name}:1"}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    counts = {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 2}
    nodes = {"desiredNumberScheduled": 3, "numberReady": 3, "numberAvailable": 3, "updatedNumberScheduled": 3}
    return {
        "apiVersion": "apps/v1", "kind": kind,
        "metadata": {"name": name, "namespace": "titanium-local", "labels": labels, "generation": 1},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
        "status": {"observedGeneration": 1, **(nodes if kind == "DaemonSet" else counts)},
    }  # fmt: skip
