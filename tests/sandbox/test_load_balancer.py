"""GET /stats as the platform answers it."""

import time

from tests.sandbox.conftest import Boxes
from tests.sandbox.web import fetch, restart, stats, until


def test_healthy_stats_have_every_key_and_moving_figures(boxes: Boxes) -> None:
    """The body has the platform's shape: service_status for services, status for the load balancer itself."""
    body = stats(boxes())
    assert list(body) == ["api-gateway", "auth", "blog_service", "cache", "database", "load-balancer", "user_service"]
    figures = body["load-balancer"]
    assert figures["status"] == "healthy"
    assert "service_status" not in figures
    assert 40 <= figures["requests_per_second"] <= 60
    assert 4 < figures["avg_response_time_ms"] < 7
    assert figures["success_rate"] == 100
    assert body["blog_service"] == {"post_count": 2, "service_status": "online"}


def test_a_hung_service_makes_stats_take_two_seconds(boxes: Boxes) -> None:
    """While its pod is Ready the time that /stats takes shows hung from dead."""
    hung, dead = boxes("hung-but-ready", speed=2), boxes("dependency-down", speed=2)
    assert (hung.state.answers()["user-service"], dead.state.answers()["user-service"]) == ("hung", "refused")
    begun = time.monotonic()
    assert stats(hung)["user_service"] == {"service_status": "offline"}
    assert time.monotonic() - begun >= 1.0
    dead.hang_s = 1000.0  # who is refused does not hang: the answer comes without waiting for this
    assert stats(dead)["user_service"] == {"service_status": "offline"}


def test_response_time_rises_while_a_service_hangs(boxes: Boxes) -> None:
    """The window fills with slow requests, and the lifetime success falls."""
    past = [sample["stats"]["load-balancer"] for sample in boxes("hung-but-ready").past_stats()]
    assert past[0]["avg_response_time_ms"] < 8
    assert past[-1]["avg_response_time_ms"] > 1500
    assert past[-1]["success_rate"] < past[0]["success_rate"]


def test_a_service_that_left_its_service_is_refused_at_once(boxes: Boxes) -> None:
    """Once the hung pod is not Ready, /stats answers fast, requests fail fast, and the success falls on."""
    box = boxes("db-locked")
    first = stats(box)["load-balancer"]
    assert box.state.answers()["blog-service"] == "refused"
    until(lambda: stats(box)["load-balancer"]["avg_response_time_ms"] < 8, "quick failures")
    until(lambda: stats(box)["load-balancer"]["success_rate"] < first["success_rate"], "less success")


def test_a_service_that_answers_500_is_online(boxes: Boxes) -> None:
    """Only the success since the start falls: /stats states online and the responses are quick."""
    box = boxes("all-500")
    first = stats(box)
    assert first["blog_service"]["service_status"] == "online"
    assert first["load-balancer"]["avg_response_time_ms"] < 8
    until(lambda: stats(box)["load-balancer"]["success_rate"] < first["load-balancer"]["success_rate"], "less success")


def test_success_since_start_stays_low_after_recovery(boxes: Boxes) -> None:
    """The windowed time is good again long before the lifetime success is: nothing can be verified with it."""
    box = boxes("hung-but-ready")
    until(lambda: stats(box)["load-balancer"]["success_rate"] < 95, "failures")
    box.state.recover()
    until(lambda: stats(box)["load-balancer"]["avg_response_time_ms"] < 8, "quick responses")
    body = stats(box)
    assert body["user_service"]["service_status"] == "online"
    assert body["load-balancer"]["success_rate"] < 97


def test_restarting_the_load_balancer_resets_its_counters(boxes: Boxes) -> None:
    """A new load balancer begins to count at zero."""
    box = boxes()
    before = stats(box)["load-balancer"]["total_requests"]
    restart(box, "local-load-balancer-deployment")
    until(lambda: stats(box)["load-balancer"]["total_requests"] < before, "counting again")


def test_without_user_service_its_database_and_cache_are_gone(boxes: Boxes) -> None:
    """The top-level entries disappear with the service that they come from."""
    body = stats(boxes("dependency-down"))
    assert body["user_service"] == {"service_status": "offline"}
    assert "cache" not in body
    assert "database" not in body


def test_health_path_is_empty_and_others_are_not_found(boxes: Boxes) -> None:
    """/lb-health answers 200 with an empty body."""
    box = boxes()
    assert fetch(f"{box.stats_url}/lb-health")[:2] == (200, b"")
    assert fetch(f"{box.stats_url}/nothing")[0] == 404
