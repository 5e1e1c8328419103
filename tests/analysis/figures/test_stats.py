"""GET /stats as it really answers, and as it should never answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.figures.stats import broken_entry, service_statuses, traffic_metrics
from opsagent.models.service import Service
from tests.analysis.scene import BLOG, FRONT, REDIS, SERVICES, body, sample

WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab.-é0\x1b[", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.-é0\x1b[", max_size=8), inner, max_size=3),
    max_leaves=8,
)


def one(service: Service, stats: Any) -> tuple[str, str]:
    """Return status and note of one service."""
    status = service_statuses((service,), sample(stats))[0]
    return status.status, status.note


def test_each_service_is_read_under_its_own_key() -> None:
    """The load balancer states `status`, the others `service_status`, the cache is inside another entry."""
    said = {status.service: status.status for status in service_statuses(SERVICES, sample())}
    assert said == {
        "load-balancer": "healthy",
        "gateway": "online",
        "users": "online",
        "blog": "online",
        "redis": "healthy",
    }


def test_a_cache_whose_reporter_is_offline_is_unknown() -> None:
    """What vanishes because its parent is offline is not a fault of its own."""
    status, note = one(REDIS, body(users={"service_status": "offline"}))
    assert status == "unknown"
    assert "users" in note
    assert broken_entry(REDIS, sample(body(users={"service_status": "offline"}))) is None


@pytest.mark.parametrize("entry", [None, {"detail": "Not Found"}, [], "online", {"service_status": None}, 7])
def test_an_answer_without_a_status_is_broken(entry: Any) -> None:
    """404 bodies, null, lists and bare words are no status, and are distinguished from a key that is absent."""
    assert one(BLOG, body(blog=entry))[0] == "unknown"
    assert broken_entry(BLOG, sample(body(blog=entry)))


def test_an_absent_key_is_not_a_broken_answer() -> None:
    """A service that /stats does not mention was not checked."""
    stats = body()
    del stats["blog"]
    assert one(BLOG, stats) == ("unknown", "not mentioned in /stats")
    assert broken_entry(BLOG, sample(stats)) is None


def test_a_word_that_is_not_a_status_is_unknown() -> None:
    """An unheard-of status neither accuses nor acquits."""
    assert one(BLOG, body(blog={"service_status": "Starting"}))[0] == "unknown"
    assert one(BLOG, body(blog={"service_status": " ONLINE "}))[0] == "online"


def test_a_failed_check_leaves_everything_unknown() -> None:
    """An error of /stats is reported in the note of each service."""
    statuses = service_statuses(SERVICES, sample(error="timed out after 5 s"))
    assert {status.status for status in statuses} == {"unknown"}
    assert all("timed out" in status.note for status in statuses)


def test_windowed_and_lifetime_figures_are_kept_apart() -> None:
    """The two figures of the window and those since the start are in fields of their own."""
    metrics = traffic_metrics(sample())
    assert metrics is not None
    assert (metrics.window_requests_per_second, metrics.window_avg_response_time_ms) == (40, 5.0)
    assert metrics.lifetime_success_rate_percent == 62


@pytest.mark.parametrize("figure", ["40", True, float("nan"), -1, None, [1], 10**400])
def test_a_figure_of_another_type_is_none(figure: Any) -> None:
    """Nothing but a finite number of zero or more is a figure."""
    metrics = traffic_metrics(sample(body(load_balancer={"requests_per_second": figure})))
    assert metrics is not None
    assert metrics.window_requests_per_second is None


@given(st.dictionaries(st.sampled_from(["users", "blog", "load-balancer", "gateway", "x"]), WILD, max_size=5))
def test_no_body_raises(stats: dict[str, Any]) -> None:
    """Whatever JSON arrives, there is one status a service and no traceback."""
    assert len(service_statuses(SERVICES, sample(stats))) == len(SERVICES)
    assert broken_entry(FRONT, sample(stats)) is None or "load-balancer" in stats
    traffic_metrics(sample(stats))
