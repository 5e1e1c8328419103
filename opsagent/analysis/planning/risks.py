"""What may go wrong with a change: stated before the operator approves it."""

import math
from collections.abc import Callable, Iterator, Mapping

from opsagent.analysis.figures.stats import is_front
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.deployments import (
    autoscaler_of,
    exclusive_claims,
    single_writer,
)
from opsagent.analysis.planning.effects import lost_data
from opsagent.analysis.planning.gitops import commit_step, diff_of, keeper_of
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.plan import ACTIONS, Action, Risk
from opsagent.models.service import Service

May = Callable[[str, str, str], bool | None]


def risks(
    action: Action,
    deployment: KubeObject,
    service: Service | None,
    objects: Objects,
    may: May,
    *,
    replicas: int | None = None,
    code: str = "",
) -> tuple[Risk, ...]:
    """Return what the operator has to know before approving, the loss of data first.

    `replicas` is the desired number of a scaling, `code` the cause: db.locked of a workload without a lasting volume
    means that its database file is in the container.
    """
    if action == "none":
        return ()
    found: list[Risk] = []
    if action == "scale_deployment":
        found += _scaling(deployment, service, objects, replicas)
    else:
        found += _new_pods(deployment, service, objects, code)
    if action == "rollback_deployment":
        found.append(Risk("partial", "a rollback brings back no ConfigMap, no Secret and no database schema"))
    found += _reverted(action, deployment, objects, replicas)
    found += _forbidden(action, deployment, may)
    return tuple(sorted(found, key=lambda risk: risk.kind != "data-loss"))


def _new_pods(deployment: KubeObject, service: Service | None, objects: Objects, code: str) -> Iterator[Risk]:
    """Yield what it means that every pod is replaced by a new one."""
    yield from lost_data(deployment, service, code)
    yield from _ROLLOUTS.get(kube.kind(deployment), _outage)(deployment, objects)
    if service is not None and is_front(service):
        yield Risk("counters", "its counters (success rate, total requests) start at zero again")


def _outage(deployment: KubeObject, objects: Objects) -> Iterator[Risk]:
    count, seconds = kube.wanted_replicas(deployment), _seconds_until_ready(deployment)
    recreate = kube.text(deployment, "spec", "strategy", "type") == "Recreate"
    away = _unavailable(deployment, count)
    if recreate:
        yield Risk("outage", f"strategy Recreate: all pods end first, about {seconds} s without the service")
    elif count == 1:
        yield Risk("outage", f"one replica: about {seconds} s without the service if the old pod does not answer")
    elif count > 1 and away:
        yield Risk("outage", f"up to {away} of {count} pods are away at a time")
    claims = exclusive_claims(deployment, objects)
    if claims and not recreate and count:
        yield Risk(
            "outage",
            f"old and new pod want one volume ({', '.join(claims)}): on another node the new one waits",
        )


def _in_order(stateful_set: KubeObject, _objects: Objects) -> Iterator[Risk]:
    """Yield what a rolling restart of a StatefulSet means: the last pod first, the next one when it is Ready."""
    count, seconds = kube.wanted_replicas(stateful_set), _seconds_until_ready(stateful_set)
    strategy = kube.mapping(stateful_set, "spec", "updateStrategy")
    if kube.text(strategy, "type") == "OnDelete":
        yield Risk("no-effect", "updateStrategy OnDelete: no pod is replaced until somebody deletes it")
        return
    held_back = kube.integer(strategy, "rollingUpdate", "partition")
    if held_back:
        yield Risk("partial", f"partition {held_back}: only {max(0, count - held_back)} of {count} pods are replaced")
    if count == 1:
        yield Risk("outage", f"one replica: about {seconds} s without the service, the old pod ends first")
    elif count > 1:
        away = max(1, _share(kube.dig(strategy, "rollingUpdate", "maxUnavailable", default=1), count))
        yield Risk("outage", f"up to {away} of {count} pods are away at a time, about {seconds * count} s in all")
    if kube.text(stateful_set, "spec", "podManagementPolicy") != "Parallel" and count > 1:
        yield Risk(
            "ordered", "OrderedReady: the last pod goes first, and one that does not become Ready stops the rest"
        )
    claims = [
        kube.text(claim, "metadata", "name") for claim in kube.dicts(stateful_set, "spec", "volumeClaimTemplates")
    ]
    if claims:
        yield Risk("kept", f"data on the claims survives: {', '.join(claims)}")


