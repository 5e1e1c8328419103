"""What to do about it: the plan, the operator's answer, the approval, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Action = Literal[
    "restart_deployment", "scale_deployment", "rollback_deployment", "restart_statefulset", "restart_daemonset", "none"
]
Verb = Literal["restart", "scale", "rollback"]


@dataclass(frozen=True, slots=True)
class Changed:
    """What an action changes: on which kind of object, how, and through which part of it."""

    kind: str  # "Deployment"
    plural: str  # as RBAC names it: "deployments"
    verb: Verb
    subresource: str = ""


ACTIONS: Mapping[Action, Changed] = {
    "restart_deployment": Changed("Deployment", "deployments", "restart"),
    "scale_deployment": Changed("Deployment", "deployments", "scale", "scale"),
    "rollback_deployment": Changed("Deployment", "deployments", "rollback"),
    "restart_statefulset": Changed("StatefulSet", "statefulsets", "restart"),
    "restart_daemonset": Changed("DaemonSet", "daemonsets", "restart"),
}


_SPOKEN = {"rollback": "roll back"}  # a verb of ACTIONS that is written in one word
DONE = ("done", "already so")  # outcomes of an action that took effect

MODEL_RISK = "model"  # a model's doubt: shown, and no part of what an approval binds


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing that the operator has to know before approving."""

    kind: str  # "data-loss", "outage", "reverted", "forbidden", "causes-more", "refused", "untried", "model"
    text: str


@dataclass(frozen=True, slots=True)
class Desired:
    """What a Deployment asks for, as far as a change touches it; None is what the change leaves open."""

    replicas: int | None
    revision: str | None
    template_hash: str | None  # of the pod template, without the hash label


@dataclass(frozen=True, slots=True)
class PlatformIdentity:
    """Which platform a change is meant for: an address alone may lead to another cluster tomorrow."""

    server: str  # URL of the API server
    ca_hash: str | None  # SHA-256 of the CA that vouches for it; None: the system's own, or plain HTTP
    namespace_uid: str | None  # None: it may not be read, then server and CA are all there is
    why: str = ""  # why there is no UID

    def same(self, here: "PlatformIdentity") -> bool:
        """Return whether `here` is the platform that was approved, by all that was known of it."""
        if self.server != here.server:
            return False
        if self.namespace_uid is not None:
            return self.namespace_uid == here.namespace_uid
        return self.ca_hash == here.ca_hash


@dataclass(frozen=True, slots=True)
class Target:
    """The object that a plan changes, exactly as it was when the plan was made."""

    name: str
    namespace: str
    uid: str
    generation: int
    resource_version: str
    replicas: int
    revision: str | None = None
    spec_hash: str = ""  # of the complete spec: a generation that moved through annotations alone keeps it
    kind: str = "Deployment"

    @property
    def ref(self) -> str:
        """Return "Deployment/x"."""
        return f"{self.kind}/{self.name}"

    def __str__(self) -> str:
        """Return "Deployment x"."""
        return f"{self.kind} {self.name}"


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
    from_: Desired | None = None  # None: nothing is changed
    to: Desired | None = None
    platform: PlatformIdentity | None = None  # where; None of a bundle
    differences: tuple[str, ...] = ()  # of a rollback: what it changes in the pod template, from → to

    def __post_init__(self) -> None:
        object.__setattr__(self, "differences", tuple(self.differences))
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
    name: str  # of the object that the action changes
    replicas: int | None = None  # to; scale only
    asked_by: str = "the operator"  # what the panel states; another client's wish still needs the operator's approval


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

    Made by `opsagent.agent.approval` from an Answer, and nowhere else; execution takes what it does from here alone.
    """

    incident_id: str
    platform: PlatformIdentity  # of the incident; never "the current context"
    action: Action
    target: Target
    from_: Desired
    to: Desired
    cause: tuple[str | None, str | None]  # code and object; none of the operator's own command
    risks: tuple[Risk, ...]  # as shown
    restarted_at: str  # fixed here, so that repeating the patch changes nothing
    answer: Answer
    plan_hash: str  # of the plan on the panel
    evidence_hash: str  # of the evidence on the panel
    expires_at: datetime  # not begun by then: asked again

    def __post_init__(self) -> None:
        object.__setattr__(self, "cause", tuple(self.cause))
        object.__setattr__(self, "risks", tuple(self.risks))


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

    @property
    def words(self) -> str:
        """Return "restart Deployment/x", "scale Deployment/x to 3 replicas": what was done, as an operator says it."""
        verb = ACTIONS[self.action].verb if self.action in ACTIONS else self.action
        to = f" to {self.replicas} replicas" if self.replicas is not None else ""
        return f"{_SPOKEN.get(verb, verb)} {self.target}{to}"


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
