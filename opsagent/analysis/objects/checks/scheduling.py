"""Pods that no node takes: what the scheduler states, joined with the nodes; or a scheduler that reports nothing."""

import re
from collections import Counter
from dataclasses import replace

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.fit import (
    Obstacle,
    asked_of_node,
    choice_obstacle,
    is_control_plane,
    obstacles,
    requests_of,
    taint_obstacle,
)
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_MOST_NODES = 500
_OFFERED = ("capacity", "allocatable")
_COUNTED = re.compile(r"^(?:only )?(\d+) (?:node\(s\) )?(.*)", re.DOTALL)
_CHOICE = "scheduling.node-selector"
_TAINT = re.compile(r"taints? \{([^:}=\s]+)[:=]?\s*([^}]*)\}")
_OLD_STYLE = re.compile(r"([A-Z]\w+(?: [\w./-]+)?) \((\d+)\)")  # "Insufficient cpu (3), MatchNodeSelector (2)"


def is_unscheduled(pod: KubeObject) -> bool:
    """Return whether a pod still waits for a node, as far as its fields state."""
    if kube.text(pod, "spec", "nodeName") or kube.is_true(pod, "PodScheduled") is True:
        return False
    return kube.text(pod, "status", "phase") in ("", "Pending") and not kube.container_statuses(pod)


def scheduling_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return why a pod has no node."""
    if not is_unscheduled(pod):
        return []
    said = kube.condition(pod, "PodScheduled")
    events = newest(scene.cluster.events_of(pod), "FailedScheduling")
    conditions = [c for c in kube.dicts(pod, "status", "conditions") if c.get("type") == "PodScheduled"]
    messages = [text for c in conditions if (text := kube.text(c, "message"))] or [
        event.message for event in events[:3]
    ]
    told = [obstacle for message in messages for obstacle in parse(message, pod, scene)]
    seen: list[Observation] = [observe_event(event) for event in events[:2]]
    if kube.text(said, "message") or not seen:
        text = kube.text(messages and conditions[0], "message") or kube.text(said, "reason") or "False"
        seen.insert(0, observe(pod, "status.conditions[PodScheduled]", text, kube.moment(said, "lastTransitionTime")))
    if told:
        return _weigh(scene, pod, told, seen, 0.92)
    if any("SchedulingGated" in kube.text(condition, "reason") for condition in conditions):
        return [scene.unexplained(pod, 0.5, "The pod is held back from scheduling by a scheduling gate.", seen)]
    joined = _join(scene, pod)
    if joined:
        return _weigh(scene, pod, joined, [observe(pod, "status.phase", "Pending, without a node")], 0.75)
    return []


def parse(message: str, pod: KubeObject, scene: Scene) -> list[Obstacle]:
    """Return the obstacles that a scheduler's message counts up, one for each node counted."""
    text = message.split("preemption:", maxsplit=1)[0]
    parts = [
        part.strip(" .") for part in re.split(r",(?![^{]*\})", text.split("available:", 1)[-1].split("predicates:")[-1])
    ]
    found: list[Obstacle] = []
    for part in parts:
        counted = _COUNTED.match(part)
        count, what = (int(counted[1]), counted[2]) if counted else (1, part)
        if (old := _OLD_STYLE.search(part)) and not counted:
            count, what = int(old[2]), old[1]
        obstacle = _obstacle(what, pod, scene)
        found += [obstacle] * max(1, min(count, 50)) if obstacle else []
    return found


def _obstacle(what: str, pod: KubeObject, scene: Scene) -> Obstacle | None:
    row = scene.catalog.message("scheduling", what)
    if row is None or row.then == "claim":
        return None  # what a claim lacks is found by its own check
    if row.then == "choice":
        return Obstacle(_choice(scene, pod), what, "", 1)
    if row.then == "taint":
        taint = _TAINT.search(what)
        return taint_obstacle(taint[1], taint[2].strip()) if taint else Obstacle(row.code, what, "", 1)
    return Obstacle(row.code, what)


def _choice(scene: Scene, pod: KubeObject) -> str:
    spec = kube.pod_spec(pod)
    if not kube.strings(spec, "nodeSelector"):
        return "scheduling.node-affinity" if kube.dig(spec, "affinity", "nodeAffinity") else _CHOICE

    def most_common() -> str:
        kept = [choice_obstacle(spec, kube.labels(node), kube.name(node)) for node in scene.cluster.of("Node")]
        codes = Counter(obstacle.code for obstacle in kept if obstacle)
        return codes.most_common(1)[0][0] if codes else _CHOICE

    return scene.cluster.once(("choice", asked_of_node(pod)), most_common)


def _join(scene: Scene, pod: KubeObject) -> list[Obstacle]:
    nodes = scene.cluster.of("Node")
    if not nodes or not kube.pod_spec(pod) or len(nodes) > _MOST_NODES:
        return []
    kept = [found for _, found in _kept(scene, pod)]
    # A node that offers nothing known fits everything: then nothing can be stated.
    return [obstacle for found in kept for obstacle in found[:1]] if all(kept) else []


