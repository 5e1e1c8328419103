"""Objects as `kubectl get -o wide` lists them: the API server's printers (kubernetes pkg/printers/internalversion)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from .model import parse_time

Obj = dict[str, Any]


def listed(items: Sequence[Obj], kind: str, now: datetime) -> str:
    """Return the table of a kind."""
    columns, cells = PRINTERS.get(kind, (("AGE",), lambda item, now: [_age(item, now)]))
    chosen = [item for item in items if item["kind"] == kind]
    spaced = any(item["metadata"].get("namespace") for item in chosen)
    named = () if kind == "Event" else ("NAME",)
    head = ("NAMESPACE", *named, *columns) if spaced else (*named, *columns)
    rows: list[Sequence[str]] = [head]
    for item in chosen:
        meta = item["metadata"]
        space = [meta.get("namespace", "")] if spaced else []
        rows.append([*space, *([meta["name"]] if named else []), *map(str, cells(item, now))])
    widths = [max(len(row[place]) for row in rows) + 3 for place in range(len(head))]
    return "".join("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + "\n" for row in rows)


def short_age(seconds: float) -> str:
    """Return a span as kubectl prints it (apimachinery duration.HumanDuration)."""
    whole = int(seconds)
    for most, size, unit, below, letter in (
        (120, 1, "s", 0, ""), (600, 60, "m", 1, "s"), (10_800, 60, "m", 0, ""), (28_800, 3600, "h", 60, "m"),
        (172_800, 3600, "h", 0, ""), (691_200, 86_400, "d", 3600, "h"),
    ):  # fmt: skip
        if whole < most:
            rest = whole % size // below if below else 0
            return f"{whole // size}{unit}" + (f"{rest}{letter}" if rest else "")
    return f"{whole // 86_400}d"


def _since(text: str | None, now: datetime) -> str:
    return short_age((now - parse_time(text)).total_seconds()) if text else "<unknown>"


def _age(item: Obj, now: datetime) -> str:
    return _since(item["metadata"].get("creationTimestamp"), now)


def _pod(item: Obj, now: datetime) -> list[Any]:
    spec, status = item["spec"], item.get("status", {})
    state = status.get("reason") or status.get("phase", "Unknown")
    restarts, last = 0, None
    init, initializing = status.get("initContainerStatuses", []), False
    for place, entry in enumerate(init):
        restarts += entry.get("restartCount", 0)
        ended, waiting = entry.get("state", {}).get("terminated"), entry.get("state", {}).get("waiting")
        if ended and ended.get("exitCode") == 0:
            continue
        if ended:
            state = f"Init:{ended.get('reason') or 'ExitCode:' + str(ended.get('exitCode'))}"
        elif waiting and waiting.get("reason") not in (None, "PodInitializing"):
            state = f"Init:{waiting['reason']}"
        else:
            state = f"Init:{place}/{len(spec.get('initContainers', []))}"
        initializing = True
        break
    ready = 0
    if not initializing:
        restarts, running = 0, False
        for entry in reversed(status.get("containerStatuses", [])):
            restarts += entry.get("restartCount", 0)
            ended = entry.get("lastState", {}).get("terminated", {}).get("finishedAt")
            last = max(filter(None, (last, ended)), default=None)
            now_state = entry.get("state", {})
            if now_state.get("waiting", {}).get("reason"):
                state = now_state["waiting"]["reason"]
            elif "terminated" in now_state:
                state = now_state["terminated"].get("reason") or f"ExitCode:{now_state['terminated'].get('exitCode')}"
            elif entry.get("ready") and "running" in now_state:
                running, ready = True, ready + 1
        if state == "Completed" and running:
            is_ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))
            state = "Running" if is_ready else "NotReady"
    if item["metadata"].get("deletionTimestamp"):
        state = "Terminating"
    again = f"{restarts} ({_since(last, now)} ago)" if last and restarts else restarts
    where = [status.get("podIP") or "<none>", spec.get("nodeName") or "<none>", "<none>", _gates(item)]
    return [f"{ready}/{len(spec['containers'])}", state, again, _age(item, now), *where]


def _gates(item: Obj) -> str:
    """Return how many of a pod's readiness gates are open, as printPod does."""
    gates = [gate["conditionType"] for gate in item["spec"].get("readinessGates", [])]
    states = {c["type"]: c["status"] for c in item.get("status", {}).get("conditions", [])}
    return f"{sum(states.get(gate) == 'True' for gate in gates)}/{len(gates)}" if gates else "<none>"


