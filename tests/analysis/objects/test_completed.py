"""Init containers that ended well complain of nothing any more."""

from typing import Any

import pytest

from opsagent.analysis.objects.completed import ended_well, is_of_ended
from opsagent.models.evidence import Finding, Observation
from tests.analysis.kube_objects import pod, seen, thing


def waited(state: dict[str, Any]) -> frozenset[str]:
    """Return the places of a pod whose init container is in this state."""
    one = pod("shop-1")
    one["status"]["initContainerStatuses"] = [{"name": "wait-db", "state": state}]
    return ended_well(seen(one))


def complaint(*places: str) -> Finding:
    """Return a finding of these places."""
    observations = tuple(Observation("logs", place, "refused") for place in places)
    return Finding("db.unreachable", "Deployment/shop", "shop", 0.8, "x", observations)


def test_what_an_init_container_waited_for_has_come_when_it_ends_with_0() -> None:
    """Its complaints alone are over; what the program itself reports about the same is not."""
    places = waited({"terminated": {"exitCode": 0, "reason": "Completed"}})
    assert places == {"logs/shop-1/wait-db"}
    assert is_of_ended(complaint("logs/shop-1/wait-db.log:L2"), places)
    assert not is_of_ended(complaint("logs/shop-1/wait-db.log:L2", "logs/shop-1/main.log:L9"), places)


@pytest.mark.parametrize(
    "state",
    [{"running": {}}, {"waiting": {"reason": "CrashLoopBackOff"}}, {"terminated": {"exitCode": 1}}, {"terminated": {}}],
)
def test_one_that_runs_or_failed_or_reports_nothing_still_complains(state: dict[str, Any]) -> None:
    """Without an exit code of 0 nothing is known to be over."""
    assert not waited(state)
    assert not is_of_ended(complaint("logs/shop-1/wait-db.log:L2"), waited(state))


@pytest.mark.parametrize(("condition", "over"), [("Complete", True), ("Failed", False), ("FailureTarget", False)])
def test_a_try_that_failed_before_the_job_was_complete(condition: str, over: bool) -> None:
    """Its complaint is over with a try that succeeded; of a Job that failed for good it is the cause."""
    job = thing("Job", "shop", status={"failed": 1, "conditions": [{"type": condition, "status": "True"}]})
    tried = pod("shop-1", {"name": "main", "state": {"terminated": {"exitCode": 1}}})
    tried["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "shop", "controller": True}]
    assert is_of_ended(complaint("logs/shop-1/main.log:L1"), ended_well(seen(job, tried))) is over
