"""Check the simulated platform, and change it, from a test."""

from dataclasses import dataclass, field

from .facts import NAMESPACE, Json, workload_of
from .kinds import plural_of
from .odd_pods import OddPods
from .simulation import Simulation


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """A Deployment at one moment."""

    name: str
    uid: str
    replicas: int
    generation: int
    observed_generation: int
    resource_version: str
    rollouts: int  # template changes that were applied since the first check
    annotations: dict[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()


class SandboxState:
    """What is inside the sandbox. Deployments go by their app label, Deployment or Service name."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def deployment(self, name: str) -> DeploymentView:
        """Return a Deployment as it is now; KeyError where there is none."""
        with self._simulation.lock:
            self._simulation.advance()
            item = self._deployment(name)
            head, body = item["metadata"], item["spec"]["template"]
            return DeploymentView(
                head["name"],
                head["uid"],
                item["spec"]["replicas"],
                head["generation"],
                item["status"].get("observedGeneration", 0),
                head["resourceVersion"],
                self._simulation.cluster.rollouts.get(head["name"], 0),
                dict(head.get("annotations", {})),
                tuple(container["image"] for container in body["spec"]["containers"]),
            )

    def answers(self) -> dict[str, str]:
        """Return what a caller of each service meets now: "ok", "hung" or "refused"."""
        with self._simulation.lock:
            self._simulation.advance()
            return {app: str(answer) for app, answer in self._simulation.answers.items()}

    def pods(self, name: str) -> list[str]:
        """Return the names of a workload's pods, those on their way out included."""
        with self._simulation.lock:
            self._simulation.advance()
            return [pod["metadata"]["name"] for pod in self._simulation.cluster.pods(workload_of(name).app)]

    def recover(self) -> None:
        """Let the fault go away by itself, now."""
        with self._simulation.lock:
            self._simulation.advance()
            self._simulation.heal()

    def touch_status(self, name: str) -> None:
        """Update only the status of a Deployment: a new resourceVersion, the same generation."""
        with self._simulation.lock:
            self._simulation.advance()
            self._simulation.cluster.store.save("deployments", self._deployment(name))

    def edit(self, name: str) -> None:
        """Change the spec of a Deployment, as a colleague would: a new generation, no new pods."""
        with self._simulation.lock:
            self._simulation.advance()
            item = self._deployment(name)
            item["spec"]["revisionHistoryLimit"] = item["spec"].get("revisionHistoryLimit", 10) + 1
            self._spec_changed(item)

    def release(self, name: str) -> None:
        """Change the template of a Deployment, as a release does: a new revision and new pods."""
        with self._simulation.lock:
            self._simulation.advance()
            item = self._deployment(name)
            container = item["spec"]["template"]["spec"]["containers"][0]
            container["env"] = [*container.get("env", []), {"name": "RELEASE", "value": "next"}]
            self._spec_changed(item)

    def replace(self, name: str) -> None:
        """Delete a Deployment and make it again under the same name: another UID."""
        with self._simulation.lock:
            self._simulation.advance()
            item = self._deployment(name)
            item["metadata"]["uid"] = item["metadata"]["uid"][::-1]
            for replica_set in self._simulation.cluster.store.all("replicasets", NAMESPACE):
                for owner in replica_set["metadata"]["ownerReferences"]:
                    if owner["name"] == item["metadata"]["name"]:
                        owner["uid"] = item["metadata"]["uid"]
            self._simulation.cluster.store.save("deployments", item)

    def add(self, item: Json) -> None:
        """Put any object of a served kind into the cluster (an HPA, a quota …); metadata needs a name."""
        with self._simulation.lock:
            self._simulation.advance()
            head = item["metadata"]
            head.setdefault("namespace", NAMESPACE)
            self._simulation.cluster.store.save(plural_of(item["kind"]), self._simulation.completed(item))

    def log(self, name: str, *lines: str | bytes) -> None:
        """Add lines (any bytes) to the log of a workload's newest pod."""
        with self._simulation.lock:
            self._simulation.advance()
            pod = list(self._simulation.cluster.pods(workload_of(name).app))[-1]
            journal = self._simulation.cluster.journal(pod)
            for line in lines:
                raw = line.encode() if isinstance(line, str) else line
                journal.write_raw(self._simulation.cluster.now, raw)

    def clear_log(self, name: str) -> None:
        """Empty the logs of a workload's pods for good: no lines at all."""
        with self._simulation.lock:
            self._simulation.advance()
            for pod in self._simulation.cluster.pods(workload_of(name).app):
                journal = self._simulation.cluster.journal(pod)
                journal.dropped += len(journal.lines)
                journal.lines.clear()
                journal.ended = True

    def add_terminating_pod(self, name: str) -> str:
        """Add a pod that stays Terminating, and return its name."""
        with self._simulation.lock:
            self._simulation.advance()
            return OddPods(self._simulation).terminating(workload_of(name).app)

    def add_sidecar_pod(self, name: str) -> str:
        """Add a pod with an init container and a side-car besides the service's own, and return its name."""
        with self._simulation.lock:
            self._simulation.advance()
            return OddPods(self._simulation).with_sidecar(workload_of(name).app)

    def _spec_changed(self, item: Json) -> None:
        item["metadata"]["generation"] += 1
        self._simulation.cluster.store.save("deployments", item)
        self._simulation.controllers.spec_changed(item)

    def _deployment(self, name: str) -> Json:
        item = self._simulation.deployment(workload_of(name).deployment)
        if item is None:
            raise KeyError(name)
        return item
