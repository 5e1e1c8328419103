"""Server-side printing: the rows that `kubectl get` shows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .facts import Json
from .kinds import ApiResource

Cells = Callable[[Json], list[Any]]


def table(body: Json, kind: ApiResource, now: float) -> Json:
    """Return a Table of one object or of a List."""
    columns, cells = COLUMNS[kind.plural]
    items = body.get("items", [body])
    rows = []
    for item in items:
        full = {"apiVersion": kind.api_version, "kind": kind.kind, **item}
        partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}
        born = datetime.fromisoformat(item["metadata"]["creationTimestamp"]).timestamp()
        values = [item["metadata"]["name"], *cells(full), _age(now - born)]
        rows.append({"cells": values, "object": partial})
    heads = ["Name", *columns, "Age"]
    head = body["metadata"] if "items" in body else {"resourceVersion": body["metadata"]["resourceVersion"]}
    definitions = [
        {"name": name, "type": "string", "format": "name" if name == "Name" else "", "description": "", "priority": 0}
        for name in heads
    ]
    base: Json = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": head}
    return {**base, "columnDefinitions": definitions, "rows": rows}


def _age(seconds: float) -> str:
    whole = max(0, int(seconds))
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if whole >= 2 * length:
            return f"{whole // length}{unit}"
    return f"{whole}s"


def _pod(item: Json) -> list[Any]:
    entries = item["status"].get("containerStatuses", [])
    state = item["status"].get("phase", "Unknown")
    for entry in entries:
        reason = (entry["state"].get("waiting") or entry["state"].get("terminated") or {}).get("reason")
        state = reason or state
    if "deletionTimestamp" in item["metadata"]:
        state = "Terminating"
    ready = sum(bool(entry["ready"]) for entry in entries)
    return [f"{ready}/{len(entries)}", state, str(sum(entry["restartCount"] for entry in entries))]


def _deployment(item: Json) -> list[Any]:
    status = item["status"]
    ready = f"{status.get('readyReplicas', 0)}/{item['spec'].get('replicas', 1)}"
    return [ready, str(status.get("updatedReplicas", 0)), str(status.get("availableReplicas", 0))]


def _replica_set(item: Json) -> list[Any]:
    status = item["status"]
    return [str(item["spec"]["replicas"]), str(status.get("replicas", 0)), str(status.get("readyReplicas", 0))]


def _service(item: Json) -> list[Any]:
    ports = ",".join(f"{port['port']}/{port['protocol']}" for port in item["spec"]["ports"])
    return [item["spec"]["type"], item["spec"]["clusterIP"], "<none>", ports]


def _event(item: Json) -> list[Any]:
    about = item["involvedObject"]
    return [item["type"], item["reason"], f"{about['kind'].lower()}/{about['name']}", item["message"]]


def _node(item: Json) -> list[Any]:
    return ["Ready", "control-plane", item["status"]["nodeInfo"]["kubeletVersion"]]


COLUMNS: dict[str, tuple[tuple[str, ...], Cells]] = {
    "pods": (("Ready", "Status", "Restarts"), _pod),
    "deployments": (("Ready", "Up-to-date", "Available"), _deployment),
    "replicasets": (("Desired", "Current", "Ready"), _replica_set),
    "services": (("Type", "Cluster-IP", "External-IP", "Port(s)"), _service),
    "events": (("Type", "Reason", "Object", "Message"), _event),
    "nodes": (("Status", "Roles", "Version"), _node),
}
