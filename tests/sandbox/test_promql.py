"""The box's queries are those of the profiles, and mean what a Prometheus makes of them."""

import json
import math
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from opsagent.analysis.figures.profiles import profile_rows
from opsagent.sandbox import FIGURES_ALONE, Sandbox
from opsagent.sandbox.promql import METRICS, QUERIES
from tests.clients import engines
from tests.sandbox.conftest import Boxes

WINDOW = "20s"
SPACE = "titanium-local"


def asked(box: Sandbox, path: str, **form: Any) -> tuple[int, dict[str, Any]]:
    """Return status and body of a request to the box's API."""
    answer = httpx.post(f"{box.figures_url}/api/v1/{path}", data=form, timeout=60)
    return answer.status_code, answer.json()


def values(found: dict[str, Any]) -> dict[str, float]:
    """Return the values of an instant query by their labels."""
    return {
        json.dumps(one["metric"], sort_keys=True): float(one["value"][1])
        for one in found["data"]["result"]
        if not math.isnan(float(one["value"][1]))
    }


def rows() -> dict[str, str]:
    """Return the profiles' queries whose metrics the box has, by figure."""
    return {row.figure: row.promql(SPACE, WINDOW) for row in profile_rows() if set(row.needs) <= set(METRICS)}


def test_the_queries_are_those_of_the_profiles() -> None:
    """Each row that needs nothing but the box's metrics is answered, and there is no other query."""
    assert {query.replace("$w", WINDOW) for query, _ in QUERIES} == {
        " ".join(query.split()) for query in rows().values()
    }


@pytest.mark.parametrize(
    "query",
    [
        "", "up", "1", "sum(rate(http_requests_total[1m]))", 'http_requests_total{namespace="titanium-local"}',
        'sum by (job) (rate(http_requests_total{namespace="other"}[20s]))',
        'sum by (job) (rate(http_requests_total{namespace="titanium-local"}[20s])) ',
    ],
)  # fmt: skip
def test_any_other_query_is_refused(boxes: Boxes, query: str) -> None:
    """400 in Prometheus' own words for it; white space around a query is none of its meaning."""
    code, body = asked(boxes("healthy"), "query", query=query)
    assert (code, body["status"]) == ((200, "success") if query.endswith(" ") else (400, "error"))


def test_ranges_are_checked(boxes: Boxes) -> None:
    """A step of 0, an end before the start and too many points are refused; the future has no points."""
    box, query, now = boxes("healthy"), rows()["memory"], time.time()
    for form in ({"step": 0}, {"end": now - 999}, {"step": 0.001}, {"step": "x"}):
        asking = {"query": query, "start": now - 60, "end": now, "step": 15, **form}
        assert asked(box, "query_range", **asking)[0] == 400
    _, body = asked(box, "query_range", query=query, start=now + 60, end=now + 120, step=15)
    assert body["data"]["result"] == []


def test_only_figures_show_it(boxes: Boxes) -> None:
    """In each of these scenarios every service is online and every pod Ready."""
    for scenario in sorted(FIGURES_ALONE):
        box = boxes(scenario)
        stats = httpx.get(f"{box.stats_url}/stats", timeout=60).json()
        states = [entry.get("service_status", entry.get("status")) for entry in stats.values()]
        assert set(states) <= {"online", "healthy"}


def test_a_new_pod_is_measured_from_its_start_and_the_old_one_to_its_end(boxes: Boxes) -> None:
    """After a rollback the slow revision's container has no new figure, and answers are quick again."""
    box = boxes("slow-dependency")
    quantile = rows()["latency_p95"]
    slow = values(asked(box, "query", query=quantile)[1])
    [old] = box.state.pods("user-service")
    box.state.recover()
    simulation = box.simulation
    later = time.time() + 60
    with simulation.lock:
        simulation.advance()
        simulation.measures.note()
        quick = {
            labels["job"]: value
            for labels, value in dict(QUERIES)[quantile.replace(WINDOW, "$w")](simulation.measures, later, 20.0)
        }
    assert slow['{"job": "user-service"}'] > 10 * quick["user-service"]
    assert old in box.state.pods("user-service")


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Sandbox]]:
    """A real Prometheus that scrapes the box each second, until it has a window of samples."""
    folder = tmp_path_factory.mktemp("scraped")
    with Sandbox("cpu-throttled", speed=4) as box:
        address = box.figures_url.removeprefix("http://")
        with engines.scraping(folder, address) as url:
            counted = 'min(count_over_time(http_requests_total{namespace="titanium-local"}[20s]))'
            while not _has(url, counted, 20):
                pass  # a request each time: there is nothing else to wait for
            yield url, box


def _has(url: str, query: str, least: float) -> bool:
    found = httpx.post(f"{url}/api/v1/query", data={"query": query}, timeout=60).json()["data"]["result"]
    return bool(found) and float(found[0]["value"][1]) >= least


@pytest.mark.parametrize("figure", sorted(rows()))
def test_a_prometheus_that_scrapes_it_finds_the_same(scraped: tuple[str, Sandbox], figure: str) -> None:
    """Every query of the profiles: the same series, and values within what scraping by the second can show."""
    url, box = scraped
    at = time.time()
    real = httpx.post(f"{url}/api/v1/query", data={"query": rows()[figure], "time": at}, timeout=60).json()
    own = values(asked(box, "query", query=rows()[figure], time=at)[1])
    assert values(real) == pytest.approx(own, rel=0.1, abs=2e-3)
    assert own