def _counts(item: Obj, *names: str) -> list[int]:
    return [item.get("status", {}).get(name, 0) for name in names]


def _template(item: Obj) -> list[str]:
    containers = item["spec"].get("template", {}).get("spec", {}).get("containers", [])
    selector = item["spec"].get("selector", {}).get("matchLabels", {})
    pairs = ",".join(f"{key}={value}" for key, value in selector.items()) or "<none>"
    return [",".join(c["name"] for c in containers), ",".join(c["image"] for c in containers), pairs]


def _deployment(item: Obj, now: datetime) -> list[Any]:
    ready, updated, available = _counts(item, "readyReplicas", "updatedReplicas", "availableReplicas")
    return [f"{ready}/{item['spec'].get('replicas', 1)}", updated, available, _age(item, now), *_template(item)]


def _replica_set(item: Obj, now: datetime) -> list[Any]:
    return [
        item["spec"].get("replicas", 1),
        *_counts(item, "replicas", "readyReplicas"),
        _age(item, now),
        *_template(item),
    ]


def _stateful_set(item: Obj, now: datetime) -> list[Any]:
    ready = f"{_counts(item, 'readyReplicas')[0]}/{item['spec'].get('replicas', 1)}"
    return [ready, _age(item, now), *_template(item)[:2]]


