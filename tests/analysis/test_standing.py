"""How things stand, in lines: pods that are not well, warnings, who serves what."""

from typing import Any

from opsagent.analysis.standing import standing
from opsagent.models.look import Objects
from opsagent.models.service import Service

LABELS = {"app": "web"}
DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": LABELS},
    "spec": {"selector": {"matchLabels": LABELS}},
}


def pod(**status: Any) -> dict[str, Any]:
    """Return a pod of the Deployment."""
    return {"kind": "Pod", "metadata": {"name": "web-1", "labels": LABELS}, "status": status}


def lines(*items: dict[str, Any]) -> tuple[str, ...]:
    """Return what is said of the objects."""
    return standing(Objects(items), (Service("web", deployment="web"),))


def test_a_pod_that_crashes_is_told_with_its_last_end() -> None:
    """State, restarts, exit code."""
    crashed = {"waiting": {"reason": "CrashLoopBackOff"}}
    ended = {"terminated": {"reason": "Error", "exitCode": 3}}
    status = {"name": "app", "ready": False, "restartCount": 4, "state": crashed, "lastState": ended}
    told, owners = lines(DEPLOYMENT, pod(phase="Running", containerStatuses=[status]))
    assert told == (
        "not well: Pod/web-1: Running; app waits: CrashLoopBackOff, not ready, 4 restarts, before: Error, exit code 3"
    )
    assert owners == "workloads: web = Deployment/web"


def test_what_was_not_looked_at_is_not_called_unwell() -> None:
    """A pod without a status, and one that is through, say nothing."""
    assert lines(pod(), pod(phase="Succeeded")) == ()


def test_warnings_come_newest_first() -> None:
    """Only warnings, at most five, whatever an event lacks."""
    events = [
        {"kind": "Event", "type": "Warning", "reason": f"R{n}", "lastTimestamp": f"2026-11-22T12:00:{n:02d}Z"}
        for n in range(9)
    ]
    told = lines(*events, {"kind": "Event", "type": "Normal"}, {"kind": "Event", "type": "Warning", "count": "x"})
    assert [line.split()[3].rstrip(":") for line in told] == ["R8", "R7", "R6", "R5", "R4"]
