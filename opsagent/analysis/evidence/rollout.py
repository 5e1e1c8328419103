"""Whether a rollout is complete, as `kubectl rollout status` defines it."""

from collections.abc import Sequence
from dataclasses import dataclass

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.selectors import selector_of, selects
from opsagent.models.observed import KubeObject


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far a workload's newest revision is; neither complete nor failed means that it is in progress."""

    complete: bool
    failed: bool
    text: str  # "1 of 2 updated replicas are available"


def rollout_status(workload: KubeObject, pods: Sequence[KubeObject] = ()) -> Rollout:
    """Return how far the rollout of a Deployment, StatefulSet or DaemonSet is.

    With `pods`, those of the workload that are still being deleted hold completion back: they list as Running for
    about a second after the counts are good. Source: kubectl's polymorphichelpers rollout status.
    """
    if kube.kind(workload) == "DaemonSet":
        rollout = _daemon_set(workload)
    elif kube.kind(workload) == "StatefulSet":
        rollout = _stateful_set(workload)
    else:
        rollout = _deployment(workload)
    if rollout.complete:
        leaving = [pod for pod in pods if kube.deleting(pod) and _belongs(pod, workload)]
        if leaving:
            return _going(f"{_pods(len(leaving))} still terminating")
    return rollout


def _deployment(workload: KubeObject) -> Rollout:
    if _unseen(workload):
        return _going("the controller has not seen the newest change yet")
    wanted = kube.wanted_replicas(workload)
    # Objects written by hand often lack the counts of the current revision: then all replicas count as updated.
    total = kube.integer(workload, "status", "replicas", default=wanted)
    updated = kube.integer(workload, "status", "updatedReplicas", default=0 if _has_generation(workload) else total)
    ready = kube.integer(workload, "status", "readyReplicas")
    available = kube.integer(workload, "status", "availableReplicas", default=ready)
    failed = kube.text(kube.condition(workload, "Progressing"), "reason") == "ProgressDeadlineExceeded"
    if updated < wanted:
        text = f"{updated} of {wanted} replicas are updated"
    elif total > updated:
        text = f"{_pods(total - updated)} of the old revision still there"
    elif available < updated:
        text = f"{available} of {updated} updated replicas are available"
    else:
        text = f"{available}/{wanted} replicas updated and available"
        if not failed:
            return _done(text)
    return Rollout(complete=False, failed=True, text=f"{text}, past its progress deadline") if failed else _going(text)


def _stateful_set(workload: KubeObject) -> Rollout:
    if _unseen(workload):
        return _going("the controller has not seen the newest change yet")
    wanted = kube.wanted_replicas(workload)
    available = kube.integer(workload, "status", "availableReplicas")
    ready = max(available, kube.integer(workload, "status", "readyReplicas"))
    if ready < wanted:
        return _going(f"{ready} of {wanted} replicas are ready")
    newest, current = (kube.text(workload, "status", key) for key in ("updateRevision", "currentRevision"))
    if newest and current and newest != current:
        updated = kube.integer(workload, "status", "updatedReplicas")
        held_back = kube.integer(workload, "spec", "updateStrategy", "rollingUpdate", "partition")
        if updated < wanted - held_back:
            return _going(f"{updated} of {wanted - held_back} replicas are updated")
    return _done(f"{ready}/{wanted} replicas ready")


def _daemon_set(workload: KubeObject) -> Rollout:
    if _unseen(workload):
        return _going("the controller has not seen the newest change yet")
    wanted = kube.integer(workload, "status", "desiredNumberScheduled")
    updated = kube.integer(workload, "status", "updatedNumberScheduled", default=wanted)
    ready = kube.integer(workload, "status", "numberReady")
    available = kube.integer(workload, "status", "numberAvailable", default=ready)
    if updated < wanted:
        return _going(f"{updated} of {wanted} nodes have the new revision")
    if available < wanted:
        return _going(f"{available} of {wanted} nodes have it available")
    return _done(f"{available}/{wanted} nodes have it available")


def _going(text: str) -> Rollout:
    return Rollout(complete=False, failed=False, text=text)


def _done(text: str) -> Rollout:
    return Rollout(complete=True, failed=False, text=text)


def _unseen(workload: KubeObject) -> bool:
    generation = kube.optional_integer(workload, "metadata", "generation")
    return generation is not None and generation > kube.integer(workload, "status", "observedGeneration")


def _has_generation(workload: KubeObject) -> bool:
    return kube.optional_integer(workload, "metadata", "generation") is not None


def _belongs(pod: KubeObject, workload: KubeObject) -> bool:
    return kube.namespace(pod) == kube.namespace(workload) and selects(selector_of(workload), kube.labels(pod))


def _pods(count: int) -> str:
    return f"{count} pod" if count == 1 else f"{count} pods"
