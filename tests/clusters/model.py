"""The nouns of the generator: API objects as plain dicts, revisions, workloads, and what a case expects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Obj = dict[str, Any]

ACTIONS = frozenset({"none", "restart_deployment", "scale_deployment", "rollback_deployment"})
NONE = frozenset({"none"})
RESTART, SCALE, ROLLBACK = "restart_deployment", "scale_deployment", "rollback_deployment"


def stamp(at: datetime) -> str:
    """Write a time as metav1.Time does: RFC 3339, UTC, seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def micro(at: datetime) -> str:
    """Write a time as metav1.MicroTime does: RFC 3339, UTC, microseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 time in UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def cpu(text: str) -> int:
    """Read a CPU quantity as millicores."""
    return int(text[:-1]) if text.endswith("m") else round(float(text) * 1000)


def mebibytes(text: str) -> int:
    """Read a memory quantity as MiB, rounded down."""
    for unit, factor in (("Ki", 1 / 1024), ("Mi", 1), ("Gi", 1024), ("Ti", 1024 * 1024)):
        if text.endswith(unit):
            return int(float(text[:-2]) * factor)
    return int(text) >> 20


def cpu_text(millis: int) -> str:
    """Write millicores in the canonical form of resource.Quantity."""
    return str(millis // 1000) if millis % 1000 == 0 else f"{millis}m"


def memory_text(mib: int) -> str:
    """Write MiB in the canonical form of resource.Quantity."""
    return f"{mib // 1024}Gi" if mib and mib % 1024 == 0 else f"{mib}Mi"


def name_of(obj: Obj) -> str:
    """Return metadata.name."""
    return str(obj["metadata"]["name"])


def ref(obj: Obj) -> str:
    """Return the spelling `Kind/name` of an object."""
    return f"{obj['kind']}/{name_of(obj)}"


@dataclass
class Revision:
    """One pod template that a workload had, with the ReplicaSet or revision hash made for it."""

    number: int
    template: Obj
    hash: str
    at: datetime
    rs: Obj | None = None


@dataclass(eq=False)
class Workload:
    """A controller with its revisions, pods and Service."""

    name: str  # value of the app label; what operators type
    obj: Obj
    selector: dict[str, str]
    port: int
    lang: str
    born: datetime
    replicas: int
    container: str
    revisions: list[Revision] = field(default_factory=list)
    pods: list[Obj] = field(default_factory=list)
    service: Obj | None = None
    calls: list[str] = field(default_factory=list)
    rolling: datetime | None = None  # when the newest rollout began, where it is not complete
    failed_create: str | None = None  # what the API server answered to the ReplicaSet's last create
    store: bool = False  # a database, cache or broker of a known make
    frozen: bool = False  # its status is written by hand: settle leaves it alone

    @property
    def kind(self) -> str:
        """The controller's kind."""
        return str(self.obj["kind"])

    @property
    def latest(self) -> Revision:
        """The revision of the controller's current template."""
        return self.revisions[-1]

    @property
    def main(self) -> Obj:
        """The application's container in the current template."""
        found: Obj = next(c for c in self.latest.template["spec"]["containers"] if c["name"] == self.container)
        return found

    @property
    def service_name(self) -> str:
        """Name of the Service, or the workload's own where it has none."""
        return name_of(self.service) if self.service else self.name

    def refs(self, pods: list[Obj] | None = None) -> tuple[str, ...]:
        """Return every spelling that stands for this workload: controller, newest ReplicaSet, given or all pods."""
        rs = [ref(self.latest.rs)] if self.latest.rs else []
        return (ref(self.obj), *rs, *(ref(p) for p in (self.pods if pods is None else pods)))


@dataclass(frozen=True)
class Expect:
    """What a diagnosis of one fault has to answer."""

    any_of: tuple[str, ...]
    objects: tuple[str, ...] = ()
    plans: frozenset[str] = NONE
    harmful: frozenset[str] = frozenset()
    service: str | None = None  # the workload whose operators would ask
