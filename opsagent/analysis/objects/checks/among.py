"""The scheduler's filters that hold a pod against the pods and volumes that are there already.

https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ and .../assign-pod-node/.
"""

from collections import Counter
from functools import partial
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.selectors import covers, fits_terms, selects
from opsagent.models.observed import KubeObject

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_HOST = "kubernetes.io/hostname"
Reason = tuple[str, str]  # a code, and the words for it


def among(scene: Scene, pod: KubeObject, node: KubeObject) -> list[Reason]:
    """Return what keeps a pod off a node because of the pods and volumes that are there."""
    found = [*_spread(scene, pod, node), *_apart(scene, pod, node), *_together(scene, pod, node)]
    return found + _host_ports(scene, pod, node) + _volumes(scene, pod, node)


def labels_of(node: KubeObject) -> dict[str, str]:
    """Return a node's labels, its host name among them."""
    return {_HOST: kube.name(node)} | kube.labels(node)


def _spread(scene: Scene, pod: KubeObject, node: KubeObject) -> list[Reason]:
    found: list[Reason] = []
    for constraint in kube.dicts(kube.pod_spec(pod), "topologySpreadConstraints"):
        if kube.text(constraint, "whenUnsatisfiable", default="DoNotSchedule") != "DoNotSchedule":
            continue
        key = kube.text(constraint, "topologyKey")
        domain = labels_of(node).get(key)
        if domain is None:
            found.append(("scheduling.topology-spread", f"Node/{kube.name(node)} has no label {key} to spread over"))
            continue
        about = ("spread", id(constraint), kube.namespace(pod), kube.name(pod))  # the same on every node
        counts = scene.cluster.once(about, partial(_counts, scene, pod, constraint, key))
        least = min(counts.values(), default=0)
        if 0 < len(counts) < kube.integer(constraint, "minDomains", default=1):
            least = 0
        own = int(selects(kube.mapping(constraint, "labelSelector"), kube.labels(pod)))
        skew, most = counts.get(domain, 0) + own - least, kube.integer(constraint, "maxSkew", default=1)
        if skew > most:
            text = f"one more pod in {key}={domain} would be {skew} more than elsewhere; {most} may be"
            found.append(("scheduling.topology-spread", text))
    return found


def _counts(scene: Scene, pod: KubeObject, constraint: dict[str, Any], key: str) -> Counter[str]:
    """Count the matching pods by domain; a domain is one that a node has which the pod's own choice allows."""
    selector, space = kube.mapping(constraint, "labelSelector"), kube.namespace(pod)
    own = kube.labels(pod)
    also = {name: own[name] for name in kube.words(constraint, "matchLabelKeys") if name in own}
    spec = kube.pod_spec(pod)
    counts: Counter[str] = Counter()
    for node in scene.cluster.of("Node"):
        labels = labels_of(node)
        if key not in labels or not _chosen(spec, labels, kube.name(node)):
            continue
        counts[labels[key]] += 0
        for other in scene.pod_running_on(kube.name(node)):
            theirs = kube.labels(other)
            same = kube.namespace(other) == space and not kube.deleting(other) and (not also or covers(also, theirs))
            counts[labels[key]] += int(same and selects(selector, theirs))
    return counts


def _chosen(spec: dict[str, Any], labels: dict[str, str], node: str) -> bool:
    wanted = kube.strings(spec, "nodeSelector")
    terms = kube.dicts(spec, "affinity", "nodeAffinity", REQUIRED, "nodeSelectorTerms")
    return (not wanted or covers(wanted, labels)) and (not terms or fits_terms(terms, labels, node))


def _matching(scene: Scene, pod: KubeObject, term: dict[str, Any]) -> dict[str, KubeObject]:
    """Return one of the pods that a term of (anti-)affinity means, by domain of its topology key; "" is none."""
    about = ("term", id(term), kube.namespace(pod), kube.name(pod))  # the same on every node
    return scene.cluster.once(about, partial(_meant, scene, pod, term))


