"""What a dashboard reads, over ASGI and in a browser."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra api is not installed")

import httpx
import uvicorn
from fastapi.testclient import TestClient

from opsagent.agent import run
from opsagent.agent.run import DiagnosisRequest
from opsagent.config.settings import Settings
from opsagent.serving.http import http_api
from opsagent.serving.loopback import configured
from tests.cli.shell import until
from tests.clients.loopback import Reply
from tests.clients.loopback import serve as page_server
from tests.serving.conftest import source_of
from tests.session import Boxed, ScriptedAnswers, at_work
from tests.test_readme import block

TOKEN, READ = "a-token-of-this-test", "a-token-that-reads"


def waiting(settings: Settings) -> str:
    """Leave an incident that waits for approval, and return its id."""
    with at_work(settings) as (ctx, desk):
        report = next(run.diagnose(ctx, DiagnosisRequest("blog-service"), desk))
    assert report.status == "awaiting_approval"
    return report.incident_id


def test_open_incidents_come_with_their_command(boxed: Boxed) -> None:
    """An incident that waits is listed with the command that approves it; once it has ended it is not."""
    _, settings = boxed("db-locked")
    incident_id = waiting(settings)
    with TestClient(http_api(source_of(settings), TOKEN, read_token=READ), base_url="http://127.0.0.1") as client:
        assert client.get("/agent/incidents").status_code == 401
        client.headers["Authorization"] = f"Bearer {READ}"
        [one] = client.get("/agent/incidents").json()
        assert (one["incident_id"], one["service"], one["stage"]) == (incident_id, "blog-service", "awaiting_approval")
        assert one["approve"] == f"opsagent approve {incident_id}"
        assert client.get(one["report"]).json()["incident_id"] == incident_id
        assert client.post("/agent/diagnose", json={}).status_code == 403
        assert 'opsagent_incidents{stage="awaiting_approval"} 1\n' in client.get("/metrics").text
        with at_work(settings) as (ctx, desk):
            run.go_on(ctx, incident_id, desk, ScriptedAnswers(["reject"]), how="opsagent reject")
        assert client.get("/agent/incidents").json() == []


def test_healthz_needs_no_token(boxed: Boxed) -> None:
    """A probe is answered without a token, though the platform is away."""
    box, settings = boxed("healthy")
    box.stop()
    with TestClient(http_api(source_of(settings), TOKEN), base_url="http://127.0.0.1") as client:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


PAGE = """<!doctype html><meta charset="utf-8"><title>dashboard</title>
%s
<script>
  // In the place of Chart.js: it keeps what it is given, and reports each drawing to its own server.
  const chart = {data: {datasets: []}, update() {
    const list = document.getElementById("opsagent").innerText;
    fetch("/seen", {method: "POST", body: JSON.stringify({list, sets: chart.data.datasets})});
  }};
  opsagent(%s, %s, chart);
</script>"""


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """Serve an application on loopback as `opsagent serve` does."""
    server = uvicorn.Server(configured(app, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the server")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed (Debian: chromium)")
def test_the_snippet_of_the_readme_draws_incidents_and_actions(boxed: Boxed) -> None:
    """A browser on a page of another origin lists what waits, is notified of a new step, and marks the action."""
    found = re.search(r"```html\n(.*?)```", block("dashboard"), re.DOTALL)
    assert found
    _, settings = boxed("db-locked")
    incident_id = waiting(settings)
    with page_server() as pages:
        api = http_api(source_of(settings), TOKEN, read_token=READ, cors=(pages.url,))
        with listening(api) as url:
            page = PAGE % (found[1], json.dumps(url), json.dumps(READ))
            pages.on("/", Reply(200, page.encode(), headers={"Content-Type": "text/html"}))
            pages.on("/seen", Reply(204), method="POST")

            def drawn() -> list[dict[str, Any]]:
                return [json.loads(request.body) for request in pages.seen if request.path == "/seen"]

            with browser(f"{pages.url}/"):
                until(drawn, "the first drawing")
                assert f"opsagent approve {incident_id}" in drawn()[0]["list"]
                with at_work(settings) as (ctx, desk):
                    run.go_on(ctx, incident_id, desk, ScriptedAnswers(["approve"]), how="opsagent approve")
                headers = {"Authorization": f"Bearer {TOKEN}"}
                httpx.post(f"{url}/agent/diagnose", json={"service": "redis"}, headers=headers, timeout=60)
                until(lambda: any(one["sets"][0]["data"] for one in drawn()), "the mark of the action")
    [mark] = drawn()[-1]["sets"][0]["data"]
    assert mark["text"] == "restart_deployment: done"
    assert incident_id not in drawn()[-1]["list"]


@contextmanager
def browser(url: str) -> Iterator[None]:
    """Open a page in a headless browser, its profile in a folder of its own."""
    # It keeps a socket in its temporary folder, and a socket's path has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="b", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield from _opened(url, folder)


def _opened(url: str, folder: str) -> Iterator[None]:
    quiet = ("--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking")
    command = ("chromium", "--headless", "--no-sandbox", *quiet, f"--user-data-dir={folder}/profile")
    with subprocess.Popen(
        (*command, "--remote-debugging-port=0", url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": folder},
    ) as process:
        try:
            yield
        finally:
            process.kill()
