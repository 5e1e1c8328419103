"""`serve` as a process: how it ends, and what it leaves."""

import json
import signal
import socket
import threading

import httpx
import pytest

pytest.importorskip("fastapi", reason="the extra api is not installed")

from opsagent.sandbox import Fault
from tests.cli.conftest import Boxed
from tests.cli.shell import ended, until


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_terminated_server_ends_and_keeps_its_incidents(boxed: Boxed) -> None:
    """SIGTERM with a listener and a diagnosis under way: it ends by itself, and the incident can be gone on with."""
    shell = boxed("db-locked")
    shell.box.faults.add(Fault.slow(30.0, side="api").only(target="pods/log"))  # the diagnosis is in the middle of it
    port = free_port()
    with shell.start("serve", "--port", str(port)) as process:
        url = f"http://127.0.0.1:{port}"
        until(lambda: _answers(f"{url}/healthz"), "the server")
        token = (shell.folder / "state" / "api-token").read_text("utf-8")
        reading = (shell.folder / "state" / "api-token-read").read_text("utf-8")
        listener = threading.Thread(target=_listen, args=(f"{url}/agent/events", reading))
        listener.start()
        headers = {"Authorization": f"Bearer {token}"}
        started = httpx.post(f"{url}/agent/diagnose", json={"service": "blog"}, headers=headers, timeout=60)
        incident_id = started.json()["incident_id"]
        until(lambda: any("/log" in path for _, path in shell.box.requests), "the logs")
        done = ended(process, signal.SIGTERM)  # this waits for the end, and fails where there is none
    listener.join()
    assert done.code == 0
    assert "Traceback" not in done.err
    [incident] = json.loads(shell.here("incidents", "--json").out)
    assert (incident["id"], incident["stage"]) == (incident_id, "interrupted")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).text == "ok"
    except httpx.HTTPError:
        return False


def _listen(url: str, token: str) -> None:
    try:
        with httpx.stream("GET", url, params={"token": token}, timeout=60) as stream:
            for _ in stream.iter_lines():
                pass
    except httpx.HTTPError:
        return  # the server went away, as it was instructed to


def test_no_state_is_not_a_server(boxed: Boxed) -> None:
    """Where the tokens cannot be kept nothing is served: exit code 1, with the reason."""
    shell = boxed("healthy")
    (shell.folder / "file").write_text("x", "utf-8")
    done = shell.run("serve", "--port", str(free_port()), OPSAGENT_STATE_DIR=str(shell.folder / "file" / "state"))
    assert done.code == 1
    assert "state directory" in done.said
