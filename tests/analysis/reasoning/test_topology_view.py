"""What things are called, and whose they are."""

import pytest

from opsagent.analysis.reasoning.topology_view import World, world_of
from opsagent.models.evidence import Finding, Observation
from opsagent.models.service import CallGraph
from tests.analysis.scene import SERVICES, deployment, kube_service, pod, seen

OBJECTS = seen(deployment("blog"), pod("blog"), kube_service("blog-svc", "blog"))
PLATFORM = world_of(CallGraph(), (), SERVICES, OBJECTS)
WORLD = World(CallGraph(), {}, {"api": "api", "store-svc": "store", "10.0.0.7": "store"}, {})


def logged(where: str, service: str | None = None) -> tuple[str | None, str | None]:
    """Return service and object of a finding in that log."""
    placed = PLATFORM.placed(Finding("db.locked", None, service, 0.8, "so", (Observation("logs", where, "x"),)))
    return placed.service, placed.object


@pytest.mark.parametrize(
    "host", ["store-svc:5432", "STORE-SVC", "redis://u:p@store-svc:1/0", "10.0.0.7:80", "store-svc.ns.svc"]
)
def test_every_spelling_of_a_host_points_to_its_service(host: str) -> None:
    """Ports, schemes, users, cluster domains and cluster addresses are seen through."""
    assert WORLD.service_at(host) == "store"


@pytest.mark.parametrize("host", [None, "", "api.example.org:443", "api.io", ":", "[::1]:80"])
def test_a_strangers_host_leads_nowhere(host: str | None) -> None:
    """A public host is nobody here, though its first word is a service's name."""
    assert WORLD.service_at(host) is None


@pytest.mark.parametrize("pod_name", ["blog-1", "blog-6d4cf56db6-x7k2p", "blog-0", "blog-x7k2p"])
def test_a_logs_pod_points_to_its_workload(pod_name: str) -> None:
    """A pod that was seen, and one that is gone, show whose they are; the log's own service may be unknown."""
    assert logged(f"logs/{pod_name}/app.log:L4") == ("blog", "Deployment/blog")


def test_a_log_of_no_pod_goes_by_its_services_name() -> None:
    """Any spelling of a service is its name; a name of nobody stays as it is."""
    assert logged("logs/app.log:L1", "BLOG") == ("blog", "Deployment/blog")
    assert logged("logs/blog-exporter-6d4cf56db6-x7k2p/app.log:L1", "mail") == ("mail", None)


def test_an_object_leads_back_to_its_service() -> None:
    """A finding about a workload belongs to the service that it serves."""
    seen_field = Observation("objects", "Deployment/blog:spec", "x")
    placed = PLATFORM.placed(Finding("image.not-found", "Deployment/blog", None, 0.9, "so", (seen_field,)))
    assert placed.service == "blog"
