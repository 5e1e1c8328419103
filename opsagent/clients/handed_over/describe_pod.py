"""A pod as `kubectl describe pod` prints it, read back into the API's own JSON."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over import ages
from opsagent.clients.handed_over.describe_text import NOTHING, Field, fields, listed, map_of, table, text_of

_PORT = re.compile(r"(\d+)(?:/(\w+))?(?:\s*\((\S+)\))?")
_PROBE = re.compile(
    r"^(?P<how>http-get|https-get|tcp-socket|exec|grpc)\s+(?P<what>.*?)\s*delay=(?P<delay>\d+)s"
    r" timeout=(?P<timeout>\d+)s period=(?P<period>\d+)s #success=(?P<success>\d+) #failure=(?P<failure>\d+)"
)
_URL = re.compile(r"^(?P<scheme>https?)://(?P<host>[^:/]*):(?P<port>[\w-]+)(?P<path>/\S*)?")
_PROBES = {"Liveness": "livenessProbe", "Readiness": "readinessProbe", "Startup": "startupProbe"}
_REF = re.compile(
    r"<set to the key '(?P<key>[^']*)' (?:of config map|in secret) '(?P<name>[^']*)'>"
    r"\s*(?:Optional: (?P<optional>\w+))?"
)
_STATUS = re.compile(r"^(?P<phase>\w+)(?: \(lasts (?P<lasts>\S+)\))?")
_TOLERATION = re.compile(r"^(?P<key>[^\s:=]*)(?:=(?P<value>[^:\s]*))?(?::(?P<effect>\w+))?")


def pod_of(found: Mapping[str, Field], now: datetime) -> dict[str, Any]:
    """Return spec, status and what of the metadata only a pod has; `now` is when it was printed."""
    status: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    state = _STATUS.match(text_of(found, "Status"))
    if state and state["phase"] == "Terminating":
        lasts = ages.age(state["lasts"] or "")
        metadata["deletionTimestamp"] = ages.stamp(now - lasts if lasts else now)
        status["phase"] = "Running"
    elif state:
        status["phase"] = state["phase"]
    for name, key in (("Reason", "reason"), ("Message", "message"), ("IP", "podIP")):
        if text_of(found, name):
            status[key] = text_of(found, name)
    started = ages.moment(text_of(found, "Start Time"))
    if started:
        status["startTime"] = ages.stamp(started)
        metadata["creationTimestamp"] = ages.stamp(started)
    owner = text_of(found, "Controlled By")
    if "/" in owner:
        kind, name = owner.split("/", 1)
        metadata["ownerReferences"] = [{"kind": kind, "name": name, "controller": True}]
    spec = _spec(found)
    for heading, in_spec, in_status in (
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
    ):
        both = [_container(name, field) for name, field in listed(found.get(heading, NOTHING).below)]
        if both:
            spec[in_spec] = [container for container, _ in both]
            status[in_status] = [entry for _, entry in both if entry is not None]
    status["conditions"] = [_condition(row) for row in table(found.get("Conditions", NOTHING).below)]
    gates = [row["Type"] for row in table(found.get("Readiness Gates", NOTHING).below) if row.get("Type")]
    if gates:
        spec["readinessGates"] = [{"conditionType": gate} for gate in gates]
    return {"spec": spec, "status": status, "metadata": metadata}


def _spec(found: Mapping[str, Field]) -> dict[str, Any]:
    spec: dict[str, Any] = {}
    node = text_of(found, "Node").split("/", 1)[0]
    if node:
        spec["nodeName"] = node
    for name, key in (("Service Account", "serviceAccountName"), ("Priority Class Name", "priorityClassName")):
        if text_of(found, name):
            spec[key] = text_of(found, name)
    selector = map_of(found.get("Node-Selectors", NOTHING))
    if selector:
        spec["nodeSelector"] = selector
    spec["tolerations"] = [
        {key: value for key, value in toleration.items() if value}
        for line in found.get("Tolerations", NOTHING).lines
        if (match := _TOLERATION.match(line)) and (match["key"] or match["effect"])
        for toleration in ({"key": match["key"], "value": match["value"], "effect": match["effect"],
                            "operator": "Equal" if match["value"] else "Exists"},)
    ]  # fmt: skip
    volumes = [_volume(name, field) for name, field in listed(found.get("Volumes", NOTHING).below)]
    if volumes:
        spec["volumes"] = volumes
    return spec


def _volume(name: str, field: Field) -> dict[str, Any]:
    inner = fields(field.below)
    kind = text_of(inner, "Type").split(" ", 1)[0]
    source: dict[str, Any] = {}
    optional = {"optional": True} if text_of(inner, "Optional") == "true" else {}
    if kind == "PersistentVolumeClaim":
        source = {"persistentVolumeClaim": {"claimName": text_of(inner, "ClaimName")}}
    elif kind == "ConfigMap":
        source = {"configMap": {"name": text_of(inner, "Name"), **optional}}
    elif kind == "Secret":
        source = {"secret": {"secretName": text_of(inner, "SecretName"), **optional}}
    elif kind == "EmptyDir":
        source = {"emptyDir": {}}
    elif kind == "HostPath":
        source = {"hostPath": {"path": text_of(inner, "Path")}}
    return {"name": name, **source}


def _container(name: str, field: Field) -> tuple[dict[str, Any], dict[str, Any] | None]:
    inner = fields(field.below)
    container: dict[str, Any] = {"name": name, "image": text_of(inner, "Image")}
    ports = [
        {"containerPort": int(hit[1]), "protocol": hit[2] or "TCP", **({"name": hit[3]} if hit[3] else {})}
        for hit in _PORT.finditer(text_of(inner, "Port", "Ports"))
    ]
    if ports:
        container["ports"] = ports
    for heading, key in (("Command", "command"), ("Args", "args")):
        if inner.get(heading, NOTHING).lines:
            container[key] = list(inner[heading].lines)
    amounts = {
        key: map_of(inner[heading], ":") for heading, key in (("Limits", "limits"), ("Requests", "requests"))
        if heading in inner
    }  # fmt: skip
    if amounts:
        container["resources"] = amounts
    for heading, key in _PROBES.items():
        probe = _probe(text_of(inner, heading))
        if probe:
            container[key] = probe
    environment = [_variable(key, value) for key, value in listed(inner.get("Environment", NOTHING).below)]
    if environment:
        container["env"] = environment
    mounts = [line.split(" from ", 1) for line in inner.get("Mounts", NOTHING).lines if " from " in line]
    if mounts:
        container["volumeMounts"] = [{"mountPath": path, "name": rest.split(" ", 1)[0]} for path, rest in mounts]
    return container, _entry(name, inner)


def _entry(name: str, inner: Mapping[str, Field]) -> dict[str, Any] | None:
    """Return the container's status; None where the description has none, as of a pod that no node took."""
    if "State" not in inner and "Ready" not in inner:
        return None
    entry: dict[str, Any] = {"name": name, "ready": text_of(inner, "Ready") == "True"}
    restarts = text_of(inner, "Restart Count")
    entry["restartCount"] = int(restarts) if restarts.isdecimal() else 0
    entry["state"] = _state(inner.get("State", NOTHING))
    last = _state(inner.get("Last State", NOTHING))
    if last:
        entry["lastState"] = last
    return entry


