"""Figures from real servers: the same window in two dialects, gaps as gaps, and refusals in the server's own words."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from opsagent.analysis.figures.known import known
from opsagent.analysis.figures.profiles import profile_rows
from opsagent.analysis.figures.shifts import shift_of
from opsagent.clients.answer import HttpAnswer
from opsagent.clients.prometheus import MOST_QUERIES, Prometheus
from opsagent.config.settings import PrometheusSettings
from opsagent.errors import (
    CheckError,
    ConfigError,
    NotCheckedError,
    TransientCheckError,
    UnauthorizedError,
    UnreachableError,
)
from opsagent.models.figures import Figures, Series
from opsagent.models.profiles import Row
from tests.clients import engines
from tests.clients.loopback import Reply, serve

Engine = Callable[[Path], AbstractContextManager[str]]


@pytest.fixture(scope="module", params=[engines.prometheus, engines.victoria_metrics], ids=["prometheus", "victoria"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server with an hour of a small shop."""
    engine: Engine = request.param
    with engine(tmp_path_factory.mktemp("engine")) as address:
        yield address


def asked(url: str, namespace: str = "shop", **settings: object) -> Prometheus:
    """Return a client of a server, with time enough for a machine that is busy."""
    wanted = PrometheusSettings(url=url, timeout_s=60.0, **settings)  # type: ignore[arg-type]
    return Prometheus(wanted, namespace, {"TOKEN": "opaque", "EMPTY": "", "HEADERS": "X-Extra: yes"})


def one(figures: Figures, metric: str, name: str) -> Series:
    """Return one series of an answer."""
    return next(series for series in figures.series if (series.metric, series.name) == (metric, name))


def test_a_window_shows_who_became_slow_and_who_did_not(url: str) -> None:
    """cart is slower since its onset, pay is not, and each series carries the query that made it."""
    figures = asked(url).figures(profile_rows(), engines.NOW)
    cart, pay = (one(figures, "latency_p95", name) for name in ("cart", "pay"))
    shift = shift_of(cart, known("latency_p95"))
    assert shift is not None
    assert shift.now > 500 > shift.before
    assert abs(shift.onset - (engines.START + engines.ONSET * engines.STEP)) <= 180
    assert shift_of(pay, known("latency_p95")) is None
    assert "histogram_quantile(0.95" in str(cart.query)


def test_never_failed_is_a_figure_and_not_an_absence(url: str) -> None:
    """pay has no series for failures at all: its errors are 0, for its requests are measured."""
    errors = one(asked(url).figures(profile_rows(), engines.NOW), "errors", "pay")
    assert {value for _, value in errors.known()} == {0.0}


def test_gaps_stay_gaps(url: str) -> None:
    """Ten minutes without a scrape give no points, and no zeros."""
    memory = one(asked(url).figures(profile_rows(), engines.NOW), "memory", "cart-1/app")
    gap = [value for at, value in memory.known() if 62 * 15 + 300 < at - engines.START < 99 * 15]
    assert gap == []
    assert min(value for _, value in memory.known()) >= 50e6


def test_only_the_figures_whose_metrics_exist_are_asked_for(url: str) -> None:
    """Nothing of nodes and databases is here, and nothing of them is in the answer."""
    figures = asked(url).figures(profile_rows(), engines.NOW)
    assert {series.kind for series in figures.series} == {"Service", "Container"}
    assert not [note for note in figures.notes if "incomplete" in note]


def test_a_namespace_of_another_name_gives_no_figure_and_no_health(url: str) -> None:
    """Whatever is in a name is escaped, and an empty answer is noted as such."""
    figures = asked(url, 'sh"op\\').figures(profile_rows(), engines.NOW)
    assert not figures
    assert figures.notes == ("no query had an answer: that is not a sign of health",)


def test_without_a_metric_that_is_needed_nothing_was_checked(url: str) -> None:
    """A server that has none of a profile's metrics is not a source of figures."""
    with pytest.raises(NotCheckedError, match="none of the metrics"):
        asked(url, profiles="istio").figures(profile_rows(), engines.NOW)


def test_a_query_that_is_refused_is_noted_in_the_servers_words(url: str) -> None:
    """The other figures are there all the same."""
    broken = Row("broken", "cpu", "cores", "Container", ("pod", "container"), ("http_requests_total",), "sum(")
    figures = asked(url).figures((*profile_rows(), broken), engines.NOW)
    assert figures
    assert [note for note in figures.notes if note.startswith("cpu (broken): Prometheus answered HTTP 4")]


