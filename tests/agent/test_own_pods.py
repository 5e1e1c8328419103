"""A service's own pods speak first, and requests that fail are seen: from the platform to the report."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opsagent.agent import run
from opsagent.agent.run import DiagnosisRequest
from opsagent.config.settings import Settings
from opsagent.models.incident import Report
from opsagent.models.observed import StatsSample
from opsagent.sandbox import Fault, Sandbox
from opsagent.store.records import from_json
from opsagent.store.store import Store, sample_key
from tests.session import Boxed, at_work, sandboxes


@pytest.fixture
def boxed(tmp_path: Path) -> Iterator[Boxed]:
    """Start sandboxes of scenarios."""
    with sandboxes(tmp_path) as start:
        yield start


def diagnosed(settings: Settings) -> Report:
    """Diagnose whatever is wrong."""
    with at_work(settings) as (ctx, desk):
        return next(run.diagnose(ctx, DiagnosisRequest(None), desk, None))


def remember(box: Sandbox, settings: Settings) -> None:
    """Keep the samples of the minute before, as a watched platform has them."""
    kept = (from_json(StatsSample, line) for line in box.past_stats())
    Store.at(settings, {}).samples.keep(kept, sample_key(settings))


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("controller-manager-stopped", "node.controller-manager-down"),
        ("scheduler-stopped", "node.scheduler-down"),
        ("hung-but-ready", "pod.hung"),
        ("db-locked", "db.locked"),
    ],
)
def test_what_keeps_the_pods_from_serving_is_the_cause(boxed: Boxed, scenario: str, code: str) -> None:
    """Callers are refused in each of them, and none is called down for it."""
    box, settings = boxed(scenario)
    box.hang_s = 2.0  # as the real load balancer: that is what shows hung from dead
    report = diagnosed(settings)
    assert report.causes[0].code == code
    assert all(cause.code != "dependency.down" for cause in report.causes if cause.confidence >= 0.45)


def test_a_service_that_answers_500_to_everything_is_an_incident(boxed: Boxed) -> None:
    """Online in /stats and ok in /health: the success share of earlier samples and its own log name it."""
    box, settings = boxed("all-500")
    remember(box, settings)
    report = diagnosed(settings)
    assert report.service == "blog-service"
    assert (report.causes[0].service, report.plan.action if report.plan else None) == ("blog-service", "none")
    assert any("requests succeeded" in piece.text for piece in report.evidence)
    assert any("TypeError: 'NoneType' object is not subscriptable" in piece.text for piece in report.evidence)


def test_a_low_share_that_no_log_confirms_is_unknown_and_changes_nothing(boxed: Boxed) -> None:
    """The logs cannot be read: unknown, up to 0.4, at the load balancer, without a plan."""
    box, settings = boxed("all-500")
    remember(box, settings)
    box.faults.add(Fault.forbidden("get", "pods/log"))
    report = diagnosed(settings)
    assert [(cause.code, cause.confidence <= 0.4) for cause in report.causes] == [("unknown", True)]
    assert report.plan is not None
    assert report.plan.action == "none"


def test_4xx_alone_are_a_note(boxed: Boxed) -> None:
    """The share is low and the logs hold 401s and no 5xx: healthy, and a sentence states it."""
    box, settings = boxed("all-500")
    remember(box, settings)
    for name in ("blog-service", "api-gateway", "load-balancer"):
        box.state.clear_log(name)
    box.state.log("auth-service", *['INFO:     10.0.0.1:0 - "POST /api/login HTTP/1.1" 401 Unauthorized'] * 40)
    report = diagnosed(settings)
    assert (report.status, report.causes) == ("healthy", ())
    assert "the logs show 4xx answers alone" in report.closing


def test_requests_that_succeed_again_are_no_incident(boxed: Boxed) -> None:
    """The kept windows are low and the requests of this pass succeed: it is over."""
    box, settings = boxed("all-500")
    remember(box, settings)
    box.state.recover()
    assert diagnosed(settings).status == "healthy"


def test_without_earlier_samples_the_trend_is_none_and_states_it(boxed: Boxed) -> None:
    """A cold diagnosis has no before."""
    _, settings = boxed("dependency-down")
    trend = diagnosed(settings).trend
    assert trend is not None
    assert trend.text.startswith("no trend: no earlier samples")
