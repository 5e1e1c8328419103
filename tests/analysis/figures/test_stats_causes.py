"""Hung or dead, surged, or without its cache: what figures, durations and pods state together."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.figures.stats_causes import stats_findings
from opsagent.models.evidence import Finding
from opsagent.models.observed import HealthAnswer, Objects, StatsSample
from opsagent.models.service import CallGraph
from tests.analysis.figures.test_stats import WILD
from tests.analysis.scene import NOW, SERVICES, body, deployment, pod, sample, seen

OFFLINE = body(blog={"service_status": "offline"})


def found(
    *samples: StatsSample, looks: Sequence[HealthAnswer] = (), objects: Objects | None = None
) -> tuple[Finding, ...]:
    """Return the findings over these checks."""
    return stats_findings(samples, looks, SERVICES, CallGraph(), objects or Objects(), now=NOW)


def codes(findings: Sequence[Finding]) -> list[tuple[str, str | None]]:
    """Return code and service of each."""
    return [(finding.code, finding.service) for finding in findings]


def test_nothing_wrong_is_not_a_finding() -> None:
    """A well platform accuses nobody, whatever its success rate since the start."""
    assert found(sample()) == ()


def test_a_slow_stats_is_a_hung_service() -> None:
    """Offline within 2 s is hung, at once is dead."""
    assert codes(found(sample(OFFLINE, took_s=2.01))) == [("pod.hung", "blog")]
    assert codes(found(sample(OFFLINE, took_s=0.02))) == [("dependency.down", "blog")]


def test_the_health_check_outweighs_the_duration() -> None:
    """With two services offline the duration is nobody's: each one's own health path shows."""
    both = body(blog={"service_status": "offline"}, gateway={"service_status": "offline"})
    looks = [HealthAnswer("blog", error="timed out after 5 s"), HealthAnswer("gateway", error="connection refused")]
    assert codes(found(sample(both, took_s=2.0), looks=looks)) == [("dependency.down", "gateway"), ("pod.hung", "blog")]


def test_a_container_that_ended_is_dead_however_long_it_took() -> None:
    """The pod's state is part of the evidence and names the Deployment."""
    ended = pod("blog", ready=False, state={"terminated": {"exitCode": 137, "reason": "Error"}})
    down = found(sample(OFFLINE, took_s=2.0), objects=seen(deployment("blog", ready=0), ended))[0]
    assert (down.code, down.object) == ("dependency.down", "Deployment/blog")
    assert any("exit code 137" in observation.text for observation in down.observations)


def test_an_unhealthy_cache_names_the_cache() -> None:
    """A degraded service whose cache part is bad points to the cache's workload, once."""
    stats = body(users={"service_status": "degraded", "cache": {"status": "unhealthy"}})
    down = found(sample(stats), objects=seen(deployment("redis")))
    assert codes(down) == [("dependency.cache-down", "redis")]
    assert down[0].object == "Deployment/redis"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"database": {"status": "unhealthy"}}, "db.unreachable"),
        ({"database": {"status": "slow"}}, "db.slow"),
        ({}, "unknown"),
        ({"queue": {"status": "unhealthy"}}, "unknown"),
    ],
)
def test_a_degraded_service_is_judged_by_its_parts(parts: dict[str, Any], code: str) -> None:
    """A bad database is named; a degraded service that gives no reason is unknown."""
    assert codes(found(sample(body(blog={"service_status": "degraded", **parts})))) == [(code, "blog")]


def test_a_wrong_answer_is_unknown() -> None:
    """A 404 body shows that something else answers, not what."""
    assert codes(found(sample(body(blog={"detail": "Not Found"})))) == [("unknown", "blog")]


@pytest.mark.parametrize(
    ("error", "code"), [("timed out after 6 s", "pod.hung"), ("connection refused", "dependency.down")]
)
def test_an_unreachable_front_is_its_own_cause(error: str, code: str) -> None:
    """The load balancer that does not answer /stats is hung or down."""
    assert codes(found(sample(error=error))) == [(code, "load-balancer")]


def traffic(rps: float, response_ms: float, seconds_ago: float) -> StatsSample:
    """Return a sample with these figures."""
    front = {"status": "healthy", "requests_per_second": rps, "avg_response_time_ms": response_ms}
    return sample(body(load_balancer=front), seconds_ago=seconds_ago)


def test_a_surge_counts_only_where_it_hurts() -> None:
    """More requests answered as fast as before are success; answered far more slowly they are a cause."""
    assert found(traffic(20, 5, 60), traffic(90, 6, 0)) == ()
    assert codes(found(traffic(20, 5, 60), traffic(90, 900, 0))) == [("load.traffic-surge", "load-balancer")]


def test_a_surge_beside_an_offline_service_is_not_the_cause() -> None:
    """What hangs makes responses slow by itself."""
    front = {"status": "healthy", "requests_per_second": 90, "avg_response_time_ms": 1500}
    late = sample(body(load_balancer=front, blog={"service_status": "offline"}), took_s=2.0)
    assert codes(found(traffic(20, 5, 60), late)) == [("pod.hung", "blog")]


@given(st.lists(st.dictionaries(st.sampled_from(["users", "blog", "load-balancer"]), WILD, max_size=3), max_size=3))
def test_wild_bodies_never_raise(bodies: list[Any]) -> None:
    """Whatever arrives, strengths stay between 0 and 1 and every finding has something to show."""
    for finding in found(*(sample(stats) for stats in bodies)):
        assert 0 < finding.strength < 1
        assert finding.observations


def test_no_endpoints_is_not_a_refused_connection() -> None:
    """Nobody was asked: without the pods it is the Service's own symptom; with them it names no cause by itself."""
    looks = [
        HealthAnswer("blog", error='the API server\'s proxy answered HTTP 503: no endpoints available for service "b"')
    ]
    assert codes(found(sample(OFFLINE, took_s=0.02), looks=looks)) == [("service.no-endpoints", "blog")]
    held = seen(deployment("blog", ready=0), pod("blog", ready=False))
    (finding,) = found(sample(OFFLINE, took_s=0.02), looks=looks, objects=held)
    assert (finding.code, finding.strength < 0.45) == ("service.no-endpoints", True)


def test_a_refusal_of_a_pod_that_is_not_ready_proves_nobody_dead() -> None:
    """The container runs and is not Ready: that /stats is refused at once is its Service's doing."""
    held = seen(deployment("blog", ready=0), pod("blog", ready=False))
    assert codes(found(sample(OFFLINE, took_s=0.02), objects=held)) == [("service.no-endpoints", "blog")]
