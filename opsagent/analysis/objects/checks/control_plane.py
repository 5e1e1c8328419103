"""A control plane that has stopped: nobody keeps the status of objects, or renews a lease.

The controller manager keeps every workload's status within about a second, and renews its lease every two. A status
that contradicts what is there for longer was not kept: conditions and counts speak first, silence never alone.
"""

from collections.abc import Iterator
from datetime import datetime

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.nodes import is_controller_manager
from opsagent.analysis.objects.checks.scene import Scene, observe, observe_event
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_LAG_S = 15.0  # a status is kept within a second; a busy control plane takes some
_UNSEEN_S = 30.0  # a changed spec is seen within a second
_RENEWALS = 4  # leases that ran out this often belong to nobody who is alive
_LEASE_S = 15  # leaseDurationSeconds, the default of both
_CODE = "node.controller-manager-down"
_STALE = "The controller manager acts on nothing: the status still counts pods that are not there."
_DOWN = "No controller manager runs: nobody makes pods or keeps the status of objects."
_UNSEEN = "The controller manager acts on nothing: nobody has taken up the newest change."


def control_plane_findings(scene: Scene) -> list[Finding]:
    """Return what shows that the controller manager or the scheduler has stopped."""
    found = [finding for lease in scene.cluster.of("Lease") for finding in _lease(scene, lease)]
    found += _crashed(scene)
    gone = dict(_gone_targets(scene))
    for workload in scene.cluster.workloads():
        if kube.kind(workload) in ("Deployment", "StatefulSet", "ReplicaSet") and not kube.deleting(workload):
            found += _stale(scene, workload, gone) or _unseen(scene, workload) or _unscaled(scene, workload)
    return found


def _crashed(scene: Scene) -> list[Finding]:
    """Every controller manager that is there is down: one that runs is enough, the others wait for its lease."""
    pods = [pod for pod in scene.cluster.of("Pod") if is_controller_manager(pod)]
    if not pods or any(kube.is_ready(pod) or not kube.container_statuses(pod) for pod in pods):
        return []
    seen = [observe(pod, "status.conditions[Ready]", _state(pod)) for pod in pods[:3]]
    return [scene.finding(_CODE, pods[0], 0.93, _DOWN, seen, change=kube.ref(pods[0]))]


def _state(pod: KubeObject) -> str:
    waits = [kube.text(status.waiting, "reason") for status in kube.container_statuses(pod)]
    return f"False ({', '.join(filter(None, waits)) or 'not running'})"


def _lease(scene: Scene, lease: KubeObject) -> list[Finding]:
    known = scene.catalog.message("lease", kube.name(lease)) if kube.namespace(lease) == "kube-system" else None
    renewed = kube.moment(lease, "spec", "renewTime")
    age = scene.age(renewed)
    held = kube.integer(lease, "spec", "leaseDurationSeconds", default=_LEASE_S) or _LEASE_S
    if known is None or age is None or age < _RENEWALS * held:
        return []
    seen = [observe(lease, "spec.renewTime", f"{age:.0f} s ago, a lease lasts {held} s", renewed)]
    return [scene.finding(known.code, lease, known.strength, known.summary, seen, change=f"Pod/{kube.name(lease)}")]


def _stale(scene: Scene, workload: KubeObject, gone: dict[tuple[str, str], list[Observation]]) -> list[Finding]:
    """A status that counts more pods than there are; endpoints that name a pod that is gone state the same."""
    space = kube.namespace(workload)
    if not any(kube.namespace(pod) == space for pod in scene.cluster.of("Pod")):
        return []  # pods were not read
    sets = scene.cluster.owned(workload, "ReplicaSet") if kube.kind(workload) == "Deployment" else [workload]
    seen = [
        observe(item, "status.replicas", f"{counted}, and {len(there)} {'is' if len(there) == 1 else 'are'} there")
        for item in sets
        for there in [scene.cluster.owned(item, "Pod")]
        if (counted := kube.integer(item, "status", "replicas")) > len(there)
    ]
    if not seen:
        return []
    names = [kube.name(item) for item in sets]
    targets = [o for (where, pod), told in gone.items() for o in told if where == space and _is_of(pod, names)]
    ages = [age for o in targets if (age := scene.age(o.at)) is not None]
    if ages and min(ages) < _LAG_S:
        return []  # it went only just now
    strength = (0.92 if targets else 0.8) if ages else 0.6 if targets else 0.45
    return [scene.finding(_CODE, workload, strength, _STALE, [*seen, *targets])]


