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
    """The API server waits, then answers 504."""
    begun = time.monotonic()
    code, status = api(boxes("db-locked", speed=60), f"{SPACE}/services/local-blog-service:8005/proxy/health")
    assert time.monotonic() - begun >= 0.5
    assert (code, status["reason"]) == (504, "Timeout")


def test_a_dead_service_is_told_apart(boxes: Boxes) -> None:
    """A stopped program is refused, a crashing pod has no endpoints; both are 503."""
    code, stopped = api(boxes("dependency-down"), f"{SPACE}/services/local-user-service:8001/proxy/health")
    assert (code, stopped["reason"]) == (503, "ServiceUnavailable")
    assert "dial tcp 10.244.1.43:8001: connect: connection refused" in stopped["message"]
    crashed = api(boxes("crash-loop"), f"{SPACE}/services/local-auth-service:8002/proxy/health")[1]
    assert crashed["message"] == 'no endpoints available for service "local-auth-service"'


def test_only_get_and_only_what_exists(boxes: Boxes) -> None:
    """Other methods, services and ports are refused; redis speaks no HTTP."""
    box = boxes()
    assert api(box, f"{SPACE}/services/local-auth-service:8002/proxy/login", "POST", {})[0] == 405
    assert api(box, f"{SPACE}/services/nobody:80/proxy/")[0] == 404
    assert api(box, f"{SPACE}/services/local-auth-service:9/proxy/health")[0] == 503
    assert "malformed HTTP response" in api(box, f"{SPACE}/services/local-redis-service:6379/proxy/")[1]["message"]
