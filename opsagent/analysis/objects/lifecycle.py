"""How far a workload has come: from declared to ready and in the endpoints, and the first step not reached."""

from collections.abc import Sequence
from datetime import datetime

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.preparing import PREPARED, prepared
from opsagent.analysis.objects.selectors import covers
from opsagent.models.evidence import Rung
from opsagent.models.observed import KubeObject

_Step = tuple[str, Sequence[KubeObject], Sequence[KubeObject], str]


def ladder(workload: KubeObject, cluster: Cluster) -> tuple[Rung, ...]:
    """Return the steps of a workload's pods, first to last, as far as the objects that were read show them.

    Each step asks of every pod at once; a pod that is being deleted counts for none. A Deployment's pods are those of
    all its revisions. Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/.
    """
    wanted = _wanted(workload)
    if not wanted:
        return ()
    pods = [pod for pod in cluster.pods_of(workload) if not kube.deleting(pod)]
    bound = [pod for pod in pods if kube.text(pod, "spec", "nodeName")]
    steps: list[_Step] = [
        ("pods created", pods, [workload], _maker(workload)),
        ("scheduled", bound, pods, "the scheduler"),
        ("taken up", [pod for pod in bound if _taken(pod)], bound, "the kubelet of its node"),
        *_preparing(bound, cluster),
        ("started", [pod for pod in pods if _started(pod)], bound, "the kubelet of its node"),
        ("ready", [pod for pod in pods if kube.is_ready(pod)], bound, "the program and its probes"),
    ]
    rungs = [_rung(name, there, before, wanted, actor) for name, there, before, actor in steps]
    served = _served(workload, cluster)
    if served is not None:
        ready = [pod for pod in pods if kube.is_ready(pod)]
        since = max((at for pod in ready if (at := _moment(pod, "Ready"))), default=None)
        missing = since if served < wanted else None
        rungs.append(Rung("in endpoints", min(served, wanted), wanted, "the endpoint controller", missing))
    return tuple(rungs)


def _preparing(bound: Sequence[KubeObject], cluster: Cluster) -> list[_Step]:
    """Return the steps between taken up and started, where a pod that was taken up is on one of them."""
    taken = [pod for pod in bound if _taken(pod)]
    done = {id(pod): prepared(pod, cluster.events_of(pod)) for pod in taken}
    if all(len(reached) == len(PREPARED) for reached in done.values()):
        return []
    return [(name, [pod for pod in taken if name in done[id(pod)]], taken, actor) for name, actor in PREPARED.items()]


def _rung(name: str, there: Sequence[KubeObject], before: Sequence[KubeObject], wanted: int, actor: str) -> Rung:
    """Return a step; it has been waited for since the first of those on the step before it came there."""
    reached = min(len(there), wanted)
    have = {id(pod) for pod in there}
    waiting = [at for item in before if id(item) not in have and (at := _came(item, name)) is not None]
    return Rung(name, reached, wanted, actor, min(waiting, default=None) if reached < wanted else None)


def _came(item: KubeObject, name: str) -> datetime | None:
    if name == "pods created":
        return _moment(item, "Available") or kube.created(item)
    if name in ("scheduled", "taken up"):
        return _moment(item, "PodScheduled") or kube.created(item)
    return _moment(item, "Ready") or kube.created(item)


def _moment(item: KubeObject, condition: str) -> datetime | None:
    return kube.moment(kube.condition(item, condition), "lastTransitionTime")


def stuck_at(rungs: tuple[Rung, ...]) -> Rung | None:
    """Return the first step that not every desired pod has reached; None where all have."""
    return next((rung for rung in rungs if rung.stuck), None)


def climbed(rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    """Return the ladder up to the first step not reached; () where all are."""
    stuck = stuck_at(rungs)
    return () if stuck is None else rungs[: rungs.index(stuck) + 1]


def _wanted(workload: KubeObject) -> int:
    if kube.kind(workload) == "DaemonSet":
        return kube.integer(workload, "status", "desiredNumberScheduled")
    return kube.wanted_replicas(workload) if kube.kind(workload) in ("Deployment", "StatefulSet", "ReplicaSet") else 0


def _maker(workload: KubeObject) -> str:
    return f"the {kube.kind(workload)}'s controller, or what refuses its pods"


def _taken(pod: KubeObject) -> bool:
    """Whether the kubelet has admitted the pod: it states a start time, or the containers' states, at once."""
    return bool(kube.text(pod, "status", "startTime") or kube.container_statuses(pod))


def _started(pod: KubeObject) -> bool:
    own = [status for status in kube.container_statuses(pod) if status.group == "container"]
    return bool(own) and all(status.running for status in own)


def _served(workload: KubeObject, cluster: Cluster) -> int | None:
    """Return how many addresses of the Services in front are ready; None where no Service or slice was read."""
    labels, space = kube.labels(kube.mapping(workload, "spec", "template")), kube.namespace(workload)
    fronts = {
        kube.name(item)
        for item in cluster.of("Service")
        if kube.namespace(item) == space
        and (selector := kube.strings(item, "spec", "selector"))
        and covers(selector, labels)
    }
    counts: dict[str, int] = {}
    for item in cluster.of("EndpointSlice"):
        name = kube.labels(item).get("kubernetes.io/service-name", "")
        if name in fronts and kube.namespace(item) == space:
            ready = [e for e in kube.dicts(item, "endpoints") if kube.dig(e, "conditions", "ready", default=True)]
            counts[name] = counts.get(name, 0) + len(ready)
    return min(counts.values(), default=None)
