"""What to do about it: the plan, the operator's answer, the approval, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Action = Literal["restart_deployment", "scale_deployment", "rollback_deployment", "none"]


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing that the operator has to know before approving."""

    kind: str  # "data-loss", "outage", "reverted", "forbidden", "causes-more"
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """The object that a plan changes, exactly as it was when the plan was made."""

    name: str  # of the Deployment
    namespace: str
    uid: str
    generation: int
    resource_version: str
    replicas: int
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """An exact change, or none with what a human should do instead."""

    action: Action
    target: Target | None
    replicas: int | None  # to; scale only
    reason: str
    risks: tuple[Risk, ...] = ()
    recommendations: tuple[str, ...] = ()
    change: str = ""  # "restart Deployment local-blog-service-deployment (1 replica)"

    def __post_init__(self) -> None:
        object.__setattr__(self, "risks", tuple(self.risks))
        object.__setattr__(self, "recommendations", tuple(self.recommendations))

    @property
    def loses_data(self) -> bool:
        """Whether the Deployment's name has to be typed to approve."""
        return any(risk.kind == "data-loss" for risk in self.risks)


@dataclass(frozen=True, slots=True)
class Order:
    """A change that the operator asked for by its own command, healthy or not: `opsagent restart`, `opsagent scale`."""

    action: Action
    deployment: str
    replicas: int | None = None  # to; scale only
    asked_by: str = "the operator"  # what the panel says; another client's wish still wants the operator's approval


Decision = Literal["approve", "reject", "leave"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the operator answered to one panel; it counts for that panel alone."""

    decision: Decision
    shown: str  # fingerprint of the plan and evidence on the panel
    by: str  # "operator@host"
    terminal: str | None  # "pts/3"
    at: datetime
    how: str  # "panel", "opsagent approve", "--yes"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A human's yes to one exact change on one exact object: the only thing that the changing tools accept.

    Made by `opsagent.agent.approval` from an Answer, and nowhere else.
    """

    incident_id: str
    action: Action
    target: Target
    replicas: int | None
    server: str  # of the incident; never "the current context"
    restarted_at: str  # fixed here, so that repeating the patch changes nothing
    answer: Answer
    plan_hash: str = ""  # of the plan on the panel
    evidence_hash: str = ""  # of the evidence on the panel
    expires_at: datetime | None = None  # not begun by then: asked again


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One line of the action history."""

    incident_id: str
    action: Action
    target: str  # "Deployment/x"
    replicas: int | None
    at: datetime
    by: str
    how: str
    outcome: str  # "done", "already so", "refused: …", "not known: …"
    detail: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the change helped, on the figure that raised the incident."""

    recovered: bool
    rollout: str  # "1/1 in 14 s", or what was still missing
    figure: str  # "blog-service online for 10 s"
    before: dict[str, Any]
    after: dict[str, Any]
    took_s: float
    text: str
