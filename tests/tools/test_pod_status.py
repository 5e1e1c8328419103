"""A pod's line, as kubectl prints it."""

from typing import Any

import pytest

from opsagent.tools.pod_status import pod_status, summarise

RUNNING = {"name": "app", "ready": True, "restartCount": 1, "state": {"running": {"startedAt": "2026-11-22T10:00:00Z"}}}


def _pod(phase: str = "Running", **status: Any) -> dict[str, Any]:
    spec = {"initContainers": [{"name": "i1"}, {"name": "i2"}], "containers": [{"name": "app"}]}
    return {
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n"},
        "spec": spec,
        "status": {"phase": phase, **status},
    }


def _state(**state: Any) -> dict[str, Any]:
    return {"name": "app", "ready": False, "restartCount": 3, "state": state}


def _init(name: str, **state: Any) -> dict[str, Any]:
    return {"name": name, "restartCount": 0, "state": state}


DONE = {"terminated": {"exitCode": 0, "reason": "Completed"}}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"containerStatuses": [RUNNING]}, "Running"),
        ({"containerStatuses": [_state(waiting={"reason": "CrashLoopBackOff"})]}, "CrashLoopBackOff"),
        ({"containerStatuses": [_state(waiting={"reason": "ImagePullBackOff"})]}, "ImagePullBackOff"),
        ({"containerStatuses": [_state(terminated={"reason": "OOMKilled", "exitCode": 137})]}, "OOMKilled"),
        ({"containerStatuses": [_state(terminated={"exitCode": 3})]}, "ExitCode:3"),
        ({"containerStatuses": [_state(terminated={"exitCode": 137, "signal": 9})]}, "Signal:9"),
        ({"reason": "Evicted", "phase": "Failed"}, "Evicted"),
        ({"phase": "Pending"}, "Pending"),
        ({"initContainerStatuses": [_init("i1", running={}), _init("i2")]}, "Init:0/2"),
        (
            {"initContainerStatuses": [_init("i1", **DONE), _init("i2", waiting={"reason": "PodInitializing"})]},
            "Init:1/2",
        ),
        (
            {"initContainerStatuses": [_init("i1", terminated={"exitCode": 1, "reason": "Error"}), _init("i2")]},
            "Init:Error",
        ),
        ({"initContainerStatuses": [_init("i1", waiting={"reason": "CrashLoopBackOff"})]}, "Init:CrashLoopBackOff"),
        (
            {"initContainerStatuses": [_init("i1", **DONE), _init("i2", **DONE)], "containerStatuses": [RUNNING]},
            "Running",
        ),
    ],
)
def test_status_column(status: dict[str, Any], expected: str) -> None:
    """The one word that an operator knows from kubectl get pods."""
    assert pod_status(_pod(**status)) == expected


def test_terminating() -> None:
    """A pod that is being deleted states it though its phase is Running."""
    pod = _pod(containerStatuses=[RUNNING])
    pod["metadata"]["deletionTimestamp"] = "2026-11-22T10:00:00Z"
    assert pod_status(pod) == "Terminating"


def test_sidecar_counts() -> None:
    """A side-car among the init containers counts as a container that has to be ready."""
    pod = _pod(containerStatuses=[RUNNING])
    pod["spec"]["initContainers"] = [{"name": "mesh", "restartPolicy": "Always"}]
    pod["status"]["initContainerStatuses"] = [
        {"name": "mesh", "ready": True, "started": True, "state": {"running": {}}}
    ]
    summary = summarise(pod, "shop")
    assert (summary.ready, summary.status, summary.restarts) == ("2/2", "Running", 1)
    assert summary.containers == ("mesh", "app")


def test_restart_time() -> None:
    """The end of the last run is the last restart."""
    ended = {"terminated": {"finishedAt": "2026-11-22T11:00:00Z", "exitCode": 1}}
    summary = summarise(_pod(containerStatuses=[RUNNING | {"lastState": ended}]), None)
    assert summary.last_restart is not None
    assert summary.last_restart.hour == 11


@pytest.mark.parametrize("pod", [{}, {"metadata": None, "spec": [], "status": 5}, {"spec": {"containers": "x"}}])
def test_mutilated(pod: dict[str, Any]) -> None:
    """A pod without anything is still a line."""
    assert summarise(pod, None).status == "Unknown"
