"""list_pods, describe_pod and get_pod_logs; the changing three are held to their approval in tests/clients."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from opsagent.config.titanium import TITANIUM
from opsagent.errors import ForbiddenError, NotFoundError
from opsagent.sandbox import Fault
from opsagent.tools.kubectl import describe_pod, get_pod_logs, list_pods
from tests.tools.platforms import Records

Boxed = Callable[[str], tuple[Any, Any]]
POD = {
    "kind": "Pod",
    "metadata": {
        "name": "blog-1",
        "namespace": "shop",
        "uid": "u1",
        "labels": {"app": "blog"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "blog-rs", "controller": True}],
    },
    "spec": {
        "nodeName": "n1",
        "initContainers": [{"name": "mesh", "restartPolicy": "Always"}, {"name": "migrate"}],
        "containers": [
            {
                "name": "app",
                "image": "blog:2",
                "ports": [{"name": "http", "containerPort": 8005}],
                "env": [
                    {"name": "DB_PASSWORD", "value": "hunter2-hunter2"},
                    {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                    {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "m"}}},
                    {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                ],
                "envFrom": [{"configMapRef": {"name": "all"}}, {"prefix": "P_", "secretRef": {"name": "s2"}}],
                "livenessProbe": {"httpGet": {"port": 8005, "path": "/health"}, "periodSeconds": 20},
                "readinessProbe": {"exec": {"command": ["redis-cli", "ping"]}, "failureThreshold": 5},
                "startupProbe": {"tcpSocket": {"port": "http"}},
                "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m"}},
                "volumeMounts": [{"name": "data", "mountPath": "/app/data", "readOnly": True}],
            }
        ],
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": "blog-data"}},
            {"name": "t", "emptyDir": {}},
        ],
        "tolerations": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}, {"operator": "Exists"}],
    },
    "status": {
        "phase": "Running",
        "conditions": [
            {
                "type": "Ready",
                "status": "False",
                "lastTransitionTime": "2026-11-22T12:00:00Z",
                "reason": "ContainersNotReady",
                "message": "not ready: [app]",
            }
        ],
        "containerStatuses": [
            {
                "name": "app",
                "ready": False,
                "restartCount": 4,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
                "lastState": {
                    "terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-11-22T12:01:00Z"}
                },
            }
        ],
    },
}
EVENTS = [
    {"involvedObject": {"kind": "Pod", "name": "blog-1", "uid": "u1"}, "type": "Warning", "reason": "BackOff",
     "message": "Back-off restarting", "count": 3, "lastTimestamp": "2026-11-22T12:29:39Z"},
    {"involvedObject": {"kind": "Pod", "name": "blog-1", "uid": "u1"}, "type": "Normal", "reason": "Pulled",
     "message": "image pulled", "eventTime": "2026-11-22T12:00:01.5Z"},
    {"involvedObject": {"kind": "Pod", "name": "blog-1", "uid": "of an earlier one"}, "reason": "Old"},
    {"involvedObject": {"kind": "Pod", "name": "other"}, "reason": "Other"},
]  # fmt: skip
SETS = [{"metadata": {"name": "blog-rs", "ownerReferences": [{"kind": "Deployment", "name": "blog"}]}}]


def _records(**objects: Any) -> Records:
    return Records(kinds={"Pod": [POD], "Event": EVENTS, "ReplicaSet": SETS} | objects)


def test_list(boxed: Boxed) -> None:
    """The pods of the namespace are listed with their service, status and restarts."""
    platform, _ = boxed("crash-loop")
    listed = list_pods(platform)
    assert listed.where.namespace == "titanium-local"
    by_service = {pod.service: pod for pod in listed.pods}
    assert {service.name for service in TITANIUM} <= set(by_service)
    assert by_service["auth-service"].status == "CrashLoopBackOff"
    assert by_service["auth-service"].restarts > 0
    assert by_service["redis"].ready == "1/1"


def test_describe_on_the_sandbox(boxed: Boxed) -> None:
    """A crashed pod's last state, exit code, owner and events are reported."""
    platform, _ = boxed("oom-killed")
    pod = next(pod for pod in list_pods(platform).pods if pod.restarts)
    told = describe_pod(platform, pod.name)
    assert told.owner is not None
    assert "Deployment/" in told.owner
    assert any(container.exit_code == 137 for container in told.containers)
    assert told.not_checked == ()


def test_describe_everything() -> None:
    """Conditions, states, probes, resources, volumes, owner, tolerations and events are all there."""
    told = describe_pod(_records(), "pod/blog-1")
    app = next(container for container in told.containers if container.name == "app")
    assert [(container.name, container.kind) for container in told.containers] == [
        ("mesh", "sidecar"),
        ("migrate", "init"),
        ("app", "container"),
    ]
    assert app.state == "waiting: CrashLoopBackOff: back-off 40s"
    assert app.last_state == "terminated: OOMKilled (exit code 137) at 2026-11-22T12:01:00Z"
    assert (app.exit_code, app.restarts, app.ready) == (137, 4, False)
    assert app.probes == (
        "liveness http-get :8005/health delay=0s timeout=1s period=20s #success=1 #failure=3",
        "readiness exec redis-cli ping delay=0s timeout=1s period=10s #success=1 #failure=5",
        "startup tcp-socket :http delay=0s timeout=1s period=10s #success=1 #failure=3",
    )
    assert (app.requests, app.limits, app.ports) == ({"cpu": "100m"}, {"memory": "256Mi"}, ("http 8005/TCP",))
    assert told.conditions == ("Ready=False since 2026-11-22T12:00:00Z: ContainersNotReady: not ready: [app]",)
    assert told.volumes == (
        "data: persistentVolumeClaim blog-data → app:/app/data (ro)",
        "t: emptyDir (mounted nowhere)",
    )
    assert told.tolerations == ("gpu=yes:NoSchedule", "everything")
    assert told.owner == "ReplicaSet/blog-rs → Deployment/blog"
    assert told.events == (
        "2026-11-22T12:00:01Z Normal Pulled: image pulled",
        "2026-11-22T12:29:39Z Warning BackOff ×3: Back-off restarting",
    )


