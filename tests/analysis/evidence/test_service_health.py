"""Faulty, healthy or unknown: what each kind of check proves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.evidence.service_health import judge
from opsagent.models.evidence import ServiceHealth
from opsagent.models.observed import HealthAnswer, Objects, StatsSample
from opsagent.models.service import Service
from tests.analysis.figures.test_stats import WILD
from tests.analysis.scene import BLOG, FRONT, NOW, REDIS, SERVICES, ago, body, deployment, pod, sample, seen

OFFLINE = body(blog={"service_status": "offline"})


def judged(
    service: Service = BLOG,
    samples: tuple[StatsSample, ...] = (),
    looks: tuple[HealthAnswer, ...] = (),
    objects: Objects | None = None,
    *,
    live: bool = False,
    confirmations: int = 2,
) -> ServiceHealth:
    """Return the judgement over one service."""
    return judge(
        (service,),
        samples,
        looks,
        objects or Objects(),
        now=NOW,
        response_ms=1000,
        confirmations=confirmations,
        crash_window_s=600,
        live=live,
    )[0]


def kinds(health: ServiceHealth) -> tuple[str, ...]:
    """Return the kinds of its symptoms."""
    return tuple(symptom.kind for symptom in health.symptoms)


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"service_status": "offline"}, "offline"),
        ({"service_status": "degraded"}, "degraded"),
        ({"detail": "Not Found"}, "silent"),
        (None, "silent"),
        ({"error": "invalid json response", "service_status": "offline"}, "offline"),
    ],
)
def test_what_stats_states_is_a_symptom(entry: Any, kind: str) -> None:
    """Offline, degraded, and an answer without a status each make the service faulty."""
    health = judged(samples=(sample(body(blog=entry)),))
    assert (health.state, kinds(health)) == ("faulty", (kind,))


def test_a_key_that_vanished_is_silence() -> None:
    """A service that /stats mentioned before and no longer does is silent; one never mentioned is unknown."""
    gone = body()
    del gone["blog"]
    assert kinds(judged(samples=(sample(seconds_ago=9), sample(gone)))) == ("silent",)
    assert judged(samples=(sample(gone),)) == ServiceHealth("blog", "unknown")


def test_an_unreachable_front_is_the_fronts_fault_alone() -> None:
    """When /stats does not answer, the load balancer is faulty and the others are unknown."""
    silent = (sample(error="connection refused"),)
    assert kinds(judged(FRONT, silent)) == ("unreachable",)
    assert judged(BLOG, silent).state == "unknown"


def test_a_check_that_was_forbidden_proves_nothing() -> None:
    """A 403 on the way to /stats is not an unreachable load balancer."""
    assert judged(FRONT, (sample(error="403 Forbidden: services/proxy"),)).state == "unknown"


@pytest.mark.parametrize(
    ("figure", "rate", "state"), [(1531, 40, "faulty"), (900, 40, "healthy"), (1531, 0.1, "healthy")]
)
def test_slow_answers_over_enough_requests(figure: float, rate: float, state: str) -> None:
    """The windowed response time counts from three requests in the window on; the success rate never does."""
    front = {"status": "healthy", "avg_response_time_ms": figure, "requests_per_second": rate, "success_rate": 1.5}
    assert judged(FRONT, (sample(body(load_balancer=front)),)).state == state


def test_a_blip_is_not_an_incident() -> None:
    """Live, one bad check is not yet a fault; two that agree are; one that is over is nothing."""
    bad, good = sample(OFFLINE), sample(seconds_ago=2)
    early = judged(samples=(good, bad), live=True)
    assert (early.state, kinds(early)) == ("unknown", ("offline",))
    assert judged(samples=(sample(OFFLINE, seconds_ago=2), bad), live=True).state == "faulty"
    assert judged(samples=(sample(OFFLINE, seconds_ago=2), sample()), live=True).state == "healthy"
    assert judged(samples=(bad,), live=True, confirmations=1).state == "faulty"


def test_of_a_bundle_the_newest_sample_decides() -> None:
    """A fault that is over in the newest sample is not faulty, whatever the order in the file."""
    assert judged(samples=(sample(), sample(OFFLINE, seconds_ago=30))).state == "healthy"
    assert judged(samples=(sample(seconds_ago=2), sample(OFFLINE))).state == "faulty"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"ready": False}, "not-ready"),
        ({"ready": False, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}, "not-ready"),
        (
            {"lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": ago(60).isoformat()}}},
            "oom-killed",
        ),
        (
            {"lastState": {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": ago(60).isoformat()}}},
            "crashed",
        ),
    ],
)
def test_what_kubernetes_states_is_a_symptom(changes: dict[str, Any], kind: str) -> None:
    """Not ready, and a crash within the window though Ready again, are faults though /stats states online."""
    objects = seen(deployment("blog", ready=1 if changes.get("ready", True) else 0), pod("blog", **changes))
    health = judged(samples=(sample(),), objects=objects)
    assert (health.state, kinds(health)) == ("faulty", (kind,))


@pytest.mark.parametrize(
    "last", [{"exitCode": 1, "finishedAt": ago(3600).isoformat()}, {"exitCode": 0}, {"exitCode": 143}]
)
def test_old_crashes_and_clean_ends_are_no_symptom(last: dict[str, Any]) -> None:
    """A crash before the window and a container that ended by request do not count."""
    objects = seen(deployment("blog"), pod("blog", lastState={"terminated": last}))
    assert judged(objects=objects) == ServiceHealth("blog", "healthy", read=("objects",))


def test_a_rollout_in_progress_is_not_a_failure() -> None:
    """A young pod beside enough ready ones is a rollout; a pod that starts alone is not healthy yet."""
    young = pod("blog", ready=False, created_s=20)
    assert judged(objects=seen(deployment("blog"), pod("blog"), young)).state == "healthy"
    assert judged(objects=seen(deployment("blog", ready=0), young)) == ServiceHealth("blog", "unknown")


def test_no_replicas_and_too_few_are_seen_without_pods() -> None:
    """The Deployment's own counts speak where no pod is there."""
    assert kinds(judged(objects=seen(deployment("blog", replicas=0, ready=0)))) == ("scaled-to-zero",)
    assert kinds(judged(objects=seen(deployment("blog", replicas=2, ready=0)))) == ("not-ready",)


