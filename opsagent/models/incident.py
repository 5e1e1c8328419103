"""One run of the diagnosis, and what it stated."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from opsagent.models.audit import AuditMark
from opsagent.models.coverage import Coverage
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Cause, Change, Evidence, Over, Symptom, Trend
from opsagent.models.ignore import Ignored
from opsagent.models.observed import Skipped, Where
from opsagent.models.opinion import USED, LookedUp, Opinion
from opsagent.models.plan import ActionRecord, Answer, Plan, Verification

Status = Literal[
    "healthy",  # the state of every service asked about was read, and it is good
    "nothing_found",  # what was given was understood and shows no fault, but no service's state was read
    "not_understood",  # something was given, and no evidence could be made of it
    "not_checked",  # no fault seen, but a service asked about could not be read
    "diagnosed",
    "awaiting_approval",
    "rejected",
    "recovered",
    "escalated",
]
FAULTLESS: tuple[Status, ...] = ("healthy", "nothing_found", "not_understood", "not_checked")  # no cause is named
# An incident that has no end yet, and how it is in the list.
Stage = Literal["running", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One box of the diagram that was walked through: what the operator sees as a line."""

    node: str
    at: datetime
    took_s: float
    text: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class TrafficPoint:
    """The windowed figures of one kept sample; None where it did not state."""

    at: datetime
    rps: float | None
    response_ms: float | None


@dataclass(frozen=True, slots=True)
class FigurePoint:
    """One figure of a chart; None: a gap."""

    at: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class FigureChart:
    """A figure over time that is evidence."""

    title: str  # "latency_p95 of cart"
    unit: str
    text: str  # the change in words, for whoever does not see the chart
    points: tuple[FigurePoint, ...]  # oldest first
    before: float | None = None  # its level before the incident
    onset: datetime | None = None
    threshold: float | None = None  # from which it counts as a fault; None: it is judged by its change alone
    changed_from: float | None = None  # from which it counts as changed; None where `threshold` is known

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", tuple(self.points))


@dataclass(frozen=True, slots=True)
class Analysis:
    """Who stated it: the rules alone, or a model and the rules."""

    by: Literal["rules", "model+rules"] = "rules"
    model: str | None = None
    fallback: str | None = None  # why the model's answer was not used
    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    took_s: float = 0.0
    opinion: Opinion | None = None  # the model's own cause, beside the rules'
    notes: tuple[str, ...] = ()  # text of the platform that addresses its reader like an instruction
    vote: str | None = None  # the model's own, before it saw what the rules concluded: "db.locked at Deployment/blog"
    looked_up: tuple[LookedUp, ...] = ()  # what the model looked up, in order
    not_asked: str | None = None  # why a configured model was not asked
    same_as: str | None = None  # the incident whose investigation of the same fault serves this one
    most_tokens: int = 0  # input tokens that this run might cost
    most_s: float = 0.0
    day_tokens: int | None = None  # tokens of this day so far, this run included; None where nobody counts them
    daily_tokens: int = 0  # that a day may cost; 0: no limit

    def __post_init__(self) -> None:
        for name in ("notes", "looked_up"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def used(self) -> bool:
        """Whether the conclusion rests on the model's answer too; to agree, or to differ, changes nothing."""
        return self.opinion is not None and self.opinion.agreement in USED

    @property
    def tokens(self) -> int | None:
        """Input and output tokens together; None where the end point does not count them."""
        return None if self.input_tokens is None else self.input_tokens + (self.output_tokens or 0)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is there after a change that did not help: read again, not what was known before it."""

    at: datetime
    tried: tuple[str, ...] = ()  # "12:26:21 restarted Deployment x: done", in order
    pods: tuple[str, ...] = ()  # as they are now, newest first: "web-…-k8m2p: 0/1 CrashLoopBackOff"
    log_of: str | None = None  # whose last lines follow
    log: tuple[str, ...] = ()
    new: tuple[str, ...] = ()  # evidence that was not there before the change
    gone: tuple[str, ...] = ()  # evidence that is not there any more
    unread: str | None = None  # why it could not be read

    def __post_init__(self) -> None:
        for name in ("tried", "pods", "log", "new", "gone"):
            object.__setattr__(self, name, tuple(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that an incident found, did and did not check; `diagnose --json` is a view of it."""

    incident_id: str
    service: str | None
    where: Where
    status: Status
    started_at: datetime
    ended_at: datetime
    symptoms: tuple[Symptom, ...]
    causes: tuple[Cause, ...]
    evidence: tuple[Evidence, ...]
    plan: Plan
    answers: tuple[Answer, ...]
    actions: tuple[ActionRecord, ...]
    verification: Verification | None
    trend: Trend | None
    changes: tuple[Change, ...] | None  # None: not looked up
    digests: tuple[LogDigest, ...]
    not_checked: tuple[Skipped, ...]
    analysis: Analysis
    steps: tuple[Step, ...]
    closing: str  # one line: how it ended, and what is next
    ignored: tuple[Ignored, ...] = ()  # known findings that were set aside, and entries that have expired
    coverage: Coverage | None = None  # what was read; None: no check was made
    services: tuple[str, ...] = ()  # the services asked about
    over: tuple[Over, ...] = ()  # faults that were seen and judged to be over
    looked: tuple[str, ...] = ()  # what was read, by name
    confidence_note: str | None = None
    audit: AuditMark | None = None  # the trail's end when this was written
    traffic: tuple[TrafficPoint, ...] = ()  # what the charts are drawn from, oldest first
    charts: tuple[FigureChart, ...] = ()  # of the figures that are evidence
    fault: str = ""  # by which the same fault is known again
    history: str | None = None  # what is kept of this fault: "3rd time in 7 days; the last restart held 2 h"
    response_threshold_ms: float | None = None  # from which the response time of /stats counts as slow
    aftermath: Aftermath | None = None  # of an escalation: what is there after the change that did not help
