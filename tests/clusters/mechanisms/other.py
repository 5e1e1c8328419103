"""Blocked drains, and faults that the evidence does not explain: families `disruption` and `unknown`."""

from __future__ import annotations

from tests.clusters.model import Expect, name_of, ref
from tests.clusters.moves import drain
from tests.clusters.registry import mechanism
from tests.clusters.world import World, condition

from . import kit


@mechanism("disruption.blocked", scope="cluster", nodes=(4, 40))
def drain_blocked(world: World) -> Expect:
    """A drain waits for a PodDisruptionBudget that allows no disruption while every pod is healthy.

    https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/ and
    https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
    """
    w = world.victim()
    node = next(n for n in world.nodes if name_of(n) == w.pods[0]["spec"]["nodeName"])
    bound = world.rng.choice(({"maxUnavailable": 0}, {"minAvailable": w.replicas}, {"minAvailable": "100%"}))
    spec = {"selector": {"matchLabels": dict(w.selector)}, **bound}
    name = world.rng.choice((w.name, f"{w.name}-pdb"))
    world.extra[:] = [o for o in world.extra if o["kind"] != "PodDisruptionBudget"]
    budget = world.add(world.new("policy/v1", "PodDisruptionBudget", name, world.ago(86400 * 80), spec=spec))
    drain(world, node, world.since, stay=w)
    stuck = [p for p in w.pods if p["spec"]["nodeName"] == name_of(node)]
    pod = name_of(stuck[0])
    reasons = (
        (
            "ScaleDownFailed",
            (
                "failed to drain the node: Cannot evict pod "
                f"{world.namespace}/{pod} as it would violate the pod's "
                "disruption budget."
            ),
            "cluster-autoscaler",
        ),
        (
            "FailedDrainNode",
            (
                f'error draining node: error when evicting pods/"{pod}" -n "{world.namespace}": Cannot evict pod as it '
                "would violate the pod's disruption budget."
            ),
            "machine-controller",
        ),
        (
            "FailedDraining",
            (f"Failed to drain node, 1 pods are waiting to be evicted: {world.namespace}/{pod}"),
            "karpenter",
        ),
    )
    reason, text, by = world.rng.choice(reasons)
    count = max(2, int((world.now - world.since).total_seconds() // 20))
    last = world.ago(11)
    world.event(node, reason, text, by=by, first=world.after(world.since, 20), last=last, count=count, warning=True)
    objects = (ref(budget), *w.refs(stuck))
    return Expect(("disruption.blocked",), objects, frozenset({"none"}), frozenset({"rollback_deployment"}), w.name)


@mechanism("unknown")
def custom_resource_not_ready(world: World) -> Expect:
    """A custom resource on the service's way is Ready=False and does not explain why.

    https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/
    """
    w = world.victim(called=True)
    kind, group = world.rng.choice(
        (
            ("Database", "db.example.com"),
            ("Route", "edge.example.com"),
            ("MessageTopic", "mq.example.com"),
            ("Tenant", "saas.example.com"),
        )
    )
    rows = (
        ("ReconcileError", "reconciliation failed"),
        ("NotReady", "waiting"),
        ("Unknown", ""),
        ("Failed", "see controller"),
    )
    reason, text = world.rng.choice(rows)
    ready = condition("Ready", "False", world.since, reason, text, observedGeneration=2)
    spec = {"serviceRef": {"name": w.service_name}, "targetRef": {"kind": w.kind, "name": name_of(w.obj)}}
    labels = dict(w.selector)
    found = world.new(
        f"{group}/v1beta1", kind, w.name, w.born, labels=labels, spec=spec, status={"conditions": [ready]}
    )
    world.add(found)
    return Expect(("unknown",), (ref(found),), frozenset({"none"}), kit.ALL, w.name)


@mechanism("unknown")
def load_balancer_pending(world: World) -> Expect:
    """A Service of type LoadBalancer gets no address because the cloud's controller fails; the cluster's part is right.

    https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
    """
    w = world.victim()
    service = w.service
    assert service is not None
    service["spec"] |= {
        "type": "LoadBalancer",
        "allocateLoadBalancerNodePorts": True,
        "externalTrafficPolicy": "Cluster",
    }
    service["spec"]["ports"][0]["nodePort"] = world.rng.randint(30_000, 32_767)
    whys = (
        (
            "Error syncing load balancer: failed to ensure load balancer: could "
            "not find any suitable subnets for creating the ELB"
        ),
        (
            "Error syncing load balancer: failed to ensure load balancer: Retriable: "
            "false, HTTPStatusCode: 500, RawError: internal error"
        ),
    )
    text, by = world.rng.choice(whys), "service-controller"
    count = max(2, int((world.now - world.since).total_seconds() // 100))
    first, last = world.since, world.ago(12)
    text_ok = "Ensuring load balancer"
    world.event(service, "EnsuringLoadBalancer", text_ok, by=by, first=first, last=last, count=count)
    world.event(service, "SyncLoadBalancerFailed", text, by=by, first=first, last=last, count=count, warning=True)
    return Expect(("unknown", "service.*"), (ref(service),), frozenset({"none"}), kit.ALL, w.name)
