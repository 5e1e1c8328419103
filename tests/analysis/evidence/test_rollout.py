"""When a rollout is complete, in progress or failed."""

from typing import Any

import pytest

from opsagent.analysis.evidence.rollout import Rollout, rollout_status
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


GOING, DONE = (False, False), (True, False)
SEEN = {"observedGeneration": 3}
UNSEEN = "the controller has not seen the newest change yet"


def status_of(kind: str, spec: dict[str, Any], status: dict[str, Any], generation: int | None = 3) -> Rollout:
    """Return how far the rollout of an object with exactly these counts is."""
    meta = {"name": "x", "namespace": "shop"} | ({"generation": generation} if generation is not None else {})
    return rollout_status({"kind": kind, "metadata": meta, "spec": spec, "status": status})


@pytest.mark.parametrize(
    ("spec", "status", "judged", "text"),
    [
        # spec.replicas is 1 by default; a count that is missing is 0, as the API server leaves 0 out
        ({}, SEEN, GOING, "0 of 1 replicas are updated"),
        ({}, SEEN | {"updatedReplicas": 1, "readyReplicas": 1}, DONE, "1/1 replicas updated and available"),
        ({}, SEEN | {"updatedReplicas": 1}, GOING, "0 of 1 updated replicas are available"),
        (
            {"replicas": 2},
            SEEN | {"updatedReplicas": 2, "replicas": 4},
            GOING,
            "2 pods of the old revision still there",
        ),
        ({"replicas": 0}, SEEN, DONE, "0/0 replicas updated and available"),
        ({"replicas": -1}, SEEN, DONE, "0/0 replicas updated and available"),
        ({"replicas": 1}, {"observedGeneration": 2, "updatedReplicas": 1, "readyReplicas": 1}, GOING, UNSEEN),
        ({"replicas": 1}, {"updatedReplicas": 1, "readyReplicas": 1}, GOING, UNSEEN),
    ],
)
def test_the_counts_of_a_deployment(
    spec: dict[str, Any], status: dict[str, Any], judged: tuple[bool, bool], text: str
) -> None:
    """As `kubectl rollout status` reads them."""
    assert status_of("Deployment", spec, status) == Rollout(*judged, text)


def test_a_deployment_written_by_hand_counts_its_replicas() -> None:
    """Without a generation nobody knows which revision its pods are of: all count as updated."""
    written = {"replicas": 2, "readyReplicas": 2}
    assert status_of("Deployment", {"replicas": 2}, written, None) == Rollout(
        True, False, "2/2 replicas updated and available"
    )
    assert not status_of("Deployment", {"replicas": 2}, {"readyReplicas": 1}, None).complete
    assert status_of("Deployment", {"replicas": 2}, {"readyReplicas": 2}, None).complete


def test_good_counts_past_the_deadline_are_a_failed_rollout() -> None:
    """The condition is the controller's own word, whatever the counts are."""
    late = {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}
    good = SEEN | {"updatedReplicas": 1, "readyReplicas": 1}
    assert status_of("Deployment", {}, good | late) == Rollout(
        False, True, "1/1 replicas updated and available, past its progress deadline"
    )


REVISIONS = {"updateRevision": "b", "currentRevision": "a"}


@pytest.mark.parametrize(
    ("spec", "status", "judged", "text"),
    [
        ({"replicas": 2}, SEEN | {"readyReplicas": 1}, GOING, "1 of 2 replicas are ready"),
        ({"replicas": 2}, SEEN | {"availableReplicas": 2}, DONE, "2/2 replicas ready"),
        ({"replicas": 2}, SEEN | {"readyReplicas": 2, "availableReplicas": 1}, DONE, "2/2 replicas ready"),
        ({"replicas": 2}, {"readyReplicas": 2}, GOING, UNSEEN),
        ({"replicas": 2}, SEEN | REVISIONS | {"readyReplicas": 2}, GOING, "0 of 2 replicas are updated"),
        ({"replicas": 2}, SEEN | REVISIONS | {"readyReplicas": 2, "updatedReplicas": 2}, DONE, "2/2 replicas ready"),
        ({"replicas": 2}, SEEN | {"readyReplicas": 2, "updateRevision": "a"}, DONE, "2/2 replicas ready"),
        ({"replicas": 2}, SEEN | {"readyReplicas": 2, "currentRevision": "a"}, DONE, "2/2 replicas ready"),
        (
            {"replicas": 2},
            SEEN | {"readyReplicas": 2, "updateRevision": "a", "currentRevision": "a"},
            DONE,
            "2/2 replicas ready",
        ),
        (
            {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 1}}},
            SEEN | REVISIONS | {"readyReplicas": 3, "updatedReplicas": 1},
            GOING,
            "1 of 2 replicas are updated",
        ),
    ],
)
def test_the_counts_of_a_stateful_set(
    spec: dict[str, Any], status: dict[str, Any], judged: tuple[bool, bool], text: str
) -> None:
    """Ready or available, whichever is more; those below the partition stay at the old revision."""
    assert status_of("StatefulSet", spec, status) == Rollout(*judged, text)


@pytest.mark.parametrize(
    ("status", "judged", "text"),
    [
        ({"desiredNumberScheduled": 2, "numberReady": 2}, DONE, "2/2 nodes have it available"),
        ({"desiredNumberScheduled": 2, "numberReady": 1}, GOING, "1 of 2 nodes have it available"),
        (
            {"desiredNumberScheduled": 2, "numberAvailable": 1, "numberReady": 2},
            GOING,
            "1 of 2 nodes have it available",
        ),
        (
            {"desiredNumberScheduled": 2, "updatedNumberScheduled": 1, "numberReady": 2},
            GOING,
            "1 of 2 nodes have the new revision",
        ),
    ],
)
def test_the_counts_of_a_daemon_set(status: dict[str, Any], judged: tuple[bool, bool], text: str) -> None:
    """Of the nodes that it is wanted on."""
    assert status_of("DaemonSet", {}, SEEN | status) == Rollout(*judged, text)
    assert status_of("DaemonSet", {}, status) == Rollout(*GOING, UNSEEN)


def test_terminating_pods_hold_back_what_is_complete() -> None:
    """Only those that the workload selects, in its namespace; one that is not complete anyway keeps its own reason."""
    leaving = pod()
    leaving["metadata"]["deletionTimestamp"] = ago(0)
    assert rollout_status(deployment(), [leaving]) == Rollout(*GOING, "1 pod still terminating")
    assert rollout_status(deployment(), [leaving, leaving]).text == "2 pods still terminating"
    assert rollout_status(deployment(), [pod()]).complete
    elsewhere = {**leaving, "metadata": leaving["metadata"] | {"namespace": "other"}}
    assert rollout_status(deployment(), [elsewhere]).complete
    down = deployment(replicas=2, available=1)
    assert rollout_status(down, [leaving]) == rollout_status(down)
