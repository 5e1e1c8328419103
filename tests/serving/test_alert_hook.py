"""Alertmanager's webhook: at once, once, and one diagnosis a group."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra api is not installed")

import uvicorn
from fastapi import FastAPI

from opsagent.clients.alert_json import alert_of
from opsagent.config.settings import (
    AlertmanagerSettings,
    KubernetesSettings,
    NotifySettings,
    Settings,
    StatsSettings,
)
from opsagent.serving.http import http_api
from opsagent.serving.loopback import configured
from tests.cli.shell import until
from tests.clients import engines
from tests.clients.loopback import Reply, Script, serve
from tests.clients.test_alertmanager import post_alerts, silence
from tests.serving.conftest import source_of
from tests.serving.test_http import TOKEN, client_of
from tests.session import Boxed


def alert(app: str, *, fingerprint: str = "870083cca01a3315", status: str = "firing") -> dict[str, Any]:
    """Return an alert as Alertmanager 0.25 sends it."""
    return {
        "status": status,
        "labels": {"alertname": "HighErrorRate", "app": app, "severity": "warning"},
        "annotations": {"summary": f"High error rate on {app}"},
        "startsAt": "2026-11-30T13:15:41.103Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://vm:49302/graph",
        "fingerprint": fingerprint,
    }


def message(*alerts: dict[str, Any]) -> dict[str, Any]:
    """Return a delivery."""
    return {"receiver": "opsagent", "status": "firing", "alerts": list(alerts), "version": "4", "groupKey": "{}"}


def test_a_group_of_one_culprit_is_one_diagnosis_and_a_repetition_is_none(boxed: Boxed) -> None:
    """Three alerts of blog-service, delivered twice: answered with counts, and one incident."""
    _, settings = boxed("db-locked")
    source = source_of(settings)
    with client_of(http_api(source, TOKEN)) as client:
        group = message(*(alert("blog-service", fingerprint=f"f{number}") for number in range(3)))
        assert client.post("/agent/alerts", json=group).json() == {"new": 3, "repeated": 0, "resolved": 0}
        assert client.post("/agent/alerts", json=group).json() == {"new": 0, "repeated": 3, "resolved": 0}
        known = source.store.incidents
        until(lambda: any(one.stage != "running" for one in known.list(everything=True)), "the end of the diagnosis")
    incidents = known.list(everything=True)
    assert [incident.service for incident in incidents] == ["blog-service"]


def test_resolved_is_stored_as_nothing_and_starts_nothing(boxed: Boxed) -> None:
    """It states that a rule is quiet, not that anything was repaired."""
    _, settings = boxed("healthy")
    source = source_of(settings)
    with client_of(http_api(source, TOKEN)) as client:
        resolved = message(alert("blog-service", status="resolved"))
        assert client.post("/agent/alerts", json=resolved).json() == {"new": 0, "repeated": 0, "resolved": 1}
    assert source.store.incidents.list(everything=True) == ()


@pytest.mark.parametrize("body", [{}, {"version": "3", "alerts": []}, {"version": "4", "alerts": "none"}])
def test_what_is_not_a_delivery_is_refused(boxed: Boxed, body: dict[str, Any]) -> None:
    """422 with what it is not; Alertmanager does not send it again."""
    _, settings = boxed("healthy")
    with client_of(http_api(source_of(settings), TOKEN)) as client:
        assert client.post("/agent/alerts", json=body).status_code == 422


def announced(script: Script) -> list[dict[str, Any]]:
    """Return what the webhook of `notify` was sent."""
    return [json.loads(request.body) for request in script.seen if request.method == "POST"]


def notifying(settings: Settings, script: Script, **more: Any) -> Settings:
    """Return the settings with a webhook."""
    script.on("/", Reply(200), method="POST")
    return replace(settings, notify=NotifySettings(webhook_url=f"{script.url}/"), **more)


def test_the_result_is_announced_with_name_and_link(boxed: Boxed) -> None:
    """The webhook of `notify` gets one message for the group, with what was found and how to go on."""
    _, settings = boxed("db-locked")
    with serve() as script:
        source = source_of(notifying(settings, script))
        with client_of(http_api(source, TOKEN)) as client:
            client.post("/agent/alerts", json=message(alert("blog-service"), alert("blog-service", fingerprint="f2")))
            until(lambda: announced(script), "the notice")
        [sent] = announced(script)
    assert (sent["service"], sent["code"]) == ("blog-service", "db.locked")
    assert {one["url"] for one in sent["alerts"]} == {"http://vm:49302/graph"}
    assert f"opsagent approve {sent['incident_id']}" in sent["text"]


def test_what_was_stored_and_not_diagnosed_is_diagnosed_after_a_restart(boxed: Boxed) -> None:
    """The server ended between answer and diagnosis: its next start takes the alert up."""
    _, settings = boxed("db-locked")
    source = source_of(settings)
    source.store.alerts.take([alert_of(alert("blog-service"))], source.platform.now())
    with client_of(http_api(source, TOKEN)):
        until(lambda: not source.store.alerts.waiting(), "the end of the diagnosis")
    assert [one.service for one in source.store.incidents.list(everything=True)] == ["blog-service"]


def test_the_same_culprit_again_is_the_incident_that_waits(boxed: Boxed) -> None:
    """A second alert of a service whose plan waits for a person starts nothing and announces nothing."""
    _, settings = boxed("db-locked")
    with serve() as script:
        source = source_of(notifying(settings, script))
        with client_of(http_api(source, TOKEN)) as client:
            for number in range(3):
                client.post("/agent/alerts", json=message(alert("blog-service", fingerprint=f"g{number}")))
                until(lambda: not source.store.alerts.waiting(), "the end of the diagnosis")
    assert len(source.store.incidents.list(everything=True)) == len(announced(script)) == 1


def test_a_diagnosis_that_fails_is_announced_and_tried_again(tmp_path: Path) -> None:
    """Nothing could be read: the notice states it, and the next delivery of the same alert is a second try."""
    away = Settings(
        state_dir=tmp_path / "state",
        stats=StatsSettings(url="http://127.0.0.1:9"),
        kubernetes=KubernetesSettings(kubeconfig=str(tmp_path / "none")),
    )
    with serve() as script:
        source = source_of(notifying(away, script))
        with client_of(http_api(source, TOKEN)) as client:
            for times in (1, 2):
                answer = client.post("/agent/alerts", json=message(alert("blog-service"))).json()
                assert answer == {"new": 1, "repeated": 0, "resolved": 0}
                until(lambda times=times: len(announced(script)) == times, "the notice")  # type: ignore[misc]
                until(lambda: not source.store.alerts.waiting(), "the end of the diagnosis")
        sent = announced(script)[0]
    assert sent["status"] == "not_checked"
    assert "nothing could be read" in sent["text"]


@contextmanager
def listening(api: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of loopback."""
    server = uvicorn.Server(configured(api, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started, "the server")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def test_a_real_alertmanager_fires_and_the_incident_is_listed(boxed: Boxed, tmp_path: Path) -> None:
    """From the alert to the ledger and the notice; a service that a person silenced is diagnosed by nobody."""
    _, settings = boxed("db-locked")
    with serve() as script:
        source = source_of(notifying(settings, script))
        with (
            listening(http_api(source, TOKEN)) as url,
            engines.alertmanager(tmp_path, f"{url}/agent/alerts", TOKEN) as manager,
        ):
            silence(manager, "user-service")
            post_alerts(manager, "user-service", "blog-service")
            until(lambda: announced(script), "the notice")
            [sent] = announced(script)
    assert sent["alerts"][0]["url"] == "http://prometheus.example.org/graph"
    assert [one.service for one in source.store.incidents.list(everything=True)] == ["blog-service"]
    assert sent["incident_id"] == source.store.incidents.list()[0].id


def test_a_silence_set_since_the_delivery_keeps_the_notice_back(boxed: Boxed, tmp_path: Path) -> None:
    """Somebody stated "known" in the meantime: the incident is kept, and nobody is paged again."""
    _, settings = boxed("db-locked")
    with engines.alertmanager(tmp_path) as manager, serve() as script:
        post_alerts(manager, "blog-service")
        silence(manager, "blog-service")
        source = source_of(notifying(settings, script, alertmanager=AlertmanagerSettings(url=manager, timeout_s=60.0)))
        [known] = source.platform.alerts()  # type: ignore[attr-defined]  # the live platform has alerts
        with client_of(http_api(source, TOKEN)) as client:
            client.post("/agent/alerts", json=message(alert("blog-service", fingerprint=known.fingerprint)))
            until(lambda: not source.store.alerts.waiting(), "the end of the diagnosis")
    assert announced(script) == []
    assert len(source.store.incidents.list()) == 1
