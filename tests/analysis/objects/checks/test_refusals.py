"""A refusal that a controller reports, held against the quota, limit range, namespace or webhook behind it."""

from typing import Any

import pytest

from opsagent.analysis.objects.checks.refusals import checked
from opsagent.analysis.objects.checks.scene import Scene
from opsagent.analysis.objects.cluster import Cluster
from tests.analysis import kube_objects as k

OVER = "maximum cpu usage per Container is 500m, but limit is 2"
MUST = "failed quota: team: must specify limits.memory for: main"
FULL = "exceeded quota: team, requested: cpu=1,memory=2Gi, used: cpu=1,memory=7Gi, limited: cpu=9,memory=8Gi"
LEVEL = 'violates PodSecurity "restricted:latest": runAsNonRoot != true'
CALL = 'failed calling webhook "x.example.org": Post "https://hooks.ops.svc:443/validate": connection refused'


def quota(hard: k.Obj, used: k.Obj | None = None) -> k.Obj:
    """Return the quota `team`."""
    return k.thing("ResourceQuota", "team", spec={"hard": hard}, status={"hard": hard, "used": used or {}})


def limits(of: str = "Container", **row: Any) -> k.Obj:
    """Return a LimitRange of one row."""
    return k.thing("LimitRange", "limits", spec={"limits": [{"type": of, **row}]})


def space(**labels: str) -> k.Obj:
    """Return the namespace with labels of Pod Security."""
    own = {f"pod-security.kubernetes.io/{key}": value for key, value in labels.items()}
    return {"kind": "Namespace", "metadata": {"name": k.SPACE, "labels": own}}


def hook(*more: k.Obj, ready: bool) -> list[k.Obj]:
    """Return the webhook's Service and its pod."""
    pod = k.pod("hooks-1", k.running(ready=ready), app="hooks")
    made = [k.service("hooks"), pod, *more]
    for item in made:
        item["metadata"]["namespace"] = "ops"
    return made


@pytest.mark.parametrize(
    ("message", "objects", "holds"),
    [
        (OVER, [limits(max={"cpu": "0.5"})], True),
        (OVER, [limits(max={"cpu": "4"})], False),
        (OVER, [limits("Pod", max={"cpu": "500m"})], False),
        (OVER, [], None),
        (MUST, [quota({"limits.memory": "8Gi"})], True),
        (MUST, [quota({"pods": "8"})], False),
        (MUST, [k.thing("ResourceQuota", "other")], False),
        (MUST, [], None),
        (FULL, [quota({"cpu": "9", "memory": "8Gi"}, {"cpu": "1", "memory": "7Gi"})], None),
        (FULL, [quota({"cpu": "9", "memory": "16Gi"}, {"cpu": "1", "memory": "7Gi"})], False),
        (FULL, [k.thing("ResourceQuota", "other")], False),
        (LEVEL, [space(enforce="restricted")], True),
        (LEVEL, [space(enforce="privileged")], False),
        (LEVEL, [space(warn="restricted")], None),
        (CALL, hook(ready=False), True),
        (CALL, hook(ready=True), None),
        (CALL, [k.service("hooks"), hook(ready=True)[0] | {"metadata": k.meta("x") | {"namespace": "ops"}}], True),
        (CALL, [], None),
        ("no such message", [quota({"pods": "1"})], None),
    ],
)
def test_a_refusal_is_borne_out_or_over_or_not_checkable(
    message: str, objects: list[k.Obj], holds: bool | None
) -> None:
    """A bound that is there, one that was raised since, an object that is gone, and kinds that were not read."""
    maker = k.replica_set()
    scene = Scene(Cluster(k.seen(maker, *objects)), k.NOW)
    assert checked(scene, maker, f'pods "cart-1" is forbidden: {message}').holds is holds


def test_a_refusal_that_is_over_is_no_cause() -> None:
    """The quota was raised since; the controller tries again by itself."""
    bare = k.replica_set(readyReplicas=0)
    bare["spec"]["replicas"], bare["status"]["replicas"] = 2, 0
    made = [k.deployment(replicas=2, available=0), bare, k.event(bare, "FailedCreate", f"forbidden: {FULL}")]
    full = quota({"cpu": "9", "memory": "8Gi"}, {"cpu": "1", "memory": "7Gi"})
    raised = quota({"cpu": "9", "memory": "16Gi"}, {"cpu": "1", "memory": "7Gi"})
    assert k.first(*made, full)[0] == "quota.memory"
    assert [f.strength for f in k.find(*made, raised) if f.code == "quota.memory"] == [0.45]
