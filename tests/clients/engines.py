"""Real servers for tests on loopback: Prometheus and VictoriaMetrics, filled before they are asked; Alertmanager."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

START = 1_764_500_000 // 7200 * 7200  # the beginning of a block
STEP, COUNT = 15, 240
NOW = datetime.fromtimestamp(START + STEP * (COUNT - 1), UTC)
ONSET = 180  # the point from which cart is slow and fails


def samples() -> str:
    """Return an hour of a small shop in OpenMetrics: cart becomes slow and fails, pay stays as it is."""
    return open_metrics(_shop())


def mesh(namespace: str, end: int) -> str:
    """Return an hour up to `end` of a mesh's side-cars: blog-service becomes slow and fails, user-service does not."""
    families: dict[str, list[str]] = {}
    start = end // STEP * STEP - (COUNT - 1) * STEP
    for name, ill in (("prod-blog-service", True), ("prod-user-service", False)):
        own = f'reporter="destination",destination_service_namespace="{namespace}",destination_service_name="{name}"'
        requests = f"istio_requests_total{{{own},response_code="
        _counter(families, f'{requests}"200"}}', lambda _: 300, start)
        if ill:
            _counter(families, f'{requests}"503"}}', lambda i: 150 if i >= ONSET else 0, start)
        for bound in ("5", "25", "100", "1000", "+Inf"):
            bucket = f'istio_request_duration_milliseconds_bucket{{{own},le="{bound}"}}'
            late = ill and bound in ("5", "25", "100")
            _counter(families, bucket, _until_onset(300) if late else lambda _: 300, start)
    used = [0.02 if i < ONSET else 0.19 for i in range(COUNT)]
    labels = f'namespace="{namespace}",pod="prod-blog-service-deployment-x",container="blog-service-container"'
    cpu = f"container_cpu_usage_seconds_total{{{labels}}}"
    _counter(families, cpu, lambda i: used[i] * STEP, start)
    return open_metrics(families)


def open_metrics(families: dict[str, list[str]]) -> str:
    """Return the rows of metric families as OpenMetrics text."""
    lines = []
    for family, rows in families.items():
        kind = "counter" if family.endswith("_total") else "unknown"
        lines += [f"# TYPE {family.removesuffix('_total') if kind == 'counter' else family} {kind}", *rows]
    return "\n".join([*lines, "# EOF", ""])


def _shop() -> dict[str, list[str]]:
    families: dict[str, list[str]] = {}
    for job in ("cart", "pay"):
        ill = job == "cart"
        _counter(families, f'http_requests_total{{namespace="shop",job="{job}",status="2xx"}}', lambda _: 600)
        if ill:  # pay never failed, so its client library has no series for failures
            _counter(
                families,
                f'http_requests_total{{namespace="shop",job="{job}",status="5xx"}}',
                lambda i: 300 if i >= ONSET else 0,
            )
        for bound in ("0.05", "0.1", "0.5", "1", "+Inf"):
            name = f'http_request_duration_seconds_bucket{{namespace="shop",job="{job}",le="{bound}"}}'
            late = bound in ("0.05", "0.1", "0.5") and ill
            _counter(families, name, _until_onset(600) if late else lambda _: 600)
    odd = r'container_memory_working_set_bytes{namespace="shop",pod="cart-1",container="app"}'
    families.setdefault("container_memory_working_set_bytes", []).extend(
        f"{odd} {50e6 + i} {START + i * STEP}" for i in range(COUNT) if not 60 <= i < 100
    )
    return families


def _until_onset(step: float) -> Callable[[int], float]:
    return lambda index: 0 if index >= ONSET else step


def _counter(families: dict[str, list[str]], name: str, step: Callable[[int], float], start: int = START) -> None:
    total = 0.0
    for index in range(COUNT):
        total += step(index)
        families.setdefault(name.split("{", 1)[0], []).append(f"{name} {total} {start + index * STEP}")


