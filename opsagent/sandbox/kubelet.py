"""Start, probe and end the pods of the simulated node. All durations are simulated seconds."""

from collections.abc import Callable

from . import lines, objects, pod_status
from .agenda import stamp
from .cluster import Ailment, PodRun, SimulatedCluster
from .facts import BY_APP, NAMESPACE, NODE, Json

CREATE_S = 1.5  # from scheduled to running
TERMINATE_S = 2.0  # how long a pod is listed with its deletionTimestamp
PROBES_FAIL_S = 8.0  # until a service that stopped to answer is no longer Ready
CRASH_S = 1.0
LEAK_S = 25.0  # until the memory limit is reached
BACK_OFF_S = 10.0


class Kubelet:
    """Moves pods through their lives."""

    def __init__(self, cluster: SimulatedCluster) -> None:
        self.cluster = cluster

    def create(self, replica_set: Json, *, suffix: str | None = None, address: str | None = None) -> Json:
        """Add a pod of a ReplicaSet and begin to start it."""
        cluster = self.cluster
        app = replica_set["spec"]["template"]["metadata"]["labels"]["app"]
        pod = objects.pod(replica_set, suffix or cluster.new_suffix(), cluster.now)
        ailment = cluster.sick_templates(app, replica_set["spec"]["template"])
        cluster.runs[pod["metadata"]["name"]] = PodRun(app, ailment, address or cluster.new_address())
        if "scheduler" in cluster.stopped:
            pod_status.unscheduled(pod)
            cluster.store.save("pods", pod)
        else:
            self.schedule(pod)
        return pod

    def schedule(self, pod: Json) -> None:
        """Bind a pod to the node, as the scheduler does, and begin to start it."""
        cluster = self.cluster
        pod["spec"]["nodeName"] = NODE
        pod_status.pending(pod, cluster.now)
        cluster.store.save("pods", pod)
        where = f"Successfully assigned {NAMESPACE}/{pod['metadata']['name']} to {NODE}"
        cluster.event(pod, "Scheduled", where, source="default-scheduler")
        self._later(CREATE_S, pod, self._start)

    def terminate(self, pod: Json) -> None:
        """Begin to delete a pod: it stays listed, Terminating, for a while."""
        cluster = self.cluster
        if "deletionTimestamp" in pod["metadata"]:
            return
        pod["metadata"]["deletionTimestamp"] = stamp(cluster.now + TERMINATE_S)
        pod["metadata"]["deletionGracePeriodSeconds"] = 30
        cluster.store.save("pods", pod)
        container = pod["spec"]["containers"][0]["name"]
        cluster.event(pod, "Killing", f"Stopping container {container}")
        name = pod["metadata"]["name"]
        run = cluster.runs[name]
        cluster.journal(pod).write(cluster.now, *lines.shut_down(BY_APP[run.app].language))
        cluster.agenda.after(TERMINATE_S, lambda: self.remove(name))
        cluster.pods_changed()

    def remove(self, name: str) -> None:
        """Take a pod out at once."""
        run = self.cluster.runs.pop(name, None)
        if run is not None:
            for journal in run.journals.values():
                journal.ended = True
        if self.cluster.store.remove("pods", NAMESPACE, name):
            self.cluster.pods_changed()

    def heal(self, pod: Json) -> None:
        """Let what ails a pod be over: it runs, and is Ready about a second later."""
        cluster = self.cluster
        run = cluster.runs[pod["metadata"]["name"]]
        if run.ailment is Ailment.NONE:
            return
        if not pod["status"].get("containerStatuses"):
            run.ailment = Ailment.NONE
            return
        was_running = "running" in pod["status"]["containerStatuses"][0]["state"]
        run.ailment = Ailment.NONE
        if not was_running:
            pod_status.restarted(pod)
            self.run(pod)
        cluster.store.save("pods", pod)
        self._later(1.0, pod, self._become_ready)
        cluster.pods_changed()

    def probe(self, pod: Json) -> None:
        """Fail the readiness probe of a hung pod, every period, for as long as it hangs."""
        cluster = self.cluster
        run = cluster.runs[pod["metadata"]["name"]]
        if run.ailment not in (Ailment.HUNG, Ailment.MUTE):
            return
        workload = BY_APP[run.app]
        url = f"http://{run.address}:{workload.port}{workload.health_path}"
        cluster.event(pod, "Unhealthy", f'Readiness probe failed: Get "{url}": {lines.HUNG}', kind="Warning")
        self._later(workload.readiness[1], pod, self.probe)

    def leak(self, pod: Json) -> None:
        """Kill the container of a leaking pod for memory, and start it again after the back-off."""
        cluster = self.cluster
        if cluster.runs[pod["metadata"]["name"]].ailment is not Ailment.LEAKING:
            return
        pod_status.terminated(pod, 137, "OOMKilled", cluster.now)
        self._back_off(pod, BACK_OFF_S)

    def crash(self, pod: Json) -> None:
        """End the container of a crashing pod with its exception; it starts again after a growing back-off."""
        cluster = self.cluster
        if cluster.runs[pod["metadata"]["name"]].ailment is not Ailment.CRASHING:
            return
        entry = pod["status"]["containerStatuses"][0]
        pod_status.terminated(pod, 1, "Error", cluster.now)
        self._back_off(pod, min(300, 10 * 2 ** min(entry["restartCount"], 5)))

    def _back_off(self, pod: Json, seconds: float) -> None:
        """Wait before the container starts again, in the kubelet's own words."""
        cluster, meta = self.cluster, pod["metadata"]
        container, name = pod["spec"]["containers"][0]["name"], meta["name"]
        text = {300: "5m0s", 160: "2m40s", 80: "1m20s"}.get(int(seconds), f"{seconds:g}s")
        wait = f"back-off {text} restarting failed container={container} pod={name}_{NAMESPACE}({meta['uid']})"
        pod_status.waiting(pod, "CrashLoopBackOff", wait, cluster.now)
        cluster.store.save("pods", pod)
        cluster.event(pod, "BackOff", f"Back-off restarting failed container {container} in pod {name}", kind="Warning")
        cluster.pods_changed()
        self._later(seconds, pod, self._again)

    def no_image(self, pod: Json) -> None:
        """Fail to pull the image, again and again."""
        cluster = self.cluster
        if cluster.runs[pod["metadata"]["name"]].ailment is not Ailment.NO_IMAGE:
            return
        image = pod["spec"]["containers"][0]["image"]
        full = f"docker.io/{image}"
        why = f'failed to pull and unpack image "{full}": failed to resolve reference "{full}": {full}: not found'
        pull = f'Failed to pull image "{image}": rpc error: code = NotFound desc = {why}'
        cluster.event(pod, "Pulling", f'Pulling image "{image}"')
        cluster.event(pod, "Failed", pull, kind="Warning")
        cluster.event(pod, "Failed", "Error: ErrImagePull", kind="Warning")
        cluster.event(pod, "BackOff", f'Back-off pulling image "{image}"')
        cluster.event(pod, "Failed", "Error: ImagePullBackOff", kind="Warning")
        pod_status.waiting(
            pod, "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {why}', cluster.now
        )
        cluster.store.save("pods", pod)
        self._later(60.0, pod, self.no_image)

    def go_on(self, pod: Json) -> None:
        """Let a pod that was put in place live on from here."""
        ailment = self.cluster.runs[pod["metadata"]["name"]].ailment
        if ailment in (Ailment.HUNG, Ailment.MUTE):
            self._later(1.0, pod, self.probe)
        elif ailment is Ailment.CRASHING:
            self._later(100.0, pod, self._again)
        elif ailment is Ailment.LEAKING:
            self._later(LEAK_S, pod, self.leak)
        elif ailment is Ailment.NO_IMAGE:
            self._later(60.0, pod, self.no_image)

    def restart(self, pod: Json) -> None:
        """Start a container that ended again."""
        pod_status.restarted(pod)
        self.run(pod)

    def _start(self, pod: Json) -> None:
        ailment = self.cluster.runs[pod["metadata"]["name"]].ailment
        if ailment is Ailment.NO_IMAGE:
            self.no_image(pod)
            return
        image = pod["spec"]["containers"][0]["image"]
        self.cluster.event(pod, "Pulled", f'Container image "{image}" already present on machine')
        self.run(pod)
        self._live(pod)

    def _again(self, pod: Json) -> None:
        if self.cluster.runs[pod["metadata"]["name"]].ailment not in (Ailment.CRASHING, Ailment.LEAKING):
            return
        self.restart(pod)
        self._live(pod)

    def run(self, pod: Json) -> None:
        """Let a pod's containers run, with a new log."""
        cluster = self.cluster
        run = cluster.runs[pod["metadata"]["name"]]
        pod_status.running(pod, cluster.now, run.address)
        container = pod["spec"]["containers"][0]["name"]
        cluster.event(pod, "Created", f"Created container: {container}")
        cluster.event(pod, "Started", f"Started container {container}")
        if run.ailment is Ailment.CRASHING:
            cluster.open_journals(pod)
            cluster.journal(pod).write(cluster.now, *lines.crashed_at_start())
        else:
            cluster.write_start(pod)
        cluster.store.save("pods", pod)
        cluster.pods_changed()

    def _live(self, pod: Json) -> None:
        run = self.cluster.runs[pod["metadata"]["name"]]
        if run.ailment is Ailment.CRASHING:
            self._later(CRASH_S, pod, self.crash)
            return
        self._later(BY_APP[run.app].readiness[0], pod, self._become_ready)
        if run.ailment is Ailment.LEAKING:
            self._later(LEAK_S, pod, self.leak)
        if run.ailment is Ailment.MUTE:
            self._later(BY_APP[run.app].readiness[0] + PROBES_FAIL_S, pod, self._lose_ready)

    def _become_ready(self, pod: Json) -> None:
        run = self.cluster.runs[pod["metadata"]["name"]]
        running = "running" in pod["status"]["containerStatuses"][0]["state"]
        if not running or run.ailment in (Ailment.HUNG, Ailment.CRASHING):
            return
        pod_status.ready(pod, yes=True, at=self.cluster.now)
        self.cluster.store.save("pods", pod)
        self.cluster.pods_changed()

    def _lose_ready(self, pod: Json) -> None:
        if self.cluster.runs[pod["metadata"]["name"]].ailment is not Ailment.MUTE:
            return
        pod_status.ready(pod, yes=False, at=self.cluster.now)
        self.cluster.store.save("pods", pod)
        self.probe(pod)
        self.cluster.pods_changed()

    def _later(self, seconds: float, pod: Json, step: Callable[[Json], None]) -> None:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]

        def act() -> None:
            found = self.cluster.store.get("pods", NAMESPACE, name)
            alive = found is not None and found["metadata"]["uid"] == uid
            if found is not None and alive and "deletionTimestamp" not in found["metadata"]:
                step(found)

        self.cluster.agenda.after(seconds, act)