def _gone_targets(scene: Scene) -> Iterator[tuple[tuple[str, str], list[Observation]]]:
    """Yield (namespace, pod) and what was seen of each pod that endpoints name and that is not there."""
    for item in [*scene.cluster.of("EndpointSlice"), *scene.cluster.of("Endpoints")]:
        for field, target in _targets(item):
            name, space = kube.text(target, "name"), kube.namespace(item)
            if kube.text(target, "kind") != "Pod" or not scene.cluster.absent("Pod", name, space):
                continue
            events = scene.cluster.events_of({"kind": "Pod", "metadata": {"name": name, "namespace": space}})
            told = [observe(item, field, f"Pod/{name}, which is not there")]
            yield (space, name), told + [observe_event(event) for event in events[-1:]]


def _targets(item: KubeObject) -> Iterator[tuple[str, object]]:
    for index, endpoint in enumerate(kube.dicts(item, "endpoints")):
        yield f"endpoints[{index}].targetRef", endpoint.get("targetRef")
    for index, subset in enumerate(kube.dicts(item, "subsets")):
        for address in kube.dicts(subset, "addresses"):
            yield f"subsets[{index}].addresses", address.get("targetRef")


def _is_of(pod: str, sets: list[str]) -> bool:
    return any(pod.startswith(f"{name}-") for name in sets)


def _unseen(scene: Scene, workload: KubeObject) -> list[Finding]:
    """A change of the spec that the controller has not taken up for far longer than it takes."""
    generation = kube.optional_integer(workload, "metadata", "generation")
    observed = kube.integer(workload, "status", "observedGeneration")
    if generation is None or generation <= observed:
        return []
    age = scene.age(_spec_changed(workload, generation))
    if age is not None and age < _UNSEEN_S:
        return []
    if age is None and kube.integer(workload, "status", "availableReplicas") >= kube.wanted_replicas(workload):
        return []  # nothing is missing, and it may have been changed only just now
    seen = [observe(workload, "status.observedGeneration", f"{observed}, metadata.generation is {generation}")]
    return [_stopped(scene, workload, 0.52 if age is None else 0.85, seen)]


def _unscaled(scene: Scene, workload: KubeObject) -> list[Finding]:
    """A Deployment, as a table shows it, whose only ReplicaSet at work asks for fewer pods: nobody passed it on.

    Its status states no generation there; between two revisions a rollout asks for less of each.
    """
    if kube.kind(workload) != "Deployment" or kube.dig(workload, "metadata", "generation") is not None:
        return []
    sets = [one for one in scene.cluster.owned(workload, "ReplicaSet") if kube.wanted_replicas(one) > 0]
    wanted = kube.wanted_replicas(workload)
    if len(sets) != 1 or kube.wanted_replicas(sets[0]) >= wanted or kube.dig(workload, "spec", "paused") is True:
        return []
    seen = [observe(sets[0], "spec.replicas", f"{kube.wanted_replicas(sets[0])}, and the Deployment asks for {wanted}")]
    return [_stopped(scene, workload, 0.6, seen)]


def _stopped(scene: Scene, workload: KubeObject, strength: float, seen: list[Observation]) -> Finding:
    return scene.finding(_CODE, workload, strength, _UNSEEN, seen)


def _spec_changed(workload: KubeObject, generation: int) -> datetime | None:
    """Return when the spec was written last, as far as the object states; never earlier than it was."""
    if generation == 1:
        return kube.created(workload)
    times = [
        at
        for entry in kube.dicts(workload, "metadata", "managedFields")
        if entry.get("subresource") != "status" and (at := kube.moment(entry, "time")) is not None
    ]
    return max(times, default=None)
