"""What printed objects leave out and others show: owners by their generated names, labels by their owner's selector.

Only objects that were printed are completed; those as the API server wrote them (they bear a uid) stay as they are.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from opsagent.clients.handed_over.revision_order import number_revisions
from opsagent.models.observed import KubeObject

_HASH = r"[bcdfghjklmnpqrstvwxz2456789]"
_OF_DEPLOYMENT = re.compile(rf"^(?P<owner>.+)-(?:{_HASH}{{5,10}}|[a-z0-9]{{8,10}})$")
_OF_SET = re.compile(rf"^(?P<owner>.+)-{_HASH}{{5}}$")
_SERVICE_ENDS = re.compile(r"(-(?:service|svc|headless|lb))+$")
_ORDINAL = re.compile(r"^(?P<owner>.+)-\d+$")
# By kind: the kinds that may own it, and how its name is made of theirs.
_MADE_BY = {
    "ReplicaSet": ((_OF_DEPLOYMENT, ("Deployment", "Rollout")),),
    "Pod": ((_OF_SET, ("ReplicaSet", "DaemonSet", "Job")), (_ORDINAL, ("StatefulSet",))),
    "Job": ((_ORDINAL, ("CronJob",)),),
}
# States whose message is the text of an event "Failed" (kubelet: kuberuntime startContainer).
_UNEXPLAINED = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
# What the kubelet reports about a container that the run-time could not start; its end is StartError, exit code 128.
_NOT_STARTED = ("failed to create containerd task", "failed to start container", "failed to create shim task")
Key = tuple[str, str, str]  # kind, namespace, name


def completed(objects: Iterable[KubeObject]) -> list[KubeObject]:
    """Return the objects, printed ones with the owners, labels and endpoints that the others show."""
    found = list(objects)
    known = {key_of(item): item for item in found}
    for item in found:
        if _printed(item):
            _own(item, known)
    number_revisions(found, known)
    kinds = {item["kind"].lower(): item["kind"] for item in found}
    messages = _said(found)
    for item in found:
        if _printed(item) and item["kind"] == "Event":
            about = item["involvedObject"]
            about["kind"] = kinds.get(about["kind"].lower(), about["kind"])
        elif _printed(item) and item["kind"] == "Pod":
            _take_labels(item, known)
            _explain(item, messages.get(key_of(item)[1:], ""))
        elif _printed(item) and item["kind"] == "EndpointSlice":
            _serve(item, known)
    _leave_open(found)
    return found


def key_of(item: KubeObject) -> Key:
    """Return kind, namespace and name of an object."""
    meta = item["metadata"]
    return item["kind"], str(meta.get("namespace") or ""), str(meta.get("name"))


def _printed(item: KubeObject) -> bool:
    return not item["metadata"].get("uid") and not item["metadata"].get("resourceVersion")


def _own(item: KubeObject, known: dict[Key, KubeObject]) -> None:
    kind, namespace, name = key_of(item)
    if item["metadata"].get("ownerReferences"):
        return
    for pattern, owners in _MADE_BY.get(kind, ()):
        made = pattern.match(name)
        owner = next((one for one in owners if made and (one, namespace, made["owner"]) in known), None)
        if made and owner:
            item["metadata"]["ownerReferences"] = [{"kind": owner, "name": made["owner"], "controller": True}]
            return


def _owners(item: KubeObject, known: dict[Key, KubeObject]) -> Iterator[KubeObject]:
    """Yield the owner of an object and the owner's owners, as far as they are known."""
    for _ in range(3):
        refs = item["metadata"].get("ownerReferences") or []
        namespace = str(item["metadata"].get("namespace") or "")
        owner = known.get((refs[0]["kind"], namespace, refs[0]["name"])) if refs else None
        if owner is None:
            return
        yield owner
        item = owner


def _take_labels(pod: KubeObject, known: dict[Key, KubeObject]) -> None:
    for owner in _owners(pod, known):
        spec = owner.get("spec") or {}
        labels = (spec.get("selector") or {}).get("matchLabels")
        if labels and "labels" not in pod["metadata"]:
            pod["metadata"]["labels"] = dict(labels)
        _name_containers(pod, ((spec.get("template") or {}).get("spec") or {}).get("containers") or [])


