"""Any kind as `kubectl describe` prints it, read back into the API's own JSON as far as it is printed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over import ages
from opsagent.clients.handed_over.describe_job import cron_job_of, job_of, owner_of, template_of
from opsagent.clients.handed_over.describe_network import ingress_of, policy_of
from opsagent.clients.handed_over.describe_pod import conditions_of, pod_of
from opsagent.clients.handed_over.describe_service import endpoints_of, service_of, slice_of
from opsagent.clients.handed_over.describe_storage import claim_of, class_of, volume_of
from opsagent.clients.handed_over.describe_text import NOTHING, Field, fields, listed, map_of, table, text_of
from opsagent.clients.handed_over.event_rows import event
from opsagent.clients.handed_over.kinds import api_version
from opsagent.clients.handed_over.stated import stated
from opsagent.models.observed import KubeObject
from opsagent.models.resources import CLUSTER_SCOPED

# Fields that only the description of one kind has (kubernetes/kubectl pkg/describe); the more informative first.
_SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("CronJob", frozenset({"Schedule", "Suspend"})),
    ("Node", frozenset({"Capacity", "Allocatable"})),
    ("Node", frozenset({"Roles", "Unschedulable"})),
    ("Deployment", frozenset({"StrategyType"})),
    ("StatefulSet", frozenset({"Update Strategy", "Pods Status"})),
    ("DaemonSet", frozenset({"Desired Number of Nodes Scheduled"})),
    ("Job", frozenset({"Parallelism"})),
    ("Job", frozenset({"Backoff Limit"})),
    ("ReplicaSet", frozenset({"Pods Status", "Controlled By"})),
    ("ReplicaSet", frozenset({"Pods Status", "Replicas"})),
    ("HorizontalPodAutoscaler", frozenset({"Reference", "Min replicas"})),
    ("PodDisruptionBudget", frozenset({"Allowed disruptions"})),
    ("PodDisruptionBudget", frozenset({"Status", "Min available"})),
    ("PersistentVolume", frozenset({"Reclaim Policy", "Claim"})),
    ("PersistentVolumeClaim", frozenset({"StorageClass", "Volume"})),
    ("StorageClass", frozenset({"Provisioner", "ReclaimPolicy"})),
    ("Service", frozenset({"Session Affinity"})),
    ("Service", frozenset({"TargetPort"})),
    ("EndpointSlice", frozenset({"AddressType"})),
    ("NetworkPolicy", frozenset({"Created on", "Spec"})),
    ("Ingress", frozenset({"Rules", "Default backend"})),
    ("Ingress", frozenset({"Rules", "Ingress Class"})),
    ("ResourceQuota", frozenset({"Resource"})),
    ("Pod", frozenset({"Containers", "Node"})),
    ("Pod", frozenset({"Containers", "QoS Class"})),
    ("Pod", frozenset({"Containers", "Status"})),
)
_REPLICAS = re.compile(r"(\d+) (desired|updated|total|available|unavailable|current|ready)", re.IGNORECASE)
_OF_SET = re.compile(r"^(?P<current>\d+) current / (?P<desired>\d+) desired")
_OF_NAMESPACE = re.compile(r"kubernetes\.io/metadata\.name=|^No (?:resource quota|LimitRange resource)\.")
_METRIC = re.compile(
    r"^\s*resource (?P<name>\w+) (?:on pods|of container \S+)?\s*\(as a percentage of request\):\s+"
    r"(?:<unknown>|(?P<now>\d+)% \((?P<value>[^)]+)\)) / (?P<target>\d+)%"
)
_RUNNING = re.compile(r"(\d+) Running / \d+ Waiting")


def objects_of(lines: list[str], now: datetime, asked_for: str | None) -> list[KubeObject]:
    """Return the object of one description and its events; empty where no kind can be reported.

    `asked_for` is the kind that the command before it asked for, None where there was none.
    """
    found = fields(lines)
    kind = text_of(found, "Kind") or _kind(found, lines) or asked_for
    name = text_of(found, "Name")
    if not kind or not name:
        return []
    metadata: dict[str, Any] = {"name": name}
    namespace = text_of(found, "Namespace") or None
    if namespace and kind not in CLUSTER_SCOPED:
        metadata["namespace"] = namespace
    for heading, key in (("Labels", "labels"), ("Annotations", "annotations")):
        pairs = map_of(found.get(heading, NOTHING), "=" if key == "labels" else ":")
        if pairs:
            metadata[key] = pairs
    born = ages.moment(text_of(found, "CreationTimestamp"))
    if born:
        metadata["creationTimestamp"] = ages.stamp(born)
    rest = _rest(kind, found, lines, now)
    metadata |= rest.pop("metadata", {})
    item: KubeObject = {"apiVersion": text_of(found, "API Version") or api_version(kind), "kind": kind}
    behind = endpoints_of(lines) if kind == "Service" else None
    return [
        {**item, "metadata": metadata, **rest},
        *(
            [{"apiVersion": "v1", "kind": "Endpoints", "metadata": dict(metadata), "subsets": behind}]
            if behind is not None
            else []
        ),
        *events_of(found.get("Events", NOTHING).below, now, namespace, (kind, name)),
    ]


def events_of(
    lines: Sequence[str], now: datetime, namespace: str | None, about: tuple[str, str]
) -> Iterator[KubeObject]:
    """Yield the events below a description of `about` (kind, name): a table with its head."""
    for row in table(lines):
        found = event({key.upper(): value for key, value in row.items()}, now, namespace=namespace, about=about)
        if found is not None:
            yield found


def _rest(kind: str, found: Mapping[str, Field], lines: list[str], now: datetime) -> dict[str, Any]:
    """Return what is in an object beside its kind and metadata."""
    if kind == "Pod":
        return pod_of(found, now)
    return service_of(lines) if kind == "Service" else _MAKERS.get(kind, _any)(found)


def _kind(found: Mapping[str, Field], lines: list[str]) -> str | None:
    present = frozenset(found)
    kind = next((kind for kind, signs in _SIGNS if signs <= present), None)
    # A namespace has no field of its own: the API server labels it with its name, kubectl ends with its quotas.
    named = any(_OF_NAMESPACE.search(line) for line in lines) if kind is None and "Namespace" not in found else False
    return "Namespace" if named else kind


def _deployment(found: Mapping[str, Field]) -> dict[str, Any]:
    counts = {word.lower(): int(number) for number, word in _REPLICAS.findall(text_of(found, "Replicas"))}
    status = {"replicas": counts.get("total"), "updatedReplicas": counts.get("updated"),
              "availableReplicas": counts.get("available"), "readyReplicas": counts.get("available"),
              "unavailableReplicas": counts.get("unavailable")}  # fmt: skip
    spec = {"replicas": counts.get("desired"), "selector": _selector(found), "template": template_of(found)}
    return {
        "spec": stated(spec),
        "status": {**stated(status), "conditions": conditions_of(found.get("Conditions", NOTHING))},
    }


def _replica_set(found: Mapping[str, Field]) -> dict[str, Any]:
    counts = _OF_SET.match(text_of(found, "Replicas"))
    spec = {
        "replicas": int(counts["desired"]) if counts else None,
        "selector": _selector(found),
        "template": template_of(found),
    }
    status: dict[str, Any] = {"replicas": int(counts["current"]) if counts else None}
    status |= _ready(found, counts and int(counts["desired"]))
    return {
        "spec": stated(spec), "metadata": owner_of(found),
        "status": {**stated(status), "conditions": conditions_of(found.get("Conditions", NOTHING))},
    }  # fmt: skip


def _stateful_set(found: Mapping[str, Field]) -> dict[str, Any]:
    counts = {word.lower(): int(number) for number, word in _REPLICAS.findall(text_of(found, "Replicas"))}
    spec = {"replicas": counts.get("desired"), "selector": _selector(found), "template": template_of(found)}
    ready = _ready(found, counts.get("desired"))
    return {"spec": stated(spec), "status": stated({"replicas": counts.get("total"), **ready})}


def _ready(found: Mapping[str, Field], wanted: int | None) -> dict[str, int]:
    """Return the ready replicas as far as a description shows them: those that run, at most as many as are wanted."""
    running = _RUNNING.search(text_of(found, "Pods Status"))
    return {"readyReplicas": min(int(running[1]), wanted or 0)} if running else {}


def _daemon_set(found: Mapping[str, Field]) -> dict[str, Any]:
    names = {"desiredNumberScheduled": "Desired Number of Nodes Scheduled",
             "currentNumberScheduled": "Current Number of Nodes Scheduled",
             "updatedNumberScheduled": "Number of Nodes Scheduled with Up-to-date Pods",
             "numberAvailable": "Number of Nodes Scheduled with Available Pods",
             "numberReady": "Number of Nodes Scheduled with Available Pods"}  # fmt: skip
    status = {key: int(value) for key, name in names.items() if (value := text_of(found, name)).isdecimal()}
    return {"spec": stated({"selector": _selector(found), "template": template_of(found)}), "status": status}


def _node(found: Mapping[str, Field]) -> dict[str, Any]:
    spec: dict[str, Any] = {"unschedulable": True} if text_of(found, "Unschedulable") == "true" else {}
    taints = [re.match(r"^([^=:]+)(?:=([^:]*))?:(\w+)$", line) for line in found.get("Taints", NOTHING).lines]
    spec["taints"] = [stated({"key": hit[1], "value": hit[2], "effect": hit[3]}) for hit in taints if hit]
    status: dict[str, Any] = {"conditions": conditions_of(found.get("Conditions", NOTHING))}
    for heading, key in (("Capacity", "capacity"), ("Allocatable", "allocatable")):
        if heading in found:
            status[key] = map_of(found[heading], ":")
    return {"spec": spec, "status": status}


def _autoscaler(found: Mapping[str, Field]) -> dict[str, Any]:
    kind, _, name = text_of(found, "Reference").partition("/")
    spec: dict[str, Any] = {"scaleTargetRef": {"kind": kind, "name": name}}
    figures = {"minReplicas": "Min replicas", "maxReplicas": "Max replicas"}
    limits = {key: int(value) for key, name in figures.items() if (value := text_of(found, name)).isdecimal()}
    pods = re.match(r"(\d+) current / (\d+) desired", text_of(found, "Deployment pods", f"{kind} pods"))
    status: dict[str, Any] = {"conditions": conditions_of(found.get("Conditions", NOTHING))}
    if pods:
        status |= {"currentReplicas": int(pods[1]), "desiredReplicas": int(pods[2])}
    metrics = [hit for line in found.get("Metrics", NOTHING).below if (hit := _METRIC.match(line))]
    spec["metrics"] = [_metric(hit["name"], "target", hit["target"]) for hit in metrics]
    status["currentMetrics"] = [
        _metric(hit["name"], "current", hit["now"], hit["value"]) for hit in metrics if hit["now"]
    ]
    return {"spec": {**spec, **limits}, "status": status}


def _metric(name: str, side: str, share: str, value: str | None = None) -> dict[str, Any]:
    """Return a resource metric: its target, or what is measured of it."""
    amount: dict[str, Any] = {"averageUtilization": int(share)}
    amount |= {"averageValue": value} if value else {}
    amount |= {"type": "Utilization"} if side == "target" else {}
    return {"type": "Resource", "resource": {"name": name, side: amount}}


def _budget(found: Mapping[str, Field]) -> dict[str, Any]:
    inner = fields(found.get("Status", NOTHING).below)
    names = {"disruptionsAllowed": "Allowed disruptions", "currentHealthy": "Current", "desiredHealthy": "Desired",
             "expectedPods": "Total"}  # fmt: skip
    status = {
        key: int(value)
        for key, name in names.items()
        if (value := text_of(inner, name) or text_of(found, name)).isdecimal()
    }
    amounts = {"minAvailable": "Min available", "maxUnavailable": "Max unavailable"}
    spec: dict[str, Any] = {key: _amount(value) for key, name in amounts.items() if (value := text_of(found, name))}
    spec["selector"] = _selector(found) or {}
    return {"spec": spec, "status": status}


def _amount(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _quota(found: Mapping[str, Field]) -> dict[str, Any]:
    line = found.get("Resource", NOTHING)
    rows = [re.split(r"\s+", text) for text in line.lines]
    used = {row[0]: row[1] for row in rows if len(row) == 3 and row[0] != "--------"}
    hard = {row[0]: row[2] for row in rows if len(row) == 3 and row[0] != "--------"}
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def _namespace(found: Mapping[str, Field]) -> dict[str, Any]:
    conditions = conditions_of(found.get("Conditions", NOTHING))
    since = min((one["lastTransitionTime"] for one in conditions if "lastTransitionTime" in one), default=None)
    deleted = {"deletionTimestamp": since} if since and text_of(found, "Status") == "Terminating" else {}
    return {"metadata": deleted, "status": {"phase": text_of(found, "Status"), "conditions": conditions}}


def _any(found: Mapping[str, Field]) -> dict[str, Any]:
    """Read a description of any kind: custom resources print their JSON as nested fields."""
    table_found = conditions_of(found.get("Conditions", NOTHING))
    status = _nested(found.get("Status", NOTHING))
    if not isinstance(status, dict):
        status = {"phase": status} if status else {}
    conditions = status.get("conditions", [])
    if table_found:
        status["conditions"] = table_found
    elif isinstance(conditions, dict):
        status["conditions"] = [conditions]
    spec = _nested(found.get("Spec", NOTHING))
    return {"spec": spec if isinstance(spec, dict) else {}, "status": status}


def _nested(field: Field) -> Any:
    """Return nested fields as JSON: "Last Transition Time" is lastTransitionTime; a repeated name makes a list."""
    if not field.below:
        return field.value
    items: list[dict[str, Any]] = [{}]
    for name, inner in listed(field.below):
        key = _camel(name)
        if key in items[-1]:
            items.append({})
        items[-1][key] = _nested(inner)
    return items[0] if len(items) == 1 else items


def _camel(name: str) -> str:
    first, *others = name.split(" ")
    return first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in others)


def _selector(found: Mapping[str, Field]) -> dict[str, Any] | None:
    pairs = map_of(found.get("Selector", NOTHING))
    return {"matchLabels": pairs} if pairs else None


_MAKERS: Mapping[str, Callable[[Mapping[str, Field]], dict[str, Any]]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": job_of,
    "Node": _node,
    "EndpointSlice": slice_of,
    "CronJob": cron_job_of,
    "PersistentVolumeClaim": claim_of,
    "PersistentVolume": volume_of,
    "StorageClass": class_of,
    "NetworkPolicy": policy_of,
    "Ingress": ingress_of,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _budget,
    "ResourceQuota": _quota,
    "Namespace": _namespace,
}
