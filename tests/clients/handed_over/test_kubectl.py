"""What the real kubectl prints of the sandbox, read back: the same objects as the API server holds."""

from datetime import UTC, datetime

import pytest

from opsagent.clients.handed_over.recognise import recognise
from tests.sandbox.conftest import boxes
from tests.sandbox.test_kubectl import Scenes, binary, kubectl

__all__ = ["binary", "boxes", "kubectl"]


@pytest.mark.parametrize(
    "asked", [("get", "pods"), ("describe", "pods"), ("get", "pods", "-o", "yaml"), ("get", "pods", "-o", "json")]
)
def test_the_same_pods_whichever_way_they_are_printed(kubectl: Scenes, asked: tuple[str, ...]) -> None:
    """Names, readiness and the pod that is not Ready are the same from a table, a description, YAML and JSON."""
    box, run = kubectl("db-locked")
    found = recognise(run(*asked), datetime.now(UTC))
    pods = {item["metadata"]["name"]: item for item in found.objects if item["kind"] == "Pod"}
    assert set(pods) >= set(box.state.pods("blog-service")) | set(box.state.pods("auth-service"))
    ready = {name: all(c["ready"] for c in pod["status"]["containerStatuses"]) for name, pod in pods.items()}
    assert not any(ready[name] for name in box.state.pods("blog-service"))
    assert all(ready[name] for name in box.state.pods("auth-service"))


@pytest.mark.parametrize("kind", ["deployments", "services", "nodes", "replicasets", "events"])
def test_other_kinds_are_read_back_from_tables_and_descriptions(kubectl: Scenes, kind: str) -> None:
    """Every object of the kind comes back under its name, from `get` and from `describe`."""
    _, run = kubectl("db-locked")
    names = {line.split("/", 1)[1] for line in run("get", kind, "-o", "name").split()}
    listed = recognise(run("get", kind), datetime.now(UTC))
    assert len(listed.objects) == len(names)
    if kind == "events":
        return
    assert {item["metadata"]["name"] for item in listed.objects} == names
    described = recognise(run("describe", kind), datetime.now(UTC))
    assert {item["metadata"]["name"] for item in described.objects if item["kind"] != "Event"} == names
