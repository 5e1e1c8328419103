"""A workload at zero replicas may be meant so."""

from typing import Any

import pytest

from opsagent.analysis.evidence.spare import is_spare
from opsagent.analysis.objects.index import cluster_of
from opsagent.models.observed import Objects
from tests.analysis import kube_objects as k
from tests.analysis.evidence.test_workloads import deployment, item

WEB = deployment("web", app="web")
SERVED = item("Service", "web", selector={"app": "web"})
OTHER = item("Service", "pay", selector={"app": "pay"})


@pytest.mark.parametrize(
    ("workload", "around", "spare"),
    [
        (WEB, [SERVED], False),
        (WEB, [OTHER], True),  # no Service leads to it
        (WEB, [], False),  # no Service was seen at all: not known
        (item("StatefulSet", "web"), [OTHER], False),
        (WEB, [SERVED, item("ScaledObject", "s", scaleTargetRef={"name": "web"})], True),
        (WEB, [SERVED, item("HorizontalPodAutoscaler", "s", scaleTargetRef={"name": "web"}, minReplicas=0)], True),
        (WEB, [SERVED, item("HorizontalPodAutoscaler", "s", scaleTargetRef={"name": "web"})], False),
        (WEB, [SERVED, item("ScaledObject", "s", scaleTargetRef={"name": "other"})], False),
        ({**WEB, "metadata": {**WEB["metadata"], "annotations": {"serving.knative.dev/x": "1"}}}, [SERVED], True),
    ],
)
def test_a_spare_serves_nobody_or_is_scaled_on_demand(
    workload: dict[str, Any],
    around: list[dict[str, Any]],
    spare: bool,
) -> None:
    """Only what is shown by a Service, a scaler or an annotation."""
    kinds = frozenset({"Deployment", "Service", "ScaledObject", "HorizontalPodAutoscaler"})
    assert is_spare(cluster_of(Objects((workload, *around), kinds)), workload) is spare


def closed(name: str, age: float = 120) -> k.Obj:
    """Return the event of a Deployment whose pods were taken away."""
    text = f"Scaled down replica set {name}-6d5f7c9b84 to 0"
    return k.event(named(name), "ScalingReplicaSet", text, age=age, kind="Deployment")


def opened(name: str, age: float = 120) -> k.Obj:
    """Return the event of a Deployment that got its first pod."""
    text = f"Scaled up replica set {name}-7c9b846d5f to 2"
    return k.event(named(name), "ScalingReplicaSet", text, age=age, kind="Deployment")


def named(name: str) -> k.Obj:
    """Return a Deployment without pods."""
    return k.deployment(name, replicas=0)


@pytest.mark.parametrize(
    ("around", "spare"),
    [
        ([closed("shop-blue")], False),
        ([closed("shop-blue"), named("shop-green"), opened("shop-green")], True),
        ([closed("shop-blue"), named("shop-green"), opened("shop-green", age=3000)], False),
        ([closed("shop-blue"), named("mail-green"), opened("mail-green")], False),
        ([k.thing("Ingress", "shop-blue")], False),
        ([named("shop-green")], True),
        ([], False),
    ],
    ids=["closed", "swapped", "another time", "another program", "expected", "beside others", "alone"],
)
def test_what_was_closed_lately_is_missed_unless_another_took_its_place(around: list[k.Obj], spare: bool) -> None:
    """Blue goes when green serves; what an Ingress names, and what alone was seen, is expected."""
    blue = named("shop-blue")
    others = [*around, k.thing("Service", "other", spec={"selector": {"app": "other"}})] if around else []
    assert is_spare(cluster_of(k.seen(blue, *others)), blue) is spare
