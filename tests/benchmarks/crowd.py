"""A namespace of 2,000 pods and 20,000 events in which one Deployment crashes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks.api import api_server, environment
from tests.benchmarks.pairs import OPSAGENT, Pair, compare, python
from tests.benchmarks.table import Row

NAMESPACE = "crowd"
DEPLOYMENTS, REPLICAS, EVENTS = 400, 5, 20_000
LARGE = (1000, 30_000, 500)  # Deployments of five pods, events, nodes
Obj = dict[str, Any]


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Yield what a diagnosis of so many objects costs beyond the transfer, from a bundle and live, in CPU time.

    The transfer: a script that imports LangGraph too, fetches the same lists complete and reads their JSON.
    """
    lists = objects(datetime.now(UTC))
    target = "≤ 3 s beyond the transfer, ≤ 300 MB"
    pair = _from_bundle(lists, folder / "crowd", rounds)
    yield _row("2,000 pods, 20,000 events: `diagnose --from`", target, pair.more_s, pair.ours.memory_mb)
    with api_server(lists) as url:
        fetch = python(
            "import json, langgraph.graph, urllib.request as u\n"
            f"for plural in {list(lists)!r}:\n json.load(u.urlopen('{url}/api/v1/namespaces/{NAMESPACE}/' + plural))"
        )
        env = environment(url, folder, NAMESPACE)
        pair = compare((*OPSAGENT, "diagnose", "--no-model", "--json"), fetch, rounds, env, codes=(3, 8))
        yield _row("the same, live to the panel", target, pair.more_s, pair.ours.memory_mb)
    pair = _from_bundle(objects(datetime.now(UTC), *LARGE), folder / "large", rounds)
    what = "5,000 pods, 500 nodes, 30,000 events: `diagnose --from`"
    target = "≤ 3 s beyond the transfer, ≤ 450 MB"
    measured = f"+ {pair.more_s:.1f} s of CPU, {pair.ratio:.1f} × the transfer, {pair.ours.memory_mb:.0f} MB"
    yield Row(what, target, measured, pair.more_s <= 3 and pair.ours.memory_mb <= 450)


def _from_bundle(lists: Mapping[str, Sequence[Obj]], bundle: Path, rounds: int) -> Pair:
    """Compare the diagnosis of a bundle with reading its JSON."""
    bundle.mkdir()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    (bundle / "bundle.json").write_text(json.dumps({"version": 1, "collected_at": at, "namespace": NAMESPACE}), "utf-8")
    items = [item for found in lists.values() for item in found]
    whole = {"apiVersion": "v1", "kind": "List", "items": items}
    (bundle / "objects.json").write_text(json.dumps(whole), "utf-8")
    load = python(f"import json, langgraph.graph; json.load(open({str(bundle / 'objects.json')!r}))")
    return compare((*OPSAGENT, "diagnose", "--from", str(bundle), "--no-model", "--json"), load, rounds, codes=(3,))


def _row(what: str, target: str, more_s: float, memory_mb: float) -> Row:
    return Row(what, target, f"+ {more_s:.1f} s of CPU, {memory_mb:.0f} MB", more_s <= 3 and memory_mb <= 300)


def objects(
    now: datetime, deployments: int = DEPLOYMENTS, events: int = EVENTS, nodes: int = 0
) -> dict[str, list[Obj]]:
    """Return Deployments with their ReplicaSets and pods, events, and nodes where wanted, by plural."""
    names = [f"app-{number:03d}" for number in range(deployments)]
    pods = [_pod(name, place, now) for name in names for place in range(REPLICAS)]
    for number, pod in enumerate(pods if nodes else ()):
        pod["spec"]["nodeName"] = f"node-{number % nodes}"
    return {
        **({"nodes": [_node(f"node-{number}", now) for number in range(nodes)]} if nodes else {}),
        "deployments": [_deployment(name, now) for name in names],
        "replicasets": [_replica_set(name, now) for name in names],
        "pods": pods,
        "services": [_service(name, now) for name in names],
        "events": [_event(pods[number % len(pods)], number, now) for number in range(events)],
    }


