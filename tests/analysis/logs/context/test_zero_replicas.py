"""A service that was scaled to nothing, by what its callers and Kubernetes state in one log."""

import pytest

from tests.analysis.logs.said import said

CALL = "ERROR GET http://stock/items: 503 Service Unavailable\n"
LISTED = "NAME    READY   UP-TO-DATE   AVAILABLE   AGE\nstock   0/0     0            0           9d\n"
DOWN = "2m  Normal  ScalingReplicaSet  deployment/stock  Scaled down replica set stock-6c9f7d5b8 from 2 to 0\n"


@pytest.mark.parametrize(
    "at_zero", [LISTED, DOWN, "$ kubectl scale deployment stock --replicas=0\n", 'scaled deployment "stock" to 0\n']
)
def test_callers_of_a_service_that_was_scaled_to_nothing(at_zero: str) -> None:
    """The first link is the scaling, not that nobody answers; a name that only resembles it is another's."""
    assert said(at_zero + CALL * 3)[0] == "rollout.zero-replicas"
    assert "rollout.zero-replicas" not in said(at_zero + CALL.replace("stock/", "stock-photos/") * 3)


def test_nobody_calls_it() -> None:
    """What is idle may be meant to be so."""
    assert not said(f"{LISTED}INFO GET /cart 200\n")


def test_a_rollout_takes_the_old_replica_set_away() -> None:
    """It brings up the new one first: its Deployment is not at zero."""
    up = "3m  Normal  ScalingReplicaSet  deployment/stock  Scaled up replica set stock-7b8d4f6c9 to 2\n"
    assert "rollout.zero-replicas" not in said(up + DOWN + CALL * 3)
