"""The objects that were seen, indexed: by kind and name, pods by owner and label, events by the object they name."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from typing import Any, TypeVar

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.event import KubeEvent, about, event_of
from opsagent.analysis.objects.selectors import covers, selector_of, selects
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.resources import CLUSTER_SCOPED

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet", "ReplicationController")
_JOB_NAMES = ("batch.kubernetes.io/job-name", "job-name")
# Events that name an object of these kinds stand for it where the kind itself was not checked.
_STAND_INS = frozenset({"Pod", "PersistentVolumeClaim", "ReplicaSet", "Job", "StatefulSet", "DaemonSet", "Deployment",
                        "HorizontalPodAutoscaler", "CronJob", "Node"})  # fmt: skip


T = TypeVar("T")


class Cluster:
    """An index over what was checked; building it is linear in the number of objects."""

    def __init__(self, objects: Objects) -> None:
        self.allocated = objects.allocated
        self._by_kind: dict[str, list[KubeObject]] = defaultdict(list)
        self._by_name: dict[tuple[str, str, str], KubeObject] = {}
        for item in objects.items:
            kind = item.get("kind") if isinstance(item, dict) else None
            if not isinstance(kind, str) or not kind:
                continue
            self._by_kind[kind].append(item)
            if kind != "Event":  # nobody asks for one by name, and there are many
                self._by_name.setdefault(self._key(kind, kube.name(item), kube.namespace(item)), item)
        self.looked = frozenset(objects.looked) | self._by_kind.keys()
        self._tops: dict[int, KubeObject] = {}
        self._bare: dict[str, list[KubeObject]] = {}
        self._told: dict[tuple[str, str, str], list[KubeEvent]] = {}
        self._once: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` makes of this cluster, made once; `key` names it and all else that it rests on."""
        if key not in self._once:
            self._once[key] = make()
        found: T = self._once[key]
        return found

    def of(self, kind: str) -> list[KubeObject]:
        """Return all objects of a kind."""
        return self._by_kind.get(kind, [])

    def every(self) -> Iterator[KubeObject]:
        """Yield all objects but events, kind by kind."""
        for kind, items in self._by_kind.items():
            if kind != "Event":
                yield from items

    def get(self, kind: str, name: str, namespace: str = "") -> KubeObject | None:
        """Return one object, or None where it was not seen."""
        return self._by_name.get(self._key(kind, name, namespace))

    def absent(self, kind: str, name: str, namespace: str = "") -> bool:
        """Return whether the kind was checked and the object is not there."""
        return kind in self.looked and self.get(kind, name, namespace) is None

    def events_of(self, obj: KubeObject) -> list[KubeEvent]:
        """Return all events that name the object, oldest first; not those of an earlier pod of the same name."""
        found = self._events_about(self._key(kube.kind(obj), kube.name(obj), kube.namespace(obj)))
        uid = kube.text(obj, "metadata", "uid")
        if kube.kind(obj) == "Pod" and uid:
            return [event for event in found if not event.uid or event.uid == uid]
        return list(found)

    def stand_ins(self, kind: str) -> list[KubeObject]:
        """Return bare objects that only events name, of a kind that was not checked."""
        if kind in self.looked or kind not in _STAND_INS:
            return []
        if kind not in self._bare:  # kept, so that the identity of each stays its own
            keys = [key for key in self._events if key[0] == kind and key[2]]
            self._bare[kind] = [{"kind": k, "metadata": {"name": n, "namespace": s}} for k, s, n in keys]
        return self._bare[kind]

    def subjects(self) -> Iterator[tuple[KubeObject, bool]]:
        """Yield what events name, as (object, whether it was read); what was read and is not there is left out."""
        for kind, namespace, name in self._events:
            obj = self.get(kind, name, namespace)
            if obj is not None:
                yield obj, True
            elif kind and name and kind not in self.looked:
                yield {"kind": kind, "metadata": {"name": name, "namespace": namespace}}, False

    def owner(self, obj: KubeObject) -> KubeObject | None:
        """Return the object's nearest owner among what was seen, by reference or else by selector."""
        space = kube.namespace(obj)
        named = list(kube.owners(obj))
        for kind, name in named:
            if (found := self.get(kind, name, space)) is not None:
                return found
        if kube.kind(obj) == "Pod" and not named:
            job = next((value for key in _JOB_NAMES if (value := kube.labels(obj).get(key))), "")
            if job:
                return self.get("Job", job, space)
        if kube.kind(obj) in ("Pod", "ReplicaSet"):
            return self._selecting(obj, [name for _, name in named])
        return None

    def top(self, obj: KubeObject) -> KubeObject:
        """Return the end of the owner chain among what was seen: what an operator changes (itself, without one)."""
        known = self._tops.get(id(obj))
        if known is None:
            known = obj
            for _ in range(5):  # Pod, ReplicaSet, Deployment, and room for an operator's own kinds
                above = self.owner(known)
                if above is None or above is obj or above is known:
                    break
                known = above
            self._tops[id(obj)] = known
        return known

    def pods_of(self, workload: KubeObject) -> list[KubeObject]:
        """Return the pods that belong to a workload, directly or through its ReplicaSets or Jobs."""
        return self._pods_by_owner.get(
            self._key(kube.kind(workload), kube.name(workload), kube.namespace(workload)), []
        )

    def owned(self, owner: KubeObject, kind: str) -> list[KubeObject]:
        """Return the objects of a kind whose nearest owner is this one."""
        if kind == "Pod":
            return [pod for pod in self.pods_of(owner) if self.owner(pod) is owner]
        return self._owned.get((kind, id(owner)), [])

    def selected(self, selector: dict[str, str], namespace: str) -> list[KubeObject]:
        """Return the pods of a namespace whose labels hold every pair of a Service's selector."""
        if not selector:
            return []
        pairs = [self._by_label.get((namespace, key, value), []) for key, value in selector.items()]
        return [pod for pod in min(pairs, key=len) if covers(selector, kube.labels(pod))]

    def workloads(self, namespace: str | None = None) -> list[KubeObject]:
        """Return the workloads at the end of their owner chains: what a platform's services are made of."""
        if namespace is not None:
            return self._workloads.get(namespace, [])
        return [item for found in self._workloads.values() for item in found]

    @cached_property
    def _workloads(self) -> dict[str, list[KubeObject]]:
        grouped: dict[str, list[KubeObject]] = defaultdict(list)
        for item in (item for kind in WORKLOADS for item in self.of(kind)):
            if self.top(item) is item and not _old_revision(item):
                grouped[kube.namespace(item)].append(item)
        return grouped

    def _events_about(self, key: tuple[str, str, str]) -> list[KubeEvent]:
        """Return the events of one object, read when first asked for: of most objects nobody asks."""
        if key not in self._told:
            told = [event_of(item) for item in self._events.get(key, ())]
            told.sort(key=lambda event: event.last.timestamp() if event.last else 0.0)
            self._told[key] = told
        return self._told[key]

    @cached_property
    def _events(self) -> dict[tuple[str, str, str], list[KubeObject]]:
        grouped: dict[tuple[str, str, str], list[KubeObject]] = defaultdict(list)
        for item in self.of("Event"):
            grouped[self._key(*about(item))].append(item)
        return grouped

    @cached_property
    def _pods_by_owner(self) -> dict[tuple[str, str, str], list[KubeObject]]:
        grouped: dict[tuple[str, str, str], list[KubeObject]] = defaultdict(list)
        for pod in self.of("Pod"):
            step: KubeObject | None = pod
            for _ in range(5):
                step = self.owner(step) if step is not None else None
                if step is None:
                    break
                grouped[self._key(kube.kind(step), kube.name(step), kube.namespace(step))].append(pod)
        return grouped

    @cached_property
    def _owned(self) -> dict[tuple[str, int], list[KubeObject]]:
        grouped: dict[tuple[str, int], list[KubeObject]] = defaultdict(list)
        for kind in ("ReplicaSet", "Job"):
            for item in self.of(kind):
                owner = self.owner(item)
                if owner is not None:
                    grouped[kind, id(owner)].append(item)
        return grouped

    @cached_property
    def _by_label(self) -> dict[tuple[str, str, str], list[KubeObject]]:
        grouped: dict[tuple[str, str, str], list[KubeObject]] = defaultdict(list)
        for pod in self.of("Pod"):
            for key, value in kube.labels(pod).items():
                grouped[kube.namespace(pod), key, value].append(pod)
        return grouped

    @cached_property
    def _selectors(self) -> dict[tuple[str, str, str], list[KubeObject]]:
        grouped: dict[tuple[str, str, str], list[KubeObject]] = defaultdict(list)
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"):
            for item in self.of(kind):
                wanted = kube.strings(selector_of(item), "matchLabels")
                if wanted:  # one pair is enough to find the few that have to be compared
                    key, value = max(wanted.items(), key=lambda pair: len(pair[1]))
                    grouped[kube.namespace(item), key, value].append(item)
        return grouped

    def _selecting(self, obj: KubeObject, named: Iterable[str]) -> KubeObject | None:
        above = {"Pod": WORKLOADS, "ReplicaSet": ("Deployment",)}[kube.kind(obj)]
        labels, space, names = kube.labels(obj), kube.namespace(obj), list(named)
        for key, value in labels.items():
            for item in self._selectors.get((space, key, value), []):
                # An owner that was not seen still shows by its name whose it is: "<deployment>-<hash>".
                fits = not names or any(
                    known == kube.name(item) or known.startswith(f"{kube.name(item)}-") for known in names
                )
                if kube.kind(item) in above and item is not obj and fits and selects(selector_of(item), labels):
                    return item
        return None

    @staticmethod
    def _key(kind: str, name: str, namespace: str) -> tuple[str, str, str]:
        return kind, "" if kind in CLUSTER_SCOPED else namespace, name


def _old_revision(item: KubeObject) -> bool:
    """Return whether this is a ReplicaSet at zero: its Deployment, which was not read, runs another revision."""
    return kube.kind(item) == "ReplicaSet" and kube.wanted_replicas(item) == 0
