"""Whether a workload is at zero replicas on purpose: a spare that serves nobody, or one that is scaled on demand."""

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.selectors import covers
from opsagent.models.observed import KubeObject

_ON_DEMAND = ("keda.sh", "scaledobject", "serving.knative.dev")
_LEAST = {"ScaledObject": ("minReplicaCount", 0), "HorizontalPodAutoscaler": ("minReplicas", 1)}


def is_spare(cluster: Cluster, workload: KubeObject) -> bool:
    """Return whether nobody is meant to be served by a workload at zero; False where that is not known."""
    if any(mark in key for key in kube.annotations(workload) for mark in _ON_DEMAND):
        return True
    space = kube.namespace(workload)
    for kind, (field, default) in _LEAST.items():
        for item in cluster.of(kind):
            target = kube.text(item, "spec", "scaleTargetRef", "name"), kube.namespace(item)
            if target == (kube.name(workload), space) and kube.integer(item, "spec", field, default=default) == 0:
                return True
    if kube.kind(workload) != "Deployment":
        return False
    selectors = [
        kube.strings(item, "spec", "selector") for item in cluster.of("Service") if kube.namespace(item) == space
    ]
    labels = kube.labels(kube.mapping(workload, "spec", "template"))
    # Where no Service was seen, nothing follows from none that leads here.
    return bool(selectors) and not any(wanted and covers(wanted, labels) for wanted in selectors)
