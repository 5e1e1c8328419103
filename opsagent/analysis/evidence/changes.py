"""What changed in the last hours, the operator's first question: revisions, scalings, restarts, nodes, events."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from opsagent.analysis.evidence.revisions import differences
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.analysis.objects.event import KubeEvent, event_of
from opsagent.analysis.objects.index import cluster_of
from opsagent.models.evidence import Change, Observation
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.revision import numbered

HOURS = 6.0  # that the time line goes back
# Events that report a change. A failed probe, a back-off, a pod that finds no node are symptoms: evidence, and an
# answer to "what is wrong", not to "what changed".
_NOTABLE = frozenset(
    {
        "OOMKilling", "SystemOOM", "Evicted", "Preempted", "NodeNotReady", "NodeReady", "Rebooted", "Starting",
        "NodeNotSchedulable", "NodeSchedulable", "DeploymentRollback", "SuccessfulRescale", "TaintManagerEviction",
        "RegisteredNode", "RemovingNode",
    }
)  # fmt: skip
_SCALINGS = frozenset({"ScalingReplicaSet", "SuccessfulRescale"})
_TOLD = _NOTABLE | _SCALINGS
_NODES_ONLY = frozenset({"Starting"})
_SCALED = re.compile(r"Scaled (up|down) replica set (\S+)")
_ROLLOUT = timedelta(minutes=10)  # in which a new revision moves its replicas
_AT_ONCE = timedelta(minutes=2)
_SET_UP = 3  # workloads made at once are a platform that is set up, no change of one
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
# What has no revisions and no events of its own, and whoever changes it for a person.
_EDITED = ("ConfigMap", "Service", "NetworkPolicy", "Ingress", "ResourceQuota", "LimitRange", "CronJob")
_TOOLS = ("kubectl", "helm", "argocd", "kustomize", "flux", "terraform", "pulumi")
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_CAUSE = "kubernetes.io/change-cause"
_LONGEST = 160
_MOST = 60


def changes(objects: Objects, *, now: datetime, hours: float = HOURS) -> tuple[Change, ...]:
    """Return what changed within `hours` before `now`, newest last; of a flood only the newest 60 lines.

    Not reported: symptoms, what a rollout or a first start brings along, and each piece of what was set up at once.
    """
    cluster = cluster_of(objects)
    since = now - timedelta(hours=hours)
    rollouts = _rollouts(cluster)
    events = (change for change in _events(cluster, since) if not _of_rollout(change, rollouts))
    found = [*_revisions(cluster), *_restarts(cluster), *_nodes(cluster), *events, *_made(cluster), *_edited(cluster)]
    lately = {(c.at, c.object, c.text): c for c in found if since <= c.at <= now + timedelta(minutes=5)}
    return tuple(sorted(lately.values(), key=lambda change: (change.at, change.object, change.text))[-_MOST:])


def _revisions(cluster: Cluster) -> Iterator[Change]:
    for deployment in cluster.of("Deployment"):
        known = numbered(cluster.owned(deployment, "ReplicaSet"))
        for before, after in zip([None, *known], known, strict=False):
            at = kube.created(after.replica_set)
            if at is None or before is None:
                continue
            told = "; ".join(differences(before.replica_set, after.replica_set)) or "the pod template"
            cause = kube.annotations(after.replica_set).get(_CAUSE)
            text = f"revision {before.number} → {after.number}: {told}" + (f" ({cause})" if cause else "")
            where = f"{kube.ref(after.replica_set)}:spec.template"
            yield _change(at, kube.ref(deployment), text, "objects", where)


def _rollouts(cluster: Cluster) -> dict[str, list[tuple[datetime, str]]]:
    """Return when each Deployment began to move its replicas to which ReplicaSet; "": to its first one."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    for deployment in cluster.of("Deployment"):
        if at := kube.created(deployment):
            found.setdefault(kube.ref(deployment), []).append((at, ""))
        for replica_set in cluster.owned(deployment, "ReplicaSet"):
            if at := kube.created(replica_set):
                found.setdefault(kube.ref(deployment), []).append((at, kube.name(replica_set)))
    return found