def _weigh(
    scene: Scene, pod: KubeObject, found: list[Obstacle], seen: list[Observation], strength: float
) -> list[Finding]:
    cause = smallest_change(scene, pod)
    counts = Counter((obstacle.weight, obstacle.code) for obstacle in found)
    ranked = sorted(counts.items(), key=lambda item: (item[0][0], item[1]), reverse=True)
    codes = {code for (weight, code), _ in ranked if weight}
    known = scene.catalog
    if cause is None and len(codes) == 2 and known.tagged("pool-label") & codes and known.tagged("pool-taint") & codes:
        # A pool of its own has a label and a taint: the nodes that lack the label are not meant to take the pod.
        ranked.sort(key=lambda item: item[0][0] == 1 and known.is_a(item[0][1], "pool-taint"), reverse=True)
    named = cause if any(code == cause for (_, code), _ in ranked) else ranked[0][0][1]
    best = next(item for item in ranked if item[0][1] == named)
    findings = []
    for (weight, code), count in ranked:
        first = code == cause or (named != cause and weight == best[0][0] and count == best[1])
        example = next(obstacle for obstacle in found if obstacle.code == code)
        details = [*seen, *_node_detail(scene, code, example)]
        findings.append(
            scene.finding(
                code, pod, strength if first else 0.45 if weight else 0.2, scene.catalog.summary("scheduling", code),
                details, change=_to_change(scene, code),
            )
        )  # fmt: skip
    return [_device(scene, pod, finding) for finding in findings]


def smallest_change(scene: Scene, pod: KubeObject) -> str | None:
    """Return the one obstacle that is in every smallest change which would let a node take the pod.

    None where a node seems to take it, no single obstacle is in all of them, or nodes were not read. A control plane
    is meant to be closed: it counts only where there is nothing else.
    """
    nodes = scene.cluster.of("Node")
    if not nodes or not kube.pod_spec(pod) or len(nodes) > _MOST_NODES or not any(map(kube.labels, nodes)):
        return None  # each node has labels: where none shows any, a table was read, and selectors cannot be checked
    judged = _kept(scene, pod)
    workers = [found for node, found in judged if not is_control_plane(node)] or [found for _, found in judged]
    kept = [frozenset(obstacle.code for obstacle in found) for found in workers]
    if not all(kept):
        return None
    least = min(len(codes) for codes in kept)
    common = frozenset.intersection(*(codes for codes in kept if len(codes) == least))
    return next(iter(sorted(common)), None) if len(common) == 1 else None


def _kept(scene: Scene, pod: KubeObject) -> list[tuple[KubeObject, list[Obstacle]]]:
    """Return each node with what keeps the pod off it; judged once for pods that ask the same of a node."""

    def judged() -> list[tuple[KubeObject, list[Obstacle]]]:
        return [(node, obstacles(scene, pod, node)) for node in scene.cluster.of("Node")]

    return scene.cluster.once(("kept", asked_of_node(pod)), judged)


def _device(scene: Scene, pod: KubeObject, finding: Finding) -> Finding:
    """A node that has more of a device than it offers has lost some: its plug-in calls them unhealthy.

    https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/
    """
    if not scene.catalog.is_a(finding.code, "device"):
        return finding
    for resource in requests_of(pod):
        for node in scene.cluster.of("Node") if "/" in resource else []:
            has, offers = (kube.quantity(kube.dig(node, "status", key, resource)) for key in _OFFERED)
            if has and (offers or 0.0) < has:
                seen = observe(node, f"status.allocatable[{resource}]", f"{offers or 0:.0f} of {has:.0f}")
                change, text = kube.ref(node), scene.catalog.summary("scheduling", "node.device-lost")
                found = (seen, *finding.observations)
                return replace(finding, code="node.device-lost", object=change, summary=text, observations=found)
    return finding


def _to_change(scene: Scene, code: str) -> str | None:
    nodes = sorted(scene.cluster.of("Node"), key=is_control_plane)  # that one is meant to be closed
    state = scene.catalog.about(code).node_state
    if state == "cordoned":
        closed = [node for node in nodes if kube.dig(node, "spec", "unschedulable") is True]
    elif state == "not-ready":
        closed = [node for node in nodes if kube.name(node) in scene.sick_nodes]
    elif state == "pressure":
        kinds = ("MemoryPressure", "DiskPressure", "PIDPressure")
        closed = [node for node in nodes if any(kube.is_true(node, kind) for kind in kinds)]
    else:
        return None
    return kube.ref(closed[0]) if closed else None


def _node_detail(scene: Scene, code: str, example: Obstacle) -> list[Observation]:
    if example.node:
        node = scene.cluster.get("Node", example.node)
        return (
            [observe(node, "spec" if "taint" in code or "cordon" in code else "status.allocatable", example.text)]
            if node
            else []
        )
    if scene.catalog.about(code).node_state == "cordoned":
        closed = [node for node in scene.cluster.of("Node") if kube.dig(node, "spec", "unschedulable") is True]
        return [observe(node, "spec.unschedulable", "true") for node in closed[:2]]
    return []
