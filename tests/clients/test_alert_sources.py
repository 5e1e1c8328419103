"""Alerts of two sources as one list, and one source that fails beside the other."""

from typing import Any

import pytest

from opsagent.clients.alert_sources import merged
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import AlertmanagerSettings, KubernetesSettings, PrometheusSettings, Settings
from opsagent.errors import CheckError, NotCheckedError
from opsagent.models.figures import Alert
from tests.clients.loopback import Reply, serve


def alert(state: str, rule_error: str | None = None, **labels: str) -> Alert:
    """Return an alert."""
    return Alert("HighErrorRate", {"alertname": "HighErrorRate", **labels}, {}, state, rule_error=rule_error)


def test_an_alert_that_both_have_is_one() -> None:
    """Alertmanager adds labels and knows of silences, Prometheus knows the rule; pending ones it alone has."""
    managed = alert("suppressed", app="cart", cluster="loop")
    ruled = (alert("firing", "bad rule", app="cart"), alert("pending", app="pay"))
    one, other = merged((managed,), ruled)
    assert (one.state, one.labels["cluster"], one.rule_error) == ("suppressed", "loop", "bad rule")
    assert other.state == "pending"


def test_one_that_fails_hides_not_the_other() -> None:
    """What answered is there; what failed is a gap; where none answers it is the error."""
    rules: dict[str, Any] = {"status": "success", "data": {"groups": [{"rules": [
        {"type": "alerting", "name": "A", "health": "ok", "alerts": [{"labels": {"alertname": "A"}, "state": "firing"}]}
    ]}]}}  # fmt: skip
    with serve() as script:
        script.on("/api/v1/rules", Reply(body=rules), Reply(500))
        script.on("/api/v2/alerts", Reply(503, b"starting", "text/plain"))
        platform = LivePlatform(
            Settings(
                kubernetes=KubernetesSettings(enabled=False),
                prometheus=PrometheusSettings(url=script.url, timeout_s=60.0),
                alertmanager=AlertmanagerSettings(url=script.url, timeout_s=60.0),
            )
        )
        assert [one.name for one in platform.alerts()] == ["A"]
        [gap] = platform.alert_gaps
        assert (gap.source, gap.why) == ("alerts", "Alertmanager answered HTTP 503: starting")
        with pytest.raises(CheckError, match="HTTP 503"):
            platform.alerts()


def test_without_either_there_is_no_source() -> None:
    """It is nothing that failed."""
    with pytest.raises(NotCheckedError):
        LivePlatform(Settings()).alerts()
