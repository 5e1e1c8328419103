"""Alertmanager's webhook: at once, once, and one diagnosis a group."""

from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra api is not installed")

from opsagent.serving.http import http_api
from tests.cli.shell import until
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
    """It says that a rule is quiet, not that anything was repaired."""
    _, settings = boxed("healthy")
    source = source_of(settings)
    with client_of(http_api(source, TOKEN)) as client:
        resolved = message(alert("blog-service", status="resolved"))
        assert client.post("/agent/alerts", json=resolved).json() == {"new": 0, "repeated": 0, "resolved": 1}
    assert source.store.incidents.list(everything=True) == ()


@pytest.mark.parametrize("body", [{}, {"version": "3", "alerts": []}, {"version": "4", "alerts": "none"}])
def test_what_is_no_delivery_is_refused(boxed: Boxed, body: dict[str, Any]) -> None:
    """422 with what it is not; Alertmanager does not send it again."""
    _, settings = boxed("healthy")
    with client_of(http_api(source_of(settings), TOKEN)) as client:
        assert client.post("/agent/alerts", json=body).status_code == 422