def _meta(name: str, app: str, now: datetime, owner: Obj | None = None) -> Obj:
    meta: Obj = {
        "name": name,
        "namespace": NAMESPACE,
        "uid": f"uid-{name}",
        "labels": {"app": app},
        "creationTimestamp": _stamp(now - timedelta(days=2)),
    }
    return meta | ({"ownerReferences": [owner]} if owner else {})


def _owner(kind: str, name: str) -> Obj:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}


def _template(app: str) -> Obj:
    limits = {"limits": {"cpu": "200m", "memory": "256Mi"}, "requests": {"cpu": "50m", "memory": "64Mi"}}
    env = [{"name": f"SETTING_{number}", "value": f"value {number}"} for number in range(12)]
    probe = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 10}
    main: Obj = {"name": "main", "image": f"shop/{app}:1", "ports": [{"containerPort": 8080}], "env": env}
    main |= {"resources": limits, "readinessProbe": probe, "livenessProbe": probe}
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [main]}}


def _deployment(app: str, now: datetime) -> Obj:
    ready = 0 if app == "app-007" else REPLICAS
    spec = {"replicas": REPLICAS, "selector": {"matchLabels": {"app": app}}, "template": _template(app)}
    status = {"replicas": REPLICAS, "readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": REPLICAS}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(app, app, now),
        "spec": spec,
        "status": status,
    }


def _replica_set(app: str, now: datetime) -> Obj:
    meta = _meta(f"{app}-5d9f", app, now, _owner("Deployment", app))
    meta["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    spec = {"replicas": REPLICAS, "selector": {"matchLabels": {"app": app}}, "template": _template(app)}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta, "spec": spec, "status": {}}


def _pod(app: str, place: int, now: datetime) -> Obj:
    crashing = app == "app-007"
    meta = _meta(f"{app}-5d9f-{place}", app, now, _owner("ReplicaSet", f"{app}-5d9f"))
    running: Obj = {"running": {"startedAt": _stamp(now - timedelta(days=2))}}
    died = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": _stamp(now - timedelta(seconds=40))}}
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}} if crashing else running
    container: Obj = {"name": "main", "ready": not crashing, "restartCount": 9 if crashing else 0, "state": state}
    container |= {"lastState": died if crashing else {}, "image": f"shop/{app}:1"}
    conditions = [{"type": "Ready", "status": "False" if crashing else "True"}]
    status: Obj = {"phase": "Running", "conditions": conditions, "containerStatuses": [container]}
    spec = _template(app)["spec"] | {"nodeName": f"node-{place}"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def _service(app: str, now: datetime) -> Obj:
    spec = {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8080}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _meta(app, app, now), "spec": spec}


def _event(pod: Obj, number: int, now: datetime) -> Obj:
    about, at = pod["metadata"], _stamp(now - timedelta(seconds=number % 3000))
    meta = {"name": f"event-{number}", "namespace": NAMESPACE, "creationTimestamp": at}
    event: Obj = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": meta,
        "type": "Normal",
        "reason": "Pulled",
        "count": 3,
    }
    event |= {"message": f'Container image "shop:{number}" already present on machine', "lastTimestamp": at}
    return event | {
        "involvedObject": {"kind": "Pod", "name": about["name"], "namespace": NAMESPACE, "uid": about["uid"]}
    }


def _node(name: str, now: datetime) -> Obj:
    conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": _stamp(now - timedelta(days=2))}]
    room = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    meta = {"name": name, "creationTimestamp": _stamp(now - timedelta(days=9)), "labels": {"zone": "a"}}
    status = {"conditions": conditions, "allocatable": room, "capacity": room}
    return {"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": {}, "status": status}


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
