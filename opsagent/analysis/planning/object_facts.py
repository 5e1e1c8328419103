"""What other objects name for the gaps of a next step: a taint and its nodes, a host, a volume, a tag that ran before.

An operator may paste a line into a shell: a value that no API server would have accepted stays a gap.
"""

import re
from collections.abc import Callable, Iterator

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import find, of_kind
from opsagent.analysis.objects.selectors import covers, taint_tolerated
from opsagent.models.evidence import Cause
from opsagent.models.observed import KubeObject, Objects

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,252}")
_TAG = re.compile(r":([A-Za-z0-9_][A-Za-z0-9._-]{0,127})$")
_OF_KUBERNETES = ("node.kubernetes.io/", "node-role.kubernetes.io/")
_MOST = 5  # nodes named in one command
Facts = Iterator[tuple[str, str]]


def facts_for(step: str, cause: Cause, workload: KubeObject, objects: Objects) -> Facts:
    """Yield (gap, value) for what the objects around a cause name; the first value of a gap counts."""
    for part, read in _READERS.items():
        if part in step:
            yield from read(cause, workload, objects)


def _taint(_: Cause, workload: KubeObject, objects: Objects) -> Facts:
    """The only taint of the operator's own that keeps the pods off, and the nodes that have it."""
    tolerations = kube.dicts(kube.pod_spec(workload), "tolerations")
    found: dict[str, list[str]] = {}
    for node in of_kind(objects, "Node"):
        for taint in kube.dicts(node, "spec", "taints"):
            key, hard = kube.text(taint, "key"), kube.text(taint, "effect") in ("NoSchedule", "NoExecute")
            if hard and not key.startswith(_OF_KUBERNETES) and not taint_tolerated(taint, tolerations):
                found.setdefault(key, []).append(kube.name(node))
    if len(found) != 1:
        return
    key, nodes = next(iter(found.items()))
    if _TOKEN.fullmatch(key) and len(nodes) <= _MOST and all(map(_TOKEN.fullmatch, nodes)):
        yield "<node>", " ".join(sorted(nodes))
        yield "<key>", key


def _certificate(cause: Cause, _: KubeObject, objects: Objects) -> Facts:
    kind, _sep, name = (cause.object or "").partition("/")
    item = find(objects, kind, name) if kind == "Certificate" else None
    host = next(iter(kube.words(item, "spec", "dnsNames")), "") or kube.text(item, "spec", "commonName")
    if _TOKEN.fullmatch(host):
        yield "<host>", host
        yield "<port>", "443"


def _volume_selector(cause: Cause, _: KubeObject, objects: Objects) -> Facts:
    """The labels that a claim asks for, and the only free volume of its class."""
    kind, _sep, name = (cause.object or "").partition("/")
    claim = find(objects, kind, name) if kind == "PersistentVolumeClaim" else None
    wanted = kube.strings(claim, "spec", "selector", "matchLabels")
    free = [
        volume
        for volume in of_kind(objects, "PersistentVolume")
        if kube.text(volume, "status", "phase") == "Available"
        and kube.text(volume, "spec", "storageClassName") == kube.text(claim, "spec", "storageClassName")
        and not covers(wanted, kube.labels(volume))
    ]
    if len(free) != 1 or not wanted or not all(_TOKEN.fullmatch(part) for pair in wanted.items() for part in pair):
        return
    labels = kube.labels(free[0])
    yield "<name>", kube.name(free[0]) if _TOKEN.fullmatch(kube.name(free[0])) else "<name>"
    yield "<key>=<value>", " ".join(f"{key}={value}" for key, value in wanted.items() if labels.get(key) != value)


def _tag(_: Cause, workload: KubeObject, objects: Objects) -> Facts:
    """The tag of the same image that the newest other revision with ready pods ran, else the newest other one."""
    own = _images(workload)
    older = [
        item
        for item in of_kind(objects, "ReplicaSet")
        if (kube.kind(workload), kube.name(workload)) in kube.owners(item)
        and kube.namespace(item) == kube.namespace(workload)
        and _images(item) != own
    ]
    older.sort(key=lambda item: (kube.integer(item, "status", "readyReplicas") > 0, _revision(item)), reverse=True)
    images = _images(older[0]) if older else []
    tag = _TAG.search(images[0]) if len(own) == len(images) == 1 else None
    if tag and own[0].rpartition(":")[0] == images[0].rpartition(":")[0]:
        yield "<tag that exists>", tag[1]


def _images(item: KubeObject) -> list[str]:
    return [kube.text(c.raw, "image") for c in kube.containers(item) if c.group == "container"]


def _revision(item: KubeObject) -> int:
    text = kube.annotations(item).get("deployment.kubernetes.io/revision", "")
    return int(text) if text.isascii() and text.isdecimal() else 0


# By what a step holds: the command or the gap that they are for.
_READERS: dict[str, Callable[[Cause, KubeObject, Objects], Facts]] = {
    "kubectl taint": _taint,
    "<host>": _certificate,
    "<key>=<value>": _volume_selector,
    "<tag that exists>": _tag,
}
