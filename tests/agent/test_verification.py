"""Whether a change helped: read after it, complete, healthy, and so for the hold window without a break."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from opsagent.agent import verification
from opsagent.agent.state import State
from opsagent.agent.verification import HoldWindow, figures
from opsagent.analysis.evidence.rollout import Rollout
from opsagent.models.evidence import Observation, ServiceHealth, Symptom
from opsagent.models.observed import StatsSample
from opsagent.models.plan import ActionRecord
from opsagent.models.service import Service
from tests.agent.small_platform import AT, SmallPlatform
from tests.agent.story import Story, away, not_ready, ready, state_of, stays, verified
from tests.analysis.workloads import pod
from tests.session import Heard

DONE = Rollout(complete=True, failed=False, text="1/1 replicas updated and available")
GOING = Rollout(complete=False, failed=False, text="0 of 1 replicas are updated")


def window(*looks: tuple[float, Rollout | str, bool]) -> HoldWindow:
    """Return what becomes of a window begun at 0 s: each check is (second, rollout or outage, healthy)."""
    made = HoldWindow(begun=0.0)
    for now, rollout, healthy in looks:
        if isinstance(rollout, str):
            made.unread(rollout)
        else:
            made.saw(rollout, healthy=healthy, now=now)
    return made


def test_good_for_the_hold_window_is_good_enough() -> None:
    """Held from the first good check on, exactly as long as asked for, not a moment less."""
    good = window((4, DONE, True), (9, DONE, True))
    assert good.good_since == 4
    assert good.held(14, 10)
    assert not good.held(13.9, 10)
    assert not HoldWindow(begun=0.0).held(99, 0)
    assert window((0, DONE, True), (5, DONE, True)).good_since == 0


def test_a_flap_starts_the_window_over() -> None:
    """Unhealthy in between: what was good before does not count."""
    assert window((0, DONE, True), (5, DONE, False)).good_since is None
    assert window((0, DONE, True), (5, DONE, False), (6, DONE, True)).good_since == 6


def test_an_outage_of_what_is_watched_starts_the_window_over() -> None:
    """What could not be read proves nothing, and is reported until something is read again."""
    lost = window((0, DONE, True), (5, "refused", False))
    assert (lost.good_since, lost.last_error) == (None, "refused")
    back = window((0, DONE, True), (5, "refused", False), (6, DONE, True))
    assert (back.good_since, back.last_error) == (6, None)


def test_a_rollout_that_is_not_complete_is_not_good() -> None:
    """A healthy service on the way to its new pods has not recovered; one that rolls again starts over."""
    assert window((0, GOING, True)).good_since is None
    assert window((0, DONE, True), (5, GOING, True)).good_since is None
    assert window((0, GOING, True)).rollout == GOING


def test_how_long_the_rollout_took_is_reported_once() -> None:
    """From the beginning to the first check that shows it complete."""
    made = HoldWindow(begun=10.0)
    made.saw(GOING, healthy=True, now=11)
    assert made.rolled_out_after is None
    made.saw(DONE, healthy=False, now=13)
    made.saw(DONE, healthy=True, now=15)
    assert made.rolled_out_after == 3


def test_a_service_that_stays_well_has_recovered(story: Story) -> None:
    """Complete and healthy for 4 s: recovered after two pauses of 2 s, and the text shows for how long."""
    checked = verified(story)
    assert checked.recovered
    assert checked.took_s == 4.0
    assert checked.rollout == "1/1 replicas updated and available in 0 s"
    assert checked.figure == "blog well for 4 s"
    assert (checked.before, checked.after) == ({}, {})
    assert checked.text == "1/1 replicas updated and available in 0 s · blog well for 4 s"


def test_the_rollouts_time_is_reported(story: Story) -> None:
    """Complete in the second check: after 2 s."""
    not_ready(story.small.platform)
    assert verified(story, ready).rollout == "1/1 replicas updated and available in 2 s"


@pytest.mark.parametrize("breaks", [not_ready, away])
def test_a_break_starts_it_over(story: Story, breaks: Callable[[SmallPlatform], None]) -> None:
    """Good, then a flap or an outage, then good again: the 4 s are counted from the return."""
    checked = verified(story, breaks, ready)
    assert checked.recovered
    assert checked.took_s == 8.0


def test_what_never_recovers_is_handed_over(story: Story) -> None:
    """Not available for 30 s: not recovered, and the text shows what is missing."""
    not_ready(story.small.platform)
    checked = verified(story)
    assert (checked.recovered, checked.took_s) == (False, 30.0)
    assert "0 of 1 updated replicas are available" in checked.rollout
    assert checked.figure.startswith("blog still faulty after 30 s: ")
    assert "not well long enough" not in checked.figure


def test_what_recovers_too_late_is_not_well_long_enough(story: Story) -> None:
    """Good in the last check alone: no time was left to hold."""
    not_ready(story.small.platform)
    checked = verified(story, *[stays] * 14, ready)
    assert (checked.recovered, checked.figure) == (False, "blog still faulty after 30 s: not well long enough")


def test_what_cannot_be_read_has_not_recovered(story: Story) -> None:
    """The API server is away to the end: not recovered, and that is reported."""
    state = state_of(story)
    away(story.small.platform)
    checked = verification.verify(state, story.small.ctx)
    assert (checked.recovered, checked.rollout) == (False, "not read")
    assert checked.figure == "could not check: the API server is away"


def made_again(platform: SmallPlatform) -> None:
    """Let another Deployment be under the same name."""
    platform.held[0]["metadata"]["uid"] = "another"


def test_a_deployment_made_again_is_not_what_was_changed(story: Story) -> None:
    """Healthy, but another object under the same name: not recovered by this change."""
    checked = verified(story, made_again)
    assert not checked.recovered
    assert checked.figure == "could not check: Deployment blog was replaced after the change"


def test_the_figures_of_a_deployment_made_again_are_shown(story: Story) -> None:
    """It was replaced before the first check: what is measured now is reported all the same."""
    state = state_of(story)
    story.small.platform.sample = SAMPLE
    made_again(story.small.platform)
    checked = verification.verify(state, story.small.ctx)
    assert (checked.recovered, checked.after["response_ms"]) == (False, 5.5)


@pytest.mark.parametrize("outcome", ["failed: refused", "not known: interrupted"])
def test_a_change_that_failed_is_checked_once(story: Story, outcome: str) -> None:
    """Nothing is waited for: one search for the record, and the failure is the figure."""
    done = ActionRecord("b7k2", "restart_deployment", "Deployment/blog", None, AT, "x", "panel", outcome)
    checked = verified(story, actions=(done,))
    assert (checked.recovered, checked.figure) == (False, outcome)
    assert checked.took_s == 2.0


def test_what_was_read_before_the_change_does_not_count(story: Story) -> None:
    """A check that began before the change is forgotten: the first that counts is a new one, and finds the pod down."""
    state = state_of(story)
    settings = story.small.ctx.settings
    at_once = replace(story.small.ctx, settings=replace(settings, verify=replace(settings.verify, hold_s=0.0)))
    at_once.seen.peek()
    assert at_once.seen._ahead is not None
    at_once.seen._ahead.result()
    story.small.platform.held[1] = pod("blog", waiting="CrashLoopBackOff")
    assert not verification.verify(state, at_once).recovered


def test_the_operators_own_order_is_about_its_service_alone(story: Story) -> None:
    """A restart that was ordered is verified by the service's own state."""
    state = cast(State, {**state_of(story), "order": story.small.ordered()["order"]})
    assert verification.verify(state, story.small.ctx).recovered