def _of_rollout(change: Change, rollouts: dict[str, list[tuple[datetime, str]]]) -> bool:
    """Whether a scaling only moves replicas to a new revision: the new ReplicaSet up, the others down."""
    scaled = _SCALED.match(change.text)
    if scaled is None:
        return False
    return any(
        timedelta(0) <= change.at - at <= (_ROLLOUT if name else _AT_ONCE)
        and (scaled[1] == "up") == (name in ("", scaled[2]))
        for at, name in rollouts.get(change.object, ())
    )


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
            if at is None or not name or _first_word(node, name, kube.text(condition, "status"), at):
                continue
            text = f"{name} is {kube.text(condition, 'status')} since then"
            reason = kube.text(condition, "reason")
            where = f"{kube.ref(node)}:status.conditions[{name}]"
            yield _change(at, kube.ref(node), text + (f" ({reason})" if reason else ""), "objects", where)
        for taint in kube.dicts(node, "spec", "taints"):
            if at := kube.moment(taint, "timeAdded"):
                text = f"tainted {kube.text(taint, 'key')}:{kube.text(taint, 'effect')}"
                yield _change(at, kube.ref(node), text, "objects", f"{kube.ref(node)}:spec.taints")


def _first_word(node: KubeObject, condition: str, status: str, at: datetime) -> bool:
    """Whether a new node only states for the first time that it is healthy."""
    made, well = kube.created(node), status == ("True" if condition == "Ready" else "False")
    return well and made is not None and at - made <= _ROLLOUT


def _events(cluster: Cluster, since: datetime) -> Iterator[Change]:
    """Yield scalings and notable events; those that state the same of several pods of one owner as one line."""
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
    """Yield what was created; what came together with a complete platform as one line."""
    made = [
        (at, item)
        for kind in ("NetworkPolicy", "ResourceQuota", "LimitRange", "Ingress", "Service", "HorizontalPodAutoscaler")
        for item in cluster.of(kind)
        if (at := kube.created(item))
    ]
    made += [(at, item) for item in cluster.of("Node") if (at := kube.created(item))]
    made += [
        (at, item)
        for kind in _WORKLOADS
        for item in cluster.of(kind)
        if (at := kube.created(item)) and kube.integer(item, "metadata", "generation", default=1) == 1
    ]
    for burst in _bursts(made, cluster):
        at, first = burst[0]
        if len(burst) > 1:
            kinds = Counter(kube.kind(item) for _, item in burst)
            told = ", ".join(f"{count} {kind}{'s' * (count != 1)}" for kind, count in sorted(kinds.items()))
            where = f"{kube.ref(first)}:metadata.creationTimestamp"
            yield _change(at, f"Namespace/{kube.namespace(first)}", f"set up at once: {told}", "objects", where)
        else:
            yield _change(at, kube.ref(first), "created", "objects", f"{kube.ref(first)}:metadata.creationTimestamp")


def _edited(cluster: Cluster) -> Iterator[Change]:
    """Yield when a person, or a tool of theirs, changed what has no revisions; its creation is not a change of it."""
    for kind in _EDITED:
        for item in cluster.of(kind):
            made = kube.created(item)
            for entry in kube.dicts(item, "metadata", "managedFields"):
                at, who = kube.moment(entry, "time"), kube.text(entry, "manager")
                if at is None or made is None or at - made <= _AT_ONCE or entry.get("subresource") == "status":
                    continue
                if who.startswith(_TOOLS):
                    where = f"{kube.ref(item)}:metadata.managedFields[{who}].time"
                    yield _change(at, kube.ref(item), f"changed by {who}", "objects", where)


def _bursts(made: list[tuple[datetime, KubeObject]], cluster: Cluster) -> Iterator[list[tuple[datetime, KubeObject]]]:
    """Yield what belongs together: everything made while a platform was set up, and each other object alone."""
    starts = sorted(at for kind in _WORKLOADS for item in cluster.of(kind) if (at := kube.created(item)))
    set_ups = [at for at, third in zip(starts, starts[_SET_UP - 1 :], strict=False) if third - at <= _AT_ONCE]
    groups: dict[tuple[datetime, str], list[tuple[datetime, KubeObject]]] = {}
    for at, item in sorted(made, key=lambda pair: pair[0]):
        place = bisect_right(set_ups, at + _AT_ONCE) - 1
        near = set_ups[place] if place >= 0 and at - set_ups[place] <= _AT_ONCE else None
        if near is None or kube.kind(item) == "Node":
            yield [(at, item)]
        else:
            known = next((key for key in groups if key[1] == kube.namespace(item) and near - key[0] <= _AT_ONCE), None)
            groups.setdefault(known or (near, kube.namespace(item)), []).append((at, item))
    yield from groups.values()


def _gist(message: str) -> str:
    """Return what is the same in messages about several pods: their words without digits and names."""
    return " ".join(word for word in message.lower()[:200].split() if word.isalpha())


def _change(at: datetime, about: str, text: str, source: str, where: str) -> Change:
    line = " ".join(text[: 4 * _LONGEST].split())
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return Change(at, about, line, Observation("events" if source == "events" else "objects", where, line, at))
