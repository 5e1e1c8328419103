"""Whose logs are read where there are more pods than a pass may read: the suspicious ones first."""

from collections.abc import Iterable, Sequence

from opsagent.analysis.objects import kube
from opsagent.models.coverage import Outcome
from opsagent.models.observed import KubeObject, LogRef, Skipped

MOST_PODS = 20  # the default of logs.max_pods


def chosen_logs(
    refs: Sequence[LogRef], pods: Iterable[KubeObject], most: int
) -> tuple[tuple[LogRef, ...], Skipped | None]:
    """Return the logs of at most `most` pods in their order, and what to report about the others.

    Pods that are not Ready come first, then those with the most restarts, then the newest. A log of no pod is kept.
    """
    names = list(dict.fromkeys(ref.pod for ref in refs if ref.pod is not None))
    if len(names) <= most:
        return tuple(refs), None
    known = {kube.name(pod): pod for pod in pods}
    order = sorted(names, key=lambda name: _suspicion(known.get(name, {})), reverse=True)
    kept = frozenset(order[: max(most, 0)])
    why = (
        f"the logs of {len(kept)} of {len(names):,} pods were read, those not Ready, restarted or newest first"
        " (logs.max_pods)"
    )
    return tuple(ref for ref in refs if ref.pod is None or ref.pod in kept), Skipped("logs", why, Outcome.NOT_ASKED)


def _suspicion(pod: KubeObject) -> tuple[bool, int, float]:
    restarts = sum(status.restarts for status in kube.container_statuses(pod))
    born = kube.created(pod)
    return not kube.is_ready(pod), restarts, born.timestamp() if born else 0.0
