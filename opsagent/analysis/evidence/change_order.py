"""Which change is shown first: one of the patient, then anybody else's."""

from collections.abc import Iterable, Sequence

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.reasoning.topology_view import World, world_of
from opsagent.models.evidence import Change
from opsagent.models.observed import Objects
from opsagent.models.service import CallGraph, Service

# They act on complete namespaces: a change of one may concern anybody in it.
_SHARED = frozenset({"NetworkPolicy", "ResourceQuota", "LimitRange", "Ingress"})


def patient_first(
    changes: Iterable[Change],
    *,
    patient: str | None,
    cause: str | None,
    graph: CallGraph,
    services: Sequence[Service],
    objects: Objects,
) -> tuple[Change, ...]:
    """Return the changes newest first: those of the patient, of what it calls and of the cause's object before others.

    patient: a service's name. cause: the first cause's object, "Kind/name". What was set up at once comes last.
    """
    found = sorted(changes, key=lambda change: change.at.timestamp(), reverse=True)
    if not found:
        return ()
    world = world_of(graph, (), services, objects)
    near = {patient, *graph.below(patient)} if patient else set[str]()
    nodes = _nodes(near, world, objects)

    def distance(change: Change) -> int:
        kind, _, name = change.object.partition("/")
        if kind == "Namespace":
            return 3
        owner = _service(kind, name, world, objects)
        if change.object == cause or (owner and owner in near):
            return 0
        return 1 if kind in _SHARED or (kind == "Node" and name in nodes) else 2

    return tuple(sorted(found, key=distance))


def _service(kind: str, name: str, world: World, objects: Objects) -> str | None:
    if kind == "Pod" and name in world.pods:
        return world.pods[name][0]
    if kind == "Service":
        return world.names.get(name.lower())
    if kind == "HorizontalPodAutoscaler":
        scaler = next((item for item in cluster_of(objects).of(kind) if kube.name(item) == name), None)
        target = kube.mapping(scaler, "spec", "scaleTargetRef")
        kind, name = kube.text(target, "kind"), kube.text(target, "name")
    return next((service for service, owner in world.owners.items() if owner == f"{kind}/{name}"), None)


def _nodes(near: set[str], world: World, objects: Objects) -> set[str]:
    """Return the nodes that run pods of these services."""
    pods = (pod for pod in cluster_of(objects).of("Pod") if world.pods.get(kube.name(pod), (None, ""))[0] in near)
    return {kube.text(pod, "spec", "nodeName") for pod in pods} if near else set()
