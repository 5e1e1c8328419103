"""Disruption budgets that hold a drain for ever."""

from typing import Any

from tests.analysis.kube_objects import ago, event, first, node, stack, thing


def budget(**status: Any) -> Any:
    counts = {"disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, **status}
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "cart"}}}
    return thing("PodDisruptionBudget", "cart", spec=spec, status=counts)


def drained(seconds: float) -> Any:
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": ago(seconds)}
    return node(spec={"unschedulable": True, "taints": [taint]})


def test_a_drain_that_waits_for_a_budget_that_never_allows_it() -> None:
    """The pod still runs on a node that was cordoned a while ago, or an eviction was refused."""
    assert first(*stack()[:5], drained(1800), budget()) == ("disruption.blocked", "PodDisruptionBudget/cart")
    assert first(*stack()[:5], drained(150), budget(expectedPods=1))[0] == "disruption.blocked"
    refused = event("cart", "EvictionBlocked", "Cannot evict pod", kind="PodDisruptionBudget")
    assert first(*stack(), budget(), refused)[0] == "disruption.blocked"


def test_a_budget_that_nobody_waits_for_is_not_a_fault() -> None:
    """No drain, a drain that has just begun, a budget that allows one more, or pods that are missing anyway."""
    assert first(*stack(), budget())[0] == "healthy"
    assert first(*stack()[:5], drained(20), budget())[0] == "healthy"
    assert first(*stack()[:5], drained(150), budget(expectedPods=2))[0] == "healthy"
    assert first(*stack()[:5], drained(1800), budget(disruptionsAllowed=1))[0] == "healthy"
    assert first(*stack()[:5], drained(1800), budget(currentHealthy=0))[0] == "healthy"
