"""Rows of `kubectl get` as the objects that they stand for: what a row does not print stays absent."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over import ages
from opsagent.clients.handed_over.autoscaler_rows import autoscaler_row
from opsagent.clients.handed_over.job_rows import cron_job_row, job_row
from opsagent.clients.handed_over.kinds import api_version, kind_of
from opsagent.clients.handed_over.pod_rows import pod_row
from opsagent.clients.handed_over.stated import condition, number, of_ready, stated
from opsagent.clients.handed_over.storage_rows import claim_row, volume_row
from opsagent.models.observed import KubeObject
from opsagent.models.resources import CLUSTER_SCOPED

Row = Mapping[str, str]
_NONE = frozenset({"", "<none>", "<unset>", "<unknown>", "<pending>"})
_SHARE = re.compile(r"^(?P<key>[\w./-]+): (?P<used>[\w.]+)/(?P<hard>[\w.]+)$")
# What the columns of a table give away of its kind; the more informative first.
_SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Event", frozenset({"LAST SEEN", "REASON", "OBJECT"})),
    ("Event", frozenset({"TYPE", "REASON", "MESSAGE"})),
    ("Event", frozenset({"REASON", "OBJECT", "MESSAGE"})),
    ("Pod", frozenset({"READY", "STATUS", "RESTARTS"})),
    ("DaemonSet", frozenset({"DESIRED", "UP-TO-DATE", "AVAILABLE"})),
    ("Deployment", frozenset({"UP-TO-DATE", "AVAILABLE"})),
    ("ReplicaSet", frozenset({"DESIRED", "CURRENT", "READY"})),
    ("PersistentVolume", frozenset({"RECLAIM POLICY", "CLAIM"})),
    ("PersistentVolumeClaim", frozenset({"VOLUME", "ACCESS MODES"})),
    ("StorageClass", frozenset({"PROVISIONER", "VOLUMEBINDINGMODE"})),
    ("HorizontalPodAutoscaler", frozenset({"REFERENCE", "TARGETS"})),
    ("PodDisruptionBudget", frozenset({"ALLOWED DISRUPTIONS"})),
    ("CronJob", frozenset({"SCHEDULE", "SUSPEND"})),
    ("Job", frozenset({"COMPLETIONS", "DURATION"})),
    ("Service", frozenset({"CLUSTER-IP", "PORT(S)"})),
    ("EndpointSlice", frozenset({"ADDRESSTYPE", "ENDPOINTS"})),
    ("Endpoints", frozenset({"ENDPOINTS"})),
    ("Ingress", frozenset({"HOSTS", "ADDRESS"})),
    ("Node", frozenset({"STATUS", "ROLES", "VERSION"})),
    ("Certificate", frozenset({"READY", "SECRET"})),
    ("APIService", frozenset({"SERVICE", "AVAILABLE"})),
    ("NetworkPolicy", frozenset({"POD-SELECTOR"})),
    ("ResourceQuota", frozenset({"REQUEST", "LIMIT"})),
    ("Lease", frozenset({"HOLDER"})),
    ("NodeMetrics", frozenset({"CPU(CORES)", "CPU%"})),
    ("PodMetrics", frozenset({"CPU(CORES)", "MEMORY(BYTES)"})),
)


def kind_of_table(columns: tuple[str, ...], asked_for: str | None) -> str | None:
    """Return the kind that a table lists: what the command before it asked for, else what its columns give away."""
    present = frozenset(name.upper() for name in columns)
    found = next((kind for kind, signs in _SIGNS if signs <= present), None)
    return found or asked_for


def object_of(kind: str, row: Row, now: datetime, namespace: str | None) -> KubeObject | None:
    """Return the object that a row stands for; None where the row names none."""
    name = row.get("NAME", "")
    if "/" in name:
        prefix, name = name.split("/", 1)
        kind = kind_of(prefix) or kind
    if not name:
        return None
    metadata: dict[str, Any] = {"name": name}
    namespace = row.get("NAMESPACE") or namespace
    if namespace and kind not in CLUSTER_SCOPED:
        metadata["namespace"] = namespace
    born = ages.age(row.get("AGE", ""))
    if born is not None:
        metadata["creationTimestamp"] = ages.stamp(now - born)
    labels = row.get("LABELS", "")
    if labels not in _NONE:
        metadata["labels"] = pairs(labels)
    if kind == "Node" and (roles := _roles(row)):
        metadata["labels"] = {**metadata.get("labels", {}), **roles}
    maker = _MAKERS.get(kind, _generic)
    return {"apiVersion": api_version(kind), "kind": kind, "metadata": metadata, **maker(row, now)}


def pairs(text: str) -> dict[str, str]:
    """Return "a=b,c=d" as a map; "<none>" is an empty one."""
    if text in _NONE:
        return {}
    return dict(part.split("=", 1) for part in re.split(r",\s*", text) if "=" in part)


def _deployment(row: Row, _now: datetime) -> dict[str, Any]:
    ready, wanted = of_ready(row.get("READY", "")) or (None, None)
    available = number(row.get("AVAILABLE"))
    status: dict[str, Any] = {
        "readyReplicas": ready,
        "updatedReplicas": number(row.get("UP-TO-DATE")),
        "availableReplicas": available,
    }
    if wanted is not None and available is not None:
        status["unavailableReplicas"] = max(0, wanted - available)
    return {"spec": {**stated({"replicas": wanted}), **_template(row)}, "status": stated(status)}


def _replica_set(row: Row, _now: datetime) -> dict[str, Any]:
    status = {"replicas": number(row.get("CURRENT")), "readyReplicas": number(row.get("READY"))}
    return {"spec": {**stated({"replicas": number(row.get("DESIRED"))}), **_template(row)}, "status": stated(status)}


def _stateful_set(row: Row, _now: datetime) -> dict[str, Any]:
    ready, wanted = of_ready(row.get("READY", "")) or (None, None)
    spec = {**stated({"replicas": wanted}), **_template(row)}
    return {"spec": spec, "status": stated({"readyReplicas": ready})}


def _daemon_set(row: Row, _now: datetime) -> dict[str, Any]:
    status = {
        "desiredNumberScheduled": number(row.get("DESIRED")),
        "currentNumberScheduled": number(row.get("CURRENT")),
        "numberReady": number(row.get("READY")),
        "updatedNumberScheduled": number(row.get("UP-TO-DATE")),
        "numberAvailable": number(row.get("AVAILABLE")),
    }
    return {"spec": _template(row), "status": stated(status)}


def _node(row: Row, now: datetime) -> dict[str, Any]:
    if "STATUS" not in row:
        return {}
    words = row["STATUS"].split(",")
    ready = {"Ready": "True", "NotReady": "False"}.get(words[0], "Unknown")
    born = ages.age(row.get("AGE", ""))
    since = {"lastTransitionTime": ages.stamp(now - born)} if born is not None and ready == "True" else {}
    spec = {"unschedulable": True} if "SchedulingDisabled" in words else {}
    return {"spec": spec, "status": {"conditions": [condition("Ready", ready, **since)]}}


def _roles(row: Row) -> dict[str, str]:
    """Return the labels that make the ROLES of a node."""
    roles = row.get("ROLES", "") if "VERSION" in row else ""
    return {} if roles in _NONE else {f"node-role.kubernetes.io/{role}": "" for role in roles.split(",")}


def _service(row: Row, _now: datetime) -> dict[str, Any]:
    ports = [_port(part) for part in row.get("PORT(S)", "").split(",") if part not in _NONE]
    spec: dict[str, Any] = {"type": row.get("TYPE") or "ClusterIP", "clusterIP": _text(row.get("CLUSTER-IP"))}
    spec |= {"ports": ports, "selector": pairs(row.get("SELECTOR", ""))}
    if "SELECTOR" not in row:
        del spec["selector"]
    outside = row.get("EXTERNAL-IP", "")
    status: dict[str, Any] = {}
    if spec["type"] == "LoadBalancer":
        taken = [{"ip": part} for part in outside.split(",") if part not in _NONE]
        status = {"loadBalancer": {"ingress": taken} if taken else {}}
    return {"spec": stated(spec), "status": status}


def _port(text: str) -> dict[str, Any]:
    found = re.fullmatch(r"(\d+)(?::(\d+))?/(\w+)", text.strip())
    if found is None:
        return {}
    return stated({"port": int(found[1]), "nodePort": number(found[2]), "protocol": found[3]})


def _endpoints(row: Row, _now: datetime) -> dict[str, Any]:
    places = [part for part in row.get("ENDPOINTS", "").split(",") if part not in _NONE]
    split = [part.rsplit(":", 1) for part in places if "more..." not in part]
    if not split:
        return {"subsets": []} if row.get("ENDPOINTS", "") in ("<none>", "") else {}
    ports = sorted({int(part[1]) for part in split if len(part) == 2 and part[1].isdecimal()})
    addresses = [{"ip": part[0]} for part in split]
    return {"subsets": [{"addresses": addresses, "ports": [{"port": port} for port in ports]}]}


def _budget(row: Row, _now: datetime) -> dict[str, Any]:
    spec = {"minAvailable": _amount(row.get("MIN AVAILABLE")), "maxUnavailable": _amount(row.get("MAX UNAVAILABLE"))}
    return {"spec": stated(spec), "status": stated({"disruptionsAllowed": number(row.get("ALLOWED DISRUPTIONS"))})}


def _amount(text: str | None) -> int | str | None:
    if text is None or text in ("", "N/A"):
        return None
    return int(text) if text.isdecimal() else text


def _ingress(row: Row, _now: datetime) -> dict[str, Any]:
    hosts = [host for host in row.get("HOSTS", "").split(",") if host not in _NONE]
    spec = {"ingressClassName": _text(row.get("CLASS")), "rules": [{"host": host} for host in hosts if host != "*"]}
    return {"spec": stated(spec)}


def _storage_class(row: Row, _now: datetime) -> dict[str, Any]:
    return stated({"provisioner": row.get("PROVISIONER"), "volumeBindingMode": row.get("VOLUMEBINDINGMODE")})


def _quota(row: Row, _now: datetime) -> dict[str, Any]:
    """Return what a quota allows and what is used of it: "pods: 12/12, services: 5/20"."""
    parts = ",".join(row.get(column, "") for column in ("REQUEST", "LIMIT"))
    found = [hit for part in parts.split(",") if (hit := _SHARE.match(part.strip()))]
    hard, used = ({hit["key"]: hit[side] for hit in found} for side in ("hard", "used"))
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}} if found else {}


def _namespace(row: Row, _now: datetime) -> dict[str, Any]:
    return {"status": stated({"phase": row.get("STATUS")})}


def _generic(row: Row, _now: datetime) -> dict[str, Any]:
    """Read what any kind may print of itself: READY and AVAILABLE are conditions, STATUS is a phase or a message."""
    kinds = {"READY": "Ready", "AVAILABLE": "Available", "DEGRADED": "Degraded", "SYNCED": "Synced"}
    stated = {name: row.get(name, "").split(" ")[0] for name in kinds}
    reason = row["AVAILABLE"].partition(" ")[2].strip("()") if "(" in row.get("AVAILABLE", "") else ""
    more = {"reason": reason, "message": row.get("STATUS", row.get("MESSAGE", ""))}
    found = [
        condition(kinds[name], value, **more) for name, value in stated.items() if value in ("True", "False", "Unknown")
    ]
    status: dict[str, Any] = {"conditions": found} if found else {}
    if row.get("STATUS") and not found:
        status["phase"] = row["STATUS"]
    return {"status": status}


def _template(row: Row) -> dict[str, Any]:
    """Return selector and pod template as far as the wide form prints them: labels, names and images."""
    labels = pairs(row.get("SELECTOR", ""))
    names, images = (row.get(column, "").split(",") for column in ("CONTAINERS", "IMAGES"))
    if "CONTAINERS" not in row or len(names) != len(images):
        return {"selector": {"matchLabels": labels}} if labels else {}
    containers = [{"name": name, "image": image} for name, image in zip(names, images, strict=True)]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    return (
        {"selector": {"matchLabels": labels}, "template": template}
        if labels
        else {"template": {**template, "metadata": {}}}
    )


def _usage(row: Row) -> dict[str, str]:
    found = {"cpu": row.get("CPU(CORES)", ""), "memory": row.get("MEMORY(BYTES)", "")}
    return {name: amount for name, amount in found.items() if amount and amount not in _NONE}


def _pod_usage(row: Row, _now: datetime) -> dict[str, Any]:
    """Return what a pod uses; `kubectl top pods` sums its containers, `--containers` lists each under POD."""
    return {"containers": [{"name": row.get("NAME", "") if "POD" in row else "", "usage": _usage(row)}]}


def _node_usage(row: Row, _now: datetime) -> dict[str, Any]:
    return {"usage": _usage(row)}


def _slice(row: Row, _now: datetime) -> dict[str, Any]:
    ports = [{"port": int(port)} for port in row.get("PORTS", "").split(",") if port.isdecimal()]
    places = [part for part in row.get("ENDPOINTS", "").split(" + ")[0].split(",") if part not in _NONE]
    return {"addressType": row.get("ADDRESSTYPE"), "ports": ports, "endpoints": [{"addresses": [ip]} for ip in places]}


def _text(value: str | None) -> str | None:
    return None if value is None or value in _NONE or value == "None" else value


_MAKERS: Mapping[str, Callable[[Row, datetime], dict[str, Any]]] = {
    "Pod": pod_row,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Node": _node,
    "Service": _service,
    "Endpoints": _endpoints,
    "EndpointSlice": _slice,
    "PodMetrics": _pod_usage,
    "NodeMetrics": _node_usage,
    "PersistentVolumeClaim": claim_row,
    "PersistentVolume": volume_row,
    "HorizontalPodAutoscaler": autoscaler_row,
    "PodDisruptionBudget": _budget,
    "Job": job_row,
    "CronJob": cron_job_row,
    "Ingress": _ingress,
    "StorageClass": _storage_class,
    "Namespace": _namespace,
    "ResourceQuota": _quota,
}
