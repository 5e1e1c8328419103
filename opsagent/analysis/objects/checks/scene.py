"""What every rule over objects is handed: the index, the time of the check, and how a finding is put together."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.evidence.log_facts import Told
from opsagent.analysis.evidence.workloads import service_name
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.event import KubeEvent, event_of
from opsagent.analysis.objects.selectors import covers
from opsagent.models.evidence import UNKNOWN, Finding, Observation
from opsagent.models.observed import KubeObject

# A Deployment names its ReplicaSets by a hash of the template, in an alphabet without vowels.
_HASHED = re.compile(r"(.+)-[a-z0-9]{5,10}")
_LONGEST = 300
_STARTING_S = 120.0  # for which what was just made may lack what it needs
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Scene:
    """One check of a cluster, as the rules see it."""

    cluster: Cluster
    now: datetime
    crash_window_s: float = 600.0
    told: Told = field(default_factory=Told)
    catalog: Catalog = field(default_factory=builtin)

    def age(self, moment: datetime | None) -> float | None:
        """Return how many seconds ago it was; 0 for a clock that is ahead, None where unknown."""
        return None if moment is None else max(0.0, (self.now - moment).total_seconds())

    def starting(self, moment: datetime | None) -> bool:
        """Return whether it was a moment ago: what begins then is not at fault yet; an unknown time is long ago."""
        age = self.age(moment)
        return age is not None and age < _STARTING_S

    def recent(self, moment: datetime | None, within_s: float) -> bool:
        """Return whether it was within the last seconds; an unknown time counts as recent."""
        age = self.age(moment)
        return age is None or age <= within_s

    def events_reach(self, moment: datetime | None) -> bool:
        """Return whether the events that were read go back past a moment: only then does a missing one count."""
        return moment is not None and self._first_event is not None and self._first_event <= moment

    @cached_property
    def _first_event(self) -> datetime | None:
        firsts = (event_of(item).first for item in self.cluster.of("Event"))
        return min((first for first in firsts if first is not None), default=None)

    def finding(
        self,
        code: str,
        subject: KubeObject,
        strength: float,
        summary: str,
        observations: Iterable[Observation | None],
        *,
        change: str | None = None,
        at: datetime | None = None,
        blames: str | None = None,
        variant: str = "",
    ) -> Finding:
        """Return a finding about `subject`; what has to change is the end of its owner chain unless `change` states."""
        top = self.cluster.top(subject)
        own = kube.kind(top) not in _NO_SERVICE and kube.namespace(top) != "kube-system"
        service = service_name(top) if own else None
        seen = tuple(item for item in observations if item is not None)
        began = at or min((item.at for item in seen if item.at), default=None)
        return Finding(
            code, change or self.named(top), service, strength, summary, seen, at=began, blames=blames, variant=variant
        )

    def unexplained(
        self,
        subject: KubeObject,
        strength: float,
        summary: str,
        observations: Iterable[Observation | None],
        *,
        change: str | None = None,
    ) -> Finding:
        """Return a finding that something is wrong with `subject`, and its objects do not state why."""
        return self.finding(UNKNOWN, subject, strength, summary, observations, change=change)

    def named(self, top: KubeObject) -> str:
        """Return the object to change as "Kind/name": of a pod whose owner was not seen, the owner that it names."""
        owner = next(kube.owners(top), None) if kube.kind(top) in ("Pod", "ReplicaSet") else None
        if owner is None or owner[0] == "Node":  # a mirror pod belongs to its node's own files
            return kube.ref(top)
        kind, name = owner
        stem = _HASHED.fullmatch(name)
        space = kube.namespace(top)
        if kind == "ReplicaSet" and stem and not self.cluster.absent("Deployment", stem[1], space):
            return f"Deployment/{stem[1]}"
        return kube.ref(top) if self.cluster.absent(kind, name, space) else f"{kind}/{name}"

    def pod_running_on(self, node: str) -> list[KubeObject]:
        """Return the pods bound to a node that still use it."""
        return self._by_node.get(node, [])

    def services_selecting(self, namespace: str, labels: dict[str, str]) -> list[KubeObject]:
        """Return the Services of a namespace whose selector these labels meet."""
        near = [item for pair in labels.items() for item in self._services.get((namespace, *pair), [])]
        return [item for item in near if covers(kube.strings(item, "spec", "selector"), labels)]

    @cached_property
    def service_names(self) -> dict[str, list[str]]:
        """Names of the Services by namespace."""
        grouped: dict[str, list[str]] = defaultdict(list)
        for item in self.cluster.of("Service"):
            grouped[kube.namespace(item)].append(kube.name(item))
        return grouped

    @cached_property
    def _services(self) -> dict[tuple[str, str, str], list[KubeObject]]:
        grouped: dict[tuple[str, str, str], list[KubeObject]] = defaultdict(list)
        for item in self.cluster.of("Service"):
            wanted = kube.strings(item, "spec", "selector")
            if wanted:  # one pair is enough to find the few that have to be compared
                key, value = max(wanted.items(), key=lambda pair: len(pair[1]))
                grouped[kube.namespace(item), key, value].append(item)
        return grouped

    @cached_property
    def _by_node(self) -> dict[str, list[KubeObject]]:
        grouped: dict[str, list[KubeObject]] = defaultdict(list)
        for pod in self.cluster.of("Pod"):
            node = kube.text(pod, "spec", "nodeName")
            if node and kube.text(pod, "status", "phase") not in ("Succeeded", "Failed"):
                grouped[node].append(pod)
        return grouped

    @cached_property
    def sick_nodes(self) -> frozenset[str]:
        """Names of the nodes that are not ready: what runs there is not to blame."""
        nodes = self.cluster.of("Node")
        return frozenset(
            kube.name(node)
            for node in nodes
            if kube.condition(node, "Ready") and kube.is_true(node, "Ready") is not True
        )


_NO_SERVICE = frozenset(
    {"Node", "PersistentVolume", "StorageClass", "PersistentVolumeClaim", "ResourceQuota", "Ingress"}
)


def short(text: str, longest: int = _LONGEST) -> str:
    """Return a message on one line, cut where it is long."""
    line = _SPACE.sub(" ", text[: 4 * longest]).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def observe(obj: KubeObject, field: str, text: str, at: datetime | None = None) -> Observation:
    """Return a field of an object as an observation."""
    return Observation("objects", f"{kube.ref(obj)}:{field}", short(text), at)


def observe_event(event: KubeEvent) -> Observation:
    """Return an event as an observation."""
    times = f" ×{event.count}" if event.count > 1 else ""
    about = f"{event.kind}/{event.name} " if event.name else ""
    return Observation("events", event.where, short(f"{about}{event.reason}{times}: {event.message}"), event.last)


def newest(events: Iterable[KubeEvent], *reasons: str) -> list[KubeEvent]:
    """Return the events with any of these reasons, newest first, one for each message."""
    seen: dict[str, KubeEvent] = {}
    for event in events:
        if event.reason in reasons:
            seen.pop(event.message, None)
            seen[event.message] = event
    return list(reversed(seen.values()))
