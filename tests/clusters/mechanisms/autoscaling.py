"""HorizontalPodAutoscalers that cannot act: family `autoscaling`.

https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
"""

from __future__ import annotations

from tests.clusters.changes import main_of
from tests.clusters.model import ROLLBACK, SCALE, Expect, Obj, Workload, name_of, ref, stamp
from tests.clusters.registry import mechanism
from tests.clusters.world import World, condition

from . import kit


def autoscaler(world: World, w: Workload, *, low: int, high: int, usage: int | None) -> Obj:
    """Add a HorizontalPodAutoscaler of a Deployment; usage is its CPU utilisation in percent, None where not known."""
    target = {"apiVersion": w.obj["apiVersion"], "kind": w.kind, "name": name_of(w.obj)}
    row = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": high, "metrics": [row]}
    found = world.new(
        "autoscaling/v2", "HorizontalPodAutoscaler", world.rng.choice((w.name, f"{w.name}-hpa")), w.born, spec=spec
    )
    able = condition("AbleToScale", "True", w.born, "ReadyForNewScale", "recommended size matches current size")
    status: Obj = {"currentReplicas": w.replicas, "desiredReplicas": w.replicas, "conditions": [able]}
    if usage is not None:
        now = {"averageUtilization": usage, "averageValue": f"{usage * 2}m"}
        status["currentMetrics"] = [{"type": "Resource", "resource": {"name": "cpu", "current": now}}]
        text = (
            "the HPA was able to successfully calculate a replica count from "
            "cpu resource utilization (percentage of request)"
        )
        status["conditions"].append(condition("ScalingActive", "True", w.born, "ValidMetricFound", text))
    found["status"] = status | {"lastScaleTime": stamp(world.since)}
    return world.add(found)


@mechanism("autoscaling.no-metrics")
def metrics_api_down(world: World) -> Expect:
    """Nobody serves the resource metrics API, so the autoscaler cannot compute a replica count.

    https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
    """
    w = world.victim()
    whys = (
        "the server could not find the requested resource (get pods.metrics.k8s.io)",
        "the server is currently unable to handle the request (get pods.metrics.k8s.io)",
    )
    why = (
        "unable to get metrics for resource cpu: unable to fetch metrics from "
        f"resource metrics API: {world.rng.choice(whys)}"
    )
    found = autoscaler(world, w, low=w.replicas, high=w.replicas + 5, usage=None)
    return _no_metrics(world, w, found, why, ("APIService/v1beta1.metrics.k8s.io", "Deployment/metrics-server"))


@mechanism("autoscaling.no-metrics")
def request_missing(world: World) -> Expect:
    """The autoscaler's target is a share of the CPU request, and a container states none.

    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work
    """
    w = world.victim()

    def drop(spec: Obj) -> None:
        resources = main_of(w, spec)["resources"]
        resources["requests"].pop("cpu", None)
        resources["limits"].pop("cpu", None)

    kit.edit_all(w, drop)
    found = autoscaler(world, w, low=w.replicas, high=w.replicas + 3, usage=None)
    why = f"missing request for cpu in container {w.container} of Pod {name_of(w.pods[0])}"
    return _no_metrics(world, w, found, why, w.refs())


def _no_metrics(world: World, w: Workload, found: Obj, why: str, also: tuple[str, ...]) -> Expect:
    text = f"the HPA was unable to compute the replica count: failed to get cpu utilization: {why}"
    found["status"]["conditions"].append(
        condition("ScalingActive", "False", world.since, "FailedGetResourceMetric", text)
    )
    by, count = "horizontal-pod-autoscaler", max(2, int((world.now - world.since).total_seconds() // 15))
    rows = (("FailedGetResourceMetric", f"failed to get cpu utilization: {why}"),)
    invalid = (
        "invalid metrics (1 invalid out of 1), first error is: failed to "
        "get cpu resource metric value: failed to get cpu "
    )
    for reason, message in (*rows, ("FailedComputeMetricsReplicas", f"{invalid}utilization: {why}")):
        world.event(found, reason, message, by=by, first=world.since, last=world.ago(9), count=count, warning=True)
    return Expect(("autoscaling.no-metrics",), (ref(found), *also), frozenset({"none"}), frozenset({ROLLBACK}), w.name)


@mechanism("autoscaling.at-limit")
def at_limit(world: World) -> Expect:
    """The autoscaler is at its maximum and wants more: usage stays far above its target.

    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#appendix-horizontal-pod-autoscaler-status-conditions
    """
    w = world.victim()
    found = autoscaler(world, w, low=1, high=w.replicas, usage=world.rng.randint(130, 400))
    text = "the desired replica count is more than the maximum replica count"
    found["status"]["conditions"].append(condition("ScalingLimited", "True", world.since, "TooManyReplicas", text))
    harmful = frozenset({SCALE, ROLLBACK})
    return Expect(("autoscaling.at-limit",), (ref(found), *w.refs()), frozenset({"none"}), harmful, w.name)
