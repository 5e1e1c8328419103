"""From what was seen to what it means: observations, findings, numbered evidence, ranked causes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

UNKNOWN = "unknown"  # the code of what is wrong without a known cause

Basis = Literal["checked", "seen", "correlated", "worded"]
Source = Literal["stats", "health", "logs", "objects", "events", "metrics", "alerts", "history"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One line or field that was seen, at its place; it gets a number when it becomes evidence."""

    source: Source
    where: str  # "logs/<pod>/<container>.log:L88", "Pod/x:status.containerStatuses[0].state", "stats.jsonl:L12"
    text: str  # the line or field itself, redacted
    at: datetime | None = None  # aware, UTC


@dataclass(frozen=True, slots=True)
class Evidence:
    """A numbered observation: E1, E2 …"""

    id: str
    source: Source
    where: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found wrong, before all findings are weighed against each other.

    `strength` states how firmly these observations alone carry the code: 0.95 for a state that the API server itself
    names (OOMKilled), about 0.8 for a decisive log line or a join of objects that cannot work, 0.5 for a symptom that
    has several possible causes, 0.3 for a hint.
    """

    code: str
    object: str | None  # "Kind/name" of what has to change
    service: str | None
    strength: float  # 0.0 to 1.0
    summary: str  # one sentence for an operator who has never seen this code
    observations: tuple[Observation, ...]
    at: datetime | None = None  # when it began, as far as seen (aware, UTC)
    over: bool = False  # it was so, but later evidence from the same place shows that it is healthy again
    blames: str | None = None  # the name or host:port that a complaint points at ("redis:6379"), for moving the blame
    until: datetime | None = None  # of a fault in a log: its newest record (aware, UTC)
    records: int = 0  # of a fault in a log: how many records of it
    successes: int = 0  # of a fault in a log: requests answered successfully after the newest record
    variant: str = ""  # the sub-case of the code, where one is known

    def __post_init__(self) -> None:
        object.__setattr__(self, "observations", tuple(self.observations))

    @property
    def unexplained(self) -> bool:
        """Return whether it states that something is wrong, and not why."""
        return self.code == UNKNOWN


@dataclass(frozen=True, slots=True)
class Over:
    """A fault that was seen and judged to be over: it is shown, and accuses nobody."""

    code: str
    object: str | None
    service: str | None
    until: datetime | None  # of its newest record (aware, UTC); None where the log carries no time
    records: int
    successes: int  # requests answered successfully since
    where: str  # the place of its first record


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a workload's way from declared to served: how many of the desired pods have reached it."""

    name: str  # "pods created", "scheduled" …
    reached: int
    wanted: int
    actor: str  # who takes pods there: "the scheduler"
    since: datetime | None = (
        None  # how long the first pod has waited for it (aware, UTC); None where all have reached it
    )

    @property
    def text(self) -> str:
        """Return it as in "scheduled 1/3"."""
        return f"{self.name} {self.reached}/{self.wanted}"

    @property
    def stuck(self) -> bool:
        """Return whether not every desired pod has reached it."""
        return self.reached < self.wanted


@dataclass(frozen=True, slots=True)
class Cause:
    """A ranked cause, as `diagnose --json` answers it."""

    code: str
    object: str | None
    service: str | None
    confidence: float  # 0.0 to 1.0, calibrated
    summary: str
    evidence: tuple[str, ...]  # ids
    variant: str = ""  # the sub-case of the code, where one is known
    basis: Basis | None = None  # what the confidence rests on
    summary_by: Literal["rules", "model"] = "rules"
    lifecycle: tuple[Rung, ...] = ()  # of the object's pods, up to the first step not reached; empty where all are

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", tuple(self.evidence))
        object.__setattr__(self, "lifecycle", tuple(self.lifecycle))

    @property
    def unexplained(self) -> bool:
        """Return whether it states that something is wrong, and not why."""
        return self.code == UNKNOWN

    @property
    def ladder(self) -> str:
        """Return the steps in one line: "pods created 3/3 · scheduled 1/3 ✗ (the scheduler)"; "" where none is."""
        marks = (f"{rung.text} ✗ ({rung.actor})" if rung.stuck else rung.text for rung in self.lifecycle)
        return " · ".join(marks)

    @property
    def sentence(self) -> str:
        """The summary, with the service named where the rule's words do not."""
        return self.summary if not self.service or self.service in self.summary else f"{self.service}: {self.summary}"


@dataclass(frozen=True, slots=True)
class Symptom:
    """Why a service is called faulty: the figure or state that raised the incident, and on which it is verified."""

    service: str | None
    kind: (
        str  # "offline", "degraded", "silent", "slow", "not-ready", "crashed", "oom-killed", "unreachable", "objects" …
    )
    text: str  # for the operator: "offline in 2 of 2 checks"
    observation: Observation


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """The judgement over one service: healthy only where its state was really read."""

    service: str
    state: Literal["healthy", "faulty", "unknown"]
    symptoms: tuple[Symptom, ...] = ()
    read: tuple[Source, ...] = ()  # which sources were read and gave a good word: "stats", "objects", "health"
    idle: bool = False  # its workload was read, and nothing of it is meant to run now: a spare, a Job that is complete

    def __post_init__(self) -> None:
        object.__setattr__(self, "symptoms", tuple(self.symptoms))
        object.__setattr__(self, "read", tuple(self.read))


@dataclass(frozen=True, slots=True)
class Trend:
    """Traffic over the window: before, now, change. Windowed figures only; None where there are too few samples."""

    samples: int
    since: datetime | None  # of the oldest sample in the window
    rps_before: float | None
    rps_now: float | None
    response_ms_before: float | None
    response_ms_now: float | None
    stats_took_s: float | None  # of the newest sample; about 2 s means that a service hangs
    text: str  # one line for the operator: "requests 38 → 61 /s, response 5 → 1531 ms within 20 s"
    success: float | None = None  # share (0 to 1) of the newest requests that succeeded, where two samples show it


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed in the last hours: a revision, a scaling, a restart, a node's state."""

    at: datetime
    object: str
    text: str
    observation: Observation
