"""The HTTP API over ASGI, against a sandbox."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra api is not installed")

from fastapi import FastAPI
from fastapi.testclient import TestClient

from opsagent.agent import run
from opsagent.config.settings import Settings
from opsagent.sandbox import Sandbox
from opsagent.serving.http import http_api
from opsagent.serving.source import Source
from tests.cli.shell import until
from tests.serving.conftest import source_of
from tests.session import Boxed, ScriptedAnswers, at_work

TOKEN = "a-token-of-this-test"
BLOG = "local-blog-service-deployment"


@contextmanager
def client_of(api: FastAPI, token: str = TOKEN) -> Iterator[TestClient]:
    """Give a client of the API that has the token."""
    with TestClient(api, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


@pytest.fixture
def asked(boxed: Boxed) -> Iterator[Callable[[str], tuple[TestClient, Sandbox, Settings]]]:
    """Start a sandbox of a scenario and give a client of an API that points at it."""
    opened: list[Any] = []

    def start(scenario: str) -> tuple[TestClient, Sandbox, Settings]:
        box, settings = boxed(scenario)
        context = client_of(http_api(source_of(settings), TOKEN))
        opened.append(context)
        return context.__enter__(), box, settings

    yield start
    for context in opened:
        context.__exit__(None, None, None)


Asked = Callable[[str], tuple[TestClient, Sandbox, Settings]]


def test_a_diagnosis_from_start_to_report(asked: Asked) -> None:
    """202 with an id at once; the report is the CLI's; a human approves in a terminal, and it is in the actions."""
    client, box, settings = asked("db-locked")
    started = client.post("/agent/diagnose", json={"service": "blog"})
    assert started.status_code == 202
    incident_id = started.json()["incident_id"]
    assert client.get(started.json()["report"]).status_code in (200, 202)
    until(lambda: client.get(f"/agent/report/{incident_id}").status_code == 200, "the report")
    report = client.get("/agent/report").json()
    assert (report["schema"], report["incident_id"]) == ("opsagent.diagnosis/1", incident_id)
    assert (report["status"], report["causes"][0]["code"]) == ("awaiting_approval", "db.locked")
    assert source_of(settings).store.incidents.get(incident_id).stage == "awaiting_approval"
    assert [path for method, path in box.requests if method == "PATCH"] == []
    assert client.get("/agent/actions").json() == []
    with at_work(settings) as (ctx, desk):
        run.go_on(ctx, incident_id, desk, ScriptedAnswers(["approve"]), how="opsagent approve")
    [action] = client.get("/agent/actions").json()
    assert (action["incident_id"], action["target"]) == (incident_id, f"Deployment/{BLOG}")
    assert (action["outcome"][:4], action["incident_stage"]) == ("done", "recovered")
    assert client.get("/agent/actions", params={"incident": "zzzz"}).json() == []


def test_one_diagnosis_of_a_service_at_a_time(asked: Asked) -> None:
    """The same again while it runs is 409 and names the running incident; another service may start."""
    client, _, _ = asked("db-locked")
    first = client.post("/agent/diagnose", json={"service": "blog-service"}).json()["incident_id"]
    again = client.post("/agent/diagnose", json={"service": "blog"})
    other = client.post("/agent/diagnose", json={"service": "redis"})
    assert (again.status_code, again.json()["incident_id"]) == (409, first)
    assert other.status_code == 202
    ids = (first, other.json()["incident_id"])
    until(lambda: {client.get(f"/agent/report/{one}").status_code for one in ids} == {200}, "both reports")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/agent/diagnose", {"service": "blgo"}, 404),
        ("POST", "/agent/diagnose", {"service": 7}, 422),
        ("POST", "/agent/diagnose", {"servce": "blog"}, 422),
        ("GET", "/agent/report", None, 404),
        ("GET", "/agent/report/zzzz", None, 404),
        ("GET", "/agent/report/..%2Fx", None, 404),
        ("GET", "/agent/report/UPPER", None, 422),
        ("POST", "/agent/approve", {}, 404),
        ("DELETE", "/agent/actions", None, 405),
    ],
)
def test_what_is_wrong_is_refused(asked: Asked, method: str, path: str, body: Any, status: int) -> None:
    """Unknown names, wrong types, unknown keys and ids that are none: a 4xx, and nothing is started."""
    client, _, settings = asked("healthy")
    assert client.request(method, path, json=body).status_code == status
    assert source_of(settings).store.incidents.list(everything=True) == ()


def test_a_misspelt_service_gets_the_nearest_name(asked: Asked) -> None:
    """The error has how to fix it, as on the command line."""
    client, _, _ = asked("healthy")
    assert client.post("/agent/diagnose", json={"service": "blgo"}).json()["hint"] == "nearest: blog-service"


