"""The limits of containers as the pods' specifications have them: exact, and no query is spent on them."""

from array import array
from collections.abc import Iterable

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.figures import Series

_OF = {"cpu": ("cpu_limit", "cores"), "memory": ("memory_limit", "bytes")}


def limits_of(series: Iterable[Series], cluster: Cluster) -> tuple[Series, ...]:
    """Return the limits of the containers and pods that have figures of what they use, and none of what they may."""
    given = tuple(series)
    known = {(one.metric, one.kind, one.name) for one in given}
    pods = {kube.name(pod): pod for pod in cluster.of("Pod")}
    found = []
    for one in given:
        if one.metric not in _OF or one.kind not in ("Container", "Pod") or not one.times:
            continue
        metric, unit = _OF[one.metric]
        pod_name, _, container = one.name.partition("/")
        pod = pods.get(pod_name)
        if pod is None or (metric, one.kind, one.name) in known:
            continue
        limits = [
            kube.quantity(kube.dig(item.raw, "resources", "limits", one.metric))
            for item in kube.containers(pod)
            if not container or item.name == container
        ]
        total = sum(limit for limit in limits if limit is not None)
        if limits and None not in limits and total > 0:
            found.append(Series(metric, unit, one.kind, one.name, array("d", one.times[-1:]), array("d", [total])))
    return tuple(found)
