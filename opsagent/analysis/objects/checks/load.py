"""Load: autoscalers at their end, and what metrics.k8s.io measured against limits; without metrics it abstains."""

from typing import Any

from opsagent.analysis.catalog.records import Message
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_RESOURCES = ("cpu", "memory")
_SATURATED = 0.92
# Reasons of the autoscaler's events when it gets no figure (kubernetes/pkg/controller/podautoscaler).
_NO_METRICS = ("FailedGetResourceMetric", "FailedGetContainerResourceMetric", "FailedGetPodsMetric",
               "FailedGetObjectMetric", "FailedGetExternalMetric", "FailedComputeMetricsReplicas")  # fmt: skip
_TARGET_KINDS = frozenset({"Deployment", "StatefulSet", "ReplicaSet"})

_UNASKED = "missing request for"  # how the autoscaler states that a container has no request


def autoscaler_findings(scene: Scene, autoscaler: KubeObject) -> list[Finding]:
    """Return whether an autoscaler needs more than it may have, has no target, or cannot read its metric."""
    kind = kube.text(autoscaler, "spec", "scaleTargetRef", "kind")
    name = kube.text(autoscaler, "spec", "scaleTargetRef", "name")
    space = kube.namespace(autoscaler)
    target = scene.cluster.get(kind, name, space)
    limited = kube.condition(autoscaler, "ScalingLimited")
    able = kube.condition(autoscaler, "AbleToScale")
    active = kube.condition(autoscaler, "ScalingActive")
    if (
        kind in _TARGET_KINDS
        and name
        and target is None
        and (scene.cluster.absent(kind, name, space) or kube.text(able, "reason") == "FailedGetScale")
    ):
        seen = [observe(autoscaler, "spec.scaleTargetRef", f"{kind}/{name}, which is not there")]
        return [
            scene.finding("config.missing-object", autoscaler, 0.8, "The autoscaler's target does not exist.", seen)
        ]
    full = kube.text(limited, "status") == "True" and kube.text(limited, "reason") == "TooManyReplicas"
    if full and not _within_target(autoscaler):
        return _at_most(scene, autoscaler, target, kube.text(limited, "message"))
    bare = _without_request(scene, autoscaler, target) if target else []
    if kube.text(active, "status") == "False" and kube.text(active, "reason").startswith("FailedGet"):
        message = kube.text(active, "message")
        stated = _UNASKED in message
        seen = [observe(autoscaler, "status.conditions[ScalingActive]", message), *(bare if stated else [])]
        variant = "missing-request" if stated else ""
        return [_no_metrics(scene, autoscaler, target, strength=0.85, message=message, seen=seen, variant=variant)]
    failed = [e for e in newest(scene.cluster.events_of(autoscaler), *_NO_METRICS) if scene.recent(e.last, 900)]
    if failed and not active:
        message = failed[0].message
        seen = [observe_event(event) for event in failed[:2]]
        return [_no_metrics(scene, autoscaler, target, strength=0.82, message=message, seen=seen)]
    if target and bare and not active:
        seen = [observe(autoscaler, "spec.metrics", "a share of the containers' requests"), *bare]
        return [
            _no_metrics(scene, autoscaler, target, strength=0.6, message=_UNASKED, seen=seen, variant="missing-request")
        ]
    return []


def _without_request(scene: Scene, autoscaler: KubeObject, target: KubeObject) -> list[Observation]:
    """Return the containers of the target's pods that state no request although the autoscaler measures a share of it.

    A limit alone is a request as well, and a LimitRange may have given one: the pods, where there are any, show it.
    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work
    """
    metrics = [(_source(item), kube.mapping(item, _source(item))) for item in kube.dicts(autoscaler, "spec", "metrics")]
    shares = [
        (kube.text(metric, "name"), kube.text(metric, "container") if source == "containerResource" else "")
        for source, metric in metrics
        if source in ("resource", "containerResource") and kube.dig(metric, "target", "averageUtilization") is not None
    ]
    pods = [pod for pod in scene.cluster.pods_of(target) if not kube.deleting(pod)]
    of = pods[0] if pods else target
    return [
        observe(of, f"{container.field}.resources.requests.{resource}", f"not stated by {container.name}")
        for resource, only in shares
        for container in kube.containers(of)
        if container.group == "container"
        and "resources" in container.raw  # the API server always writes it; a table does not show it
        and only in ("", container.name)
        and not any(kube.dig(container.raw, "resources", side, resource) for side in ("requests", "limits"))
    ][:2]


def _no_metrics(
    scene: Scene,
    autoscaler: KubeObject,
    target: KubeObject | None,
    *,
    strength: float,
    message: str,
    seen: list[Observation],
    variant: str = "",
) -> Finding:
    at, change = target or autoscaler, kube.ref(autoscaler)
    return scene.finding("autoscaling.no-metrics", at, strength, _blind(message), seen, change=change, variant=variant)


