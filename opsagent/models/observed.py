"""What was seen, and what could not be seen: one check of each thing, unjudged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from opsagent.models.coverage import Outcome

# A Kubernetes API object exactly as the API server returns it; read it defensively, any field may be missing.
KubeObject = dict[str, Any]

Reach = Literal["direct", "proxy", "bundle"]


@dataclass(frozen=True, slots=True)
class Where:
    """The system a check goes to: shown in every panel and bound into every approval."""

    namespace: str
    server: str | None = None  # URL of the API server; None without a cluster
    context: str | None = None  # kubeconfig context, "in-cluster", or None
    bundle: str | None = None  # the path given to --from


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be checked, and why; it is in `not_checked`."""

    source: str  # "stats", "health", "pods", "events", "nodes", "logs" …
    why: str
    outcome: Outcome = field(default=Outcome.FAILED, compare=False)


@dataclass(frozen=True, slots=True)
class StatsSample:
    """One GET /stats: its body as answered, or the error."""

    at: datetime  # aware, UTC
    took_s: float
    http: int | None = None
    stats: dict[str, Any] | None = None  # None where it failed
    error: str | None = None
    reach: Reach | None = None
    url: str | None = None  # what was asked, for the operator
    hint: str | None = None  # how to fix it, where it failed
    way_failed: bool = False  # what failed is on the way to the load balancer, so that this is not a word of it


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """One check of a service's health path: an HTTP answer, a TCP answer, or an error."""

    service: str
    took_s: float | None = None
    http: int | None = None
    tcp: str | None = None  # "open", or what went wrong
    body: str | None = None
    error: str | None = None
    reach: Reach | None = None
    way_failed: bool = False  # what failed is on the way to the service, so that this is not a word of it

    @property
    def ok(self) -> bool:
        """Whether the service answered, and well: 2xx or 3xx, or an open port."""
        return (self.http is not None and self.http < 400) or (self.http is None and self.tcp == "open")


@dataclass(frozen=True, slots=True)
class LogRef:
    """One log that can be read: a container of a pod, or a file of which only a name is known."""

    where: str  # the place as evidence names it: "logs/<pod>/<container>.log"
    pod: str | None = None
    container: str | None = None
    previous: bool = False
    service: str | None = None  # the service it belongs to, where known
    namespace: str | None = None  # of the pod; None: the platform's own, or not known
    ended_at: datetime | None = None  # when the previous container ended: its log is as old as that


@dataclass(frozen=True, slots=True)
class LogGap:
    """Logs that could not be listed, and why."""

    why: str
    outcome: Outcome = Outcome.FAILED
    service: str | None = None  # whose they are; None: a source as such

    @property
    def skipped(self) -> Skipped:
        """Return it as `not_checked` has it."""
        return Skipped("logs", self.why, self.outcome)


@dataclass(frozen=True)
class Objects:
    """The Kubernetes objects that were seen, and which kinds were checked at all.

    A kind in `looked` without an item means "there is none"; a kind not in `looked` means "not checked".
    """

    items: tuple[KubeObject, ...] = ()
    looked: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()
    allocated: Mapping[str, Any] = field(default_factory=dict)  # bundle.json's `allocated`
