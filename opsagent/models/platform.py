"""The two faces of a platform: what can be checked, and what an approval may change."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from opsagent.models.observed import HealthAnswer, KubeObject, LogGap, LogRef, StatsSample, Where
from opsagent.models.plan import Approval, Plan, PlatformIdentity
from opsagent.models.service import Service


class Platform(Protocol):
    """What can be checked; the live system and a bundle answer the same calls.

    Every method raises CheckError (or a subclass) where the check failed: never an empty success.
    """

    @property
    def live(self) -> bool:
        """Whether this is the running system; a bundle never points to an action."""

    @property
    def where(self) -> Where:
        """Name the system that is checked."""

    def now(self) -> datetime:
        """Return the time that the check belongs to: the clock, or the bundle's collected_at (aware, UTC)."""

    def stats(self) -> tuple[StatsSample, ...]:
        """Return GET /stats: one sample live; all samples of a bundle, oldest first. A failed request is a sample
        with `error`; NotCheckedError where this platform has no /stats."""

    def health(self, service: Service) -> HealthAnswer:
        """Return one check of the service's health path; an unanswered one is a check with `error`."""

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Return all objects of a kind ("Pod", "Deployment", "Event", "Node" …) in the namespace, or cluster-wide."""

    def get(self, kind: str, name: str) -> KubeObject:
        """Return one object; NotFoundError where there is none."""

    def logs(self, namespace: str | None = None) -> tuple[LogRef, ...]:
        """Return the logs that can be read: each container of each pod, previous ones where one crashed."""

    def read_log(
        self,
        ref: LogRef,
        *,
        tail: int | None = None,
        since_s: int | None = None,
        since_time: datetime | None = None,
        follow: bool = False,
    ) -> Iterator[bytes]:
        """Yield a log in chunks of any size, oldest line first, each line with an RFC 3339 stamp where live.

        since_s, since_time: only what is newer; one of the two.
        """

    def may(self, verb: str, resource: str, subresource: str = "") -> bool | None:
        """Return whether this identity may do `verb` on a resource here (SelfSubjectAccessReview), None if unknown."""

    def declared_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Return bundle.json's `dependencies`; empty live."""


@runtime_checkable
class CountsPasses(Protocol):
    """A platform with bounds for each pass: how much is read, and that its API server proves to be one."""

    def new_pass(self) -> None:
        """Begin a new pass."""


@runtime_checkable
class Provable(Protocol):
    """A platform whose API server can be asked whether it is one that answers."""

    def prove(self) -> None:
        """Return where it does; raises the CheckError that states what is wrong."""


@runtime_checkable
class KnowsLogs(Protocol):
    """A platform that names the logs of pods which were listed already: it need not list them once more."""

    def logs_of(self, pods: Iterable[KubeObject]) -> tuple[LogRef, ...]:
        """Return the logs that these pods have."""


@runtime_checkable
class Selects(Protocol):
    """A platform whose API server chooses objects by their labels: a large namespace need not travel."""

    def select(self, kind: str, labels: str) -> tuple[KubeObject, ...]:
        """Return the objects of a kind that a label selector ("app=web,tier in (a,b)") chooses."""


@runtime_checkable
class KnowsLogGaps(Protocol):
    """A platform with several sources of logs, some of which may have failed while the others were listed."""

    @property
    def log_gaps(self) -> tuple[LogGap, ...]:
        """Return what kept logs from being listed, the last time that they were."""


class ChangeablePlatform(Platform, Protocol):
    """A live platform; the guard is the type: nothing here works without a human's Approval.

    Each method reads the Deployment right before it writes, compares platform, UID and each approved field with the
    approval (PlanChangedError where they differ), sends the resourceVersion as precondition, and returns the Deployment
    after the change. Repeating a call with the same approval changes nothing more.
    """

    def identity(self) -> PlatformIdentity:
        """Return which platform this is; CheckError where there is no cluster to name."""

    def try_out(self, plan: Plan) -> None:
        """Send the plan's exact patch with dryRun=All: nothing is kept, so it takes no Approval.

        Raises CheckError or ActionError where it would be refused, or could not be tried.
        """

    def restart(self, approval: Approval) -> KubeObject:
        """Do what `kubectl rollout restart` does."""

    def scale(self, approval: Approval) -> KubeObject:
        """Set `spec.replicas` through the scale subresource."""

    def rollback(self, approval: Approval) -> KubeObject:
        """Go back to the approved revision, as `kubectl rollout undo --to-revision` does."""

    def shows(self, approval: Approval) -> bool | None:
        """Return whether the approved change is in the cluster; None where that cannot be determined."""
