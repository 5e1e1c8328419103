"""A check from outside against the kubelet's own probe."""

from datetime import UTC, datetime
from typing import Any

import pytest

from opsagent.analysis.evidence.kubelet_word import outweighed, probed_well
from opsagent.analysis.evidence.service_health import judge
from opsagent.analysis.figures.stats_causes import stats_findings
from opsagent.models.observed import HealthAnswer, Objects, StatsSample
from opsagent.models.service import CallGraph, Service

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
BLOG = Service("blog", health_url="http://blog:8005/health", stats_key="blog")
FRONT = Service("load-balancer", health_url="http://lb:7100/lb-health", stats_key="load-balancer")
RESET = "connection reset by peer"


def pod(app: str = "blog", *, ready: bool = True, path: str = "/health", extra: str | None = None, n: int = 0) -> Any:
    """Return a pod whose readiness probe is of that path."""
    probe = {"httpGet": {"path": path, "port": 8005}}
    containers = [{"name": "app", "readinessProbe": probe}] + ([{"name": extra}] if extra else [])
    states = [{"name": c["name"], "ready": ready, "state": {"running": {}}} for c in containers]
    conditions = [{"type": "Ready", "status": str(ready)}]
    meta = {"name": f"{app}-{n}", "namespace": "shop", "labels": {"app": app}}
    status = {"phase": "Running", "conditions": conditions, "containerStatuses": states}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": meta, "spec": {"containers": containers}, "status": status}


def judged(*pods: Any, look: HealthAnswer | None = None, sample: StatsSample | None = None) -> Any:
    """Return the judgement over the blog and the front, and what the figures and checks name as causes."""
    objects = Objects(tuple(pods), frozenset({"Pod"}))
    samples, looks = (sample,) if sample else (), (look,) if look else ()
    healths = judge(
        (BLOG, FRONT), samples, looks, objects,
        now=NOW, response_ms=1000, confirmations=1, crash_window_s=600, live=True,
    )  # fmt: skip
    found = stats_findings(samples, looks, (BLOG, FRONT), CallGraph(), objects, now=NOW)
    return {health.service: health for health in healths}, [finding.code for finding in found]


@pytest.mark.parametrize("error", [RESET, "connection refused", "timed out after 5 s", "EOF"])
def test_mesh_that_resets_everybody_outside(error: str) -> None:
    """Ready by the kubelet's probe of that path on every pod: a failed check from outside accuses nobody."""
    look = HealthAnswer("blog", 0.01, error=error, reach="proxy")
    healths, causes = judged(pod(), pod(n=1), look=look)
    assert (healths["blog"].state, causes) == ("healthy", [])


def test_error_status_from_the_way() -> None:
    """A 503 of a side-car is outweighed as well."""
    healths, causes = judged(pod(extra="istio-proxy", path="/other"), look=HealthAnswer("blog", 0.01, http=503))
    assert (healths["blog"].state, causes) == ("healthy", [])


@pytest.mark.parametrize(
    "pods",
    [
        (pod(ready=False),),
        (pod(), pod(ready=False, n=1)),
        (pod(path="/ready"),),
        (),
    ],
)
def test_probe_that_does_not_state_it(pods: tuple[Any, ...]) -> None:
    """One pod that is not Ready, another path or no pod at all: then the check counts."""
    look = HealthAnswer("blog", 0.01, error=RESET, reach="direct")
    assert not outweighed(BLOG, look, pods)
    healths, causes = judged(*pods, look=look)
    assert healths["blog"].symptoms
    assert causes


def test_probe_rewritten_by_a_mesh() -> None:
    """Istio's injector gives the kubelet a path of its own."""
    assert probed_well([pod(path="/app-health/app/readyz")], "/health")


def test_service_that_the_load_balancer_calls_offline() -> None:
    """Who asks from inside and agrees makes the check count: the kubelet asks every ten seconds only."""
    sample = StatsSample(NOW, 2.0, 200, {"blog": {"service_status": "offline"}})
    look = HealthAnswer("blog", 5.0, error="timed out after 5 s", reach="proxy")
    healths, causes = judged(pod(), look=look, sample=sample)
    assert healths["blog"].state == "faulty"
    assert causes == ["pod.hung"]


@pytest.mark.parametrize(
    ("ready", "way_failed", "accused"), [(True, False, False), (False, True, True), (False, False, True)]
)
def test_stats_that_cannot_be_read(ready: bool, way_failed: bool, accused: bool) -> None:
    """GET /stats that fails accuses the load balancer only where its own pods do not state otherwise."""
    sample = StatsSample(NOW, 0.01, error="connection refused", way_failed=way_failed)
    healths, causes = judged(pod("load-balancer", ready=ready, path="/lb-health"), sample=sample)
    assert bool(healths["load-balancer"].symptoms) is accused
    # Its own pod runs and is not Ready: its Service has no endpoint, so the refusal reports nothing of the program.
    assert causes == (["service.no-endpoints"] if accused and not way_failed else [])


def test_way_that_failed_without_a_cluster() -> None:
    """With nothing else read, a failed way leaves the load balancer unknown."""
    sample = StatsSample(NOW, 0.01, error="answered HTTP 200 with HTML", way_failed=True)
    healths, causes = judged(sample=sample)
    assert (healths["load-balancer"].state, healths["load-balancer"].symptoms, causes) == ("unknown", (), [])