FOUND = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": {"__name__": "http_requests_total"}, "value": [1, "3"]}]},
}
LEVEL = {
    "status": "success",
    "warnings": ["store gateway 2 did not answer"],
    "data": {
        "resultType": "matrix",
        "result": [{"metric": {"job": "cart"}, "values": [[engines.START, "NaN"], [engines.START + 15, "+Inf"]]}],
    },
}


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (Reply(body=b"<html>log in</html>", kind="text/html"), CheckError, "HTML"),
        (Reply(302, b"", headers={"Location": "http://elsewhere.invalid"}), CheckError, "302"),
        (Reply(422, {"status": "error", "errorType": "422", "error": "parse error"}), CheckError, "parse error"),
        (Reply(503, b"Service Unavailable", kind="text/plain"), TransientCheckError, "503"),
        (Reply(401, b"no org id", kind="text/plain"), UnauthorizedError, "401"),
        (Reply(body={"status": "success", "data": {"resultType": "scalar", "result": [1, "1"]}}), CheckError, "vector"),
    ],
    ids=["login page", "redirect", "refused", "starting", "unauthorized", "scalar"],
)
def test_what_is_not_an_answer_of_a_prometheus_is_an_error(reply: Reply, error: type[CheckError], said: str) -> None:
    """A login page, a redirect, a refusal in any dialect: an error that repeats what came back."""
    with serve() as script:
        script.on("/api/v1/query", reply, method="POST")
        with pytest.raises(error, match=said):
            asked(script.url).figures(profile_rows(), engines.NOW)


def test_a_partial_answer_is_noted_and_nan_is_not_a_figure() -> None:
    """Thanos answers 200 with warnings where a store is missing; NaN and infinity are neither 0 nor good."""
    with serve() as script:
        script.on("/api/v1/query", Reply(body=FOUND), method="POST")
        script.on("/api/v1/query_range", Reply(body=LEVEL), method="POST")
        figures = asked(script.url, profiles="services").figures(profile_rows(), engines.NOW)
    assert [list(series.known()) for series in figures.series] == [[], []]
    assert "requests (services) is incomplete: store gateway 2 did not answer" in figures.notes
    assert "no series holds a figure: that is not a sign of health" in figures.notes


def test_a_pass_is_bounded_and_what_was_not_asked_is_noted() -> None:
    """More rows than a pass may ask leave notes, and what exists is asked for once in many passes."""
    row = Row("many", "cpu", "cores", "Service", ("job",), ("http_requests_total",), "up")
    many = [replace(row, figure=f"cpu_{number}") for number in range(20)]
    with serve() as script:
        script.on("/api/v1/query", Reply(body=FOUND), method="POST")
        script.on("/api/v1/query_range", Reply(body=LEVEL), method="POST")
        client = asked(script.url)
        first = client.figures(many, engines.NOW)
        assert len(script.seen) == MOST_QUERIES
        assert sum("was not asked" in note for note in first.notes) == 20 - MOST_QUERIES + 1
        client.figures(many, engines.NOW)
        assert script.paths("POST").count("/api/v1/query") == 1


def test_credentials_and_the_tenant_are_sent_and_not_shown() -> None:
    """The bearer token and headers come from the variables that the settings name."""
    with serve() as script:
        script.on("/api/v1/query", Reply(body={"status": "success", "data": {"resultType": "vector", "result": []}}),
                  method="POST")  # fmt: skip
        client = asked(script.url, bearer_env="TOKEN", headers_env="HEADERS", org_id="team-a")
        with pytest.raises(NotCheckedError):
            client.figures(profile_rows(), engines.NOW)
        sent = {name.lower(): value for name, value in script.seen[0].headers.items()}
    assert sent["authorization"] == "Bearer opaque"
    assert (sent["x-scope-orgid"], sent["x-extra"]) == ("team-a", "yes")
    assert "opaque" not in repr(client)


def test_through_the_api_servers_proxy_the_query_is_the_paths() -> None:
    """The proxy only passes GET requests on: the form becomes the query string."""
    paths = []

    def proxy(path: str, _: float, _most: int) -> HttpAnswer:
        paths.append(path)
        body = FOUND if path.startswith("api/v1/query?") else LEVEL
        return HttpAnswer(200, json.dumps(body).encode(), {"content-type": "application/json"})

    settings = PrometheusSettings(service="monitoring/prometheus:9090", profiles="services", timeout_s=60.0)
    Prometheus(settings, "shop", {}, proxy).figures(profile_rows(), engines.NOW)
    assert parse_qs(paths[0].partition("?")[2])["query"][0].startswith("count by (__name__)")
    assert [path.partition("?")[0] for path in paths[1:]] == ["api/v1/query_range", "api/v1/query_range"]


def test_nobody_at_the_address_is_unreachable() -> None:
    """A refused connection is not an empty answer."""
    with pytest.raises(UnreachableError):
        asked("http://127.0.0.1:9").figures(profile_rows(), engines.NOW)


def test_credentials_come_from_the_environment_by_name() -> None:
    """An empty variable is refused by its name, before anything is sent."""
    with pytest.raises(ConfigError, match="EMPTY"):
        asked("http://127.0.0.1:9", bearer_env="EMPTY").figures(profile_rows(), engines.NOW)
