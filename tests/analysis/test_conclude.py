"""From checks to causes in one call: the platform's own incidents, re-made."""

from collections.abc import Sequence
from typing import Any

import pytest

from opsagent.analysis.logs.digest import digest
from opsagent.models.digest import LogDigest
from opsagent.models.observed import HealthAnswer, LogRef, Objects, StatsSample
from tests.analysis.conclude import Conclusion, conclude
from tests.analysis.scene import NOW, SERVICES, ago, body, deployment, kube_service, pod, sample, seen

HUNG = body(blog={"service_status": "offline"})
WELL = [HealthAnswer(name, http=200) for name in ("load-balancer", "gateway", "users")]


def log(service: str, *lines: str) -> LogDigest:
    """Return the digest of a service's log."""
    ref = LogRef(f"logs/{service}-1/{service}.log", f"{service}-1", service, service=service)
    return digest(ref, ["\n".join(lines).encode() + b"\n"], redact=lambda text: text)


def stamp(seconds_ago: float) -> str:
    """Return the time as Go's log package writes it."""
    return ago(seconds_ago).strftime("%Y/%m/%d %H:%M:%S")


LOCK = (
    'INFO:     10.0.0.9:0 - "POST /api/posts HTTP/1.1" 500 Internal Server Error',
    "ERROR:    Exception in ASGI application",
    "Traceback (most recent call last):",
    '  File "/app/posts.py", line 12, in create',
    '    cursor.execute("INSERT INTO posts VALUES (?)", row)',
    "sqlite3.OperationalError: database is locked",
)
WAITING = (
    f'{stamp(6)} Error fetching stats from http://blog-svc:8005/stats: Get "http://blog-svc:8005/stats": '
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
)
REFUSED = f"{stamp(3)} http: proxy error: dial tcp 10.0.0.5:8005: connect: connection refused"
SERVES = 'INFO:     10.0.0.9:0 - "GET /stats HTTP/1.1" 200 OK'


def cluster(**pods: dict[str, Any]) -> Objects:
    """Return the complete platform, with these pods in place of well ones."""
    items = []
    for service in SERVICES:
        name = service.deployment or service.name
        items += [deployment(name, ready=0 if name in pods else 1), pods.get(name, pod(name))]
    return seen(*items, kube_service("blog-svc", "blog"), kube_service("redis-svc", "redis"))


def concluded(
    *samples: StatsSample, looks: Sequence[HealthAnswer] = (), digests: Sequence[LogDigest] = (),
    objects: Objects | None = None,
) -> Conclusion:  # fmt: skip
    """Return what follows."""
    return conclude(
        services=SERVICES, samples=samples, looks=looks, objects=objects or Objects(), digests=digests,
        declared={}, patient=None, now=NOW,
    )  # fmt: skip


def first(conclusion: Conclusion) -> tuple[str, str | None]:
    """Return code and object of the first cause."""
    return conclusion.ranking.causes[0].code, conclusion.ranking.causes[0].object


@pytest.mark.parametrize("objects", [None, cluster(blog=pod("blog", ready=False))])
def test_a_lock_that_blocks_the_service_now(objects: Objects | None) -> None:
    """Hung by /stats, by its health path and by the callers' log; the lock in its own log is why."""
    found = concluded(
        sample(HUNG, took_s=2.01),
        looks=[*WELL, HealthAnswer("blog", error="timed out after 5 s")],
        digests=[log("blog", SERVES, *LOCK), log("load-balancer", WAITING)],
        objects=objects,
    )
    assert first(found) == ("db.locked", "Deployment/blog" if objects else None)


def test_a_killed_service_is_not_locked() -> None:
    """Its log ends without a word, and connections are refused: the lock a minute before is not why."""
    killed = pod(
        "blog",
        ready=False,
        state={"terminated": {"exitCode": 137, "reason": "Error", "finishedAt": ago(3).isoformat()}},
    )
    found = concluded(
        sample(HUNG, took_s=0.01),
        looks=[*WELL, HealthAnswer("blog", error="connection refused")],
        digests=[log("blog", *LOCK, SERVES, SERVES), log("gateway", REFUSED)],
        objects=cluster(blog=killed),
    )
    assert first(found)[0] in {"dependency.down", "unknown"}
    assert first(found)[1] == "Deployment/blog"


def test_a_lock_that_is_over_is_healthy() -> None:
    """Everything answers again; the lifetime success rate and old lines state otherwise and are not heard."""
    late = sample(HUNG, seconds_ago=40, took_s=2.0)
    found = concluded(late, sample(), looks=WELL, digests=[log("blog", *LOCK, SERVES)], objects=cluster())
    assert found.ranking.causes == ()


def test_redis_away() -> None:
    """The service that uses the cache is degraded, answers its health path, and the cache is the cause."""
    stats = body(users={"service_status": "degraded", "cache": {"status": "unhealthy"}})
    complaint = "ERROR:cache:PING failed: Error 111 connecting to redis-svc:6379. Connection refused."
    gone = pod("redis", ready=False, state={"terminated": {"exitCode": 0, "reason": "Completed"}})
    found = concluded(sample(stats), looks=WELL, digests=[log("users", complaint)], objects=cluster(redis=gone))
    assert first(found) == ("dependency.cache-down", "Deployment/redis")
    assert found.patient == "redis"


def test_startup_refusals_of_a_well_platform_accuse_nobody() -> None:
    """Lines from before the services were up are history."""
    found = concluded(sample(), looks=WELL, digests=[log("load-balancer", REFUSED)], objects=cluster())
    assert found.ranking.causes == ()
    assert {health.state for health in found.healths} == {"healthy"}


def test_logs_alone_name_a_cause_without_an_object() -> None:
    """With nothing but a log the cause is named and the object is not made up; a clean one is healthy."""
    assert first(concluded(digests=[log("blog", *LOCK)])) == ("db.locked", None)
    assert concluded(digests=[log("blog", SERVES, "INFO:posts:0 errors")]).ranking.causes == ()
