"""What was seen, and what could not be seen: one look at each thing, unjudged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from opsagent.models.service import Service

# A Kubernetes API object exactly as the API server returns it; read it defensively, any field may be missing.
KubeObject = dict[str, Any]

Reach = Literal["direct", "proxy", "bundle"]


@dataclass(frozen=True, slots=True)
class Where:
    """The system a look goes to: shown in every panel and bound into every approval."""

    namespace: str
    server: str | None = None  # URL of the API server; None without a cluster
    context: str | None = None  # kubeconfig context, "in-cluster", or None
    bundle: str | None = None  # the path given to --from


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be looked at, and why; it stands in `not_checked`."""

    source: str  # "stats", "health", "pods", "events", "nodes", "logs" …
    why: str


@dataclass(frozen=True, slots=True)
class StatsSample:
    """One GET /stats: its body as answered, or the error."""

    at: datetime  # aware, UTC
    took_s: float
    http: int | None = None
    stats: dict[str, Any] | None = None  # None where it failed
    error: str | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class HealthLook:
    """One look at a service's health path: an HTTP answer, a TCP answer, or an error."""

    service: str
    took_s: float | None = None
    http: int | None = None
    tcp: str | None = None  # "open", or what went wrong
    body: str | None = None
    error: str | None = None
    reach: Reach | None = None

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


@dataclass(frozen=True)
class Objects:
    """The Kubernetes objects that were seen, and which kinds were looked at at all.

    A kind in `looked` without an item means "there is none"; a kind not in `looked` means "not looked at".
    """

    items: tuple[KubeObject, ...] = ()
    looked: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()
    allocated: Mapping[str, Any] = field(default_factory=dict)  # bundle.json's `allocated`


class Platform(Protocol):
    """What can be looked at; the live system and a bundle answer the same calls.

    Every method raises LookError (or a subclass) where the look failed: never an empty success.
    """

    @property
    def live(self) -> bool:
        """Whether this is the running system; a bundle never leads to an action."""

    @property
    def where(self) -> Where:
        """Name the system that is looked at."""

    def now(self) -> datetime:
        """Return the time that the look belongs to: the clock, or the bundle's collected_at (aware, UTC)."""

    def stats(self) -> tuple[StatsSample, ...]:
        """Return GET /stats: one sample live; all samples of a bundle, oldest first. A failed request is a sample
        with `error`; NotLookedAtError where this platform has no /stats."""

    def health(self, service: Service) -> HealthLook:
        """Return one look at the service's health path; an unanswered one is a look with `error`."""

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Return all objects of a kind ("Pod", "Deployment", "Event", "Node" …) in the namespace, or cluster-wide."""

    def get(self, kind: str, name: str) -> KubeObject:
        """Return one object; NotFoundError where there is none."""

    def logs(self, namespace: str | None = None) -> tuple[LogRef, ...]:
        """Return the logs that can be read: each container of each pod, previous ones where one crashed."""

    def read_log(
        self, ref: LogRef, *, tail: int | None = None, since_s: int | None = None, follow: bool = False
    ) -> Iterator[bytes]:
        """Yield a log in chunks of any size, oldest line first, each line with an RFC 3339 stamp where live."""

    def may(self, verb: str, resource: str, subresource: str = "") -> bool | None:
        """Return whether this identity may do `verb` on a resource here (SelfSubjectAccessReview), None if unknown."""

    def declared_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Return bundle.json's `dependencies`; empty live."""
