"""A workload at zero replicas may be meant so."""

from typing import Any

import pytest

from opsagent.analysis.evidence.spare import is_spare
from opsagent.analysis.objects.index import cluster_of
from opsagent.models.observed import Objects
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
