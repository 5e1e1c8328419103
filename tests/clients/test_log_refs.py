"""Which logs a pod has, and whose they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.clients.log_refs import log_refs, service_of
from opsagent.models.service import Service

SERVICES = (Service("blog-service", deployment="local-blog-service-deployment"), Service("redis"))
RUNNING = {"state": {"running": {}}, "restartCount": 0}


def _pod(**status: Any) -> dict[str, Any]:
    spec = {
        "initContainers": [{"name": "init"}, {"name": "mesh", "restartPolicy": "Always"}],
        "containers": [{"name": "app"}],
        "ephemeralContainers": [{"name": "debug"}],
    }
    return {"metadata": {"name": "p", "namespace": "n", "labels": {"app": "redis"}}, "spec": spec, "status": status}


def test_every_container_has_a_log() -> None:
    """Init, side-car, main and ephemeral containers are all read."""
    refs = log_refs([_pod()], SERVICES)
    assert [ref.container for ref in refs] == ["init", "mesh", "app", "debug"]
    assert {(ref.pod, ref.namespace, ref.service) for ref in refs} == {("p", "n", "redis")}


@pytest.mark.parametrize(
    "status",
    [
        {"restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
        {"restartCount": 0, "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 1}}},
    ],
)
def test_previous_run_where_one_crashed(status: dict[str, Any]) -> None:
    """A container that was restarted has the log of the run before too, under its own name."""
    refs = log_refs([_pod(containerStatuses=[{"name": "app", **status}])], SERVICES)
    app = [(ref.where, ref.previous) for ref in refs if ref.container == "app"]
    assert app == [("logs/p/app.log", False), ("logs/p/app.previous.log", True)]


def test_container_that_waits_for_its_first_start_has_none() -> None:
    """What never ran wrote nothing, so that nothing is missing."""
    waiting = {"name": "app", "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff"}}}
    assert "app" not in {ref.container for ref in log_refs([_pod(containerStatuses=[waiting])], SERVICES)}


@pytest.mark.parametrize(
    ("labels", "name", "expected"),
    [
        ({"app": "blog-service"}, "x", "blog-service"),
        ({"app.kubernetes.io/name": "redis"}, "x", "redis"),
        ({"app": "other", "app.kubernetes.io/name": "redis"}, "x", "redis"),
        ({"app": "other"}, "local-blog-service-deployment-6b5-z", "blog-service"),
        ({"app": "other"}, "x", "other"),
        ({}, "x", None),
        ({"app": 5}, "x", None),
    ],
)
def test_service_of_a_pod(labels: dict[str, Any], name: str, expected: str | None) -> None:
    """A pod belongs to the service of its label, else of its Deployment, else to what the label states."""
    assert service_of({"metadata": {"name": name, "labels": labels}}, SERVICES) == expected


JSON = st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=3), max_leaves=5)
KEYS = st.sampled_from(["name", "labels", "containers", "containerStatuses", "state", "waiting", "restartCount"])
WILD = st.recursive(JSON, lambda x: st.dictionaries(KEYS, x, max_size=4) | st.lists(x, max_size=3), max_leaves=12)


@given(metadata=WILD, spec=WILD, status=WILD)
def test_mutilated_pods(metadata: Any, spec: Any, status: Any) -> None:
    """A pod of any shape gives logs with a name, or none."""
    for ref in log_refs([{"metadata": metadata, "spec": spec, "status": status}], SERVICES):
        assert isinstance(ref.pod, str)
        assert isinstance(ref.container, str)
