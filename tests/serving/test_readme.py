"""What the README reports about the other ways in is what the code does."""

import json
import re
import shlex
from typing import Any

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from opsagent.cli.app import app
from tests.test_readme import block


def parsed(arguments: list[str]) -> Any:
    """Parse a command line as opsagent does, without running it."""
    group = get_command(app)
    command = group.get_command(group.make_context("opsagent", [], resilient_parsing=True), arguments[0])  # type: ignore[attr-defined]
    return command.make_context(arguments[0], arguments[1:])


def test_the_snippet_of_mcp_clients_starts_a_server() -> None:
    """The JSON is JSON, and its arguments are a command line that opsagent takes."""
    text = re.search(r"```json\n(.*?)```", block("mcp"), re.DOTALL)
    assert text
    [server] = json.loads(text.group(1))["mcpServers"].values()
    assert server["command"] == "opsagent"
    context = parsed(server["args"])
    assert (context.params["server"], context.params["namespace"]) == ("all", "titanium-local")


def test_the_manifests_commands_print_manifests() -> None:
    """Each line of the block runs as it stands, up to the pipe."""
    lines = [line for line in block("manifests").splitlines() if line.startswith("opsagent")]
    assert len(lines) == 3
    for line in lines:
        arguments = shlex.split(line.partition("|")[0])[1:]
        done = CliRunner().invoke(app, [*arguments, "--config", "/dev/null"])
        assert done.exit_code == 0, done.output
        assert "kind: Role\n" in done.output


def test_the_k9s_plugins_pass_context_and_namespace() -> None:
    """Each plug-in is a command line that opsagent takes, with what k9s knows of the row under the cursor."""
    text = re.search(r"```yaml\n(.*?)```", block("k9s"), re.DOTALL)
    assert text
    known = {"$CONTEXT": "kind-titanium", "$NAMESPACE": "shop", "$RESOURCE_NAME": "deployments", "$NAME": "local-blog"}
    for plugin in yaml.safe_load(text[1])["plugins"].values():
        script, _, *given = plugin["args"][1:]
        assert 'opsagent "$@"' in script  # what k9s fills in is never part of the shell's text
        for name, value in known.items():
            given = [word.replace(name, value) for word in given]
        assert not any("$" in word for word in given)
        assert given[:4] == ["--context", "kind-titanium", "-n", "shop"]
        context = parsed(given[4:])
        assert "local-blog" in str(context.params)


def test_the_table_of_routes_is_the_api() -> None:
    """Method and path of every route, and no others."""
    pytest.importorskip("fastapi", reason="the extra api is not installed")
    from opsagent.clients.live import LivePlatform
    from opsagent.config.settings import Settings
    from opsagent.serving.http import http_api
    from opsagent.serving.source import Source
    from opsagent.store.store import Store

    settings = Settings()
    source = Source(settings, LivePlatform(settings), tuple, Store.at(settings, {"HOME": "/nowhere"}), {})
    paths = http_api(source, "x" * 40).openapi()["paths"]
    told = re.findall(r"^\| `(\w+) (\S+)` \|", block("http"), re.MULTILINE)
    assert sorted(told) == sorted((method.upper(), path) for path in paths for method in paths[path])
