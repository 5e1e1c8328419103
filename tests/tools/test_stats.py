"""The four tools that ask the load balancer and the health paths."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from opsagent.config.titanium import TITANIUM
from opsagent.errors import CheckError, ForbiddenError, NotCheckedError, UnknownServiceError, UnreachableError
from opsagent.models.observed import HealthAnswer, StatsSample
from opsagent.models.service import Service
from opsagent.sandbox import Fault
from opsagent.tools.stats import (
    check_all_health,
    check_health,
    get_service_status,
    get_system_stats,
    get_traffic_metrics,
)
from tests.tools.platforms import Records

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Boxed = Callable[[str], tuple[Any, Any]]


def test_system_stats(boxed: Boxed) -> None:
    """Each service that /stats reports is read, with the way it was reached and what was asked."""
    platform, box = boxed("healthy")
    stats = get_system_stats(platform, TITANIUM)
    assert (stats.reach, stats.url) == ("direct", box.stats_url)
    assert {entry.service: entry.status for entry in stats.services} == {
        "load-balancer": "healthy",
        "api-gateway": "online",
        "auth-service": "online",
        "user-service": "online",
        "blog-service": "online",
        "redis": "healthy",
    }
    assert stats.traffic is not None


def test_offline_service(boxed: Boxed) -> None:
    """A service that the load balancer calls offline is offline under each of its names."""
    platform, _ = boxed("db-locked")
    for name in ("blog-service", "blog_service", "blog", "deployment/local-blog-service-deployment"):
        assert get_service_status(platform, TITANIUM, name).status == "offline"


def test_traffic_keeps_window_and_lifetime_apart(boxed: Boxed) -> None:
    """What covers ten seconds and what counts since the start have names of their own."""
    figures = get_traffic_metrics(boxed("healthy")[0])
    assert figures.window_s == 10
    assert figures.window_requests_per_second is not None
    assert figures.lifetime_total_requests is not None


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.stats_500(), "HTTP 500"),
        (Fault.html(), "HTML"),
        (Fault.half_json(), "unfinished JSON"),
        (Fault.refused(), "connection refused"),
    ],
)
def test_bad_answers_are_errors(boxed: Boxed, fault: Fault, said: str) -> None:
    """A /stats that cannot be read is an error with a way out, never an empty answer."""
    platform, box = boxed("healthy")
    box.faults.add(fault, Fault.forbidden("get", "services/proxy"))
    with pytest.raises(UnreachableError) as caught:
        get_system_stats(platform, TITANIUM)
    assert said in caught.value.message
    assert "403: services/proxy" in caught.value.message
    assert caught.value.source == "stats"
    assert caught.value.hint


def test_wrong_types_are_no_answer(boxed: Boxed) -> None:
    """An answer in which no service names its status in words is none, and nothing is called healthy by it."""
    platform, box = boxed("healthy")
    box.faults.add(Fault.wrong_types(), Fault.forbidden("get", "services/proxy"))
    with pytest.raises(UnreachableError, match="without a service that names its status"):
        get_system_stats(platform, TITANIUM)


def test_no_sample() -> None:
    """A platform without a sample was not checked."""
    with pytest.raises(NotCheckedError):
        get_system_stats(Records(), TITANIUM)


def test_no_figures() -> None:
    """A body without the load balancer's entry has no traffic figures."""
    platform = Records(samples=(StatsSample(NOW, 0.1, 200, {"auth": {}}),))
    with pytest.raises(NotCheckedError):
        get_traffic_metrics(platform)


def test_unknown_service(boxed: Boxed) -> None:
    """A name that is nobody's is refused with the nearest ones."""
    platform, _ = boxed("healthy")
    with pytest.raises(UnknownServiceError) as caught:
        check_health(platform, TITANIUM, "blob-service")
    assert "blog-service" in (caught.value.hint or "")


def test_health(boxed: Boxed) -> None:
    """One service's health path is asked through the proxy."""
    platform, _ = boxed("healthy")
    look = check_health(platform, TITANIUM, "blog")
    assert (look.ok, look.http, look.reach) == (True, 200, "proxy")


def test_health_of_all_keeps_apart_what_was_not_checked(boxed: Boxed) -> None:
    """Redis speaks no HTTP, so from outside the cluster nothing is known of it: it is neither well nor ill."""
    platform, _ = boxed("healthy")
    report = check_all_health(platform, TITANIUM)
    assert {look.service for look in report.looks} == {service.name for service in TITANIUM} - {"redis"}
    assert [skip.source for skip in report.not_checked] == ["health of redis"]


def test_health_where_nothing_can_be_asked() -> None:
    """If not one health path could be asked, that is an error."""
    forbidden = ForbiddenError("no services/proxy", source="health")
    platform = Records(healths={"a": forbidden, "b": forbidden})
    with pytest.raises(ForbiddenError):
        check_all_health(platform, (Service("a"), Service("b")))


def test_health_of_no_service() -> None:
    """No services, no checks."""
    assert check_all_health(Records(), ()).looks == ()


def test_health_error_is_a_check() -> None:
    """A service that did not answer is a check that is not ok."""
    platform = Records(healths={"a": HealthAnswer("a", 0.1, error="connection refused")})
    assert not check_all_health(platform, (Service("a"),)).looks[0].ok


def test_slow_stats_states_how_long(boxed: Boxed) -> None:
    """The time that /stats took is part of the answer: it is evidence."""
    platform, box = boxed("healthy")
    box.faults.add(Fault.slow(0.3))
    assert get_system_stats(platform, TITANIUM).took_s >= 0.3


def test_light_path_loads_no_heavy_package() -> None:
    """Asking /stats directly loads neither kubernetes nor the graph nor a model client."""
    code = (
        "import sys\n"
        "from opsagent.tools.stats import get_system_stats\n"
        "from opsagent.clients.live import LivePlatform\n"
        "from opsagent.config.settings import Settings, StatsSettings\n"
        "from opsagent.errors import CheckError\n"
        "from opsagent.config.titanium import TITANIUM\n"
        "platform = LivePlatform(Settings(reach='direct', stats=StatsSettings(url='http://127.0.0.1:9')), TITANIUM)\n"
        "try:\n    get_system_stats(platform, TITANIUM)\n"
        "except CheckError as error:\n    print(error.message)\n"
        "heavy = {'kubernetes', 'langgraph', 'langchain_core', 'langchain_openai', 'openai', 'pydantic', 're2'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "the load balancer did not answer at http://127.0.0.1:9/stats (connection refused)",
        "[]",
    ]
    assert done.stderr == ""


def test_error_tree(boxed: Boxed) -> None:
    """Whatever a stats tool raises for a failed check is a CheckError."""
    platform, box = boxed("healthy")
    box.faults.add(Fault.refused(), Fault.unauthorized())
    for tool in (lambda: get_system_stats(platform, TITANIUM), lambda: get_traffic_metrics(platform)):
        with pytest.raises(CheckError):
            tool()