@contextmanager
def prometheus(folder: Path, held: str | None = None) -> Iterator[str]:
    """Run a Prometheus that holds `samples`, or other OpenMetrics text, and yield its URL; skip without one."""
    _wanted("prometheus", "promtool")
    text, data, config = folder / "samples.txt", folder / "data", folder / "p.yml"
    text.write_text(held or samples())
    config.write_text(RULES_CONFIG.format(rules=folder / "rules.yml"))
    (folder / "rules.yml").write_text(RULES)
    filling = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(data)]
    subprocess.run(filling, check=True, capture_output=True)
    port = _free_port()
    command = [
        "prometheus", f"--config.file={config}", f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with _running(command, "Server is ready to receive web requests"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def scraping(folder: Path, address: str) -> Iterator[str]:
    """Run a Prometheus that scrapes an address each second, and yield its URL; skip where it is not installed."""
    _wanted("prometheus")
    port, config = _free_port(), folder / "scrape.yml"
    config.write_text(SCRAPE_CONFIG.format(address=address))
    command = [
        "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'scraped'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with _running(command, "Server is ready to receive web requests"):
        yield f"http://127.0.0.1:{port}"


SCRAPE_CONFIG = """
scrape_configs:
  - {{job_name: box, scrape_interval: 1s, honor_labels: true, static_configs: [{{targets: ['{address}']}}]}}
"""


@contextmanager
def victoria_metrics(folder: Path) -> Iterator[str]:
    """Run a VictoriaMetrics that holds `samples`, and yield its URL; skip where it is not installed."""
    _wanted("victoria-metrics")
    port = _free_port()
    command = [
        "victoria-metrics", f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={folder / 'vm'}",
        "-search.latencyOffset=0", "-retentionPeriod=100y", "-search.disableCache",
    ]  # fmt: skip
    with _running(command, "started VictoriaMetrics"):
        url = f"http://127.0.0.1:{port}"
        rows = [line.rsplit(" ", 1) for line in samples().splitlines() if line and not line.startswith("#")]
        body = "\n".join(f"{name} {int(at) * 1000}" for name, at in rows)
        httpx.post(f"{url}/api/v1/import/prometheus", content=body, timeout=60).raise_for_status()
        httpx.get(f"{url}/internal/force_flush", timeout=60).raise_for_status()
        yield url


@contextmanager
def alertmanager(folder: Path, webhook: str = "http://127.0.0.1:9/", token: str = "none") -> Iterator[str]:
    """Run an Alertmanager that delivers to a webhook at once, and yield its URL; skip where it is not installed."""
    _wanted("prometheus-alertmanager")
    port, config = _free_port(), folder / "am.yml"
    config.write_text(ALERTMANAGER_CONFIG.format(webhook=webhook, token=token))
    command = [
        "prometheus-alertmanager", f"--config.file={config}", f"--storage.path={folder / 'am'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    with _running(command, "Listening"):
        yield f"http://127.0.0.1:{port}"


ALERTMANAGER_CONFIG = """
route: {{receiver: opsagent, group_by: [alertname, app], group_wait: 10ms, group_interval: 1s, repeat_interval: 4h}}
receivers:
  - name: opsagent
    webhook_configs:
      - {{url: '{webhook}', http_config: {{authorization: {{credentials: '{token}'}}}}}}
"""
RULES_CONFIG = "global: {{scrape_interval: 15s, evaluation_interval: 1s}}\nrule_files: ['{rules}']\n"
RULES = """
groups:
  - name: shop
    rules:
      - {alert: CannotFire, expr: 'sum(rate(metric_that_is_not_there[2m])) > 1', labels: {service: cart}}
      - {alert: Watchdog, expr: 'vector(1)', labels: {service: cart, severity: none}}
"""


def _wanted(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(
            f"{', '.join(missing)} is not installed (Debian: prometheus, prometheus-alertmanager, victoria-metrics)"
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], ready: str) -> Iterator[None]:
    """Run a server from the line in which it states that it is ready until the end of the block."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if ready in line:
                    break
            else:
                pytest.fail(f"{command[0]} ended before it was ready: {''.join(said[-5:])}")
            yield
        finally:
            process.kill()
            process.stdout.read()
