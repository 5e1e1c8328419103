"""Hold the parts of a simulated platform."""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["service", "database", "cache", "queue"]
FOREVER = float("inf")


@dataclass(frozen=True)
class Call:
    """One arrow of the call graph; `times` calls a request, a caller with `soft` goes on without the answer."""

    caller: str
    callee: str
    times: float
    timeout_s: float
    retries: int
    soft: bool


@dataclass
class Pod:
    """One pod, alive from `born` to `gone` (Unix seconds); `restarts` are the times its container started again."""

    name: str
    node: str
    born: float = 0.0
    gone: float = FOREVER
    restarts: list[float] = field(default_factory=list)
    oom: bool = False

    def alive(self, now: float) -> bool:
        """Return whether the pod runs at a time."""
        return self.born <= now < self.gone


@dataclass(frozen=True)
class Revision:
    """One ReplicaSet of a Deployment."""

    number: int
    hash: str
    created: float


@dataclass
class Part:
    """A service or a store, with what a request costs it (seconds, cores, bytes)."""

    name: str
    role: Role
    workload: str
    container: str
    image: str
    cost_s: float = 0.005
    wait_s: float = 0.002
    spread: float = 0.8
    idle: float = 0.005
    base_error: float = 0.0
    parallel: bool = False
    cpu_limit: float = 0.5
    memory_limit: float = 256e6
    memory_base: float = 0.4
    memory_saw: float = 0.0
    saw_s: float = 600.0
    pods: list[Pod] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    connections_limit: int = 100
    disk_size: float = 10e9
    disk_base: float = 0.4
    workers: int = 4
    rare: bool = False

    @property
    def workload_kind(self) -> str:
        """Return the kind of the workload object."""
        return "Deployment" if self.role == "service" else "StatefulSet"

    @property
    def series_kind(self) -> str:
        """Return the kind under which the part's own figures are recorded."""
        return {"service": "Service", "cache": "Service", "database": "Database", "queue": "Queue"}[self.role]


@dataclass(frozen=True)
class Profile:
    """Which figures the platform records, and how."""

    latencies: tuple[str, ...]
    error_metrics: tuple[str, ...]
    pod_kind: Literal["Container", "Pod"]
    packets: bool
    ready: bool
    up: bool
    window: int
    nulls: bool
    pvc_metric: bool


@dataclass
class Platform:
    """A call graph with its machines, its traffic (1/s at each entry point) and its clock."""

    namespace: str
    parts: dict[str, Part]
    calls: list[Call]
    entries: dict[str, float]
    consumers: dict[str, str]
    nodes: dict[str, float]
    order: list[str]
    start: float
    step: int
    count: int
    daily: float
    peak_hour: float
    profile: Profile

    @property
    def times(self) -> list[float]:
        """Return the times of the samples, Unix seconds."""
        return [self.start + self.step * index for index in range(self.count)]

    @property
    def end(self) -> float:
        """Return the time of the last sample."""
        return self.start + self.step * (self.count - 1)

    def callers(self, name: str) -> list[str]:
        """Return who calls a part."""
        return [call.caller for call in self.calls if call.callee == name]

    def callees(self, name: str) -> list[str]:
        """Return whom a part calls."""
        return [call.callee for call in self.calls if call.caller == name]

    def services(self) -> list[str]:
        """Return the services, in the order of the traffic."""
        return [name for name in self.order if self.parts[name].role == "service"]

    def dependencies(self) -> dict[str, list[str]]:
        """Return the call graph as a bundle declares it."""
        return {name: sorted(set(self.callees(name))) for name in self.order if self.callees(name)}
