"""Pods of unusual shape, beside those that the controllers make."""

from . import lines, objects, pod_status
from .agenda import stamp
from .cluster import Ailment, PodRun
from .facts import NAMESPACE, Json, workload_of
from .simulation import Simulation


class OddPods:
    """Adds pods that no ReplicaSet counts as its own."""

    def __init__(self, simulation: Simulation) -> None:
        self.cluster = simulation.cluster

    def terminating(self, app: str) -> str:
        """Add a pod that is deleted but does not go: still listed as Running."""
        pod = self._new(app)
        self._run(pod)
        pod["metadata"]["deletionTimestamp"] = stamp(self.cluster.now)
        pod["metadata"]["deletionGracePeriodSeconds"] = 30
        return self._saved(pod)

    def with_sidecar(self, app: str) -> str:
        """Add a Ready pod with an init container and an istio side-car."""
        pod = self._new(app)
        image = "docker.io/istio/proxyv2:1.24.1"
        pod["spec"]["initContainers"] = [{"name": "istio-init", "image": image, "resources": {}}]
        pod["spec"]["containers"].append({"name": "istio-proxy", "image": image, "resources": {}})
        pod_status.pending(pod, self.cluster.now)
        self._run(pod)
        run = self.cluster.runs[pod["metadata"]["name"]]
        self.cluster.open_journals(pod)
        workload = workload_of(app)
        self.cluster.journal(pod).write(self.cluster.now, *lines.started(app, workload.port, self.cluster.now))
        run.journals["istio-proxy"].write(self.cluster.now, "info Envoy proxy is ready")
        return self._saved(pod)

    def _new(self, app: str) -> Json:
        parent = next(
            item
            for item in self.cluster.store.all("replicasets", NAMESPACE)
            if item["metadata"]["labels"]["app"] == app and item["spec"]["replicas"]
        )
        pod = objects.pod(parent, self.cluster.new_suffix(), self.cluster.now)
        pod["metadata"]["ownerReferences"][0]["uid"] = objects.uid_of("elsewhere", pod["metadata"]["name"])
        self.cluster.runs[pod["metadata"]["name"]] = PodRun(app, Ailment.NONE, self.cluster.new_address())
        pod_status.pending(pod, self.cluster.now)
        return pod

    def _run(self, pod: Json) -> None:
        run = self.cluster.runs[pod["metadata"]["name"]]
        pod_status.running(pod, self.cluster.now, run.address)
        pod_status.ready(pod, yes=True, at=self.cluster.now)
        self.cluster.journal(pod)

    def _saved(self, pod: Json) -> str:
        self.cluster.store.save("pods", pod)
        self.cluster.pods_changed()
        return str(pod["metadata"]["name"])