def test_a_check_that_fails_is_reported(boxed: Boxed) -> None:
    """Services that have to be searched for, and no cluster: 503 with how to fix it."""
    box, settings = boxed("healthy")
    here = source_of(settings)

    def none_found() -> Any:
        return tuple(here.platform.list("Pod"))

    box.stop()
    broken = Source(settings, here.platform, none_found, here.store, {})
    with client_of(http_api(broken, TOKEN)) as client:
        answer = client.post("/agent/diagnose", json={"service": "blog"})
    assert answer.status_code == 503
    assert "list pods" in answer.json()["error"]


def test_no_route_approves(boxed: Boxed) -> None:
    """The API can start a check and read; the routes are these and no others."""
    _, settings = boxed("healthy")
    paths = http_api(source_of(settings), TOKEN).openapi()["paths"]
    assert {path: list(operations) for path, operations in paths.items()} == {
        "/agent/diagnose": ["post"],
        "/agent/alerts": ["post"],
        "/agent/report": ["get"],
        "/agent/report/{incident_id}": ["get"],
        "/agent/incidents": ["get"],
        "/agent/actions": ["get"],
        "/agent/events": ["get"],
        "/metrics": ["get"],
    }


@pytest.mark.parametrize(
    "path",
    ["/agent/report", "/agent/incidents", "/agent/actions", "/agent/events", "/metrics", "/openapi.json", "/nowhere"],
)
def test_nothing_without_the_token(boxed: Boxed, path: str) -> None:
    """No token, a wrong one, half of it, and another scheme: 401 everywhere, the OpenAPI document included."""
    _, settings = boxed("healthy")
    api = http_api(source_of(settings), TOKEN)
    for given in ({}, *({"Authorization": text} for text in ("Bearer x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}"))):
        with TestClient(api, base_url="http://127.0.0.1", headers=given) as client:
            assert client.get(path).status_code == 401


def test_a_foreign_host_gets_nowhere(boxed: Boxed) -> None:
    """On loopback a page that rebinds its name to 127.0.0.1 is turned away."""
    _, settings = boxed("healthy")
    with client_of(http_api(source_of(settings), TOKEN)) as client:
        assert client.get("/agent/actions", headers={"Host": "evil.example"}).status_code == 400


def test_a_page_may_ask_only_where_it_is_listed(boxed: Boxed) -> None:
    """Without --cors no page may; with it the listed origin alone, and its preflight needs no token."""
    _, settings = boxed("healthy")
    dashboard, preflight = "http://dash.example", {"Access-Control-Request-Method": "GET"}
    listed = (dashboard,)
    other = "http://other.example"
    for cors, origin, allowed in (((), dashboard, None), (listed, dashboard, dashboard), (listed, other, None)):
        api = http_api(source_of(settings), TOKEN, cors=cors)
        with TestClient(api, base_url="http://127.0.0.1") as client:
            answer = client.options("/agent/report", headers={"Origin": origin, **preflight})
        assert answer.headers.get("access-control-allow-origin") == allowed


@pytest.mark.parametrize("body", [b'{"service": "\xff"}', b'{"service": "\\ud800"}', b"\xff"])
def test_text_that_is_not_unicode_is_400(asked: Asked, body: bytes) -> None:
    """Bytes that are no UTF-8 and half a surrogate pair are the client's mistake, and the answer is readable."""
    client, _, _ = asked("healthy")
    answer = client.post("/agent/diagnose", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_state_directory_that_fails_while_it_serves_is_an_answer(asked: Asked) -> None:
    """Each route states what failed and how to fix it; the server lives on, and serves again when the disk is back."""
    client, box, settings = asked("db-locked")
    folder = Path(settings.state_dir or "")
    folder.mkdir(exist_ok=True)
    assert client.get("/agent/incidents").json() == []
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("a file where the directory was")
    for method, path, body in (
        ("GET", "/agent/incidents", None), ("GET", "/agent/actions", None), ("GET", "/agent/report", None),
        ("GET", "/agent/report/abcd", None), ("GET", "/metrics", None), ("POST", "/agent/diagnose", {}),
    ):  # fmt: skip
        answer = client.request(method, path, json=body)
        assert answer.status_code >= 500, (path, answer.text)
        assert str(folder) in answer.text, path
        assert "Traceback" not in answer.text
    assert client.get("/healthz").status_code == 200
    folder.unlink()
    away.rename(folder)
    assert client.get("/agent/incidents").json() == []
    assert client.post("/agent/diagnose", json={"service": "blog"}).status_code == 202
    assert [path for method, path in box.requests if method == "PATCH"] == []
