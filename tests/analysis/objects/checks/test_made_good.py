"""What events complain of and what has been done since, beside twins where it has not."""

from typing import Any

import pytest

from tests.analysis.kube_objects import deployment, event, first

Obj = dict[str, Any]
NAME = "cart-6d5f7c9b84-x2x2x"
UNFIT = "0/4 nodes are available: 4 Insufficient cpu."
REFUSED = 'Readiness probe failed: Get "http://10.0.0.7:8080/": dial tcp 10.0.0.7:8080: connect: connection refused'


def good(reason: str, message: str = "done", *, age: float = 30) -> Obj:
    """Return an event that is no warning."""
    return {**event(NAME, reason, message, age=age, count=1), "type": "Normal"}


@pytest.mark.parametrize(
    ("warning", "since"),
    [
        (event(NAME, "FailedScheduling", UNFIT, age=400), good("Scheduled", age=400)),
        (event(NAME, "Failed", 'Failed to pull image "a/b:1": not found', age=400), good("Pulled", age=300)),
        (event(NAME, "FailedMount", "MountVolume.SetUp failed: timed out", age=400), good("Started", age=300)),
        (event(NAME, "Unhealthy", REFUSED, age=30, count=9), good("Killing", "Stopping container main", age=40)),
    ],
)
def test_a_step_that_was_taken_after_all_is_no_cause(warning: Obj, since: Obj) -> None:
    """The pod itself was not read: of its events the later one counts; without it the warning does."""
    assert first(warning, since) == ("healthy", None)
    assert first(warning)[0] != "healthy"


def test_a_probe_that_failed_once_some_minutes_ago_passes() -> None:
    """Kubelets repeat a probe every few seconds: a failure that goes on is counted, and new."""
    assert first(event(NAME, "Unhealthy", REFUSED, age=300, count=1)) == ("healthy", None)
    assert first(event(NAME, "Unhealthy", REFUSED, age=300, count=40))[0] == "probe.failing"
    assert first(event(NAME, "Unhealthy", REFUSED, age=20, count=1))[0] == "probe.failing"


def test_pods_of_a_workload_that_is_complete_are_well() -> None:
    """All its pods are ready, so the one that an event names is, too; not where one is missing."""
    complaint = event(NAME, "Unhealthy", REFUSED, age=20, count=5)
    assert first(deployment("cart"), complaint) == ("healthy", None)
    short = deployment("cart", replicas=2, available=1)
    assert first(short, complaint)[0] == "probe.failing"


def test_a_pod_that_its_replica_set_deleted_is_history() -> None:
    """A mistyped image was corrected: the pod of the old template is gone for good; one that is not deleted counts."""
    failed = event(NAME, "Failed", 'Failed to pull image "a/b:1.O": not found', age=800)
    owner = NAME.rpartition("-")[0]
    deleted = {
        **event(owner, "SuccessfulDelete", f"Deleted pod: {NAME}", age=600, count=1, kind="ReplicaSet"),
        "type": "Normal",
    }
    other = {**deleted, "message": f"Deleted pod: {owner}-zzzzz"}
    assert first(failed, deleted) == ("healthy", None)
    assert first(failed, other)[0] == "image.not-found"