def test_health_checks_show_hung_from_dead_and_from_unseen() -> None:
    """A time-out, a refusal and a 5xx are faults; a check that could not be made is none."""
    assert kinds(judged(looks=(HealthAnswer("blog", error="timed out after 5 s"),))) == ("hung",)
    told = "cannot get services/proxy blog:8005: https://10.0.0.5:6443 did not answer within 5 s"
    assert kinds(judged(looks=(HealthAnswer("blog", error=told),))) == ("hung",)
    assert kinds(judged(looks=(HealthAnswer("blog", error="connection refused"),))) == ("refused",)
    assert kinds(judged(samples=(sample(),), looks=(HealthAnswer("blog", http=503),))) == ("failing",)
    assert judged(looks=(HealthAnswer("blog", error="forbidden: services/proxy"),)).state == "unknown"
    assert judged(REDIS, looks=(HealthAnswer("redis", tcp="open"),)).state == "healthy"


def test_nothing_read_is_never_healthy() -> None:
    """With logs alone, or with nothing, the state is unknown."""
    assert {health.state for health in [judged(service) for service in SERVICES]} == {"unknown"}


@given(
    st.lists(st.dictionaries(st.sampled_from(["users", "blog", "load-balancer"]), WILD, max_size=3), max_size=3),
    st.lists(st.dictionaries(st.sampled_from(["kind", "metadata", "spec", "status"]), WILD, max_size=4), max_size=3),
    st.booleans(),
)
def test_wild_input_neither_raises_nor_reads_as_healthy(bodies: list[Any], items: list[Any], live: bool) -> None:
    """Whatever arrives there is one judgement a service, and healthy only where a good word was read."""
    samples = tuple(sample(stats) for stats in bodies)
    kinds_of = ("Pod", "Deployment", "ReplicaSet")
    objects = Objects(tuple({**item, "kind": kinds_of[n % 3]} for n, item in enumerate(items)))
    for service in SERVICES:
        health = judged(service, samples, (), objects, live=live)
        assert health.state != "healthy" or any("online" in repr(b) or "healthy" in repr(b) for b in [*bodies, *items])