def _name_containers(pod: KubeObject, declared: list[dict[str, Any]]) -> None:
    """Give the containers of a row, which only counts them, the names and images that their owner declares."""
    containers = pod["spec"].get("containers") or []
    statuses = pod["status"].get("containerStatuses") or []
    if len(declared) != len(containers) or any("image" in one for one in containers):
        return
    names = {one["name"]: other["name"] for one, other in zip(containers, declared, strict=True)}
    pod["spec"]["containers"] = [dict(one) for one in declared]
    for entry in statuses:
        entry["name"] = names.get(entry["name"], entry["name"])


def _said(found: Iterable[KubeObject]) -> dict[tuple[str, str], str]:
    """Return the kubelet's newest word of why a container does not start, by namespace and name of the pod."""
    messages: dict[tuple[str, str], tuple[str, str]] = {}
    for item in found:
        about = item.get("involvedObject") if item["kind"] == "Event" else None
        message = str(item.get("message") or "")
        if (
            not about
            or about.get("kind") != "Pod"
            or item.get("reason") != "Failed"
            or not message.startswith("Error: ")
        ):
            continue
        key = str(about.get("namespace") or ""), str(about.get("name"))
        messages[key] = max(
            messages.get(key, ("", "")), (str(item.get("lastTimestamp") or ""), message.removeprefix("Error: "))
        )
    return {key: message for key, (_, message) in messages.items()}


def _explain(pod: KubeObject, message: str) -> None:
    """Give a container that waits the kubelet's message, which kubectl prints among the events alone."""
    status = pod.get("status") or {}
    for entry in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (entry.get("state") or {}).get("waiting")
        if message and waiting and waiting.get("reason") in _UNEXPLAINED and not waiting.get("message"):
            waiting["message"] = message
        ended = (entry.get("lastState") or {}).get("terminated")
        if message.startswith(_NOT_STARTED) and waiting and ended is not None and "exitCode" not in ended:
            ended |= {"reason": "StartError", "exitCode": 128, "message": message}


def _serve(item: KubeObject, known: dict[Key, KubeObject]) -> None:
    """State which Service an EndpointSlice belongs to, as the name that was made of it shows."""
    _, namespace, name = key_of(item)
    made = _OF_SET.match(name)
    service = made["owner"] if made else name
    labels = item["metadata"].setdefault("labels", {})
    if ("Service", namespace, service) in known:
        labels.setdefault("kubernetes.io/service-name", service)


def _leave_open(found: list[KubeObject]) -> None:
    """Take from Services what cannot be compared: selectors where pods came without labels, ports without names."""
    pods: dict[str, list[KubeObject]] = {}
    for item in found:
        if item["kind"] == "Pod":
            pods.setdefault(key_of(item)[1], []).append(item)
    served = {key_of(item)[1:] for item in found if item["kind"] == "Endpoints"}
    served |= {(key_of(item)[1], _service_of(item)) for item in found if item["kind"] == "EndpointSlice"}
    for item in found:
        if item["kind"] != "Service":
            continue
        _, namespace, name = key_of(item)
        selector = (item.get("spec") or {}).get("selector")
        beside = pods.get(namespace, [])
        chosen = [pod for pod in beside if _covers(selector, pod)]
        blind = any("labels" not in pod["metadata"] and _named_alike(name, pod) for pod in beside if _printed(pod))
        if selector and not chosen and blind and (namespace, name) not in served:
            item["spec"].pop("selector")
            item["spec"].pop("ports", None)
        _forget_ports(item, chosen)


def _named_alike(service: str, pod: KubeObject) -> bool:
    """Return whether a pod without labels may be one that a Service selects, as far as names show."""
    base = _SERVICE_ENDS.sub("", service)
    return base in str(pod["metadata"].get("name"))


def _service_of(item: KubeObject) -> str:
    return str((item["metadata"].get("labels") or {}).get("kubernetes.io/service-name") or "")


def _covers(selector: object, pod: KubeObject) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return isinstance(selector, dict) and bool(selector) and all(labels.get(k) == v for k, v in selector.items())


def _forget_ports(service: KubeObject, chosen: list[KubeObject]) -> None:
    """Drop the ports of described pods where a Service asks for one by name: kubectl prints numbers alone."""
    ports = (service.get("spec") or {}).get("ports") or []
    if not any(isinstance(port.get("targetPort"), str) for port in ports):
        return
    for pod in chosen:
        containers = (pod.get("spec") or {}).get("containers") or [] if _printed(pod) else []
        if not any(port.get("name") for one in containers for port in one.get("ports") or []):
            for one in containers:
                one.pop("ports", None)