def test_a_service_below_that_was_faulty_and_is_not_read_keeps_it_open(story: Story) -> None:
    """The patient is well; who was faulty with it is not a service any more, so nobody knows: not recovered."""
    story.small.ctx.seen.configured = (replace(story.small.ctx.seen.services[0], depends_on=("cart",)), Service("cart"))
    checked = verified(story, healths=(ServiceHealth("cart", "faulty"),))
    assert not checked.recovered


SAMPLE = StatsSample(
    at=AT,
    took_s=2.013,
    http=200,
    stats={
        "blog_service": {"service_status": "online"},
        "load-balancer": {"avg_response_time_ms": 5.458, "requests_per_second": 57, "status": "healthy",
                          "success_rate": 100, "total_requests": 1029},
    },
)  # fmt: skip
SERVICES = (Service("blog-service", "blog", "blog_service"),)


def with_response(ms: float, status: str = "online") -> StatsSample:
    """Return a sample of /stats with that response time."""
    stats = cast(dict[str, Any], SAMPLE.stats)
    front = {**stats["load-balancer"], "avg_response_time_ms": ms}
    return replace(SAMPLE, stats={"blog_service": {"service_status": status}, "load-balancer": front})


def test_before_and_after_stand_side_by_side(story: Story) -> None:
    """The figures that raised the incident, those of the last check, and the response time as an arrow."""
    story.small.platform.sample = with_response(6.2)
    checked = verified(story, before=with_response(1531.2, "offline"))
    assert checked.recovered
    assert (checked.before["status"], checked.before["response_ms"]) == ("offline", 1531.2)
    assert (checked.after["status"], checked.after["response_ms"]) == ("online", 6.2)
    assert (
        checked.text == "1/1 replicas updated and available in 0 s · blog online for 4 s · 1531 → 6 ms, limit 1000 ms"
    )