def test_secrets_are_redacted() -> None:
    """A literal password does not leave the tool; where a value comes from does."""
    told = describe_pod(_records(), "blog-1")
    environment = next(container for container in told.containers if container.name == "app").environment
    assert "hunter2" not in repr(told)
    assert "KEY from Secret s, key k" in environment
    assert "MODE from ConfigMap c, key m" in environment
    assert "IP from status.podIP" in environment
    assert environment[:2] == ("* from ConfigMap all", "P_* from Secret s2")


def test_what_could_not_be_read_is_stated() -> None:
    """Without events and owners the pod is described, and both are in not_checked."""
    forbidden = ForbiddenError("no", source="x")
    told = describe_pod(_records(Event=forbidden, ReplicaSet=forbidden), "blog-1")
    assert [skip.source for skip in told.not_checked] == ["events", "owner"]
    assert told.owner == "ReplicaSet/blog-rs"


def test_unknown_pod_names_the_nearest() -> None:
    """A mistyped pod is refused with the nearest names."""
    with pytest.raises(NotFoundError) as caught:
        describe_pod(_records(), "blog-2")
    assert caught.value.hint == "nearest: blog-1"


def test_pod_that_vanished(boxed: Boxed) -> None:
    """A pod that is gone between two calls is not found, in words."""
    platform, box = boxed("healthy")
    name = list_pods(platform).pods[0].name
    box.faults.add(Fault.vanished(name))
    with pytest.raises(NotFoundError):
        describe_pod(platform, name)


def test_pod_logs(boxed: Boxed) -> None:
    """The last lines of the one container, with their time stamps."""
    platform, _ = boxed("healthy")
    name = next(pod.name for pod in list_pods(platform).pods if pod.service == "blog-service")
    excerpt = get_pod_logs(platform, name, tail=4)
    assert len(excerpt.lines) == 4
    assert all(line[:4].isdecimal() and "Z " in line for line in excerpt.lines)
    assert excerpt.broke_off is None


def test_previous_run(boxed: Boxed) -> None:
    """The log of the run before the last restart can be asked for; of a pod that never crashed there is none."""
    platform, _ = boxed("crash-loop")
    pods = {pod.service: pod.name for pod in list_pods(platform).pods}
    assert get_pod_logs(platform, pods["auth-service"], previous=True).previous
    with pytest.raises(NotFoundError, match="no run before"):
        get_pod_logs(platform, pods["redis"], previous=True)


def test_container_that_waits_states_for_what(boxed: Boxed) -> None:
    """A pod that never started has no log, and the error states why."""
    platform, _ = boxed("bad-image")
    name = next(pod.name for pod in list_pods(platform).pods if "Pull" in pod.status)
    with pytest.raises(NotFoundError, match="waiting to start"):
        get_pod_logs(platform, name)


@pytest.mark.parametrize(("container", "expected"), [(None, "app"), ("mesh", "mesh")])
def test_default_container(container: str | None, expected: str) -> None:
    """Without a container the first main one is taken, not an init container or side-car."""
    platform = _records()
    platform.texts = {"blog-1/mesh": b"m\n", "blog-1/migrate": b"i\n", "blog-1/app": b"a\n"}
    assert get_pod_logs(platform, "blog-1", container=container).container == expected


def test_annotated_default_container() -> None:
    """kubectl's annotation names the default container."""
    noted = POD["metadata"] | {"annotations": {"kubectl.kubernetes.io/default-container": "mesh"}}  # type: ignore[operator]
    platform = _records(Pod=[POD | {"metadata": noted}])
    platform.texts = {"blog-1/mesh": b"m\n", "blog-1/app": b"a\n"}
    assert get_pod_logs(platform, "blog-1").container == "mesh"


def test_unknown_container() -> None:
    """A container that the pod does not have is refused with those that it has."""
    platform = _records()
    platform.texts = {"blog-1/app": b"a\n"}
    with pytest.raises(NotFoundError) as caught:
        get_pod_logs(platform, "blog-1", container="db")
    assert caught.value.hint == "containers: mesh, migrate, app"


def test_log_secrets_are_redacted() -> None:
    """A password in a log line does not leave the tool."""
    platform = Records(texts={"blog-1/app": b"login password=hunter2-hunter2 failed\n"})
    (line,) = get_pod_logs(platform, "blog-1").lines
    assert "hunter2" not in line
    assert "failed" in line


def test_a_list_of_pods_needs_no_redaction() -> None:
    """What lists pods is imported without the patterns of redaction, which cost a twentieth of `opsagent pods`."""
    script = "import sys, opsagent.tools.kubectl; sys.exit('opsagent.redact.shapes' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
