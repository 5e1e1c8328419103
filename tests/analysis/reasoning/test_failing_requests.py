"""Whose requests fail although everybody is online."""

from dataclasses import replace
from datetime import timedelta

from opsagent.analysis.figures.success import Window
from opsagent.analysis.reasoning.failing_requests import Failing, judge_failing, with_failing
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.evidence import Finding, Observation, ServiceHealth
from opsagent.models.service import CallGraph
from tests.analysis.scene import NOW, SERVICES, ago, sample

CALLS = CallGraph({"load-balancer": ("gateway",), "gateway": ("users", "blog"), "users": ("redis",)})
NEWEST = Window(ago(30), NOW, 100, 0.2, sample())
WINDOWS = (NEWEST, replace(NEWEST, since=ago(60), until=ago(30)))


def logged(service: str, status: int, *, seconds_ago: float = 5, count: int = 3) -> LogDigest:
    """Return the digest of a log that holds this answer."""
    line = f'INFO: 10.0.0.1:0 - "GET /api/posts HTTP/1.1" {status} Something'
    at = NOW - timedelta(seconds=seconds_ago)
    group = LogGroup("error", line, count, 1, 9, ago(3600), at)
    return LogDigest(f"logs/{service}-1/main.log", f"{service}-1", "main", False, service, 9, 900, (group,))


def judged(*digests: LogDigest, findings: tuple[Finding, ...] = ()) -> Failing:
    """Judge these logs."""
    return judge_failing(WINDOWS, digests, findings, SERVICES, CALLS)


def test_the_deepest_service_with_5xx_is_the_one_that_fails() -> None:
    """The gateway passes on what the service behind it answers."""
    found = judged(logged("gateway", 502, count=900), logged("blog", 500))
    assert (found.verdict, found.service) == ("confirmed", "blog")


def test_4xx_alone_are_the_clients_fault() -> None:
    """Wrong passwords lower the share and are nobody's incident."""
    assert judged(logged("users", 401, count=400)).verdict == "clients"


def test_old_errors_confirm_nothing() -> None:
    """A 5xx before the windows reports nothing of requests that fail now: the load balancer's word is alone."""
    found = judged(logged("blog", 500, seconds_ago=600))
    assert (found.verdict, found.service) == ("unconfirmed", "load-balancer")


def test_a_fault_that_a_log_names_confirms() -> None:
    """A time-out in a log of the windows is enough; one that is over, or old, is not."""
    seen = Observation("logs", "logs/users-1/main.log:L3", "timeout", ago(10))
    timeout = Finding("network.timeout", None, "users", 0.7, "so", (seen,))
    assert judged(findings=(timeout,)).service == "users"
    assert judged(findings=(replace(timeout, over=True),)).verdict == "unconfirmed"
    old = replace(timeout, observations=(replace(seen, at=ago(900)),))
    assert judged(findings=(old,)).verdict == "unconfirmed"


def test_the_failing_service_is_faulty_and_the_others_are_not() -> None:
    """Its health gets the share as its symptom; with clients at fault nothing changes."""
    healths = tuple(ServiceHealth(service.name, "healthy", (), ("stats",)) for service in SERVICES)
    after = with_failing(healths, judged(logged("blog", 500)), NEWEST, ())
    assert [health.service for health in after if health.state == "faulty"] == ["blog"]
    symptom = next(health for health in after if health.service == "blog").symptoms[0]
    assert symptom.kind == "failing"
    assert "20 % of 100 requests succeeded" in symptom.observation.text
    assert with_failing(healths, judged(logged("users", 404)), NEWEST, ()) == healths