@pytest.mark.parametrize(("before", "after"), [(None, SAMPLE), (SAMPLE, None)])
def test_half_an_arrow_is_none(story: Story, before: StatsSample | None, after: StatsSample | None) -> None:
    """Without a figure on either side there is nothing to compare."""
    story.small.platform.sample = after
    checked = verified(story, before=before)
    assert checked.recovered
    assert "→" not in checked.text
    assert (checked.before == {}) == (before is None)


class Doing(Heard):
    """Progress that keeps what is being done."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def doing(self, node: str, text: str) -> None:
        """Keep the text of a verification."""
        if node == "verify":
            self.texts.append(text)


def test_progress_shows_what_is_waited_for(story: Story) -> None:
    """Good for how long, what is missing, or why nothing could be read."""
    heard = Doing()
    story.small.ctx = replace(story.small.ctx, progress=heard)
    assert verified(story, stays, not_ready, away, ready).recovered
    assert heard.texts == [
        "1/1 replicas updated and available · good for 0 of 4 s",
        "1/1 replicas updated and available · good for 2 of 4 s",
        "0 of 1 updated replicas are available",
        "could not check: the API server is away",
        "1/1 replicas updated and available · good for 0 of 4 s",
        "1/1 replicas updated and available · good for 2 of 4 s",
    ]


def test_figures_show_before_and_after_alike() -> None:
    """Time, status, requests, response time and how long /stats took; nothing where there is no sample."""
    assert figures(SERVICES, "blog-service", replace(SAMPLE, at=AT.replace(microsecond=7))) == {
        "at": "2026-11-22T12:30:00+00:00",
        "status": "online",
        "requests_per_second": 57,
        "response_ms": 5.5,
        "stats_took_s": 2.01,
    }
    assert figures(SERVICES, "blog-service", None) == {}
    assert figures(SERVICES, "blog-service", replace(SAMPLE, stats=None)) == {}
    bare = figures(SERVICES, "mail", replace(SAMPLE, stats={}))
    assert (bare["status"], bare["requests_per_second"], bare["response_ms"]) == (None, None, None)


SLOW = Symptom("blog", "figures", "slow", Observation("metrics", "prometheus:Service/blog:latency_p95", "slow"))


def test_a_healthy_workload_has_not_recovered_while_its_figure_is_not_proven(story: Story) -> None:
    """The figure raised it, and cannot be read after the change: pods that are ready all the time are not enough."""
    checked = verified(story, symptoms=(SLOW,))
    assert not checked.recovered
    assert checked.took_s > 30.0
