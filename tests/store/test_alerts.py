"""Delivered alerts: once each, kept until they are diagnosed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsagent.models.figures import Alert
from opsagent.store.alerts import Alerts

NOW = datetime(2026, 11, 30, 13, 20, tzinfo=UTC)


def alert(name: str, since: datetime = NOW) -> Alert:
    """Return an alert whose fingerprint is its name."""
    return Alert(name, {"alertname": name}, {"summary": "x"}, "firing", since, name, url="http://p/graph")


def test_an_alert_is_new_once(tmp_path: Path) -> None:
    """The same fingerprint and start is the same alert; a later start is another one."""
    store = Alerts(tmp_path)
    assert store.take([alert("a"), alert("b"), alert("a")], NOW) == (alert("a"), alert("b"))
    assert store.take([alert("a")], NOW) == ()
    later = alert("a", NOW + timedelta(hours=1))
    assert store.take([later], NOW) == (later,)


def test_what_is_not_diagnosed_waits_in_its_deliveries(tmp_path: Path) -> None:
    """Another process finds the groups as they came, whole, until they are done."""
    Alerts(tmp_path).take([alert("a"), alert("b")], NOW)
    Alerts(tmp_path).take([alert("c")], NOW + timedelta(seconds=1))
    assert Alerts(tmp_path).waiting() == ((alert("a"), alert("b")), (alert("c"),))
    Alerts(tmp_path).done([alert("a"), alert("b")], "b7k2")
    assert Alerts(tmp_path).waiting() == ((alert("c"),),)


def test_what_failed_counts_as_new_at_its_next_delivery(tmp_path: Path) -> None:
    """Alertmanager repeats an alert: that is the second try."""
    store = Alerts(tmp_path)
    store.take([alert("a")], NOW)
    store.failed([alert("a")])
    assert store.waiting() == ()
    assert store.take([alert("a")], NOW) == (alert("a"),)
    store.done([alert("a")], "b7k2")
    assert store.take([alert("a")], NOW) == ()


def test_old_ones_are_removed(tmp_path: Path) -> None:
    """What was delivered a month ago is forgotten."""
    store = Alerts(tmp_path)
    store.take([alert("a")], NOW - timedelta(days=40))
    store.take([alert("b")], NOW)
    assert store.waiting() == ((alert("b"),),)
