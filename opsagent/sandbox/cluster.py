"""The simulated cluster: objects, pods that run, and who answers."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from . import lines, objects, pod_status
from .agenda import Agenda, stamp, stamp_micro
from .facts import BY_APP, NAMESPACE, NODE, WORKLOADS, Json
from .journal import Journal
from .store import ObjectStore


class ServiceAnswer(StrEnum):
    """What a caller of a service meets."""

    OK = "ok"
    FAILING = "failing"  # answers /stats and /health, and every other request with an error
    HUNG = "hung"
    REFUSED = "refused"

    @property
    def up(self) -> bool:
        """Return whether the load balancer calls the service online."""
        return self in (ServiceAnswer.OK, ServiceAnswer.FAILING)


class Ailment(StrEnum):
    """What is wrong with a pod."""

    NONE = "none"
    HUNG = "hung"  # runs, answers nobody
    DEAF = "deaf"  # answers its probes, and nobody else
    FAILING = "failing"  # answers every request but /stats and /health with an error
    MUTE = "mute"  # becomes Ready, answers nobody, fails its probe later
    STOPPED = "stopped"  # the program ended and nobody starts it again
    CRASHING = "crashing"  # ends with an exception at each start
    LEAKING = "leaking"  # killed for memory again and again
    NO_IMAGE = "no-image"
    # What figures alone show: Ready, online, and every answer comes.
    SLOW = "slow"
    THROTTLED = "throttled"  # uses up its CPU
    GROWING = "growing"  # its memory grows without end
    FILLING = "filling"  # its volume fills up


_MEETS = {
    Ailment.HUNG: ServiceAnswer.HUNG,
    Ailment.MUTE: ServiceAnswer.HUNG,
    Ailment.DEAF: ServiceAnswer.HUNG,
    Ailment.FAILING: ServiceAnswer.FAILING,
}


@dataclass(slots=True)
class PodRun:
    """What goes on inside one pod."""

    app: str
    ailment: Ailment
    address: str
    journals: dict[str, Journal] = field(default_factory=dict)  # by container: the current run
    previous: dict[str, Journal] = field(default_factory=dict)  # by container: the run before


class SimulatedCluster:
    """All state of the simulation. Hold `store.lock` around every use."""

    def __init__(self, speed: float) -> None:
        self.agenda = Agenda(speed)
        self.store = ObjectStore()
        self.runs: dict[str, PodRun] = {}
        self.stopped: set[str] = set()  # parts of the control plane: "controller-manager", "scheduler"
        self.rollouts: dict[str, int] = {}  # template changes applied, by Deployment
        self.sick_templates: Callable[[str, Json], Ailment] = lambda _app, _template: Ailment.NONE
        self.on_change: list[Callable[[], None]] = []  # called after readiness or membership of pods changed
        self._random = random.Random(7)  # noqa: S311 - names of pods, not secrets
        self._next_octet = 60

    @property
    def now(self) -> float:
        """Return the moment of the action that runs."""
        return self.agenda.now

    def pods(self, app: str | None = None) -> Iterator[Json]:
        """Yield the pods of one app, or all."""
        for name in sorted(self.runs):  # the few that it runs, of however many there are
            pod, run = self.store.get("pods", NAMESPACE, name), self.runs.get(name)
            if pod is not None and run is not None and app in (None, run.app):
                yield pod

    def answer(self, app: str) -> ServiceAnswer:
        """Return what a caller of this service meets now: without a Ready pod its Service refuses everybody."""
        ready = [self.runs[pod["metadata"]["name"]].ailment for pod in self.pods(app) if pod_status.is_ready(pod)]
        met = [_MEETS.get(ailment, ServiceAnswer.OK) for ailment in ready]
        return next((answer for answer in ServiceAnswer if answer in met), ServiceAnswer.REFUSED)

    def answers(self) -> dict[str, ServiceAnswer]:
        """Return what a caller of each service meets now."""
        return {workload.app: self.answer(workload.app) for workload in WORKLOADS}

    def event(self, item: Json, reason: str, message: str, *, kind: str = "Normal", source: str = "kubelet") -> None:
        """Record an event, counting up where the same one was recorded before."""
        head = item["metadata"]
        for known in self.store.all("events", NAMESPACE):
            about = known["involvedObject"]
            if (about["uid"], known["reason"], known["message"]) == (head["uid"], reason, message):
                _count_up(known, self.now)
                self.store.save("events", known)
                return
        about = {
            "kind": item["kind"],
            "apiVersion": item["apiVersion"],
            "name": head["name"],
            "namespace": NAMESPACE,
            "uid": head["uid"],
            "resourceVersion": head.get("resourceVersion", ""),
        }
        if item["kind"] == "Pod" and source == "kubelet":
            about["fieldPath"] = f"spec.containers{{{item['spec']['containers'][0]['name']}}}"
        name = f"{head['name']}.{self._random.getrandbits(64):016x}"
        body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": objects.meta(name, self.now),
            "involvedObject": about,
            "reason": reason,
            "message": message,
            "type": kind,
            "count": 1,
            "firstTimestamp": stamp(self.now),
            "lastTimestamp": stamp(self.now),
            "source": {"component": source, **({"host": NODE} if source == "kubelet" else {})},
            "reportingComponent": source,
            "reportingInstance": NODE if source == "kubelet" else "",
        }
        if source == "default-scheduler":  # the scheduler writes the newer form of events
            body |= {"count": None, "firstTimestamp": None, "lastTimestamp": None, "eventTime": stamp_micro(self.now)}
        self.store.save("events", body)

    def open_journals(self, pod: Json) -> None:
        """Begin a new log for each container; the old ones become the previous ones."""
        run = self.runs[pod["metadata"]["name"]]
        for spec in pod["spec"]["containers"]:
            old = run.journals.get(spec["name"])
            if old is not None:
                old.ended = True
                run.previous[spec["name"]] = old
            run.journals[spec["name"]] = Journal(self.now)

    def journal(self, pod: Json) -> Journal:
        """Return the log of the pod's main container, begun where there is none."""
        name = pod["spec"]["containers"][0]["name"]
        run = self.runs[pod["metadata"]["name"]]
        if name not in run.journals:
            self.open_journals(pod)
        return run.journals[name]

    def write_start(self, pod: Json) -> None:
        """Begin the log of a container's run with what the service writes at start."""
        workload = BY_APP[self.runs[pod["metadata"]["name"]].app]
        self.open_journals(pod)
        self.journal(pod).write(self.now, *lines.started(workload.app, workload.port, self.now))

    def new_suffix(self) -> str:
        """Return five characters for a pod's name."""
        return "".join(self._random.choices("bcdfghjklmnpqrstvwxz2456789", k=5))

    def new_address(self) -> str:
        """Return an unused pod address."""
        self._next_octet += 1
        return f"10.244.{1 + self._next_octet // 250}.{self._next_octet % 250}"

    def pods_changed(self) -> None:
        """Let the controllers check the pods."""
        for listener in self.on_change:
            listener()


def _count_up(known: Json, now: float) -> None:
    """Count a repeated event, in whichever of the two forms it was written."""
    if known.get("eventTime"):
        seen = known.get("series", {"count": 1})["count"] + 1
        known["series"] = {"count": seen, "lastObservedTime": stamp_micro(now)}
    else:
        known["count"] += 1
        known["lastTimestamp"] = stamp(now)