def _state(field: Field) -> dict[str, Any]:
    word = field.value.strip().lower()
    if word not in ("running", "waiting", "terminated"):
        return {}
    inner = fields(field.below)
    state: dict[str, Any] = {}
    for name, key in (("Reason", "reason"), ("Message", "message")):
        if name in inner:
            state[key] = " ".join(inner[name].lines)
    for name, key in (("Exit Code", "exitCode"), ("Signal", "signal")):
        if text_of(inner, name).isdecimal():
            state[key] = int(text_of(inner, name))
    for name, key in (("Started", "startedAt"), ("Finished", "finishedAt")):
        at = ages.moment(text_of(inner, name))
        if at:
            state[key] = ages.stamp(at)
    return {word: state}


def _probe(text: str) -> dict[str, Any] | None:
    found = _PROBE.match(text)
    if found is None:
        return None
    times = {"initialDelaySeconds": "delay", "timeoutSeconds": "timeout", "periodSeconds": "period",
             "successThreshold": "success", "failureThreshold": "failure"}  # fmt: skip
    probe: dict[str, Any] = {key: int(found[group]) for key, group in times.items()}
    url = _URL.match(found["what"])
    if url:
        http = {
            "scheme": url["scheme"].upper(),
            "host": url["host"],
            "port": _port(url["port"]),
            "path": url["path"] or "/",
        }
        probe["httpGet"] = {key: value for key, value in http.items() if value != ""}
    elif found["how"] == "tcp-socket":
        probe["tcpSocket"] = {"port": _port(found["what"].rsplit(":", 1)[-1])}
    elif found["how"] == "exec":
        probe["exec"] = {"command": found["what"].strip("[]").split(" ")}
    elif found["how"] == "grpc":
        probe["grpc"] = {"port": _port(found["what"].lstrip("<pod>:").split(" ")[0])}
    return probe


def _port(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _variable(name: str, field: Field) -> dict[str, Any]:
    ref = _REF.match(field.value)
    if ref is None:
        return {"name": name, "value": field.value}
    kind = "configMapKeyRef" if "config map" in field.value else "secretKeyRef"
    optional = {"optional": True} if ref["optional"] == "true" else {}
    return {"name": name, "valueFrom": {kind: {"name": ref["name"], "key": ref["key"], **optional}}}


def _condition(row: Mapping[str, str]) -> dict[str, str]:
    names = {"Type": "type", "Status": "status", "Reason": "reason", "Message": "message"}
    found = {key: row[name].strip() for name, key in names.items() if row.get(name)}
    for name, key in (("LastTransitionTime", "lastTransitionTime"), ("LastHeartbeatTime", "lastHeartbeatTime")):
        at = ages.moment(row.get(name, ""))
        if at:
            found[key] = ages.stamp(at)
    return found


def conditions_of(field: Field) -> list[dict[str, str]]:
    """Return the conditions that a table or a list of any kind's description holds."""
    lines: Sequence[str] = field.below
    if lines and re.match(r"^\s*Type\s{2,}Status", lines[0]):
        return [_condition(row) for row in table(lines)]
    return []
