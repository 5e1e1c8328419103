"""Alertmanager's API against a real one, and every way in which it does not answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsagent.clients.alertmanager import Alertmanager
from opsagent.config.settings import AlertmanagerSettings
from opsagent.errors import CheckError, ForbiddenError, NotAnAnswerError, TransientCheckError, UnauthorizedError
from tests.clients import engines
from tests.clients.loopback import Reply, serve

BEGUN = datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Alertmanager with an alert of cart, and one of pay that a person silenced."""
    with engines.alertmanager(tmp_path_factory.mktemp("alertmanager")) as url:
        post_alerts(url, "cart", "pay")
        silence(url, "pay")
        yield url


def post_alerts(url: str, *apps: str) -> None:
    """Send an alert of each service, as Prometheus does."""
    alerts = [
        {
            "labels": {"alertname": "HighErrorRate", "app": app, "severity": "warning", "cluster": "loop"},
            "annotations": {"summary": f"5xx on {app}"},
            "startsAt": BEGUN.isoformat(),
            "generatorURL": "http://prometheus.example.org/graph",
        }
        for app in apps
    ]
    httpx.post(f"{url}/api/v2/alerts", json=alerts, timeout=60).raise_for_status()


def silence(url: str, app: str) -> None:
    """Silence a service, as a person does in Alertmanager's page."""
    body = {
        "matchers": [{"name": "app", "value": app, "isRegex": False, "isEqual": True}],
        "startsAt": datetime.now(UTC).isoformat(), "endsAt": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
        "createdBy": "kim", "comment": "OPS-7 \x1b[31mknown",
    }  # fmt: skip
    httpx.post(f"{url}/api/v2/silences", json=body, timeout=60).raise_for_status()


def client(url: str, **settings: Any) -> Alertmanager:
    """Return a client with patience."""
    return Alertmanager(AlertmanagerSettings(url=url, **{"timeout_s": 60.0, **settings}), {})


def test_alerts_and_whose_silence_it_is(real: str) -> None:
    """Both are listed with start, fingerprint and link; the silenced one names who, until when and why, inert."""
    found = {alert.labels["app"]: alert for alert in client(real).alerts()}
    assert set(found) == {"cart", "pay"}
    cart, pay = found["cart"], found["pay"]
    assert (cart.name, cart.state, cart.silenced, cart.url) == (
        "HighErrorRate", "active", False, "http://prometheus.example.org/graph",
    )  # fmt: skip
    assert cart.fingerprint
    assert cart.since is not None
    assert abs(cart.since - BEGUN) < timedelta(seconds=1)
    assert (pay.state, pay.silenced) == ("suppressed", True)
    assert pay.silence is not None
    assert pay.silence.startswith("kim until 20")
    assert pay.silence.endswith("OPS-7 [31mknown")


def test_what_it_is(real: str) -> None:
    """doctor shows the version and how much is there."""
    found = client(real).check()
    assert (found.version.count("."), found.active, found.silences) == (2, 2, 1)


def test_a_prometheus_is_not_an_alertmanager(tmp_path: Path) -> None:
    """A wrong port answers 404 in plain text: an error with a hint, not "no alerts"."""
    with engines.prometheus(tmp_path) as url, pytest.raises(CheckError, match="HTTP 404") as refused:
        client(url).alerts()
    assert "alertmanager.url" in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(401, b"no", "text/plain"), UnauthorizedError, "HTTP 401: no"),
        (Reply(403, b"no", "text/plain"), ForbiddenError, "HTTP 403"),
        (Reply(503, b"no", "text/plain"), TransientCheckError, "HTTP 503"),
        (Reply(302, b"", headers={"Location": "/login"}), CheckError, "HTTP 302"),
        (Reply(200, b"<!doctype html>", "text/html"), NotAnAnswerError, "a page"),
        (Reply(200, b""), NotAnAnswerError, "an empty body"),
        (Reply(200, b"[{"), NotAnAnswerError, "something else than JSON"),
        (Reply(200, {"data": []}), NotAnAnswerError, "no list of alerts"),
        (Reply(drop=True), TransientCheckError, "broke off"),
    ],
)
def test_no_answer_is_never_no_alert(reply: Reply, kind: type[CheckError], said: str) -> None:
    """Whatever comes in place of an answer is an error."""
    with serve() as script:
        script.on("/api/v2/alerts", reply)
        with pytest.raises(kind, match=said):
            client(script.url).alerts()


def test_silences_are_asked_for_where_one_holds_alone() -> None:
    """Without a silenced alert one request is enough."""
    with serve() as script:
        script.on("/api/v2/alerts", Reply(body=[{"labels": {}, "status": {"state": "active", "silencedBy": []}}, 7]))
        assert [alert.name for alert in client(script.url).alerts()] == ["an alert without a name"]
        assert script.paths() == ["/api/v2/alerts"]
