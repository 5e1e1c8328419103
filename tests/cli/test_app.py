"""The commands by name, what each loads, and what none of them ever calls."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from opsagent import __version__
from tests.cli.conftest import Boxed
from tests.cli.shell import Shell

POD = "local-blog-service-deployment-6b5d9f8c77-zk4mh"
GRAPH = ("langgraph", "langchain", "langchain_core", "langchain_openai", "openai", "langsmith")
RUN = """
import sys
from opsagent.cli.app import main
for line in sys.argv[1:]:
    sys.argv = ["opsagent", *line.split()]
    try:
        main()
    except SystemExit as ended:
        print("exit", ended.code or 0, line, file=sys.stderr)
print(*sys.modules, sep="\\n", file=sys.stderr)
"""


def _loads(shell: Shell, *commands: str) -> set[str]:
    """Return the modules that a process has loaded after these commands, each of which ended well."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *commands], env=shell.env, capture_output=True, text=True, timeout=60, check=True
    )
    said = done.stderr.splitlines()
    assert said[: len(commands)] == [f"exit 0 {line}" for line in commands]
    return set(said[len(commands) :])


@pytest.mark.parametrize(
    ("commands", "unwanted"),
    [
        (["--version"], (*GRAPH, "rich", "httpx", "kubernetes", "pydantic", "yaml", "sqlite3")),
        (["--help", "diagnose --help"], (*GRAPH, "httpx", "kubernetes", "pydantic", "yaml", "sqlite3")),
        (["stats", "traffic", "health load-balancer"], (*GRAPH, "kubernetes", "pydantic")),
        (
            ["pods", "logs blog --tail 20", f"describe {POD}", "search blog GET", "watch --auto-report"],
            (*GRAPH, "kubernetes.client.models."),
        ),
        (["incidents", "report list"], (*GRAPH, "kubernetes", "httpx", "pydantic")),
    ],
)
def test_a_command_loads_what_it_uses(well: Shell, commands: list[str], unwanted: tuple[str, ...]) -> None:
    """Only who runs the graph loads it, only who reaches out a client; a name ending in "." means all below it."""
    loaded = _loads(well, *commands)
    found = {name for name in loaded for no in unwanted if name == no or (no.endswith(".") and name.startswith(no))}
    assert found == set()
    assert "opsagent.cli.app" in loaded


@contextmanager
def _listener() -> Iterator[tuple[str, list[str]]]:
    """Listen on loopback, and note whoever connects."""
    met: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, peer = server.accept()
                except TimeoutError:
                    continue
                met.append(str(peer))
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", met
        finally:
            over.set()
            thread.join()


def test_a_key_in_the_environment_calls_no_model_and_sends_no_trace(boxed: Boxed) -> None:
    """A complete diagnosis with OPENAI_API_KEY and tracing switched on connects to nobody but the platform."""
    with _listener() as (url, met):
        done = boxed("db-locked").run(
            "diagnose",
            "blog",
            OPENAI_API_KEY="sk-not-a-key",
            OPENAI_BASE_URL=url,
            OPENAI_API_BASE=url,
            LANGSMITH_TRACING="true",
            LANGCHAIN_TRACING_V2="true",
            LANGSMITH_API_KEY="lsv2-not-a-key",
            LANGCHAIN_API_KEY="lsv2-not-a-key",
            LANGSMITH_ENDPOINT=url,
            LANGCHAIN_ENDPOINT=url,
        )
        assert done.code == 8
        assert met == []


def test_the_listener_would_have_noticed() -> None:
    """The listener of the test above notes a connection."""
    with _listener() as (url, met):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.recv(1)
        assert len(met) == 1


def test_version_and_help(well: Shell) -> None:
    """--version is one line; without a command the help is shown, with every group of commands."""
    assert well.run("--version").out == f"opsagent {__version__}\n"
    shown = well.here("--help").out
    for group in ("Incidents", "Quick checks", "Changes, asked and verified", "Without a cluster"):
        assert group in shown
