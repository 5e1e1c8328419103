"""Prometheus, Alertmanager and Loki with every fault: what could not be read is stated and accuses nobody."""

import http.client
import json
import random
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from opsagent.agent.detection import observe
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import AlertmanagerSettings, LokiSettings, PrometheusSettings, Settings
from opsagent.config.titanium import TITANIUM
from opsagent.errors import CheckError
from opsagent.sandbox import Sandbox
from tests.clients.faulty import ADDRESS_FAULTS, FAULTS, SLOW_FAULTS, misbehave, send
from tests.clients.test_source_faults import context_of, kubeconfig_of

PATHS = {
    "discovery": r"/api/v1/query",
    "figures": r"/api/v1/query_range",
    "rules": r"/api/v1/rules",
    "alerts": r"/api/v2/alerts",
    "streams": r"/loki/api/v1/series",
    "lines": r"/loki/api/v1/query_range",
}
METRICS, ALERTS, LOGS = ("discovery", "figures"), ("rules", "alerts"), ("streams", "lines")
CELLS = tuple((source, fault) for source in PATHS for fault in FAULTS)
# Among them a kept connection that drips: it has to be watched like a new one.
SAMPLE = sorted({*random.Random(5).sample(CELLS, 40), ("figures", "drip")})
LABELS = {"namespace": "titanium-local", "app": "blog-service", "pod": "gone", "container": "c"}
ANSWERS: dict[str, Any] = {
    PATHS["alerts"]: [{"labels": {"alertname": "A"}, "status": {"state": "active"}}],
    PATHS["streams"]: {"status": "success", "data": [LABELS]},
    PATHS["lines"]: {"status": "success", "data": {"resultType": "streams", "result": [{"values": [["1", "line"]]}]}},
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """Start one healthy sandbox for all cells."""
    with Sandbox("healthy", speed=20) as started:
        yield started
        assert started.errors == []


@contextmanager
def sources(box: Sandbox, source: str, fault: str) -> Iterator[str]:
    """Serve all three at one address, one path of them spoiled."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def _do(self) -> None:
            path = self.path.partition("?")[0]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                if fault in FAULTS and re.fullmatch(PATHS[source], path):
                    misbehave(self, fault, "version", ended)
                elif path in ANSWERS:
                    send(self, 200, json.dumps(ANSWERS[path]).encode(), "application/json")
                else:
                    with closing(http.client.HTTPConnection(urlsplit(box.figures_url).netloc, timeout=20)) as passed:
                        passed.request(self.command, self.path, body or None)
                        answer = passed.getresponse()
                        send(self, answer.status, answer.read(), "application/json")
            except OSError:
                self.close_connection = True

        do_GET = do_POST = _do  # noqa: N815

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Stay silent: clients that hang up are expected."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def platform_of(
    box: Sandbox, url: str, cell: tuple[str, str], folder: Path, closed_port: int
) -> tuple[Settings, LivePlatform]:
    """Return a healthy platform whose figures, alerts and gone pods' logs are at the spoiled address."""
    source, fault = cell
    wrong = {
        "refused": f"http://127.0.0.1:{closed_port}",
        "no DNS": "http://nobody.invalid:9090",
        "TLS": url.replace("http:", "https:"),
    }
    broken, seconds = wrong.get(fault, url), 1.0 if fault in SLOW_FAULTS else 60.0
    plain = Settings()
    settings = replace(
        plain,
        kubernetes=replace(plain.kubernetes, kubeconfig=kubeconfig_of(box, box.api_url, folder), timeout_s=20.0),
        stats=replace(plain.stats, url=box.stats_url, timeout_s=20.0),
        prometheus=PrometheusSettings(url=broken if source in (*METRICS, "rules") else url, timeout_s=seconds),
        alertmanager=AlertmanagerSettings(url=broken if source == "alerts" else url, timeout_s=seconds),
        loki=LokiSettings(url=broken if source in LOGS else url, timeout_s=seconds),
        thresholds=replace(plain.thresholds, confirmations=1),
        state_dir=folder / "state",
    )
    return settings, LivePlatform(settings, TITANIUM)


def check(cell: tuple[str, str], box: Sandbox, folder: Path, closed_port: int) -> None:
    """Check a healthy platform, its alerts and its logs, with one source spoiled."""
    source, fault = cell
    with sources(box, source, fault) as url:
        settings, platform = platform_of(box, url, cell, folder, closed_port)
        found = observe(context_of(settings, platform), None, confirm=False)
        assert found.patients == ()
        assert found.verdict is not None
        assert found.verdict.status == "healthy"  # of /stats and the cluster, which were read
        assert [symptom for health in found.healths for symptom in health.symptoms] == []
        if source in METRICS:
            assert not any("metrics" in health.read for health in found.healths)
            assert "metrics" in {skipped.source for skipped in found.not_checked}
        use_alerts(source, fault, platform)
        use_logs(source, fault, platform)


def use_alerts(source: str, fault: str, platform: LivePlatform) -> None:
    """One of two sources of alerts that fails is a gap, and the other's alerts are there."""
    found = platform.alerts()
    if source in ALERTS or (source in METRICS and fault in ADDRESS_FAULTS):
        assert [gap.source for gap in platform.alert_gaps] in (["alerts"], ["metrics"])
    else:
        assert platform.alert_gaps == ()
    if source != "alerts":
        assert [alert.name for alert in found] == ["A"]


def use_logs(source: str, fault: str, platform: LivePlatform) -> None:
    """The cluster's logs are there whatever Loki answers; what it does not answer is a gap or an error."""
    refs = platform.logs()
    gone = [ref for ref in refs if ref.pod == "gone"]
    assert len(refs) > 6
    if source == "streams" or (source == "lines" and fault in ADDRESS_FAULTS):
        assert (gone, len(platform.log_gaps)) == ([], 1)
        return
    assert (len(gone), platform.log_gaps) == (1, ())
    if source == "lines":
        with pytest.raises(CheckError):
            list(platform.read_log(gone[0], tail=5))
    else:
        assert b"".join(platform.read_log(gone[0], tail=5)).endswith(b" line\n")


@pytest.mark.parametrize("cell", SAMPLE, ids=" - ".join)
def test_fault_is_stated_and_accuses_nobody(
    cell: tuple[str, str], box: Sandbox, tmp_path: Path, closed_port: int
) -> None:
    """A sample of the table: the same cells every time."""
    check(cell, box, tmp_path, closed_port)


@pytest.mark.slow
@pytest.mark.parametrize("cell", sorted(set(CELLS) - set(SAMPLE)), ids=" - ".join)
def test_every_other_fault(cell: tuple[str, str], box: Sandbox, tmp_path: Path, closed_port: int) -> None:
    """The rest of the table."""
    check(cell, box, tmp_path, closed_port)


def test_nothing_is_stated_without_a_fault(box: Sandbox, tmp_path: Path, closed_port: int) -> None:
    """Through the same server everything is read, so that the table reports the faults."""
    with sources(box, "figures", "none") as url:
        settings, platform = platform_of(box, url, ("figures", "none"), tmp_path, closed_port)
        found = observe(context_of(settings, platform), None, confirm=False)
        assert {health.service for health in found.healths if "metrics" in health.read} >= {"blog-service"}
        use_alerts("none", "none", platform)
        use_logs("none", "none", platform)
