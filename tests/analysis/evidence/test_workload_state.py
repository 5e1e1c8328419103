"""Whose pods these are, and what they state."""

from typing import Any

import pytest

from opsagent.analysis.evidence.workload_state import (
    held_back,
    is_blip,
    none_made,
    pods_by_service,
    workload_state,
    workloads_by_service,
)
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.service import Service
from tests.analysis.scene import BLOG, NOW, ago, deployment, pod, seen


def test_a_service_is_found_by_its_deployment_else_by_its_name() -> None:
    """A configured Deployment is taken by name alone; without one the app label points to the workload."""
    cluster = Cluster(seen(deployment("blog"), deployment("users")))
    found = workloads_by_service((BLOG, Service("users"), Service("mail", deployment="users-2")), cluster)
    assert {name: item["metadata"]["name"] for name, item in found.items()} == {"blog": "blog", "users": "users"}


def test_a_bare_pod_is_a_service_and_one_being_deleted_is_none() -> None:
    """Pods without a workload count by name; a Terminating pod no longer speaks for its service."""
    leaving = pod("web")
    leaving["metadata"] = {**leaving["metadata"], "name": "web-2", "deletionTimestamp": NOW.isoformat()}
    pods = pods_by_service((Service("web"),), Cluster(seen(pod("web"), leaving)))
    assert [item["metadata"]["name"] for item in pods["web"]] == ["web-1"]


def test_a_pod_that_finished_its_work_is_not_a_symptom() -> None:
    """Succeeded is an end, Failed a fault, Evicted a matter of its replacement."""
    for phase, reason, kinds in [("Succeeded", "", []), ("Failed", "Error", ["not-ready"]), ("Failed", "Evicted", [])]:
        ended = {"kind": "Pod", "metadata": {"name": "web-1"}, "status": {"phase": phase, "reason": reason}}
        state = workload_state("web", None, [ended], now=NOW, crash_window_s=600)
        assert [symptom.kind for symptom in state.symptoms] == kinds
        assert not state.read


def test_an_unschedulable_pod_is_named_with_its_reason() -> None:
    """However young it is: the scheduler already stated why."""
    waiting = pod("web", ready=False, created_s=5)
    refused = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
    waiting["status"] = {"phase": "Pending", "conditions": [refused]}
    symptoms = workload_state("web", None, [waiting], now=NOW, crash_window_s=600).symptoms
    assert [symptom.observation.text for symptom in symptoms] == ["Unschedulable: 0/3 nodes"]


@pytest.mark.parametrize(
    ("status", "held"),
    [
        ({"ready": False}, True),  # runs, and is not Ready
        ({"ready": True}, False),
        ({"ready": False, "state": {"terminated": {"exitCode": 1}}}, False),  # it is gone
        ({"ready": False, "lastState": {"terminated": {"exitCode": 1}}}, False),  # it comes and goes
    ],
)
def test_a_pod_that_is_held_back_runs_and_is_not_ready(status: dict[str, Any], held: bool) -> None:
    """Its Service refuses for it; a program that has ended refuses for itself."""
    assert held_back(pod("blog", **status)) is held


def test_a_pod_that_was_never_started_is_held_back() -> None:
    """Pending, with containers that wait or none at all."""
    waiting = pod("blog", ready=False)
    waiting["status"] = {"phase": "Pending"}
    assert held_back(waiting)


def test_none_made_only_where_pods_were_read() -> None:
    """A Deployment wants a pod and has none, beside pods of others; zero wanted, or no pod read, is another thing."""
    empty = deployment("blog")
    assert none_made(Cluster(seen(empty, pod("users"))), empty)
    assert not none_made(Cluster(seen(empty)), empty)
    assert not none_made(Cluster(seen(empty, pod("blog"))), empty)
    zero = deployment("blog", replicas=0)
    assert not none_made(Cluster(seen(zero, pod("users"))), zero)


def unready(seconds: float, **status: Any) -> Any:
    """Return a pod that has not been ready for so many seconds."""
    made = pod("web", ready=False, **status)
    made["metadata"]["name"] = "web-2"
    made["status"]["conditions"][0]["lastTransitionTime"] = ago(seconds).isoformat()
    return made


def test_a_moment_in_which_another_pod_serves_is_a_blip() -> None:
    """A failed probe for half a minute; not for longer, not after a crash, and not where nobody serves."""
    serves = pod("web")
    assert is_blip(unready(20), [serves], NOW)
    assert not is_blip(unready(90), [serves], NOW)
    assert not is_blip(unready(20), [], NOW)
    crashed = {"lastState": {"terminated": {"exitCode": 1, "finishedAt": ago(25).isoformat()}}}
    assert not is_blip(unready(20, **crashed), [serves], NOW)
    assert not is_blip(unready(20, state={"waiting": {"reason": "CrashLoopBackOff"}}), [serves], NOW)


def test_a_blip_is_not_a_symptom() -> None:
    """Two of three pods serve: nobody is woken; after a minute somebody is."""
    item = deployment("web", replicas=2, ready=1)
    for seconds, kinds in ((20, []), (90, ["not-ready"])):
        state = workload_state("web", item, [pod("web"), unready(seconds)], now=NOW, crash_window_s=600)
        assert [symptom.kind for symptom in state.symptoms] == kinds
