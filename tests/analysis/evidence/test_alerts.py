"""Alerts beside what was read."""

from datetime import UTC, datetime

from opsagent.analysis.evidence.alerts import service_of, with_alerts
from opsagent.models.evidence import Observation, ServiceHealth, Symptom
from opsagent.models.figures import Alert

NAMES = {"cart": "cart", "prod-cart-service": "cart", "cart-deployment": "cart"}
AT = datetime(2026, 1, 1, tzinfo=UTC)
SLOW = Symptom("cart", "figures", "slow", Observation("metrics", "m", "slow"))


def alert(state: str = "firing", **labels: str) -> Alert:
    """Return an alert."""
    return Alert("HighErrorRate", labels, {"summary": "5xx is 32 %"}, state, AT)


def test_labels_name_the_service_the_surest_first() -> None:
    """app, a mesh's Service, a Deployment, a pod with its hashes, a job with its namespace."""
    for labels in (
        {"app": "cart"},
        {"destination_service_name": "prod-cart-service"},
        {"deployment": "cart-deployment"},
        {"pod": "cart-6d4cf56db6-abcde"},
        {"pod": "cart-0"},
        {"job": "shop/cart"},
    ):
        assert service_of(alert(**labels), NAMES) == "cart"
    assert service_of(alert(app="other"), NAMES) is None


def test_an_alert_is_evidence_where_somebody_is_faulty_and_no_reason_to_call_anybody_so() -> None:
    """A healthy service stays healthy, whatever fires for it."""
    faulty, healthy = ServiceHealth("cart", "faulty", (SLOW,)), ServiceHealth("cart", "healthy")
    (one,) = with_alerts([faulty], [alert(app="cart")], NAMES)
    assert one.symptoms[-1].text == "alert HighErrorRate fires for cart: 5xx is 32 %"
    assert with_alerts([healthy], [alert(app="cart")], NAMES) == (healthy,)


def test_what_does_not_fire_or_always_does_is_not_evidence() -> None:
    """A pending alert and a watchdog are left out."""
    faulty = ServiceHealth("cart", "faulty", (SLOW,))
    given = [alert("pending", app="cart"), alert(app="cart", severity="none")]
    assert with_alerts([faulty], given, NAMES) == (faulty,)
