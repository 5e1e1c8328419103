"""When a rollout is complete, in progress or failed."""

from typing import Any

import pytest

from opsagent.analysis.evidence.rollout import rollout_status
from tests.analysis.kube_objects import ago, condition, deployment, pod, thing


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ({"observedGeneration": 0}, "has not seen"),
        ({"updatedReplicas": 1}, "1 of 2 replicas are updated"),
        ({"replicas": 3}, "1 pod of the old revision still there"),
        ({"availableReplicas": 1}, "1 of 2 updated replicas are available"),
    ],
)
def test_a_deployment_in_progress(status: dict[str, Any], text: str) -> None:
    """Each of kubectl's conditions holds completion back, and is not a failure."""
    made = deployment(replicas=2)
    made["status"] |= status
    found = rollout_status(made)
    assert (found.complete, found.failed) == (False, False)
    assert text in found.text


def test_a_complete_deployment_waits_for_terminating_pods() -> None:
    """The counts are good about a second before the old pod is gone."""
    leaving = pod()
    leaving["metadata"]["deletionTimestamp"] = ago(0)
    assert rollout_status(deployment()).complete
    assert not rollout_status(deployment(), [leaving]).complete
    assert rollout_status(deployment("billing"), [leaving]).complete


def test_past_its_deadline_is_failed() -> None:
    """The controller has given up waiting."""
    late = [condition("Progressing", "False", "ProgressDeadlineExceeded")]
    found = rollout_status(deployment(replicas=2, available=1, conditions=late))
    assert (found.complete, found.failed) == (False, True)


def test_stateful_and_daemon_sets() -> None:
    """Their own counts decide, a partition is respected."""
    half = {"readyReplicas": 2, "updateRevision": "b", "currentRevision": "a", "updatedReplicas": 1}
    spec: dict[str, Any] = {"replicas": 2}
    assert not rollout_status(thing("StatefulSet", "db", spec=spec, status=half)).complete
    spec["updateStrategy"] = {"rollingUpdate": {"partition": 1}}
    assert rollout_status(thing("StatefulSet", "db", spec=spec, status=half)).complete
    nodes = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}
    assert rollout_status(thing("DaemonSet", "a", status=nodes)).complete
    assert not rollout_status(thing("DaemonSet", "a", status=nodes | {"updatedNumberScheduled": 1})).complete


def test_an_object_without_status_is_not_complete() -> None:
    """What was not read is not good."""
    assert not rollout_status({"kind": "Deployment"}).complete
