"""Each event reason of the catalog means the same as an object, as a line of `get events` and in a description."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.objects.checks import object_findings
from opsagent.clients.bundle.platform import open_bundle

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
POD, NODE, SPACE = "till-6c4d8f7b9c-x2k4v", "worker-3", "shop"
# Reasons that are reported of another kind than a pod.
ABOUT = {
    "FailedCreate": "ReplicaSet", "ReplicaSetCreateError": "Deployment", "BackoffLimitExceeded": "Job",
    "FailedCreatePod": "Job", "MissSchedule": "CronJob", "TooManyMissedTimes": "CronJob", "FailedNeedsStart": "CronJob",
    "FailedGetResourceMetric": "HorizontalPodAutoscaler", "FailedGetExternalMetric": "HorizontalPodAutoscaler",
    "FailedComputeMetricsReplicas": "HorizontalPodAutoscaler", "ProvisioningFailed": "PersistentVolumeClaim",
    "FailedBinding": "PersistentVolumeClaim", "VolumeMismatch": "PersistentVolumeClaim",
    "ClaimLost": "PersistentVolumeClaim", "VolumeResizeFailed": "PersistentVolumeClaim", "NodeNotReady": "Node",
    "EvictionThresholdMet": "Node", "FreeDiskSpaceFailed": "Node", "ImageGCFailed": "Node", "SystemOOM": "Node",
    "ContainerGCFailed": "Node", "SyncLoadBalancerFailed": "Service", "FailedToUpdateEndpointSlices": "Service",
}  # fmt: skip
ROWS = [row for row in builtin().reasons if row.of == "event"]


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _pod() -> dict[str, Any]:
    born = _stamp(NOW - timedelta(minutes=20))
    meta = {"name": POD, "namespace": SPACE, "labels": {"app": "till"}, "creationTimestamp": born}
    spec = {"containers": [{"name": "main", "image": "registry.example/till:7"}], "nodeName": NODE}
    waiting = {"name": "main", "ready": False, "restartCount": 0, "state": {"waiting": {"reason": "ContainerCreating"}}}
    ready = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "False"}]
    status = {"phase": "Pending", "conditions": ready, "containerStatuses": [waiting]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def _event(reason: str, message: str, kind: str) -> dict[str, Any]:
    involved = {"kind": "Pod", "name": POD, "namespace": SPACE}
    meta = {"name": f"{POD}.1", "namespace": SPACE}
    return {"apiVersion": "v1", "kind": "Event", "metadata": meta, "involvedObject": involved, "reason": reason,
            "message": message, "type": kind, "count": 6, "firstTimestamp": _stamp(NOW - timedelta(minutes=9)),
            "lastTimestamp": _stamp(NOW - timedelta(minutes=2))}  # fmt: skip


def _objects(reason: str, message: str, kind: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [_pod(), _event(reason, message, kind)]})


def _tables(reason: str, message: str, kind: str) -> str:
    about = f"pod/{POD}"
    return (
        "$ kubectl get pods -n shop -o wide --show-labels\n"
        f"{'NAME':<25}READY   STATUS              RESTARTS   AGE   IP       NODE       LABELS\n"
        f"{POD:<25}0/1     ContainerCreating   0          20m   <none>   {NODE}   app=till\n"
        "\n$ kubectl get events -n shop\n"
        f"LAST SEEN            TYPE      REASON{' ' * 30}OBJECT{' ' * 30}MESSAGE\n"
        f"2m (x6 over 9m)      {kind:<10}{reason:<36}{about:<36}{message}\n"
    )


def _described(reason: str, message: str, kind: str) -> str:
    return (
        f"Name:             {POD}\nNamespace:        {SPACE}\nPriority:         0\nService Account:  default\n"
        f"Node:             {NODE}/10.0.0.3\n"
        f"Start Time:       {NOW - timedelta(minutes=20):%a, %d %b %Y %H:%M:%S +0000}\n"
        "Labels:           app=till\nAnnotations:      <none>\nStatus:           Pending\nIP:               \n"
        "Containers:\n  main:\n    Image:          registry.example/till:7\n    State:          Waiting\n"
        "      Reason:       ContainerCreating\n    Ready:          False\n    Restart Count:  0\n"
        "Conditions:\n  Type           Status\n  PodScheduled   True\n  Ready          False\n"
        "Events:\n"
        f"  Type     Reason{' ' * 30}Age               From     Message\n"
        f"  ----     ------{' ' * 30}----              ----     -------\n"
        f"  {kind:<8} {reason:<36}2m (x6 over 9m)   kubelet  {message}\n"
    )


def _codes(folder: Path, name: str, text: str) -> set[tuple[str, str | None]]:
    path = folder / name
    path.write_text(text)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    bundle = open_bundle(str(path))
    assert not bundle.skipped()
    return {(one.code, one.object) for one in object_findings(bundle.objects(), now=NOW)}


@pytest.mark.parametrize("row", ROWS, ids=[row.reason for row in ROWS])
def test_a_reason_means_the_same_in_every_form(row: Any, tmp_path: Path) -> None:
    """The codes and objects that the checks find do not depend on how the event was printed."""
    kind = "Warning" if row.failing else "Normal"
    message = " ".join(row.example.split())
    expected = _codes(tmp_path, "list.json", _objects(row.reason, message, kind))
    assert _codes(tmp_path, "events.txt", _tables(row.reason, message, kind)) == expected
    assert _codes(tmp_path, "describe.txt", _described(row.reason, message, kind)) == expected


def _about(kind: str, row: Any) -> tuple[str, str, str]:
    """Return an event about an object of a kind as JSON, as a line and in the object's description."""
    message, name = " ".join(row.example.split()), "till"
    event = _event(row.reason, message, "Warning")
    event["involvedObject"] = {"kind": kind, "name": name, **({} if kind == "Node" else {"namespace": SPACE})}
    line = (
        f"LAST SEEN            TYPE      REASON{' ' * 30}OBJECT{' ' * 50}MESSAGE\n"
        f"2m (x6 over 9m)      Warning   {row.reason:<36}{kind.lower() + '/' + name:<56}{message}\n"
    )
    described = (
        f"$ kubectl describe {kind.lower()} {name}\nName:         {name}\n"
        + ("" if kind == "Node" else f"Namespace:    {SPACE}\n")
        + "Labels:       <none>\nAnnotations:  <none>\nEvents:\n"
        f"  Type     Reason{' ' * 30}Age              From        Message\n"
        f"  ----     ------{' ' * 30}----             ----        -------\n"
        f"  Warning  {row.reason:<36}2m (x6 over 9m)  controller  {message}\n"
    )
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [event]}), line, described


@pytest.mark.parametrize("row", [row for row in ROWS if row.reason in ABOUT], ids=lambda row: row.reason)
def test_a_reason_of_another_kind_means_the_same_in_every_form(row: Any, tmp_path: Path) -> None:
    """As a line of the table, and in the description as beside the object that the rest of it describes."""
    listed, line, described = _about(ABOUT[row.reason], row)
    expected = _codes(tmp_path, "list.json", listed)
    assert _codes(tmp_path, "events.txt", line) == expected
    (tmp_path / "bare.txt").write_text(described.split("Events:")[0])
    bare = list(open_bundle(str(tmp_path / "bare.txt")).objects().items)
    items = [*bare, *json.loads(listed)["items"]]
    expected = _codes(tmp_path, "list.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    assert _codes(tmp_path, "describe.txt", described) == expected


def test_the_forms_are_not_equal_for_want_of_findings(tmp_path: Path) -> None:
    """Failing reasons are judged, and not all alike."""
    texts = [_objects(row.reason, " ".join(row.example.split()), "Warning") for row in ROWS if row.failing]
    found = [frozenset(_codes(tmp_path, "list.json", text)) for text in texts]
    assert all(found)
    assert len({code for codes in found for code, _ in codes}) >= 15