def _meant(scene: Scene, pod: KubeObject, term: dict[str, Any]) -> dict[str, KubeObject]:
    key, selector = kube.text(term, "topologyKey"), kube.mapping(term, "labelSelector")
    spaces = kube.words(term, "namespaces") or [kube.namespace(pod)]
    found: dict[str, KubeObject] = {}
    for node in scene.cluster.of("Node"):
        for other in scene.pod_running_on(kube.name(node)):
            if other is not pod and kube.namespace(other) in spaces and selects(selector, kube.labels(other)):
                found.setdefault(labels_of(node).get(key, ""), other)
    return found


def _apart(scene: Scene, pod: KubeObject, node: KubeObject) -> list[Reason]:
    for term in kube.dicts(kube.pod_spec(pod), "affinity", "podAntiAffinity", REQUIRED):
        key = kube.text(term, "topologyKey")
        domain = labels_of(node).get(key)
        other = _matching(scene, pod, term).get(domain) if domain is not None else None
        if other is not None:
            where = f"Node/{kube.name(node)}" if key == _HOST else f"{key}={domain}"
            text = f"{where} already runs {kube.ref(other)}, which the pod anti-affinity keeps apart"
            return [("scheduling.pod-anti-affinity", text)]
    return []


def _together(scene: Scene, pod: KubeObject, node: KubeObject) -> list[Reason]:
    """A required affinity to pods that are nowhere in the node's domain; the first of a group may go anywhere."""
    for term in kube.dicts(kube.pod_spec(pod), "affinity", "podAffinity", REQUIRED):
        domain = labels_of(node).get(kube.text(term, "topologyKey"))
        there = _matching(scene, pod, term)
        if domain is not None and domain in there:
            continue
        own = selects(kube.mapping(term, "labelSelector"), kube.labels(pod))
        if domain is not None and own and not there:
            continue
        text = f"Node/{kube.name(node)} runs no pod that the required pod affinity asks for"
        return [("scheduling.pod-anti-affinity", text)]
    return []


def _host_ports(scene: Scene, pod: KubeObject, node: KubeObject) -> list[Reason]:
    wanted = _ports(pod)
    if not wanted:
        return []
    for other in scene.pod_running_on(kube.name(node)):
        taken = wanted & _ports(other) if other is not pod else set()
        if taken:
            number, protocol = min(taken)
            text = f"port {number}/{protocol} of Node/{kube.name(node)} is taken by {kube.ref(other)}"
            return [("pod.port-in-use", text)]
    return []


def _ports(pod: KubeObject) -> set[tuple[int, str]]:
    """Return the ports of the node that a pod takes."""
    own = kube.dig(pod, "spec", "hostNetwork") is True
    return {
        (number, kube.text(port, "protocol", default="TCP"))
        for container in kube.containers(pod)
        if container.group != "ephemeral"
        for port in kube.dicts(container.raw, "ports")
        if (number := kube.integer(port, "hostPort") or (kube.integer(port, "containerPort") if own else 0))
    }


def _volumes(scene: Scene, pod: KubeObject, node: KubeObject) -> list[Reason]:
    """A bound volume that is at another place than the node."""
    for entry in kube.dicts(kube.pod_spec(pod), "volumes"):
        name = kube.text(entry, "persistentVolumeClaim", "claimName")
        claim = scene.cluster.get("PersistentVolumeClaim", name, kube.namespace(pod)) if name else None
        volume = scene.cluster.get("PersistentVolume", kube.text(claim, "spec", "volumeName")) if claim else None
        terms = kube.dicts(volume, "spec", "nodeAffinity", "required", "nodeSelectorTerms")
        if terms and not fits_terms(terms, labels_of(node), kube.name(node)):
            text = f"{kube.ref(volume)} of the claim {name} cannot be reached from Node/{kube.name(node)}"
            return [("volume.mount-failed", text)]
    return []
