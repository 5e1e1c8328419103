"""The API server's service proxy."""

import time

import pytest

from tests.sandbox.conftest import Boxes
from tests.sandbox.web import SPACE, api


@pytest.mark.parametrize(
    ("service", "path", "body"),
    [
        ("local-auth-service:8002", "health", {"status": "ok", "service": "auth-service"}),
        ("local-user-service:http", "health", {"status": "healthy"}),
        ("http:local-api-gateway-service:8000", "health", b""),
        ("local-load-balancer-service:7100", "lb-health", b""),
        ("local-blog-service", "stats", {"post_count": 2, "service_status": "online"}),
    ],
)
def test_healthy_services_answer_as_themselves(boxes: Boxes, service: str, path: str, body: object) -> None:
    """Each spelling of the port works, and bodies are the services' own."""
    assert api(boxes(), f"{SPACE}/services/{service}/proxy/{path}") == (200, body)


def test_the_load_balancers_stats_are_reachable(boxes: Boxes) -> None:
    """/stats through the proxy has the same keys as /stats itself."""
    code, body = api(boxes(), f"{SPACE}/services/local-load-balancer-service:7100/proxy/stats")
    assert code == 200
    assert body["load-balancer"]["status"] == "healthy"


def test_a_hung_service_hangs_and_then_times_out(boxes: Boxes) -> None:
    """While its pod is Ready the API server waits, then answers 504; the path that it probes is answered."""
    box = boxes("hung-but-ready", speed=60)
    begun = time.monotonic()
    code, status = api(box, f"{SPACE}/services/local-user-service:8001/proxy/stats")
    assert time.monotonic() - begun >= 0.5
    assert (code, status["reason"]) == (504, "Timeout")
    assert api(box, f"{SPACE}/services/local-user-service:8001/proxy/health") == (200, {"status": "healthy"})


@pytest.mark.parametrize(
    ("scenario", "service"),
    [
        ("db-locked", "local-blog-service:8005"),  # hung, and no longer Ready
        ("dependency-down", "local-user-service:8001"),  # ended
        ("crash-loop", "local-auth-service:8002"),
        ("scheduler-stopped", "local-blog-service"),  # a pod without an address: the Endpoints hold none at all
    ],
)
def test_a_service_without_a_ready_pod_has_no_endpoints(boxes: Boxes, scenario: str, service: str) -> None:
    """Hung, ended, crashing or never started: the answer is the same 503, in a Status."""
    code, status = api(boxes(scenario), f"{SPACE}/services/{service}/proxy/health")
    assert (code, status["kind"], status["reason"]) == (503, "Status", "ServiceUnavailable")
    assert status["message"] == f'no endpoints available for service "{service}"'


def test_old_endpoints_lead_to_an_address_that_is_gone(boxes: Boxes) -> None:
    """With the controller manager stopped nobody takes the address of a pod that went out of the Endpoints."""
    box = boxes("controller-manager-stopped")
    code, status = api(box, f"{SPACE}/services/local-blog-service:8005/proxy/health")
    assert (code, status["reason"]) == (503, "ServiceUnavailable")
    assert "dial tcp 10.244.1.44:8005: connect: no route to host" in status["message"]


def test_only_get_and_only_what_exists(boxes: Boxes) -> None:
    """Other methods, services and ports are refused; redis speaks no HTTP."""
    box = boxes()
    assert api(box, f"{SPACE}/services/local-auth-service:8002/proxy/login", "POST", {})[0] == 405
    assert api(box, f"{SPACE}/services/nobody:80/proxy/")[0] == 404
    assert api(box, f"{SPACE}/services/local-auth-service:9/proxy/health")[0] == 503
    assert "malformed HTTP response" in api(box, f"{SPACE}/services/local-redis-service:6379/proxy/")[1]["message"]
