"""What changed in the last hours, the operator's first question: revisions, scalings, restarts, nodes, events."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from opsagent.analysis import kube
from opsagent.analysis.cluster import Cluster, KubeEvent, event_of
from opsagent.analysis.index import cluster_of
from opsagent.analysis.revisions import differences, revisions_of
from opsagent.models.evidence import Change, Observation
from opsagent.models.look import Objects

# Events that tell of a change or a fault with a time; what every start of a pod says is left out.
_NOTABLE = frozenset(
    {
        "OOMKilling", "SystemOOM", "Evicted", "Preempted", "Killing", "NodeNotReady", "NodeReady", "Rebooted",
        "Starting", "NodeNotSchedulable", "NodeSchedulable", "FailedScheduling", "FailedMount",
        "FailedAttachVolume", "FailedCreate", "BackOff", "Unhealthy", "DeploymentRollback",
        "SuccessfulRescale", "BackoffLimitExceeded", "ProvisioningFailed", "TaintManagerEviction",
        "RegisteredNode", "RemovingNode", "ExceededGracePeriod",
    }
)  # fmt: skip
_SCALINGS = frozenset({"ScalingReplicaSet", "SuccessfulRescale"})
_TOLD = _NOTABLE | _SCALINGS
_NODES_ONLY = frozenset({"Starting"})
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_CAUSE = "kubernetes.io/change-cause"
_LONGEST = 160
_MOST = 60


def changes(objects: Objects, *, now: datetime, hours: float = 6.0) -> tuple[Change, ...]:
    """Return what changed within `hours` before `now`, newest last; of a flood only the newest 60 lines."""
    cluster = cluster_of(objects)
    since = now - timedelta(hours=hours)
    found = [*_revisions(cluster), *_restarts(cluster), *_nodes(cluster), *_events(cluster, since), *_made(cluster)]
    lately = {(c.at, c.object, c.text): c for c in found if since <= c.at <= now + timedelta(minutes=5)}
    return tuple(sorted(lately.values(), key=lambda change: (change.at, change.object, change.text))[-_MOST:])


def _revisions(cluster: Cluster) -> Iterator[Change]:
    for deployment in cluster.of("Deployment"):
        known = revisions_of(deployment, cluster)
        for before, after in zip([None, *known], known, strict=False):
            at = kube.created(after.replica_set)
            if at is None or before is None:
                continue
            told = "; ".join(differences(before.replica_set, after.replica_set)) or "the pod template"
            cause = kube.annotations(after.replica_set).get(_CAUSE)
            text = f"revision {before.number} → {after.number}: {told}" + (f" ({cause})" if cause else "")
            where = f"{kube.ref(after.replica_set)}:spec.template"
            yield _change(at, kube.ref(deployment), text, "objects", where)


def _restarts(cluster: Cluster) -> Iterator[Change]:
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for item in cluster.of(kind):
            asked = kube.annotations(kube.mapping(item, "spec", "template")).get(_RESTARTED)
            if at := kube.when(asked):
                where = f"{kube.ref(item)}:spec.template.metadata.annotations[{_RESTARTED}]"
                yield _change(at, kube.ref(item), "restarted on request", "objects", where)
    for pod in cluster.of("Pod"):
        for status in kube.container_statuses(pod):
            last = status.last_terminated
            at = kube.moment(last, "finishedAt") or (status.started_at if status.restarts else None)
            if at is None:
                continue
            parts = [kube.text(last, "reason"), f"exit code {last['exitCode']}" if "exitCode" in last else ""]
            why = ", ".join(part for part in parts if part)
            text = f"container {status.name} restarted" + (f" ({why})" if why else "")
            text += f", {status.restarts} times in all" if status.restarts > 1 else ""
            yield _change(at, kube.ref(pod), text, "objects", f"{kube.ref(pod)}:{status.field}.lastState")


def _nodes(cluster: Cluster) -> Iterator[Change]:
    for node in cluster.of("Node"):
        for condition in kube.dicts(node, "status", "conditions"):
            at, name = kube.moment(condition, "lastTransitionTime"), kube.text(condition, "type")
            if at is None or not name:
                continue
            text = f"{name} is {kube.text(condition, 'status')} since then"
            reason = kube.text(condition, "reason")
            where = f"{kube.ref(node)}:status.conditions[{name}]"
            yield _change(at, kube.ref(node), text + (f" ({reason})" if reason else ""), "objects", where)
        for taint in kube.dicts(node, "spec", "taints"):
            if at := kube.moment(taint, "timeAdded"):
                text = f"tainted {kube.text(taint, 'key')}:{kube.text(taint, 'effect')}"
                yield _change(at, kube.ref(node), text, "objects", f"{kube.ref(node)}:spec.taints")


def _events(cluster: Cluster, since: datetime) -> Iterator[Change]:
    """Yield scalings and notable events; those that say the same of several pods of one owner as one line."""
    newest: dict[tuple[str, str, str], tuple[KubeEvent, int]] = {}
    for item in cluster.of("Event"):
        if kube.text(item, "reason") not in _TOLD:
            continue
        event = event_of(item)
        if event.last is None or event.last < since or not event.name:
            continue
        if event.reason in _SCALINGS:
            yield _change(event.last, f"{event.kind}/{event.name}", event.message, "events", event.where)
        elif event.reason in _NOTABLE and (event.kind == "Node" or event.reason not in _NODES_ONLY):
            about = cluster.get(event.kind, event.name, event.namespace)
            whose = kube.ref(cluster.top(about)) if about else f"{event.kind}/{event.name}"
            key = whose, event.reason, _gist(event.message)
            known, count = newest.get(key, (event, 0))
            newer = event if known.last is None or event.last >= known.last else known
            newest[key] = newer, count + event.count
    for (whose, reason, _), (event, count) in newest.items():
        if event.last is not None:
            times = f" ×{count}" if count > 1 else ""
            yield _change(event.last, whose, f"{reason}{times}: {event.message}", "events", event.where)


def _made(cluster: Cluster) -> Iterator[Change]:
    for kind in (
        "NetworkPolicy",
        "ResourceQuota",
        "LimitRange",
        "Ingress",
        "Service",
        "HorizontalPodAutoscaler",
        "Node",
    ):
        for item in cluster.of(kind):
            if at := kube.created(item):
                yield _change(at, kube.ref(item), "created", "objects", f"{kube.ref(item)}:metadata.creationTimestamp")
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for item in cluster.of(kind):
            if (at := kube.created(item)) and kube.integer(item, "metadata", "generation", default=1) == 1:
                yield _change(at, kube.ref(item), "created", "objects", f"{kube.ref(item)}:metadata.creationTimestamp")


def _gist(message: str) -> str:
    """Return what is the same in messages about several pods: their words without digits and names."""
    return " ".join(word for word in message.lower()[:200].split() if word.isalpha())


def _change(at: datetime, about: str, text: str, source: str, where: str) -> Change:
    line = " ".join(text[: 4 * _LONGEST].split())
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return Change(at, about, line, Observation("events" if source == "events" else "objects", where, line, at))