def _blind(message: str) -> str:
    if "missing request for" in message:
        return "The autoscaler cannot compute a utilization: containers of its target state no request."
    if "unable to fetch metrics from resource metrics api" in message.lower() or "metrics.k8s.io" in message:
        return "The autoscaler gets no resource metrics: the metrics API does not answer."
    return "The autoscaler cannot read its metric."


def _within_target(autoscaler: KubeObject) -> bool:
    """Return whether every measured metric is at or below its target: at its maximum, and content with it."""
    wanted = {
        _metric(item): kube.mapping(item, _source(item), "target") for item in kube.dicts(autoscaler, "spec", "metrics")
    }
    measured = [
        (kube.mapping(item, _source(item), "current"), wanted.get(_metric(item), {}))
        for item in kube.dicts(autoscaler, "status", "currentMetrics")
    ]
    shares = [
        _share(current.get(key), target.get(key))
        for current, target in measured
        for key in ("averageUtilization", "averageValue", "value")
        if key in current and key in target
    ]
    return len(shares) >= max(1, len(wanted)) and all(0.0 < share <= 1.0 for share in shares)


def _source(metric: dict[str, Any]) -> str:
    kind = kube.text(metric, "type")
    return kind[:1].lower() + kind[1:]


def _metric(metric: dict[str, Any]) -> tuple[str, str]:
    source = _source(metric)
    return source, kube.text(metric, source, "name") or kube.text(metric, source, "metric", "name")


def _at_most(scene: Scene, autoscaler: KubeObject, target: KubeObject | None, message: str) -> list[Finding]:
    most = kube.text(autoscaler, "spec", "maxReplicas") or kube.text(autoscaler, "status", "desiredReplicas")
    seen = [observe(autoscaler, "status.conditions[ScalingLimited]", f"TooManyReplicas: {message}")]
    metrics = [kube.text(metric, "resource", "name") for metric in kube.dicts(autoscaler, "status", "currentMetrics")]
    metrics += [kube.text(metric, "resource", "name") for metric in kube.dicts(autoscaler, "spec", "metrics")]
    used_up = [resource for resource in _RESOURCES if resource in metrics]
    code = _usage(scene, used_up[0]).code if used_up else "load.traffic-surge"
    change = kube.ref(autoscaler)
    # Without the measured figure only the condition is known: that there is more load than pods.
    measured = bool(kube.dicts(autoscaler, "status", "currentMetrics"))
    summary = f"The autoscaler needs more than the {most or 'few'} replicas that it may have: the load is too high."
    limit = f"The autoscaler may not go above {most or 'its maximum'}, and its metric stays above the target."
    return [
        scene.finding(
            "autoscaling.at-limit", target or autoscaler, 0.75 if measured else 0.5, limit, seen, change=change
        ),
        scene.finding(code, target or autoscaler, 0.4 if measured else 0.65, summary, seen, change=change),
    ]


def _usage(scene: Scene, resource: str) -> Message:
    row = scene.catalog.message("usage", resource)
    assert row is not None  # each of _RESOURCES has one
    return row


def usage_findings(scene: Scene, metrics: KubeObject) -> list[Finding]:
    """Return containers of one PodMetrics that use up their CPU or memory limit."""
    pod = scene.cluster.get("Pod", kube.name(metrics), kube.namespace(metrics))
    if pod is None:
        return []
    limits = {c.name: kube.mapping(c.raw, "resources", "limits") for c in kube.containers(pod)}
    found: list[Finding] = []
    for index, used in enumerate(kube.dicts(metrics, "containers")):
        most = limits.get(kube.text(used, "name"), {})
        for resource in _RESOURCES:
            share = _share(kube.dig(used, "usage", resource), most.get(resource))
            if share >= _SATURATED:
                text = f"{kube.text(used, 'usage', resource)} of {most.get(resource)} ({share:.0%})"
                seen = [observe(metrics, f"containers[{index}].usage.{resource}", text)]
                row = _usage(scene, resource)
                found.append(scene.finding(row.code, pod, row.strength, row.summary, seen))
    return found


def node_usage_findings(scene: Scene, metrics: KubeObject) -> list[Finding]:
    """Return whether one NodeMetrics shows a node that is used up."""
    node = scene.cluster.get("Node", kube.name(metrics))
    found: list[Finding] = []
    for resource in _RESOURCES:
        share = _share(kube.dig(metrics, "usage", resource), kube.dig(node, "status", "allocatable", resource))
        if node is not None and share >= 0.95:
            seen = [observe(metrics, f"usage.{resource}", f"{share:.0%} of what the node offers")]
            code = _usage(scene, resource).code
            found.append(scene.finding(code, node, 0.6, f"The node's {resource} is used up.", seen))
    return found


def _share(used: object, most: object) -> float:
    part, whole = kube.quantity(used), kube.quantity(most)
    return part / whole if part is not None and whole else 0.0
