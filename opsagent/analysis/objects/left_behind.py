"""Pods that ended and are history: a try that a later one made good, a pod that its workload is complete without."""

import re

from opsagent.analysis.evidence.rollout import rollout_status
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.observed import KubeObject

_RANDOM = r"[bcdfghjklmnpqrstvwxz2456789]{5}"  # kubernetes/apimachinery: util/rand
_TRY = re.compile(rf"(.+)-{_RANDOM}")
_MEMBER = re.compile(rf"(?:[a-z0-9]{{3,10}}-)?(?:{_RANDOM}|\d+)")
_KEEPERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


def is_left_behind(cluster: Cluster, pod: KubeObject) -> bool:
    """Return whether a pod has ended and nobody waits for it any more."""
    job = cluster.owner(pod)
    if job is not None and kube.kind(job) == "Job":
        return kube.is_true(job, "Complete") is True and kube.text(pod, "status", "phase") != "Succeeded"
    return tried_again(cluster, pod) or (kube.text(pod, "status", "phase") == "Failed" and of_complete(cluster, pod))


def tried_again(cluster: Cluster, pod: KubeObject) -> bool:
    """Return whether a pod that ended is a Job's try whose next one succeeded, as far as their names show."""
    made, space = _TRY.fullmatch(kube.name(pod)), kube.namespace(pod)
    statuses = kube.container_statuses(pod)
    if made is None or cluster.owner(pod) is not None or next(kube.owners(pod), None) is not None:
        return False
    if not statuses or not all(status.terminated for status in statuses):
        return False
    began = kube.created(pod)
    for other in cluster.of("Pod"):
        same = _TRY.fullmatch(kube.name(other)) if kube.namespace(other) == space else None
        if same is None or same[1] != made[1] or kube.text(other, "status", "phase") != "Succeeded":
            continue
        later = kube.created(other)
        if began is None or later is None or later >= began:
            return True
    return False


def of_complete(cluster: Cluster, pod: KubeObject) -> bool:
    """Return whether the workload that the pod's name is made of has all its pods, each of them ready."""
    name, space = kube.name(pod), kube.namespace(pod)
    for kind in _KEEPERS:
        for item in cluster.of(kind):
            stem = f"{kube.name(item)}-"
            if kube.namespace(item) == space and name.startswith(stem) and _MEMBER.fullmatch(name[len(stem) :]):
                return bool(kube.mapping(item, "status")) and rollout_status(item).complete
    return False
