"""A platform of one Deployment, in memory: what is read, tried out and changed is noted, and can be made to fail."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opsagent.agent import wiring
from opsagent.agent.approval import ordered
from opsagent.agent.context import Context
from opsagent.agent.state import State
from opsagent.config.settings import Settings
from opsagent.errors import NotCheckedError, NotFoundError, OpsagentError
from opsagent.models.observed import HealthAnswer, KubeObject, LogRef, StatsSample, Where
from opsagent.models.plan import Answer, Approval, Order, Plan, PlatformIdentity
from opsagent.models.service import Service
from opsagent.redact import Redactor
from opsagent.store.store import Store
from tests.analysis.workloads import deployment, pod
from tests.session import Heard

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
REVISION = "deployment.kubernetes.io/revision"
SERVER = "https://10.0.0.5:6443"
BLOG = Service("blog", "blog", "blog_service")


def blog(**more: Any) -> KubeObject:
    """Return the Deployment "blog" at revision 2, its rollout complete."""
    made = deployment("blog", annotations={REVISION: "2"}, **more)
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return made | {"status": {"observedGeneration": 3, **dict.fromkeys(counts, 1)}}


@dataclass
class SmallPlatform:
    """A live platform (`models.platform.ChangeablePlatform`) without a cluster behind it."""

    held: list[KubeObject] = field(default_factory=lambda: [blog(), pod("blog", ready=True)])
    where: Where = field(default_factory=lambda: Where("shop", SERVER, "kind-shop"))
    at: datetime = AT
    live: bool = True
    here: PlatformIdentity = field(default_factory=lambda: PlatformIdentity(SERVER, "c1", "n1"))
    allowed: bool | None = True
    shown: bool | None = False
    fails: OpsagentError | None = None  # raised by the change
    refuses: OpsagentError | None = None  # raised by a dry run
    unread: OpsagentError | None = None  # raised by every check the cluster
    sample: StatsSample | None = None  # what /stats answers; None: there is none
    tried: list[Plan] = field(default_factory=list)
    changed: list[Approval] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the time."""
        return self.at

    def stats(self) -> tuple[StatsSample, ...]:
        """Return the sample."""
        if self.sample is None:
            raise NotCheckedError("no /stats", source="stats")
        return (self.sample,)

    def health(self, service: Service) -> HealthAnswer:
        """Have no health path."""
        raise NotCheckedError(f"{service.name} has none", source="health")

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Return the objects of a kind."""
        if self.unread:
            raise self.unread
        return tuple(deepcopy(item) for item in self.held if item["kind"] == kind)

    def get(self, kind: str, name: str) -> KubeObject:
        """Return one object."""
        for item in self.list(kind):
            if item["metadata"]["name"] == name:
                return item
        raise NotFoundError(f"no {kind} {name}", source=kind)

    def logs(self, namespace: str | None = None) -> tuple[LogRef, ...]:
        """Have no logs."""
        return ()

    def logs_of(self, pods: Iterable[KubeObject]) -> tuple[LogRef, ...]:
        """Have no logs."""
        return ()

    def read_log(
        self,
        ref: LogRef,
        *,
        tail: int | None = None,
        since_s: int | None = None,
        since_time: datetime | None = None,
        follow: bool = False,
    ) -> Iterator[bytes]:
        """Have no logs."""
        yield from ()

    def may(self, verb: str, resource: str, subresource: str = "") -> bool | None:
        """Answer as reported."""
        return self.allowed

    def declared_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Declare nothing."""
        return {}

    def identity(self) -> PlatformIdentity:
        """Return who it is."""
        return self.here

    def try_out(self, plan: Plan) -> None:
        """Note the plan, and refuse it as reported."""
        self.tried.append(plan)
        if self.refuses:
            raise self.refuses

    def restart(self, approval: Approval) -> KubeObject:
        """Note the approval, and fail as reported."""
        self.changed.append(approval)
        if self.fails:
            raise self.fails
        return {}

    scale = rollback = restart

    def shows(self, approval: Approval) -> bool | None:
        """Answer as reported."""
        return self.shown


@dataclass
class Bench:
    """A platform, the surroundings of a diagnosis of it, and a clock that stands until it is moved."""

    platform: SmallPlatform
    ctx: Context
    clock: list[datetime]

    def later(self, **by: float) -> None:
        """Move the clock."""
        self.clock[0] += timedelta(**by)

    def ordered(self, action: Any = "restart_deployment", replicas: int | None = None) -> State:
        """Return the state in which the operator's own command waits for its answer."""
        order = Order(action, "blog", replicas)
        state: State = {
            "incident_id": "b7k2", "patient": "blog", "order": order, "where": self.platform.where, "started_at": AT,
        }  # fmt: skip
        return {**state, **ordered(self.ctx, order)}

    def yes(self, state: State, **changes: Any) -> Answer:
        """Return the operator's yes to a state."""
        answer = Answer("approve", state["fingerprint"], "operator@host", "pts/3", self.clock[0], "panel")
        return replace(answer, **changes)

    def records(self, kind: Any) -> list[dict[str, Any]]:
        """Return the data of the trail's records of a kind."""
        return [record.data for record in self.ctx.archive.audited(kind)]


def bench(
    folder: Path, platform: SmallPlatform | None = None, pause: Callable[[float], None] = lambda s: None
) -> Bench:
    """Put a small platform and a real store together."""
    made = platform or SmallPlatform()
    plain = Settings()
    settings = replace(plain, state_dir=folder / "state", services=(BLOG,), thresholds=replace(plain.thresholds))
    clock = [AT]
    ctx = wiring.live(
        settings, made, Redactor(), store=Store.at(settings, {}), progress=Heard(), environ={}, model=False
    )
    return Bench(made, replace(ctx, clock=lambda: clock[0], pause=pause, attended=True), clock)
