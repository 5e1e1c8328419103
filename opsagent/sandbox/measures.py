"""What a monitoring system would have measured: counters and gauges as exact functions of time.

A rate is constant but for a ripple while nobody's state changes, so that every counter is an integral in closed form
and any moment of the past can be asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import cos, sin

from . import pod_status
from .agenda import moment_of
from .cluster import Ailment, SimulatedCluster
from .facts import CLAIM, NAMESPACE, WORKLOADS, Workload
from .staging import AGE_S, ONSETS_S

MIB = 1024 * 1024
BOUNDS_S = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf")
_RIPPLE, _RIPPLE_S = 0.03, 41.0
_REQUESTS_PER_S = {
    "load-balancer": 48.0,
    "api-gateway": 44.0,
    "auth-service": 9.0,
    "user-service": 6.0,
    "blog-service": 31.0,
}
_CORES = {"load-balancer": 0.03, "api-gateway": 0.04, "auth-service": 0.02, "user-service": 0.02, "blog-service": 0.03}
_BYTES = {"load-balancer": 22, "api-gateway": 18, "auth-service": 71, "user-service": 80, "blog-service": 66}
# The share of answers within each bound, by what the answer has to wait for.
_QUICK = (0.55, 0.80, 0.93, 0.98, 0.995, 1.0, 1.0, 1.0, 1.0, 1.0)
_WAITS = {
    Ailment.SLOW: (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.97, 1.0, 1.0),
    Ailment.THROTTLED: (0.0, 0.01, 0.1, 0.4, 0.7, 0.93, 1.0, 1.0, 1.0, 1.0),
}
# Which share of a service's answers waits for the patient; its callers are its victims.
_SHARES = {
    Ailment.SLOW: {"user-service": 1.0, "auth-service": 0.3, "api-gateway": 0.22, "load-balancer": 0.2},
    Ailment.THROTTLED: {"blog-service": 1.0, "api-gateway": 0.7, "load-balancer": 0.65},
}
_BUSY_CORES, _THROTTLED = 0.196, 0.4  # of a limit of 0.2; seconds of waiting in each second
_GROWTH = 3.4 * MIB / 60  # bytes a second
_MOST_BYTES = 250 * MIB
_DISK, _FILLED_S = 900.0 * MIB, 50 * 60.0

Labels = Mapping[str, str]


@dataclass(slots=True)
class Life:
    """One pod: from when to when it ran."""

    workload: Workload
    born: float
    gone: float = float("inf")


class Measures:
    """The figures of one simulation. Hold the store's lock around every use."""

    def __init__(self, cluster: SimulatedCluster, patient: str | None, ailment: Ailment) -> None:
        self._cluster, self._patient = cluster, patient
        self.begun = cluster.now - AGE_S
        self._course = [(self.begun, Ailment.NONE)]
        if ailment in ONSETS_S:
            self._course.append((cluster.now - ONSETS_S[ailment], ailment))
        self._lives: dict[str, Life] = {}
        self.note()

    def note(self) -> None:
        """Take in which pods came and went, and how the patient is by now."""
        now, present = self._cluster.now, set()
        for workload in WORKLOADS:
            for pod in self._cluster.pods(workload.app):
                if not pod["metadata"].get("deletionTimestamp") and pod_status.is_ready(pod):
                    head = pod["metadata"]
                    present.add(head["name"])
                    self._lives.setdefault(head["name"], Life(workload, moment_of(head["creationTimestamp"])))
        for name, life in self._lives.items():
            if name not in present and life.gone == float("inf"):
                life.gone = now
        runs = [self._cluster.runs[name].ailment for name in present if self._lives[name].workload.app == self._patient]
        ailment = next((one for one in runs if one in ONSETS_S), Ailment.NONE)
        if runs and ailment is not self._course[-1][1]:
            self._course.append((now, ailment))

    def requests(self, at: float) -> Iterator[tuple[Labels, float]]:
        """Yield the requests that each service has answered until a moment."""
        for app, rate in _REQUESTS_PER_S.items():
            yield {"namespace": NAMESPACE, "job": app, "status": "2xx"}, rate * self._passed(app, self.begun, at)

    def buckets(self, at: float) -> Iterator[tuple[Labels, float]]:
        """Yield the requests that each service has answered within each bound."""
        for app, rate in _REQUESTS_PER_S.items():
            spans = [(self._passed(app, start, end), ailment) for start, end, ailment in self._spans(at)]
            for index, bound in enumerate(BOUNDS_S):
                count = sum(rate * passed * _within(app, ailment, index) for passed, ailment in spans)
                yield {"namespace": NAMESPACE, "job": app, "le": bound}, count

    def cpu(self, at: float) -> Iterator[tuple[Labels, float]]:
        """Yield the seconds of CPU that each container has used."""
        for labels, life in self._containers(at):
            app = life.workload.app
            usual = _CORES.get(app, 0.002)
            yield (
                labels,
                sum(
                    (_BUSY_CORES if self._ill(app, ailment, Ailment.THROTTLED) else usual)
                    * self._passed(app, start, end)
                    for start, end, ailment in self._spans(at, life.born)
                ),
            )

    def throttled(self, at: float) -> Iterator[tuple[Labels, float]]:
        """Yield the seconds for which each container was kept from running."""
        for labels, life in self._containers(at):
            app = life.workload.app
            yield (
                labels,
                sum(
                    _THROTTLED * self._passed(app, start, end) if self._ill(app, ailment, Ailment.THROTTLED) else 0.0
                    for start, end, ailment in self._spans(at, life.born)
                ),
            )

    def memory(self, at: float) -> Iterator[tuple[Labels, float]]:
        """Yield the working set of each container."""
        for labels, life in self._containers(at):
            app = life.workload.app
            grown = sum(
                _GROWTH * (end - start)
                for start, end, ailment in self._spans(at, life.born)
                if self._ill(app, ailment, Ailment.GROWING)
            )
            usual = _BYTES.get(app, 12) * MIB * (1 + 0.01 * sin(at / _RIPPLE_S + len(app)))
            yield labels, min(usual + grown, _MOST_BYTES)

    def disk_free(self, at: float) -> Iterator[tuple[Labels, float]]:
        """Yield the bytes that are free on each claim."""
        filled = sum(end - start for start, end, ailment in self._spans(at) if ailment is Ailment.FILLING)
        free = max(_DISK * (1 - filled / _FILLED_S), 0.0)
        yield {"namespace": NAMESPACE, "persistentvolumeclaim": CLAIM}, free

    def ran(self, labels: Labels, start: float, end: float) -> bool:
        """Return whether a container was measured at least twice between two moments."""
        life = self._lives.get(labels.get("pod", ""))
        return life is None or min(end, life.gone) - max(start, life.born) >= _TWICE_S

    def _containers(self, at: float) -> Iterator[tuple[Labels, Life]]:
        for name, life in self._lives.items():
            if life.born <= at < life.gone:
                yield {"namespace": NAMESPACE, "pod": name, "container": life.workload.container}, life

    def _ill(self, app: str, ailment: Ailment, wanted: Ailment) -> bool:
        return app == self._patient and ailment is wanted

    def _spans(self, at: float, since: float | None = None) -> Iterator[tuple[float, float, Ailment]]:
        """Yield the stretches of one state until a moment: begin, end, what ails the patient."""
        begun = self.begun if since is None else since
        ends = [start for start, _ in self._course[1:]] + [float("inf")]
        for (start, ailment), end in zip(self._course, ends, strict=True):
            if max(start, begun) < min(end, at):
                yield max(start, begun), min(end, at), ailment

    def _passed(self, app: str, start: float, end: float) -> float:
        """Return the time between two moments, rippled: traffic is never quite even."""
        phase = len(app)
        waves = cos(end / _RIPPLE_S + phase) - cos(start / _RIPPLE_S + phase)
        return max(end - start - _RIPPLE * _RIPPLE_S * waves, 0.0)


_TWICE_S = 15.0


def _within(app: str, ailment: Ailment, index: int) -> float:
    share = _SHARES.get(ailment, {}).get(app, 0.0)
    return (1 - share) * _QUICK[index] + (share * _WAITS[ailment][index] if share else 0.0)