def _node_by_node(daemon_set: KubeObject, _objects: Objects) -> Iterator[Risk]:
    """Yield what a rolling restart of a DaemonSet means: on some nodes at a time there is no pod."""
    strategy = kube.mapping(daemon_set, "spec", "updateStrategy")
    if kube.text(strategy, "type") == "OnDelete":
        yield Risk("no-effect", "updateStrategy OnDelete: no pod is replaced until somebody deletes it")
        return
    nodes = kube.integer(daemon_set, "status", "desiredNumberScheduled")
    if kube.dig(strategy, "rollingUpdate", "maxSurge", default=0) in (0, "0%"):
        away = max(1, _share(kube.dig(strategy, "rollingUpdate", "maxUnavailable", default=1), nodes))
        seconds = _seconds_until_ready(daemon_set)
        yield Risk("outage", f"up to {away} of {nodes} nodes are without it at a time, for about {seconds} s each")


_ROLLOUTS: Mapping[str, Callable[[KubeObject, Objects], Iterator[Risk]]] = {
    "StatefulSet": _in_order,
    "DaemonSet": _node_by_node,
}


def _scaling(deployment: KubeObject, service: Service | None, objects: Objects, replicas: int | None) -> Iterator[Risk]:
    current = kube.wanted_replicas(deployment)
    alone = single_writer(deployment, service, objects)
    if replicas == 0:
        yield Risk("outage", "nothing serves any more at zero replicas")
    if replicas is not None and replicas < current and service is not None and service.local_data:
        yield Risk("data-loss", f"pods that go take their data with them: {service.local_data}")
    more = replicas > 1 if replicas is not None else current > 0
    if more and alone:
        yield Risk("causes-more", f"this can cause what it is to fix: {alone}")


def _reverted(action: Action, deployment: KubeObject, objects: Objects, replicas: int | None) -> Iterator[Risk]:
    scaler = autoscaler_of(deployment, objects)
    if action == "scale_deployment" and scaler is not None:
        yield Risk("reverted", f"{kube.ref(scaler)} sets the number of replicas and will revert it")
    keeper = keeper_of(deployment, objects)
    if keeper is None or ACTIONS[action].verb == "restart":
        return
    diff = diff_of(action, deployment, objects, replicas)
    if keeper.reverts:
        kept = f"{keeper.tool} keeps this {kube.kind(deployment) or 'Deployment'} as it is declared"
        yield Risk("reverted", f"{kept} and may revert the change; {commit_step(keeper, deployment, diff)}")
    else:
        text = "the next helm upgrade brings the change back unless its chart or values are corrected"
        yield Risk("reverted", text)


def _forbidden(action: Action, deployment: KubeObject, may: May) -> Iterator[Risk]:
    changed = ACTIONS[action]
    if may("patch", changed.plural, changed.subresource) is False:
        what = f"{changed.plural}/{changed.subresource}" if changed.subresource else changed.plural
        space = kube.namespace(deployment)
        yield Risk("forbidden", f"this identity may not patch {what}{f' in {space}' if space else ''}: it will fail")


def _seconds_until_ready(deployment: KubeObject) -> int:
    """Return about how long a new pod takes until it is Ready, by its probes (10 s apart by default)."""
    waits = [5]
    for container in kube.containers(deployment):
        probe = kube.mapping(container.raw, "readinessProbe")
        if container.group == "container" and probe:
            delay = max(0, kube.integer(probe, "initialDelaySeconds"))
            waits.append(delay + max(1, kube.integer(probe, "periodSeconds", default=10)))
    return min(max(waits), 3600)


def _unavailable(deployment: KubeObject, count: int) -> int:
    """Return maxUnavailable in pods: a percentage is rounded down, 25 % is the default."""
    return _share(kube.dig(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable", default="25%"), count)


def _share(value: object, count: int) -> int:
    """Return a number of pods or a percentage of them, rounded down."""
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdigit() and len(value) < 5:
        return min(count, math.floor(count * int(value[:-1]) / 100))
    return min(count, value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
