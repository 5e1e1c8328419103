"""Pods that ended and that nobody waits for, beside those that are missed."""

import pytest

from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.left_behind import is_left_behind
from tests.analysis import kube_objects as k


def tried(name: str, phase: str, age: float) -> k.Obj:
    """Return a Job's pod that ended, without a word of its owner."""
    code = 0 if phase == "Succeeded" else 1
    made = k.pod(name, {"name": "main", "ready": False, "restartCount": 0, "state": k.ended(code)}, phase=phase)
    made["metadata"] |= {"creationTimestamp": k.ago(age)}
    made["metadata"].pop("ownerReferences", None)
    return made


FAILED = tried("bill-2x2x2", "Failed", 600)


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ([tried("bill-4x4x4", "Succeeded", 300)], True),
        ([tried("bill-4x4x4", "Succeeded", 900)], False),
        ([tried("bill-4x4x4", "Failed", 300)], False),
        ([tried("mail-4x4x4", "Succeeded", 300)], False),
        ([], False),
    ],
    ids=["a later try went well", "an earlier try did", "the later try failed too", "another Job's", "alone"],
)
def test_a_try_is_history_where_a_later_one_went_well(others: list[k.Obj], left: bool) -> None:
    """Names and times are all that is known of whose they are."""
    assert is_left_behind(cluster_of(k.seen(FAILED, *others)), FAILED) is left


@pytest.mark.parametrize(("ready", "left"), [(1, True), (0, False)])
def test_an_ended_pod_of_a_complete_workload_is_history(ready: int, left: bool) -> None:
    """An evicted pod stays in the list after another has taken its place; while one is missing it counts."""
    evicted = tried("cart-6d5f7c9b84-2x2x2", "Failed", 600)
    cart = k.deployment()
    cart["status"] |= {"readyReplicas": ready, "availableReplicas": ready, "unavailableReplicas": 1 - ready}
    assert is_left_behind(cluster_of(k.seen(evicted, cart)), evicted) is left
