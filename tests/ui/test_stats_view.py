"""The state of the platform at a glance, the verdict first."""

from dataclasses import replace

from opsagent.models.status import ServiceStatus, TrafficMetrics
from opsagent.ui.stats_view import stats_view
from opsagent.ui.traffic_view import figure, figures_view, traffic_view
from tests.ui.drawing import drawn, flat
from tests.ui.records import MEASURED, STATS, TRAFFIC, TREND, WHERE


def test_the_verdict_is_first() -> None:
    """What is wrong is the first thing on the screen."""
    assert drawn(stats_view(STATS)).splitlines()[0] == "blog-service OFFLINE · 4 of 5 services online"


def test_a_faulty_service_states_since_when_and_what_to_do() -> None:
    """An offline service has its time and the command that goes on."""
    shown = drawn(stats_view(STATS, trend=TREND, where=WHERE))
    assert "blog-service   OFFLINE  since 12:25:37 (8 s) → opsagent diagnose blog-service" in shown
    assert "user-service   online   database healthy · cache healthy" in shown


def test_all_well_is_stated_in_one_line() -> None:
    """With every service online there is no capital letter word and no advice."""
    well = replace(STATS, services=STATS.services[:4], took_s=0.006)
    lines = drawn(stats_view(well)).splitlines()
    assert lines[0] == "all 4 services online"
    assert "answered in 6 ms" in lines[1]
    assert "opsagent diagnose" not in "".join(lines)


def test_a_slow_answer_is_evidence() -> None:
    """Two seconds for /stats itself mean that a service hangs."""
    assert "answered in 2.01 s (slow: a service hangs)" in flat(stats_view(STATS, where=WHERE))


def test_unknown_is_not_online() -> None:
    """A service whose status is missing is neither online nor offline."""
    unknown = replace(STATS, services=(ServiceStatus("auth-service", "unknown", "answered 404"),))
    shown = flat(stats_view(unknown))
    assert "auth-service UNKNOWN · 0 of 1 services online" in shown
    assert "answered 404 → opsagent diagnose auth-service" in shown


def test_no_service_at_all_is_no_good_news() -> None:
    """An empty body is not "all services online"."""
    assert "/stats names no service" in flat(stats_view(replace(STATS, services=(), traffic=None)))


def test_window_and_lifetime_are_distinguished() -> None:
    """The last seconds and the time since the start stand on lines of their own, named."""
    lines = drawn(traffic_view(TRAFFIC, trend=TREND), 140).splitlines()
    assert lines[0] == "last 10 s: 49.4 req/s ↓ from 61 · 1531 ms ↑ from 5.4"
    assert lines[1].startswith("trend: requests 61 → 49 /s")
    assert lines[2].startswith("since the load balancer started: 75.3 % of 1,524 requests succeeded")
    assert "never resets: no sign of recovery" in lines[2]


def test_missing_figures_are_not_zero() -> None:
    """What was not stated is not drawn as 0."""
    shown = flat(traffic_view(TrafficMetrics(10.0, None, None, None, None, None, None)), 140)
    assert "not stated req/s" in shown
    assert "not stated of not stated requests" in shown


def test_no_traffic_is_stated() -> None:
    """Without traffic there is no response time to read."""
    assert "last 10 s: no traffic" in flat(traffic_view(replace(TRAFFIC, has_real_traffic=False)))


def test_figures_keep_the_digits_that_show() -> None:
    """Small ones keep a decimal, large ones none."""
    assert [figure(value) for value in (0, 0.1, 5.498, 49.4, 61.0, 1531.2, None)] == [
        "0", "0.1", "5.5", "49.4", "61", "1531", "not stated",
    ]  # fmt: skip


def test_a_platform_without_stats_is_one_table_within_80_columns() -> None:
    """Ready, restarts, figures with their course, the age of the newest revision; the odd ones are explained below."""
    lines = [line.rstrip() for line in drawn(stats_view(MEASURED, where=WHERE)).splitlines()]
    assert lines[0] == "blog-service DEGRADED · 2 of 3 services ready"
    assert lines[3] == "SERVICE       STATUS    READY  REQ/S      ERRORS  P95           CHANGED"
    assert lines[4] == "api-gateway   healthy   2/2    49.4 ██ ▇  24.7 %  1531 ms ▁▁▁█  25h"
    assert lines[5] == "blog-service  DEGRADED  1/2                                     10m"
    assert lines[6] == "user-service  healthy   2/2    -"
    assert "blog-service: 3 restarts · pod is not Ready → opsagent diagnose blog-service" in lines
    assert lines[-1] == "not checked: metrics: latency_p95 (istio): timed out"
    assert max(map(len, lines)) <= 80


def test_columns_that_nobody_fills_are_left_out() -> None:
    """From Kubernetes alone there are no empty columns of figures."""
    rows = tuple(replace(row, figures=None) for row in MEASURED.services)
    assert "SERVICE       STATUS    READY  RESTARTS  CHANGED" in drawn(stats_view(replace(MEASURED, services=rows)))


def test_traffic_of_each_service() -> None:
    """Now, and the level at the beginning of the window where it differs; who has no figures is named."""
    shown = flat(figures_view(MEASURED), 140)
    assert "SERVICE REQ/S ERRORS P95 CPU MEMORY api-gateway 61 → 49.4 0 → 24.7 % 5.4 → 1531 ms ▁▁▁█ 10 → 93 %" in shown
    assert max(len(line.rstrip()) for line in drawn(figures_view(MEASURED)).splitlines()) <= 80
    assert "newest figure 15s old" in shown
    assert "no figures: blog-service" in shown
