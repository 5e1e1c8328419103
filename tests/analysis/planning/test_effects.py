"""What an action would do to the pods as they are."""

from typing import Any

import pytest

from opsagent.analysis.planning.effects import new_pods_wait, same_end_again, with_lost_data
from tests.analysis.workloads import deployment, pod, seen, volumes


def looping(restarts: int, code: int | None = 1) -> Any:
    made = pod("web", waiting="CrashLoopBackOff")
    status = made["status"]["containerStatuses"][0]
    status |= {"restartCount": restarts, "lastState": {"terminated": {} if code is None else {"exitCode": code}}}
    return made


def test_a_restart_that_the_kubelet_has_tried_is_not_tried_again() -> None:
    """Eleven times with the same end: the reason states it."""
    assert same_end_again(deployment(), seen(looping(11))) == (
        "the kubelet restarted it 11 times, and each time it ended (exit code 1)"
    )


@pytest.mark.parametrize("made", [looping(1), looping(9, None), pod("web"), pod("web", ready=True)])
def test_one_end_is_not_proof(made: Any) -> None:
    """Few restarts, an end that was not seen, or none at all."""
    assert not same_end_again(deployment(), seen(made))


def test_new_pods_would_wait_like_the_old_ones() -> None:
    """Pods that are all Ready, wait for their image, or are being deleted already."""
    gone = pod("web")
    gone["metadata"]["deletionTimestamp"] = "2026-11-22T12:00:00Z"
    reasons = [
        new_pods_wait(deployment(), seen(*pods))
        for pods in ((pod("web", ready=True),), (pod("web", waiting="ImagePullBackOff"),), (gone,), (), (pod("web"),))
    ]
    assert [bool(reason) for reason in reasons] == [True, True, True, True, False]


def test_the_data_that_a_new_pod_costs_is_named_wherever_a_step_makes_one() -> None:
    """A step that only reads, or that restarts something on a node, costs nothing."""
    item = deployment(pod=volumes(empty="cache"))
    for step in ("then kubectl rollout restart deployment/web", "Restart it to get it back", "kubectl delete pod x"):
        assert "emptied: cache" in with_lost_data(step, item, None, "pod.hung")
    for step in ("kubectl get pods", "systemctl restart kubelet"):
        assert with_lost_data(step, item, None, "pod.hung") == step
    kept = deployment(pod=volumes(claim="data"))
    assert "—" not in with_lost_data("kubectl rollout restart x", kept, None, "db.locked")
