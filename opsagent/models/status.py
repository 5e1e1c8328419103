"""What the reading tools answer: the state of services, traffic, pods and logs as records."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from opsagent.models.observed import HealthAnswer, Reach, Skipped, StatsSample, Where

StatusWord = Literal["online", "healthy", "degraded", "unhealthy", "offline", "unknown", "idle"]
WELL: frozenset[str] = frozenset({"online", "healthy", "idle"})  # of these words those that need nobody


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure: its level now, its level at the beginning of the window, and its course."""

    now: float | None  # None: there is no new figure
    before: float | None
    points: tuple[float | None, ...] = ()  # equal parts of the window, oldest first; None: a gap

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", tuple(self.points))


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """The figures of one service, from Prometheus or what speaks like it."""

    at: datetime  # of the newest one (aware, UTC)
    requests_per_s: Gauge | None = None
    error_share: Gauge | None = None  # 0 to 1
    latency_ms: Gauge | None = None
    latency: str = ""  # which: "p95", "p50", "avg"
    cpu_share: Gauge | None = None  # of the limit; of several pods the highest
    memory_share: Gauge | None = None


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service as GET /stats reports it, or where there is none, as Kubernetes does."""

    service: str
    status: StatusWord
    note: str = ""  # "database healthy · cache healthy"; why it is unknown
    entry: dict[str, Any] | None = None  # its part of the body as answered
    since: datetime | None = None  # in this state since, from opsagent's own earlier samples
    ready: str | None = None  # "2/2" pods, where Kubernetes was read
    restarts: int | None = None  # of the containers of its present pods
    changed_at: datetime | None = None  # of its newest revision
    figures: ServiceFigures | None = None


@dataclass(frozen=True, slots=True)
class TrafficMetrics:
    """Traffic of the load balancer; what is windowed and what counts since its start are kept apart."""

    window_s: float  # of the two figures below: 10 s
    window_requests_per_second: float | None
    window_avg_response_time_ms: float | None
    has_real_traffic: bool | None
    lifetime_success_rate_percent: float | None  # never recovers quickly: no sign of recovery
    lifetime_total_requests: int | None
    lifetime_avg_response_time_ms: float | None


@dataclass(frozen=True, slots=True)
class SystemStats:
    """One check of the platform, service by service: at GET /stats, or where there is none, at Kubernetes."""

    at: datetime
    took_s: float
    reach: Reach | None  # None: there is no /stats
    url: str  # what was asked
    services: tuple[ServiceStatus, ...]
    traffic: TrafficMetrics | None
    sample: StatsSample | None = None  # the check itself, to be kept for trends
    not_checked: tuple[Skipped, ...] = ()  # sources that could not be read, or not to their end


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The health checks of all services asked for."""

    looks: tuple[HealthAnswer, ...]
    not_checked: tuple[Skipped, ...] = ()  # health paths that could not be checked from here: no verdict on them


@dataclass(frozen=True, slots=True)
class PodSummary:
    """One pod as `kubectl get pods` shows it."""

    name: str
    namespace: str
    service: str | None
    ready: str  # "1/1"
    status: str  # "Running", "CrashLoopBackOff", "Terminating", "Init:0/1" …
    restarts: int
    last_restart: datetime | None
    created: datetime | None
    node: str | None
    containers: tuple[str, ...]
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class PodList:
    """The pods of a namespace."""

    where: Where
    pods: tuple[PodSummary, ...]


@dataclass(frozen=True, slots=True)
class ContainerDescription:
    """One container of a pod: its state, its last state, and what it was given."""

    name: str
    kind: Literal["container", "init", "sidecar", "ephemeral"]
    image: str | None
    state: str  # "running since …", "waiting: CrashLoopBackOff: …", "terminated: Error (exit code 1) at …"
    last_state: str | None  # with exit code and reason
    exit_code: int | None  # of the last termination
    ready: bool
    restarts: int
    probes: tuple[str, ...]  # "liveness http-get :8005/health delay=15s timeout=1s period=20s #failure=3"
    requests: dict[str, str]
    limits: dict[str, str]
    ports: tuple[str, ...]
    environment: tuple[str, ...]  # names and where they come from; literal values redacted


@dataclass(frozen=True, slots=True)
class PodDescription:
    """One pod as `kubectl describe pod` shows it."""

    name: str
    namespace: str
    service: str | None
    node: str | None
    owner: str | None  # "ReplicaSet/x → Deployment/y"
    phase: str
    reason: str | None
    message: str | None
    ip: str | None
    created: datetime | None
    deleting: datetime | None
    labels: dict[str, str]
    conditions: tuple[str, ...]  # "Ready=False since …: ContainersNotReady: …"
    containers: tuple[ContainerDescription, ...]
    volumes: tuple[str, ...]
    tolerations: tuple[str, ...]
    events: tuple[str, ...]  # oldest first: "12:29:39 Warning Unhealthy ×3: Readiness probe failed …"
    not_checked: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectDescription:
    """A workload or a Service as `kubectl describe` shows it, with the pods behind it."""

    kind: str
    name: str
    namespace: str
    service: str | None
    created: datetime | None
    facts: dict[str, str]  # "replicas" -> "1 desired · 1 updated · 0 available", in the order in which they are read
    conditions: tuple[str, ...]
    containers: dict[str, str]  # of its pod template: name -> image
    pods: tuple[PodSummary, ...]
    events: tuple[str, ...]  # of the object, of what it owns and of its pods, oldest first
    labels: dict[str, str]
    not_checked: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class LogExcerpt:
    """Lines of one log."""

    where: str  # "logs/<pod>/<container>.log"
    pod: str | None
    container: str | None
    previous: bool
    lines: tuple[str, ...]  # oldest first, redacted, with the time stamp where known
    broke_off: str | None = None  # why there should have been more, where the stream ended too early


@dataclass(frozen=True, slots=True)
class ServiceLogs:
    """The last lines of every container of a service, and what could not be read."""

    service: str
    excerpts: tuple[LogExcerpt, ...]
    not_checked: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class LogMatch:
    """One line that a search found."""

    where: str
    line: int  # 1-based within what was read
    text: str
