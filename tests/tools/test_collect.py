"""What goes into a bundle, and what is in errors.json instead."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opsagent.errors import CheckError, ForbiddenError, NotCheckedError, UnknownServiceError, UnreachableError
from opsagent.models.figures import Alert, Figures, series_of
from opsagent.models.observed import HealthAnswer, KubeObject, StatsSample
from opsagent.models.profiles import Row
from opsagent.models.service import Service
from opsagent.redact import Redactor
from opsagent.tools.collect import Collection, CollectLimits, Collector
from tests.tools.platforms import Records

AT = datetime(2026, 11, 22, 11, 59, tzinfo=UTC)
SHOP = (
    Service("web", "web", health_url="http://web:80/", depends_on=("cart",)),
    Service("cart", "cart", health_url="http://cart:80/"),
    Service("mail", "mail"),
)


@dataclass
class Files:
    """A sink that keeps what it is given."""

    kept: dict[str, Any] = field(default_factory=dict)

    def document(self, name: str, value: Any) -> None:
        """Keep a document."""
        self.kept[name] = value

    def lines(self, name: str, rows: Iterable[Any]) -> None:
        """Keep the rows."""
        self.kept[name] = list(rows)

    def objects(self, name: str, items: Iterable[KubeObject]) -> None:
        """Keep the objects."""
        self.kept[name] = list(items)

    def log(self, where: str, pieces: Iterable[str]) -> None:
        """Keep the text."""
        self.kept[where] = "".join(pieces)


def collected(
    platform: Records, asked: str | None = None, earlier: tuple[StatsSample, ...] = ()
) -> tuple[Collection, dict[str, Any]]:
    """Collect from a platform of records."""
    files = Files()
    bounds = CollectLimits(samples=2, interval_s=0, log_lines=50, log_since_s=60)
    collector = Collector(platform, SHOP, Redactor(), bounds, lambda what, text, took: None, lambda s: None)
    return collector.collect(asked, earlier, files), files.kept


def pod(name: str) -> KubeObject:
    """Return a pod."""
    return {"kind": "Pod", "metadata": {"name": name, "namespace": "shop", "managedFields": [{}]}}


def test_everything_has_its_file() -> None:
    """Samples oldest first, health checks by service, objects, logs, what was checked, and who calls whom."""
    old = StatsSample(AT - timedelta(minutes=1), 0.1, 200, {"web": 1})
    platform = Records(
        samples=(StatsSample(AT, 2.00049, 200, {"web": 2}),),
        kinds={"Pod": [pod("web-1")]},
        texts={"web-1/main": b"hello\n", "web-1/main.previous": b"died\n"},
        healths={
            "web": HealthAnswer("web", 0.1, http=200, body="fine"),
            "cart": HealthAnswer("cart", 5.0, error="refused"),
        },
    )
    found, kept = collected(platform, earlier=(old, StatsSample(AT, 2.0, 200, {"kept": "twice"})))
    assert [row["at"] for row in kept["stats.jsonl"]] == ["2026-11-22T11:58:00Z", *["2026-11-22T11:59:00Z"] * 2]
    assert kept["stats.jsonl"][1]["stats"] == {"web": 2}
    assert kept["health.json"] == {
        "web": {"http": 200, "took_s": 0.1, "body": "fine"},
        "cart": {"took_s": 5.0, "error": "refused"},
    }
    assert kept["objects.json"] == [{"kind": "Pod", "metadata": {"name": "web-1", "namespace": "shop"}}]
    assert (kept["logs/web-1/main.log"], kept["logs/web-1/main.previous.log"]) == ("hello\n", "died\n")
    about = kept["bundle.json"]
    assert (about["namespace"], about["service"]) == ("shop", None)
    assert about["dependencies"] == {"web": ["cart"]}
    assert "Event" in about["looked"]
    assert "Secret" not in about["looked"]
    assert "errors.json" not in kept
    assert {asked["tail"] for asked in platform.asked} == {50}
    assert {asked["since_s"] for asked in platform.asked} == {60}
    assert len(found.logs) == 2


def test_what_could_not_be_checked_is_stated() -> None:
    """A forbidden kind, a log that is gone, a health path out of reach: each in errors.json with its reason."""
    platform = Records(
        samples=(StatsSample(AT, 5.0, error="timed out after 5 s"),),
        kinds={"Pod": [pod("web-1")], "Node": ForbiddenError("cannot list nodes: forbidden", source="nodes")},
        texts={"web-1/main": CheckError("the kubelet is away", source="logs")},
        healths={"web": NotCheckedError("out of reach", source="health"), "cart": HealthAnswer("cart", http=200)},
    )
    _, kept = collected(platform)
    assert {(entry["source"], entry["error"]) for entry in kept["errors.json"]} == {
        ("stats", "timed out after 5 s"),
        ("nodes", "cannot list nodes: forbidden"),
        ("logs", "logs/web-1/main.log: the kubelet is away"),
        ("health", "out of reach"),
    }
    assert "Node" not in kept["bundle.json"]["looked"]
    assert [row["error"] for row in kept["stats.jsonl"]] == ["timed out after 5 s"] * 2
    assert "logs/web-1/main.log" not in kept


def test_of_one_service_the_neighbours_come_along() -> None:
    """The patient's logs, those of what it calls and of its callers; nobody else's."""
    texts: Any = {"web-1/main": b"w\n", "cart-1/main": b"c\n", "mail-1/main": b"m\n"}
    _, kept = collected(Records(kinds={"Pod": []}, texts=texts), asked="cart")
    assert kept["bundle.json"]["service"] == "cart"
    assert sorted(name for name in kept if name.startswith("logs/")) == ["logs/cart-1/main.log", "logs/web-1/main.log"]


def test_an_unknown_service_is_refused() -> None:
    """A wrong name ends it, with the nearest one."""
    with pytest.raises(UnknownServiceError) as caught:
        collected(Records(kinds={"Pod": []}), asked="crat")
    assert "cart" in str(caught.value.hint)


def test_where_nothing_answers_there_is_no_bundle() -> None:
    """A bundle of nothing would be a lie: an error states what was tried."""
    nobody = UnreachableError("connection refused", source="pods")
    platform = Records(samples=(StatsSample(AT, 0.0, error="refused"),), kinds={"Pod": nobody})
    with pytest.raises(CheckError, match="nothing could be checked"):
        collected(platform)


def test_secrets_are_hidden_everywhere() -> None:
    """In samples, their errors, health bodies, objects, annotations, environment, logs and reasons."""
    item = pod("web-1")
    item["metadata"]["annotations"] = {"example.org/note": "token zebra77"}
    item["spec"] = {"containers": [{"name": "main", "env": [{"name": "PLAIN", "value": "zebra77 is mine"}]}]}
    platform = Records(
        samples=(StatsSample(AT, 0.1, 200, {"web": {"password": "zebra77"}}),),
        kinds={"Pod": [item], "Node": CheckError("password=zebra77", source="nodes")},
        texts={"web-1/main": b"login with password=zebra77\n"},
        healths={"web": HealthAnswer("web", http=500, body="password=zebra77")},
    )
    earlier = (StatsSample(AT - timedelta(seconds=9), 0.1, error="GET http://u:zebra77@lb/stats failed"),)
    _, kept = collected(platform, earlier=earlier)
    assert "zebra77" not in repr(kept)
    assert "redacted" in kept["logs/web-1/main.log"]


@dataclass
class Measured(Records):
    """A platform of records that has figures and alerts, or an error in their place."""

    measured: Figures | CheckError = field(default_factory=lambda: Figures("none"))

    def figures(self, rows: Callable[[], tuple[Row, ...]]) -> Figures:
        """Return the figures, or fail."""
        assert rows()
        if isinstance(self.measured, CheckError):
            raise self.measured
        return self.measured

    def alerts(self) -> tuple[Alert, ...]:
        """Return one alert that holds a secret."""
        return (Alert("Slow", {"app": "web"}, {"summary": "token=hunter2hunter2"}, "firing", AT),)


def test_figures_and_alerts_have_their_files() -> None:
    """A gap is null, what was incomplete is in errors.json, and secrets in alerts are redacted."""
    series = series_of("latency_p95", "ms", "Service", "web", [(10, 4.5), (20, None)], "up")
    platform = Measured(kinds={"Pod": [pod("web-1")]}, measured=Figures("prometheus", (series,), ("cpu: refused",)))
    _, kept = collected(platform)
    assert kept["metrics.json"]["series"] == [
        {
            "metric": "latency_p95", "unit": "ms", "kind": "Service", "name": "web",
            "points": [[10, 4.5], [20, None]], "query": "up",
        }
    ]  # fmt: skip
    assert [alert["labels"] for alert in kept["alerts.json"]] == [{"app": "web"}]
    assert "hunter2" not in str(kept["alerts.json"])
    assert ("metrics", "cpu: refused") in {(entry["source"], entry["error"]) for entry in kept["errors.json"]}


def test_a_source_of_figures_that_fails_is_noted_and_one_that_is_not_configured_is_not() -> None:
    """No server is not a gap; one that does not answer is."""
    refused = Measured(kinds={"Pod": []}, measured=UnreachableError("Prometheus did not answer", source="metrics"))
    absent = Measured(kinds={"Pod": []}, measured=NotCheckedError("none is configured", source="metrics"))
    noted = [[entry["source"] for entry in collected(one)[1].get("errors.json", [])] for one in (refused, absent)]
    assert ["metrics" in sources for sources in noted] == [True, False]
