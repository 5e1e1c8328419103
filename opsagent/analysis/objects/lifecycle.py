"""How far a workload has come: from declared to ready and in the endpoints, and the first step not reached."""

from dataclasses import dataclass

from opsagent.analysis.evidence.rollout import wanted_replicas
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.selectors import covers
from opsagent.models.look import KubeObject


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: how many of the wanted pods have reached it, and who takes pods there."""

    name: str
    reached: int
    wanted: int
    actor: str

    @property
    def text(self) -> str:
        """Return it as in "scheduled 1/3"."""
        return f"{self.name} {self.reached}/{self.wanted}"


def ladder(workload: KubeObject, cluster: Cluster) -> tuple[Rung, ...]:
    """Return the steps of a workload's pods, first to last, as far as the objects that were read show them.

    Each step asks of every pod at once; a pod that is being deleted counts for none. A Deployment's pods are those of
    all its revisions. Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/.
    """
    wanted = _wanted(workload)
    if not wanted:
        return ()
    pods = [pod for pod in cluster.pods_of(workload) if not kube.deleting(pod)]
    steps = [
        ("pods created", pods, _maker(workload)),
        ("scheduled", [pod for pod in pods if kube.text(pod, "spec", "nodeName")], "the scheduler"),
        ("started", [pod for pod in pods if _started(pod)], "the kubelet of its node"),
        ("ready", [pod for pod in pods if kube.is_ready(pod)], "the program and its probes"),
    ]
    rungs = [Rung(name, min(len(there), wanted), wanted, actor) for name, there, actor in steps]
    served = _served(workload, cluster)
    if served is not None:
        rungs.append(Rung("in endpoints", min(served, wanted), wanted, "the endpoint controller"))
    return tuple(rungs)


def stuck_at(rungs: tuple[Rung, ...]) -> Rung | None:
    """Return the first step that not every wanted pod has reached; None where all have."""
    return next((rung for rung in rungs if rung.reached < rung.wanted), None)


def line(rungs: tuple[Rung, ...]) -> str:
    """Return the ladder up to the first step not reached: "pods created 3/3 · scheduled 1/3 ✗"; "" where none is."""
    stuck = stuck_at(rungs)
    if stuck is None:
        return ""
    shown = rungs[: rungs.index(stuck) + 1]
    return " · ".join(rung.text for rung in shown) + f" ✗ ({stuck.actor})"


def _wanted(workload: KubeObject) -> int:
    if kube.kind(workload) == "DaemonSet":
        return kube.integer(workload, "status", "desiredNumberScheduled")
    return wanted_replicas(workload) if kube.kind(workload) in ("Deployment", "StatefulSet", "ReplicaSet") else 0


def _maker(workload: KubeObject) -> str:
    return f"the {kube.kind(workload)}'s controller, or what refuses its pods"


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