def _daemon_set(item: Obj, now: datetime) -> list[Any]:
    counts = _counts(
        item,
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    return [*counts, "<none>", _age(item, now), *_template(item)]


def _job(item: Obj, now: datetime) -> list[Any]:
    status, spec = item.get("status", {}), item["spec"]
    ended = {c["type"] for c in status.get("conditions", []) if c["status"] == "True"}
    state = next((word for word in ("Failed", "Complete", "Suspended") if word in ended), "Running")
    return [
        state,
        f"{status.get('succeeded', 0)}/{spec.get('completions', 1)}",
        _since(status.get("startTime"), now),
        _age(item, now),
    ]


def _cron_job(item: Obj, now: datetime) -> list[Any]:
    spec, last = item["spec"], item.get("status", {}).get("lastScheduleTime")
    return [spec["schedule"], "<none>", spec.get("suspend", False), len(item.get("status", {}).get("active", [])),
            _since(last, now) if last else "<none>", _age(item, now)]  # fmt: skip


def _service(item: Obj, now: datetime) -> list[Any]:
    spec = item["spec"]
    ports = ",".join(f"{p['port']}{':' + str(p['nodePort']) if p.get('nodePort') else ''}/{p.get('protocol', 'TCP')}"
                     for p in spec.get("ports", []))  # fmt: skip
    taken = item.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    outside = ",".join(one.get("ip") or one.get("hostname", "") for one in taken)
    if not outside:
        outside = "<pending>" if spec.get("type") == "LoadBalancer" else spec.get("externalName", "<none>")
    pairs = ",".join(f"{key}={value}" for key, value in (spec.get("selector") or {}).items()) or "<none>"
    return [
        spec.get("type", "ClusterIP"),
        spec.get("clusterIP") or "<none>",
        outside,
        ports or "<none>",
        _age(item, now),
        pairs,
    ]


def _slice(item: Obj, now: datetime) -> list[Any]:
    ports = ",".join(str(port.get("port")) for port in item.get("ports") or []) or "<unset>"
    places = ",".join(address for one in item.get("endpoints") or [] for address in one["addresses"]) or "<unset>"
    return [item.get("addressType", "IPv4"), ports, places, _age(item, now)]


_ROLE = "node-role.kubernetes.io/"


def _node(item: Obj, now: datetime) -> list[Any]:
    ready = next((c["status"] for c in item["status"].get("conditions", []) if c["type"] == "Ready"), "Unknown")
    state = {"True": "Ready"}.get(ready, "NotReady") + (
        ",SchedulingDisabled" if item["spec"].get("unschedulable") else ""
    )
    roles = sorted(key.removeprefix(_ROLE) for key in item["metadata"].get("labels", {}) if key.startswith(_ROLE))
    version = item["status"].get("nodeInfo", {}).get("kubeletVersion", "v1.32.0")
    return [state, ",".join(roles) or "<none>", _age(item, now), version]


def _modes(item: Obj) -> str:
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    return ",".join(short.get(mode, mode) for mode in item["spec"].get("accessModes", []))


def _claim(item: Obj, now: datetime) -> list[Any]:
    spec, status = item["spec"], item.get("status", {})
    bound = bool(spec.get("volumeName"))
    size = status.get("capacity", {}).get("storage", "") if bound else ""
    phase = "Terminating" if item["metadata"].get("deletionTimestamp") else status.get("phase", "")
    return [phase, spec.get("volumeName", ""), size, _modes(item) if bound else "", spec.get("storageClassName", ""),
            "<unset>", _age(item, now), spec.get("volumeMode", "Filesystem")]  # fmt: skip


def _volume(item: Obj, now: datetime) -> list[Any]:
    spec = item["spec"]
    claim = spec.get("claimRef")
    named = f"{claim.get('namespace')}/{claim.get('name')}" if claim else ""
    return [spec.get("capacity", {}).get("storage", ""), _modes(item), spec.get("persistentVolumeReclaimPolicy", ""),
            item.get("status", {}).get("phase", ""), named, spec.get("storageClassName", ""), "<unset>", "",
            _age(item, now), spec.get("volumeMode", "Filesystem")]  # fmt: skip


def _class(item: Obj, now: datetime) -> list[Any]:
    return [item["provisioner"], item.get("reclaimPolicy", "Delete"), item.get("volumeBindingMode", "Immediate"),
            item.get("allowVolumeExpansion", False), _age(item, now)]  # fmt: skip


def _autoscaler(item: Obj, now: datetime) -> list[Any]:
    spec, status = item["spec"], item.get("status", {})
    ref = spec["scaleTargetRef"]
    known = {
        m.get("resource", {}).get("name"): m["resource"]["current"]
        for m in status.get("currentMetrics") or []
        if "resource" in m
    }
    shown = []
    for metric in spec.get("metrics", []):
        name = metric.get("resource", {}).get("name", "metric")
        current = known.get(name, {}).get("averageUtilization", "<unknown>")
        target = metric.get("resource", {}).get("target", {}).get("averageUtilization", 80)
        shown.append(f"{name}: {current if current == '<unknown>' else f'{current}%'}/{target}%")
    least, most = spec.get("minReplicas", 1), spec["maxReplicas"]
    counts = [least, most, status.get("currentReplicas", 0)]
    return [f"{ref['kind']}/{ref['name']}", ", ".join(shown) or "<none>", *counts, _age(item, now)]


def _budget(item: Obj, now: datetime) -> list[Any]:
    spec = item["spec"]
    return [spec.get("minAvailable", "N/A"), spec.get("maxUnavailable", "N/A"),
            item.get("status", {}).get("disruptionsAllowed", 0), _age(item, now)]  # fmt: skip


def _ingress(item: Obj, now: datetime) -> list[Any]:
    spec = item["spec"]
    hosts = ",".join(rule.get("host", "*") for rule in spec.get("rules", [])) or "*"
    return [spec.get("ingressClassName", "<none>"), hosts, "", "80, 443" if spec.get("tls") else "80", _age(item, now)]


def _quota(item: Obj, now: datetime) -> list[Any]:
    status = item.get("status", {})
    pairs = [
        f"{key}: {status.get('used', {}).get(key, '0')}/{hard}" for key, hard in sorted(status.get("hard", {}).items())
    ]
    requests = ", ".join(pair for pair in pairs if not pair.startswith("limits."))
    return [requests, ", ".join(pair for pair in pairs if pair.startswith("limits.")), _age(item, now)]


def _policy(item: Obj, now: datetime) -> list[Any]:
    labels = item["spec"].get("podSelector", {}).get("matchLabels", {})
    return [",".join(f"{key}={value}" for key, value in labels.items()) or "<none>", _age(item, now)]


def _event(item: Obj, now: datetime) -> list[Any]:
    about = item["involvedObject"]
    last = item.get("lastTimestamp") or item.get("eventTime") or item["metadata"].get("creationTimestamp")
    first, count = item.get("firstTimestamp") or last, item.get("count") or item.get("series", {}).get("count") or 1
    seen = _since(last, now) + (f" (x{count} over {_since(first, now)})" if count > 1 else "")
    where = about.get("fieldPath", "")
    source = item.get("source", {}).get("component") or item.get("reportingComponent", "")
    return [seen, item.get("type", "Normal"), item["reason"], f"{about['kind'].lower()}/{about['name']}", where, source,
            item.get("message", "").strip(), _since(first, now), count, item["metadata"]["name"]]  # fmt: skip


def _certificate(item: Obj, now: datetime) -> list[Any]:
    ready = next((c["status"] for c in item.get("status", {}).get("conditions", []) if c["type"] == "Ready"), "")
    return [ready, item["spec"].get("secretName", ""), _age(item, now)]


def _namespace(item: Obj, now: datetime) -> list[Any]:
    return [item.get("status", {}).get("phase", "Active"), _age(item, now)]


_WIDE = "|CONTAINERS|IMAGES"
_COLUMNS = {
    "Pod": "READY|STATUS|RESTARTS|AGE|IP|NODE|NOMINATED NODE|READINESS GATES",
    "Deployment": f"READY|UP-TO-DATE|AVAILABLE|AGE{_WIDE}|SELECTOR",
    "ReplicaSet": f"DESIRED|CURRENT|READY|AGE{_WIDE}|SELECTOR",
    "StatefulSet": f"READY|AGE{_WIDE}",
    "DaemonSet": f"DESIRED|CURRENT|READY|UP-TO-DATE|AVAILABLE|NODE SELECTOR|AGE{_WIDE}|SELECTOR",
    "Job": "STATUS|COMPLETIONS|DURATION|AGE",
    "CronJob": "SCHEDULE|TIMEZONE|SUSPEND|ACTIVE|LAST SCHEDULE|AGE",
    "Service": "TYPE|CLUSTER-IP|EXTERNAL-IP|PORT(S)|AGE|SELECTOR",
    "EndpointSlice": "ADDRESSTYPE|PORTS|ENDPOINTS|AGE",
    "Node": "STATUS|ROLES|AGE|VERSION",
    "PersistentVolumeClaim": "STATUS|VOLUME|CAPACITY|ACCESS MODES|STORAGECLASS|VOLUMEATTRIBUTESCLASS|AGE|VOLUMEMODE",
    "PersistentVolume": "CAPACITY|ACCESS MODES|RECLAIM POLICY|STATUS|CLAIM|STORAGECLASS"
    "|VOLUMEATTRIBUTESCLASS|REASON|AGE|VOLUMEMODE",
    "StorageClass": "PROVISIONER|RECLAIMPOLICY|VOLUMEBINDINGMODE|ALLOWVOLUMEEXPANSION|AGE",
    "HorizontalPodAutoscaler": "REFERENCE|TARGETS|MINPODS|MAXPODS|REPLICAS|AGE",
    "PodDisruptionBudget": "MIN AVAILABLE|MAX UNAVAILABLE|ALLOWED DISRUPTIONS|AGE",
    "Ingress": "CLASS|HOSTS|ADDRESS|PORTS|AGE",
    "ResourceQuota": "REQUEST|LIMIT|AGE",
    "NetworkPolicy": "POD-SELECTOR|AGE",
    "Namespace": "STATUS|AGE",
    "Certificate": "READY|SECRET|AGE",  # as cert-manager's definition of the kind has them
    "Event": "LAST SEEN|TYPE|REASON|OBJECT|SUBOBJECT|SOURCE|MESSAGE|FIRST SEEN|COUNT|NAME",
}


_CELLS: dict[str, Callable[[Obj, datetime], list[Any]]] = {
    "Pod": _pod, "Deployment": _deployment, "ReplicaSet": _replica_set, "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set, "Job": _job, "CronJob": _cron_job, "Service": _service, "EndpointSlice": _slice,
    "Node": _node, "PersistentVolumeClaim": _claim, "PersistentVolume": _volume, "StorageClass": _class,
    "HorizontalPodAutoscaler": _autoscaler, "PodDisruptionBudget": _budget, "Ingress": _ingress,
    "ResourceQuota": _quota, "NetworkPolicy": _policy, "Namespace": _namespace, "Event": _event,
    "Certificate": _certificate,
}  # fmt: skip
PRINTERS = {kind: (tuple(columns.split("|")), _CELLS[kind]) for kind, columns in _COLUMNS.items()}
