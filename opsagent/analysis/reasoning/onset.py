"""When a service became faulty this time: by what the objects themselves record, never by an estimate that moves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from opsagent.analysis.objects import kube
from opsagent.models.observed import KubeObject

_SKEW = timedelta(seconds=10)  # between the cluster's clock and ours, and of stamps in full seconds


def began_again(pods: Sequence[KubeObject], seen_ill: datetime) -> datetime | None:
    """Return when a service became faulty that had recovered after `seen_ill`; None where nothing proves a recovery.

    Each pod that is not Ready now has to be as old as that moment, without a restart since, and to have turned not
    Ready after it: until then it was Ready. The first record of a log, an event or a new pod prove nothing: logs
    rotate, events expire, and a pod that crashes is replaced while the fault lasts.
    """
    ill = [pod for pod in pods if kube.text(kube.condition(pod, "Ready"), "status") == "False"]
    turned = [kube.when(kube.condition(pod, "Ready").get("lastTransitionTime")) for pod in ill]
    again = [at for at in turned if at is not None and at > seen_ill + _SKEW]
    if not ill or len(again) < len(ill) or any(_new_or_restarted(pod, seen_ill) for pod in ill):
        return None
    return min(again)


def _new_or_restarted(pod: KubeObject, since: datetime) -> bool:
    born = kube.when(kube.dig(pod, "metadata", "creationTimestamp"))
    ended = (
        kube.when(kube.dig(status, state, "terminated", "finishedAt"))
        for status in kube.dicts(pod, "status", "containerStatuses")
        for state in ("state", "lastState")
    )
    return born is None or born > since or any(at is not None and at > since for at in ended)
