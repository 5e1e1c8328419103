"""The world under construction: objects, events and logs of one cluster, with its clock and its counters."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .model import Obj, Workload, micro, name_of, stamp

if TYPE_CHECKING:
    from random import Random


@dataclass
class World:
    """One cluster at one moment. `now` is the time of collection, `since` the time at which the fault began."""

    rng: Random
    now: datetime
    since: datetime
    namespace: str
    minor: int  # Kubernetes 1.<minor>
    label: str  # key of the app label
    registry: str
    nodes: list[Obj] = field(default_factory=list)
    workloads: list[Workload] = field(default_factory=list)
    extra: list[Obj] = field(default_factory=list)
    events: list[Obj] = field(default_factory=list)
    logs: dict[str, list[str]] = field(default_factory=dict)
    system: list[Obj] = field(default_factory=list)  # objects of kube-system: in the bundle only where shown
    show_system: bool = False
    spare_names: list[str] = field(default_factory=list)
    taken: list[Workload] = field(default_factory=list)  # workloads that a fault or noise already uses
    stale_endpoints: bool = False  # nobody updates EndpointSlices any more
    silent: set[str] = field(default_factory=set)  # workloads whose callers have nothing to log
    ips: int = 0

    def uid(self) -> str:
        """Return a random UID."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def ago(self, seconds: float) -> datetime:
        """Return the time that many seconds before collection."""
        return self.now - timedelta(seconds=seconds)

    def after(self, at: datetime, seconds: float) -> datetime:
        """Return a time after `at`, never later than two seconds before collection."""
        return min(at + timedelta(seconds=seconds), self.ago(2))

    def chance(self, share: float) -> bool:
        """Draw true in that share of worlds."""
        return self.rng.random() < share

    def service_ip(self) -> str:
        """Return an unused cluster IP."""
        self.ips += 1
        return f"10.96.{self.ips // 250 + 3}.{self.ips % 250 + 2}"

    def new(
        self,
        api: str,
        kind: str,
        name: str,
        at: datetime,
        *,
        labels: dict[str, str] | None = None,
        owner: Obj | None = None,
        namespace: str | None = None,
        annotations: dict[str, str] | None = None,
        **fields: object,
    ) -> Obj:
        """Make an API object; `namespace` defaults to the world's, "" makes it cluster-scoped."""
        meta: Obj = {"name": name, "uid": self.uid(), "resourceVersion": str(self.rng.randint(10_000, 99_000_000))}
        meta["creationTimestamp"] = stamp(at)
        space = self.namespace if namespace is None else namespace
        if space:
            meta["namespace"] = space
        if labels:
            meta["labels"] = dict(labels)
        if annotations:
            meta["annotations"] = dict(annotations)
        if owner is not None:
            meta["ownerReferences"] = [owner_ref(owner)]
        return {"apiVersion": api, "kind": kind, "metadata": meta, **fields}

    def add(self, obj: Obj) -> Obj:
        """Put an object into the cluster and return it."""
        self.extra.append(obj)
        return obj

    def event(
        self,
        about: Obj,
        reason: str,
        message: str,
        *,
        by: str,
        first: datetime,
        last: datetime | None = None,
        count: int = 1,
        warning: bool = False,
        host: str | None = None,
        path: str | None = None,
    ) -> Obj:
        """Record an event in the form its reporter uses: core/v1 with counts, events.k8s.io for the scheduler."""
        first, last = min(first, self.ago(1)), min(max(last or first, first), self.ago(1))
        space = about["metadata"].get("namespace", "default")
        name = f"{name_of(about)}.{self.rng.getrandbits(64):016x}"
        involved = {"apiVersion": about["apiVersion"], "kind": about["kind"], "name": name_of(about)}
        involved |= {"uid": about["metadata"]["uid"]}
        if "namespace" in about["metadata"]:
            involved["namespace"] = space
        if path:
            involved["fieldPath"] = path
        event = self.new("v1", "Event", name, first, namespace=space, involvedObject=involved)
        event |= {"type": "Warning" if warning else "Normal", "reason": reason, "message": message}
        if by == "default-scheduler":
            event |= {"eventTime": micro(first), "firstTimestamp": None, "lastTimestamp": None, "source": {}}
            event |= {"action": "Scheduling", "reportingComponent": by, "reportingInstance": f"{by}-cp-1"}
            if count > 1:
                event["series"] = {"count": count, "lastObservedTime": micro(last)}
        else:
            source = {"component": by, **({"host": host} if host else {})}
            event |= {"eventTime": None, "firstTimestamp": stamp(first), "lastTimestamp": stamp(last), "count": count}
            event |= {"source": source, "reportingComponent": by, "reportingInstance": host or ""}
        self.events.append(event)
        return event

    def kubelet(
        self,
        pod: Obj,
        reason: str,
        message: str,
        *,
        first: datetime,
        last: datetime | None = None,
        count: int = 1,
        warning: bool = False,
        container: str | None = None,
    ) -> Obj:
        """Record an event of the kubelet about a pod or one of its containers."""
        path = f"spec.containers{{{container}}}" if container else None
        host = pod["spec"].get("nodeName")
        return self.event(
            pod,
            reason,
            message,
            by="kubelet",
            first=first,
            last=last,
            count=count,
            warning=warning,
            host=host,
            path=path,
        )

    def log(self, pod: Obj, container: str, lines: list[tuple[datetime, str]], *, previous: bool = False) -> None:
        """Add lines to a container's log, stamped as `kubectl logs --timestamps` does."""
        path = f"logs/{name_of(pod)}/{container}{'.previous' if previous else ''}.log"
        text = [f"{at.strftime('%Y-%m-%dT%H:%M:%S.%f')}{self.rng.randint(0, 999):03d}Z {line}" for at, line in lines]
        self.logs.setdefault(path, []).extend(text)

    def victim(
        self, kinds: tuple[str, ...] = ("Deployment",), *, called: bool = False, single: bool = False
    ) -> Workload:
        """Take an application that nothing else uses yet; `called` and `single` replicas are preferred where asked."""
        free = [w for w in self.workloads if w.kind in kinds and w.service and not w.store and w not in self.taken]
        wished = [w for w in free if not called or self.callers(w)]
        wished = [w for w in wished or free if not single or w.replicas == 1] or wished or free
        chosen = self.rng.choice(wished)
        self.taken.append(chosen)
        chosen.pods[:] = [p for p in chosen.pods if p["status"].get("phase") == "Running"]
        name = name_of(chosen.obj)
        self.extra[:] = [o for o in self.extra if o.get("spec", {}).get("scaleTargetRef", {}).get("name") != name]
        self.events[:] = [
            e for e in self.events if e["involvedObject"]["kind"] != "HorizontalPodAutoscaler" or self._has(e)
        ]
        return chosen

    def _has(self, event: Obj) -> bool:
        uid = event["involvedObject"]["uid"]
        return any(o["metadata"]["uid"] == uid for o in self.extra)

    def callers(self, callee: Workload) -> list[Workload]:
        """Return the workloads that call this one."""
        return [w for w in self.workloads if callee.name in w.calls and w is not callee]

    def pods(self) -> list[Obj]:
        """Return every pod of the cluster, kube-system included."""
        own = [p for w in self.workloads for p in w.pods]
        return own + [o for o in (*self.extra, *self.system) if o["kind"] == "Pod"]

    def workers(self) -> list[Obj]:
        """Return the nodes that are not control plane only."""
        return [n for n in self.nodes if not control_plane_only(n)]


def control_plane_only(node: Obj) -> bool:
    """Return whether ordinary pods are kept off this control-plane node."""
    if "node-role.kubernetes.io/control-plane" not in node["metadata"]["labels"]:
        return False
    return bool(node["spec"].get("taints") or node["spec"].get("unschedulable"))


def owner_ref(owner: Obj) -> Obj:
    """Return the ownerReference that a controller writes."""
    meta = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(kind: str, status: str, at: datetime, reason: str = "", message: str = "", **more: object) -> Obj:
    """Return a status condition."""
    found: Obj = {"type": kind, "status": status, "lastTransitionTime": stamp(at)}
    if reason:
        found["reason"] = reason
    if message:
        found["message"] = message
    return found | more
