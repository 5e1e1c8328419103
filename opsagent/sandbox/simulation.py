"""The complete platform of one scenario, from its first check on."""

from collections.abc import Iterator

from . import pod_status, stats_body
from .agenda import stamp
from .chatter import beats
from .cluster import Ailment, ServiceAnswer, SimulatedCluster
from .controllers import Controllers
from .facts import NAMESPACE, WORKLOADS, Json
from .kubelet import Kubelet
from .measures import Measures
from .objects import uid_of
from .scenarios import STAGED, Scenario
from .staging import HUNG_S, Stage
from .traffic import Phase, Traffic, around, usual

SURGE_S = 52.0  # the traffic rises this long before the first check, as in the captured incident
OLDEST_S = 600.0  # since the load balancer counts
PAST_HANG_S = 2.004  # what /stats took while a service hung
BUSY_S = 240.0  # how far back the logs hold requests


_WELL = {workload.app: ServiceAnswer.OK for workload in WORKLOADS}


class Simulation:
    """Built at the first check, so that everything is recent then. Hold `lock` around every use."""

    def __init__(self, scenario: str, speed: float) -> None:
        self.scenario: Scenario = STAGED[scenario]
        self.speed = speed
        self.cluster = SimulatedCluster(speed)
        self.lock = self.cluster.store.lock
        self.kubelet = Kubelet(self.cluster)
        self.controllers = Controllers(self.cluster, self.kubelet)
        self.look = self.cluster.now
        self._growing_speed = 1.0  # what is behind the first check ran in real time
        with self.lock:
            self._answers = dict(_WELL)
            self._past: list[
                tuple[float, dict[str, ServiceAnswer]]
            ] = []  # who answered from when on, before the first check
            self._busy_since = self.look - (SURGE_S if self._hangs else BUSY_S)
            Stage(self.cluster, self.kubelet, self.controllers, self.scenario, self._grow).build()
            self._grow()
            self.traffic = self._begin_traffic()
            self._growing_speed = speed
            self.cluster.store.recording = True
            self._front = self._front_pod()
            self.measures = Measures(self.cluster, self.scenario.app, self.scenario.now)
            self.cluster.on_change.append(self._listen)
            if self.scenario.recovers_after_s is not None:
                self.cluster.agenda.after(self.scenario.recovers_after_s, self.heal)

    @property
    def answers(self) -> dict[str, ServiceAnswer]:
        """Return what a caller of each service meets now."""
        return self._answers

    @property
    def _hangs(self) -> bool:
        return self.scenario.now is Ailment.HUNG

    def advance(self) -> None:
        """Let everything happen that is due."""
        self.cluster.agenda.advance(self._grow)
        self._grow()

    def heal(self) -> None:
        """Let the fault go away by itself; pods that come later are well too."""
        self.cluster.sick_templates = lambda _app, _template: Ailment.NONE
        self.cluster.stopped.clear()
        for pod in self.cluster.pods():
            if not pod["spec"].get("nodeName"):
                self.kubelet.schedule(pod)
        for pod in self.cluster.pods():
            self.kubelet.heal(pod)
        self.controllers.settle()

    def figures(self) -> Json:
        """Return the load balancer's own figures now."""
        return self.traffic.figures(self._simulated(self.cluster.now))

    def stats(self) -> Json:
        """Return the body of GET /stats now."""
        return stats_body.joined(self._answers, self.figures())

    def past_stats(self) -> Iterator[Json]:
        """Yield samples of GET /stats of the minute before the first check, as lines of a bundle's stats.jsonl."""
        for back in range(60, 2, -2):
            met = self._met(self.look - back)
            line: Json = {"at": stamp(self.look - back)}
            if met["load-balancer"] is ServiceAnswer.REFUSED:
                yield {**line, "took_s": 0.001, "error": "connection refused"}
                continue
            took = PAST_HANG_S if ServiceAnswer.HUNG in met.values() else 0.006
            body = stats_body.joined(met, self.traffic.figures(-float(back)))
            yield {**line, "took_s": took, "http": 200, "stats": body}

    def _met(self, moment: float) -> dict[str, ServiceAnswer]:
        """Return what callers met at a moment before the first check."""
        return next((met for since, met in reversed(self._past) if since <= moment), _WELL)

    def changed_template(self, name: str) -> None:
        """Count a template change of a Deployment."""
        self.cluster.rollouts[name] = self.cluster.rollouts.get(name, 0) + 1

    def completed(self, item: Json) -> Json:
        """Return an object with the metadata that a server adds."""
        head = {"uid": uid_of(item["kind"], item["metadata"]["name"]), "creationTimestamp": stamp(self.cluster.now)}
        return {**item, "metadata": {**head, **item["metadata"]}}

    def deployment(self, name: str) -> Json | None:
        """Return a Deployment itself."""
        return self.cluster.store.get("deployments", NAMESPACE, name)

    def wait_for_change(self, seconds: float) -> None:
        """Sleep until an object changes, at most that long; the lock is free meanwhile."""
        self.cluster.store.changed.wait(seconds)

    def _simulated(self, moment: float) -> float:
        return (moment - self.look) * self.speed

    def _grow(self) -> None:
        now = self.cluster.now
        self._answers = self.cluster.answers()
        if not self.cluster.store.recording and self._answers != (self._past[-1][1] if self._past else _WELL):
            self._past.append((now, self._answers))
        for pod in self.cluster.pods():
            run = self.cluster.runs[pod["metadata"]["name"]]
            for entry in pod["status"].get("containerStatuses", []):
                journal = run.journals.get(entry["name"])
                if journal is None:
                    continue
                main = entry is pod["status"]["containerStatuses"][0]
                alive = main and "running" in entry["state"]
                mine = beats(run, self._answers, self._busy_since) if alive else []
                journal.grow(now, mine, self._growing_speed)

    def _begin_traffic(self) -> Traffic:
        """Return the traffic that follows from who answered until now; the past ran in real time."""
        if self._hangs:
            traffic = Traffic([Phase(-OLDEST_S, 0.3, 12), Phase(-SURGE_S, 38, 5.0), Phase(-HUNG_S - 4, 62, 5.4)])
        else:
            traffic = Traffic([usual(-OLDEST_S)])
        for since, met in self._past:
            for phase in around(met, max(since - self.look, 1 - OLDEST_S)):
                traffic.change(phase)
        return traffic

    def _front_pod(self) -> str | None:
        ready = [pod["metadata"] for pod in self.cluster.pods("load-balancer") if pod_status.is_ready(pod)]
        return max(ready, key=lambda head: head["creationTimestamp"])["name"] if ready else None

    def _listen(self) -> None:
        self.measures.note()
        front = self._front_pod()
        if front is not None and front != self._front:
            self._front = front
            self.traffic.forget(self._simulated(self.cluster.now))
        answers = self.cluster.answers()
        if answers != self._answers:
            self._answers = answers
            for phase in around(answers, self._simulated(self.cluster.now)):
                self.traffic.change(phase)
