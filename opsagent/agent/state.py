"""What travels along the arrows: small records only, for every step of it is written to disk.

Raw checks (objects, log text) stay in `Seen`; a process that resumes an incident checks again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypedDict, TypeVar

from opsagent.models.audit import AuditMark
from opsagent.models.coverage import Coverage
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Cause, Change, Evidence, Finding, Over, ServiceHealth, Symptom, Trend
from opsagent.models.ignore import Ignored
from opsagent.models.incident import Aftermath, Analysis, FigureChart, Status, Step, TrafficPoint
from opsagent.models.observed import Skipped, StatsSample, Where
from opsagent.models.opinion import Reading
from opsagent.models.plan import ActionRecord, Answer, Approval, Order, Plan, Verification
from opsagent.models.service import CallGraph

T = TypeVar("T")


def appended(old: Sequence[T], new: Sequence[T]) -> tuple[T, ...]:
    """Join what was there with what a node adds; a checkpoint hands tuples back as lists."""
    return (*old, *new)


def merged(old: Sequence[Skipped], new: Sequence[Skipped]) -> tuple[Skipped, ...]:
    """Join without stating the same thing twice."""
    return tuple(dict.fromkeys((*old, *new)))


class State(TypedDict, total=False):
    """One incident, as far as it has come."""

    # what was asked
    incident_id: str
    asked: str | None  # the service named by the operator; None: check all
    force: bool
    order: (
        Order | None
    )  # the operator's own command; then nothing is diagnosed, and a healthy service is not a reason to stop
    where: Where
    started_at: datetime
    # detect
    healths: tuple[ServiceHealth, ...]
    calls: CallGraph
    patient: str | None
    others: tuple[str, ...]  # faulty independently of the patient: incidents of their own
    symptoms: tuple[Symptom, ...]
    before: StatsSample | None  # the figure that raised the alarm
    # collect_logs, analyze, check_metrics
    digests: tuple[LogDigest, ...]
    findings: tuple[Finding, ...]
    ignored: tuple[Ignored, ...]  # known findings that were set aside
    changes: tuple[Change, ...]
    trend: Trend | None
    reading: Reading | None  # what a model read out of the logs
    # root_cause
    causes: tuple[Cause, ...]
    evidence: tuple[Evidence, ...]
    plan: Plan
    fingerprint: str  # of the plan and the facts it rests on; an answer counts for one fingerprint
    analysis: Analysis
    fault: str  # by which the same fault is known again
    history: str | None  # what is kept of it
    # approval, execute, verify
    answers: Annotated[tuple[Answer, ...], appended]
    approval: Approval | None
    actions: Annotated[tuple[ActionRecord, ...], appended]
    verification: Verification | None
    # the end
    status: Status
    closing: str
    coverage: Coverage  # what the newest pass has read
    faultless: str  # how it ends where rules found no fault and a model is asked all the same, and finds none
    over: tuple[Over, ...]  # faults that were seen and judged to be over
    not_checked: Annotated[tuple[Skipped, ...], merged]
    audit: AuditMark | None  # the trail's end when the report was written
    traffic: tuple[TrafficPoint, ...]
    charts: tuple[FigureChart, ...]
    aftermath: Aftermath | None
    response_threshold_ms: float
    steps: Annotated[tuple[Step, ...], appended]
