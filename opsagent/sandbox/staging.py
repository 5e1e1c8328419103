"""Set the stage: the platform as it ran until now, then the scenario's fault, dated back from the first check."""

from collections.abc import Callable

from . import lines, objects, pod_status
from .cluster import Ailment, SimulatedCluster
from .controllers import Controllers
from .facts import NAMESPACE, WORKLOADS, Json, Workload, workload_of
from .furniture import furniture
from .kubelet import Kubelet
from .scenarios import Scenario

AGE_S = 47 * 60.0  # of the platform
REVISED_S = 25 * 60.0  # since the second revision, where there is one
HUNG_S = 32.0
UNREADY_S = 9.0  # three failed probes later
FAILING_S = 150.0
# How long what figures alone show has gone on.
ONSETS_S = {
    Ailment.SLOW: REVISED_S, Ailment.THROTTLED: 20 * 60.0, Ailment.GROWING: 40 * 60.0, Ailment.FILLING: 35 * 60.0,
}  # fmt: skip
GONE_S = 75.0  # since the pod went that nobody replaces
STOPPED_S = 40.0


class Stage:
    """Builds the cluster of a scenario. Moments are seconds before the first check."""

    def __init__(
        self,
        cluster: SimulatedCluster,
        kubelet: Kubelet,
        controllers: Controllers,
        scenario: Scenario,
        grow_logs: Callable[[], None],
    ) -> None:
        self.cluster = cluster
        self.kubelet = kubelet
        self.controllers = controllers
        self.scenario = scenario
        self.grow_logs = grow_logs
        self.look = cluster.agenda.now

    def build(self) -> None:
        """Put everything in place."""
        self.controllers.paused = True
        self.cluster.agenda.now = self.look - AGE_S
        for plural, item in furniture(self.look - AGE_S - 86_400):
            self.cluster.store.save(plural, item)
        for workload in WORKLOADS:
            self._workload(workload)
        self._settle()
        self.cluster.sick_templates = self.scenario.new_pod
        if self.scenario.bad_image:
            self._revise(self.scenario.bad_image)
        if self.scenario.now is not Ailment.NONE:
            self._fall_ill(self.scenario.now)
        if self.scenario.stopped:
            self._stop_part(self.scenario.stopped)
        self.cluster.agenda.now = self.look
        self._settle()
        self.controllers.paused = False
        self.cluster.agenda.clear()  # what staging set going is in place already
        for pod in self.cluster.pods():
            self.kubelet.go_on(pod)

    def _at(self, seconds_ago: float) -> float:
        self.cluster.agenda.now = self.look - seconds_ago
        return self.cluster.agenda.now

    def _settle(self) -> None:
        self.controllers.paused = False
        self.controllers.settle()
        self.controllers.paused = True

    def _workload(self, workload: Workload) -> None:
        at = self.cluster.now
        self.cluster.store.save("services", objects.service(workload, at))
        deployment = objects.deployment(workload, at)
        if self.scenario.app == workload.app and self.scenario.now is Ailment.CRASHING:
            deployment["spec"]["strategy"] = {"type": "Recreate"}  # so that no old pod serves beside the bad one
        deployment["status"] = {"observedGeneration": 1}
        self.cluster.store.save("deployments", deployment)
        replicas = objects.replica_set(deployment, workload.pod_hash, 1, at)
        replicas["spec"]["replicas"] = 1
        self.cluster.store.save("replicasets", replicas)
        address = f"10.244.1.{workload.last_octet}"
        self._born(self.kubelet.create(replicas, suffix=workload.pod_suffix, address=address))

    def _born(self, pod: Json) -> None:
        run = self.cluster.runs[pod["metadata"]["name"]]
        pod_status.running(pod, self.cluster.now, run.address)
        pod_status.ready(pod, yes=True, at=self.cluster.now)
        container = pod["spec"]["containers"][0]
        self.cluster.event(pod, "Pulled", f'Container image "{container["image"]}" already present on machine')
        self.cluster.event(pod, "Created", f"Created container: {container['name']}")
        self.cluster.event(pod, "Started", f"Started container {container['name']}")
        self.cluster.write_start(pod)
        self.cluster.store.save("pods", pod)

    def _patient(self) -> tuple[Json, Json]:
        workload = workload_of(self.scenario.app or "")
        deployment = self.cluster.store.get("deployments", NAMESPACE, workload.deployment)
        pod = next(self.cluster.pods(workload.app))
        assert deployment is not None
        return deployment, pod

    def _revise(self, image: str) -> None:
        at = self._at(REVISED_S)
        deployment, old_pod = self._patient()
        deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image
        deployment["metadata"]["generation"] += 1
        deployment["metadata"]["annotations"]["kubernetes.io/change-cause"] = f"set image to {image}"
        deployment["status"]["observedGeneration"] = deployment["metadata"]["generation"]
        old_set = self.controllers.replica_sets(deployment)[0]
        if self.scenario.now in (Ailment.CRASHING, Ailment.SLOW):
            old_set["spec"]["replicas"] = 0
            self.kubelet.remove(old_pod["metadata"]["name"])
            message = f"Scaled down replica set {old_set['metadata']['name']} from 1 to 0"
            self.cluster.event(deployment, "ScalingReplicaSet", message, source="deployment-controller")
        new_set = objects.replica_set(deployment, objects.template_hash(deployment["spec"]["template"]), 2, at)
        new_set["spec"]["replicas"] = 1
        self.cluster.store.save("replicasets", new_set)
        deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
        message = f"Scaled up replica set {new_set['metadata']['name']} from 0 to 1"
        self.cluster.event(deployment, "ScalingReplicaSet", message, source="deployment-controller")
        pod = self.kubelet.create(new_set)
        if self.scenario.now is Ailment.SLOW:
            self._born(pod)
        self._settle()
        if self.cluster.runs[pod["metadata"]["name"]].ailment is Ailment.NO_IMAGE:
            for seconds_ago in (1495, 1470, 1430, 1350, 1190, 880, 580, 280):
                self._at(seconds_ago)
                self.kubelet.no_image(pod)
                self._settle()

    def _fall_ill(self, ailment: Ailment) -> None:
        if ailment is Ailment.HUNG:
            self._hang()
        elif ailment in ONSETS_S and ailment is not Ailment.SLOW:  # the slow revision is faulty from its start
            self._from(ONSETS_S[ailment], ailment)
        elif ailment in (Ailment.DEAF, Ailment.FAILING):
            self._from(HUNG_S if ailment is Ailment.DEAF else FAILING_S, ailment)
        elif ailment is Ailment.STOPPED:
            self._stop()
        elif ailment is Ailment.CRASHING:
            self._crash()
        elif ailment is Ailment.LEAKING:
            self._leak()

    def _hang(self) -> None:
        pod = self._from(HUNG_S, Ailment.HUNG)
        for seconds_ago in (29, 19, UNREADY_S):
            self._grow(seconds_ago)
            self.kubelet.probe(pod)
        pod_status.ready(pod, yes=False, at=self._at(UNREADY_S))  # from here on its Service sends nobody to it
        self.cluster.store.save("pods", pod)
        self._settle()
        self._grow(UNREADY_S)
        self._grow(0)

    def _from(self, seconds_ago: float, ailment: Ailment) -> Json:
        """Let the patient be faulty from a moment on, and its callers meet it so."""
        self._grow(seconds_ago)
        _, pod = self._patient()
        self.cluster.runs[pod["metadata"]["name"]].ailment = ailment
        self._grow(seconds_ago)
        return pod

    def _stop_part(self, part: str) -> None:
        """Stop a part of the control plane, then take the patient's pod away as a drained node does."""
        self._grow(GONE_S + 30)
        self.cluster.stopped.add(part)
        _, pod = self._patient()
        self._at(GONE_S)
        self.cluster.event(pod, "Killing", f"Stopping container {pod['spec']['containers'][0]['name']}")
        self.kubelet.remove(pod["metadata"]["name"])
        self._settle()
        self._grow(GONE_S)

    def _stop(self) -> None:
        self._grow(STOPPED_S)
        _, pod = self._patient()
        run = self.cluster.runs[pod["metadata"]["name"]]
        run.ailment = Ailment.STOPPED  # what callers meet changes with the pod's readiness below
        at = self._at(STOPPED_S)
        gentle = run.app == "user-service"
        self.cluster.journal(pod).write(at, *lines.shut_down("python" if gentle else "go"))
        pod_status.terminated(pod, 0 if gentle else 143, "Completed" if gentle else "Error", at)
        self.cluster.store.save("pods", pod)
        self._settle()
        self._grow(STOPPED_S)

    def _crash(self) -> None:
        _, pod = self._patient()
        for seconds_ago in (1490, 1470, 1440, 1390, 1300, 1130, 820, 510, 200):
            self._at(seconds_ago)
            if seconds_ago == 1490:
                self._grow(seconds_ago)
                self.kubelet.run(pod)
            else:
                self.kubelet.restart(pod)
            self._at(seconds_ago - 1)
            self.kubelet.crash(pod)
            self._settle()

    def _leak(self) -> None:
        _, pod = self._patient()
        self.cluster.runs[pod["metadata"]["name"]].ailment = Ailment.LEAKING
        for seconds_ago in (1500, 900, 400, 50):
            self._grow(seconds_ago)
            self.kubelet.leak(pod)
            self._settle()
            self._grow(seconds_ago)
            self._at(seconds_ago - 10)
            self.kubelet.restart(pod)
            self._grow(seconds_ago - 20)
            pod_status.ready(pod, yes=True, at=self.cluster.now)
            self.cluster.store.save("pods", pod)
            self._settle()
            self._grow(seconds_ago - 20)

    def _grow(self, seconds_ago: float) -> None:
        """Let every log reach a moment before something changes."""
        self._at(seconds_ago)
        self.grow_logs()
