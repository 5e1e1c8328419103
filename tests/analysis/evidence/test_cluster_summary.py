"""How things stand, in lines: pods that are not well, warnings, who serves what."""

from typing import Any

from opsagent.analysis.evidence.cluster_summary import standing
from opsagent.models.observed import Objects
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
    """Return what is reported about the objects."""
    return standing(Objects(items), (Service("web", deployment="web"),))


def test_a_pod_that_crashes_is_reported_with_its_last_end() -> None:
    """State, restarts, exit code."""
    crashed = {"waiting": {"reason": "CrashLoopBackOff"}}
    ended = {"terminated": {"reason": "Error", "exitCode": 3}}
    status = {"name": "app", "ready": False, "restartCount": 4, "state": crashed, "lastState": ended}
    told, owners = lines(DEPLOYMENT, pod(phase="Running", containerStatuses=[status]))
    assert told == (
        "not well: Pod/web-1: Running; app waits: CrashLoopBackOff, not ready, 4 restarts, before: Error, exit code 3"
    )
    assert owners == "workloads: web = Deployment/web"


def test_what_was_not_checked_is_not_called_unwell() -> None:
    """A pod without a status, and one that is through, report nothing."""
    assert lines(pod(), pod(phase="Succeeded")) == ()


def test_warnings_come_newest_first() -> None:
    """Only warnings, at most five, whatever an event lacks."""
    events = [
        {"kind": "Event", "type": "Warning", "reason": f"R{n}", "lastTimestamp": f"2026-11-22T12:00:{n:02d}Z"}
        for n in range(9)
    ]
    told = lines(*events, {"kind": "Event", "type": "Normal"}, {"kind": "Event", "type": "Warning", "count": "x"})
    assert [line.split()[3].rstrip(":") for line in told] == ["R8", "R7", "R6", "R5", "R4"]


def test_what_is_specified_for_a_container_that_is_not_ready_is_reported_once() -> None:
    """Image, ports, probes, limits and names of the environment, never its values; replicas are specified alike."""
    container = {
        "name": "app",
        "image": "web:7",
        "ports": [{"containerPort": 8080, "name": "http"}, {"containerPort": 9}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8081}},
        "resources": {"limits": {"memory": "64Mi"}},
        "env": [{"name": "MODE", "value": "dark"}],
    }
    item = pod(phase="Running", containerStatuses=[{"name": "app", "ready": False, "state": {"running": {}}}])
    item["spec"] = {"containers": [container, {"name": "other", "image": "x"}]}
    told = [line for line in lines(item, item) if line.startswith("specified")]
    assert told == [
        (
            "specified for app: image web:7; ports 8080 (http), 9; readiness probe http :8081/ready delay=0s "
            "timeout=1s period=10s; limits memory=64Mi; env MODE"
        ),
    ]


def test_what_is_not_there_is_not_called_missing() -> None:
    """A pod without its specification, as a bundle may hold it, has no such line."""
    item = pod(phase="Running", containerStatuses=[{"name": "app", "ready": False}])
    item["spec"] = {"containers": [{"name": "app"}]}
    assert [line.partition(":")[0] for line in lines(item)] == ["not well"]


def test_a_node_that_is_not_well_is_reported() -> None:
    """Not Ready, under pressure, cordoned or full; one that is well reports nothing."""

    def node(name: str, **more: Any) -> dict[str, Any]:
        return {"kind": "Node", "metadata": {"name": name}, **more}

    def conditions(kind: str, status: str) -> dict[str, Any]:
        return {"conditions": [{"type": kind, "status": status, "message": "gone"}]}

    placed = {"kind": "Pod", "metadata": {"name": "a"}, "spec": {"nodeName": "full"}}
    through = {**placed, "metadata": {"name": "b"}, "status": {"phase": "Succeeded"}}
    told = lines(
        node("well", status={**conditions("Ready", "True"), "allocatable": {"pods": "9"}}),
        node("lost", status=conditions("Ready", "Unknown")),
        node("short", status=conditions("MemoryPressure", "True")),
        node("closed", spec={"unschedulable": True}),
        node("full", status={"allocatable": {"pods": "1"}}),
        node("roomy", status={"allocatable": {"pods": "1"}}),
        placed,
        through,
    )
    assert told == (
        "not well: Node/lost: not Ready: gone",
        "not well: Node/short: MemoryPressure",
        "not well: Node/closed: cordoned",
        "not well: Node/full: 1 pods, and it takes 1 at the most",
    )


def test_a_pod_that_was_restarted_is_reported_with_what_is_specified_for_it() -> None:
    """It is ready now; how it ended, its probes and its command are what a reader needs, the command shortened."""
    ended = {"terminated": {"reason": "Error", "exitCode": 137}}
    status = {"name": "app", "ready": True, "restartCount": 11, "state": {"running": {}}, "lastState": ended}
    item = pod(phase="Running", containerStatuses=[status], conditions=[{"type": "Ready", "status": "True"}])
    item["spec"] = {"containers": [{"name": "app", "command": ["sh", "-c"], "args": ["until nc -z db\n5432; " * 20]}]}
    told = lines(item)
    assert told[0] == "restarted: Pod/web-1: Running; app runs, 11 restarts, before: Error, exit code 137"
    assert told[1].startswith("specified for app: runs sh -c until nc -z db 5432; until")
    assert len(told[1]) < 200


def test_what_was_restarted_comes_after_what_is_not_well() -> None:
    """Beside a pod that is not well, two restarted ones at the most, and nothing of their specification."""
    ended = {"terminated": {"reason": "Error", "exitCode": 1}}
    status = {"name": "app", "ready": True, "restartCount": 1, "state": {"running": {}}, "lastState": ended}
    again = pod(phase="Running", containerStatuses=[status], conditions=[{"type": "Ready", "status": "True"}])
    again["spec"] = {"containers": [{"name": "app", "image": "web:8"}]}
    warned = {"kind": "Event", "type": "Warning", "reason": "Unhealthy", "lastTimestamp": "2026-11-22T12:00:00Z"}
    told = lines(pod(phase="Pending"), again, again, again, warned)
    assert [line.split()[0].rstrip(":") for line in told] == ["not", "warned", "restarted", "restarted"]


def test_a_service_that_selects_no_pod_is_reported_with_the_labels_that_there_are() -> None:
    """Pods that meet a part of the selector are named with their labels; that none is known is another thing."""
    service = {
        "kind": "Service",
        "metadata": {"name": "shop"},
        "spec": {"selector": {"app": "web", "tier": "front"}},
    }
    near, far = lines(service, pod())[0], lines(service)[0]
    assert near == "not well: Service/shop: no pod has app=web,tier=front; Pod/web-1 has app=web"
    assert far == "not well: Service/shop: no pod has app=web,tier=front; no pod is known at all"
    other = lines({**service, "spec": {"selector": {"app": "api"}}}, pod())[0]
    assert other == "not well: Service/shop: no pod has app=api; 1 pod is known"
    assert not any("not well" in line for line in lines({**service, "spec": {"selector": LABELS}}, pod()))


def test_the_names_that_resolve_are_listed() -> None:
    """A name that a program waits for is among them or not; of very many Services no list is shown."""
    services = [{"kind": "Service", "metadata": {"name": f"s{n}"}, "spec": {}} for n in range(15)]
    assert lines(*services[:2]) == ("all Services: s0, s1",)
    assert lines(*services, {"kind": "Service", "metadata": {"name": "one-more"}}) == ()
