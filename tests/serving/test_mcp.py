"""The MCP servers, asked by the SDK's own client over stdio and in process, against a sandbox."""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp.client.stdio import StdioServerParameters  # noqa: E402

from opsagent.config.settings import Settings  # noqa: E402
from opsagent.sandbox import Sandbox  # noqa: E402
from opsagent.serving.bearer import Bearer  # noqa: E402
from opsagent.serving.mcp import http_app, mcp_server  # noqa: E402
from opsagent.serving.mcp_tools import DESIGN, ServerName  # noqa: E402
from opsagent.store.incidents import Incidents  # noqa: E402
from tests.cli.shell import environment  # noqa: E402
from tests.serving.conftest import source_of  # noqa: E402
from tests.session import Boxed  # noqa: E402

Talk = Callable[[Any], Awaitable[Any]]


def talk(other: Any, say: Talk) -> Any:
    """Connect to a server, or to what starts one, and return what came of the conversation."""

    async def conversation() -> Any:
        async with mcp.Client(other, read_timeout_seconds=60) as client:
            return await say(client)

    return anyio.run(conversation)


def started(box: Sandbox, folder: Path, server: ServerName) -> Any:
    """Return how a client starts `opsagent mcp`."""
    arguments = ["-m", "opsagent", "mcp", server]
    return StdioServerParameters(command=sys.executable, args=arguments, env=environment(box, folder))


def inside(settings: Settings, server: ServerName) -> Any:
    """Return a server of this process."""
    return mcp_server(source_of(settings), server)


def writes(box: Sandbox) -> list[tuple[str, str]]:
    """Return the requests that could have changed something."""
    return [request for request in box.requests if request[0] != "GET" and "accessreviews" not in request[1]]


@pytest.mark.parametrize("server", ["stats", "kubectl", "logs"])
def test_each_server_has_exactly_the_designs_tools(boxed: Boxed, server: ServerName) -> None:
    """Names and parameters are the design's, descriptions are there, and only the changing tools are destructive."""
    _, settings = boxed("healthy")

    async def listed(client: Any) -> Any:
        return (await client.list_tools()).tools

    tools = talk(inside(settings, server), listed)
    assert {tool.name: tuple(tool.input_schema.get("properties", {})) for tool in tools} == DESIGN[server]
    for tool in tools:
        changes = tool.name in ("restart_deployment", "scale_deployment")
        assert tool.description
        assert tool.annotations.read_only_hint is not changes
        assert tool.annotations.destructive_hint is changes


def test_all_tools_read_and_none_writes(boxed: Boxed, tmp_path: Path) -> None:
    """Every tool answers an object over one connection; the changes are stored, and no write reaches the cluster."""
    box, _ = boxed("healthy")
    pod = box.state.pods("blog-service")[0]
    asked: dict[str, dict[str, Any]] = {
        "get_system_stats": {},
        "get_service_status": {"service": "blog"},
        "get_traffic_metrics": {},
        "check_health": {"service_name": "auth"},
        "list_pods": {},
        "describe_pod": {"pod_name": pod},
        "get_pod_logs": {"pod_name": pod, "tail": 5},
        "get_service_logs": {"service": "blog-service", "tail": 5},
        "search_logs": {"service": "blog-service", "pattern": "GET"},
        "restart_deployment": {"deployment": "local-blog-service-deployment"},
        "scale_deployment": {"deployment": "api-gateway", "replicas": 2},
    }

    async def all_of_them(client: Any) -> dict[str, Any]:
        return {name: await client.call_tool(name, arguments) for name, arguments in asked.items()}

    answers = talk(started(box, tmp_path, "all"), all_of_them)
    assert set(answers) == {name for tools in DESIGN.values() for name in tools}, "one by the design's own name"
    assert [name for name, answer in answers.items() if answer.is_error] == []
    assert answers["get_service_status"].structured_content["status"] == "online"
    assert len(answers["get_pod_logs"].structured_content["lines"]) == 5
    restart = answers["restart_deployment"].structured_content
    assert restart["done"] is False
    assert restart["approve"] == f"opsagent approve {restart['incident_id']}"
    assert restart["risks"]
    assert writes(box) == []
    waiting = Incidents(tmp_path / "state").list()
    assert {incident.stage for incident in waiting} == {"awaiting_approval"}
    assert {incident.service for incident in waiting} == {"blog-service", "api-gateway"}


def test_an_incident_is_diagnosed_read_and_asked_about(boxed: Boxed) -> None:
    """`diagnose`, `get_report`, `ask` and `explain`: causes, quotes and meanings, nothing asked and nothing written."""
    box, settings = boxed("db-locked")

    async def all_four(client: Any) -> list[Any]:
        report = (await client.call_tool("diagnose", {"service": "blog-service"})).structured_content
        wanted = {"incident_id": report["incident_id"]}
        kept = (await client.call_tool("get_report", wanted)).structured_content
        why = (await client.call_tool("ask", {**wanted, "question": "why?"})).structured_content
        code = (await client.call_tool("explain", {"code": "db.locked"})).structured_content
        wrong = [
            await client.call_tool("ask", {"incident_id": "zzzz", "question": "why?"}),
            await client.call_tool("explain", {"code": "db.lokked"}),
        ]
        return [report, kept, why, code, *wrong]

    report, kept, why, code, *wrong = talk(inside(settings, "incidents"), all_four)
    assert report["status"] == "awaiting_approval"
    assert f"opsagent approve {report['incident_id']}" in report["closing"]
    assert kept["causes"] == report["causes"]
    assert why["by"] == "rules"
    assert why["lines"][0].startswith("db.locked at Deployment/local-blog-service-deployment")
    assert any("“" in line for line in why["lines"])
    assert code["code"] == "db.locked"
    assert all(answer.is_error for answer in wrong)
    assert writes(box) == [("PATCH", path) for _, path in writes(box) if "dryRun=All" in path]


@pytest.mark.parametrize("server", ["stats", "kubectl", "logs", "incidents", "all"])
def test_one_thing_has_one_name_in_every_tool(boxed: Boxed, server: ServerName) -> None:
    """A service is `service`, a pod `pod_name`, an incident `incident_id`; each parameter is described."""
    _, settings = boxed("healthy")

    async def listed(client: Any) -> Any:
        return (await client.list_tools()).tools

    for tool in talk(inside(settings, server), listed):
        names = set(tool.input_schema.get("properties", {}))
        assert names <= {"service", "pod_name", "namespace", "deployment", "replicas", "since", "tail", "pattern",
                         "incident_id", "question", "code"}  # fmt: skip
        assert all(f"{name}:" in tool.description for name in names), tool.name


def test_wrong_arguments_are_named_in_plain_words(boxed: Boxed) -> None:
    """What is missing or of another type, without a library's own words."""
    _, settings = boxed("healthy")

    async def wrongly(client: Any) -> list[str]:
        asked = [
            ("check_health", {}),
            ("get_service_logs", {"service": "blog", "tail": "all"}),
            ("ask", {"question": 7}),
        ]
        return [(await client.call_tool(name, given)).content[0].text for name, given in asked]

    assert talk(inside(settings, "all"), wrongly) == [
        "check_health: service is missing",
        "get_service_logs: tail: expected a value of type int",
        "ask: incident_id is missing; question: expected a value of type string",
    ]


def test_the_same_wish_twice_is_one_plan(boxed: Boxed) -> None:
    """A client that asks again gets the plan that waits already, and the operator's list stays short."""
    _, settings = boxed("healthy")

    async def twice(client: Any) -> list[Any]:
        wish = {"deployment": "blog"}
        return [(await client.call_tool("restart_deployment", wish)).structured_content for _ in range(2)]

    first, second = talk(inside(settings, "kubectl"), twice)
    assert first == second
    assert any("posts" in risk for risk in second["risks"])
    assert len(source_of(settings).store.incidents.list()) == 1


def test_another_wish_is_another_plan(boxed: Boxed) -> None:
    """Another action or number of replicas on the same service never comes back as the plan that waits already."""
    _, settings = boxed("healthy")

    async def three(client: Any) -> list[Any]:
        wishes = [
            ("restart_deployment", {"deployment": "user"}),
            ("scale_deployment", {"deployment": "user", "replicas": 2}),
            ("scale_deployment", {"deployment": "user", "replicas": 3}),
        ]
        return [(await client.call_tool(name, wish)).structured_content for name, wish in wishes]

    plans = talk(inside(settings, "kubectl"), three)
    assert len({plan["incident_id"] for plan in plans}) == 3


def test_a_refusal_states_how_to_fix_it(boxed: Boxed) -> None:
    """Unknown names, figures out of bounds and wrong types are errors with text; the server lives on."""
    _, settings = boxed("healthy")

    async def wrongly(client: Any) -> list[Any]:
        return [
            await client.call_tool("get_service_status", {"service_name": "blgo"}),
            await client.call_tool("scale_deployment", {"deployment": "blog", "replicas": 99}),
            await client.call_tool("scale_deployment", {"deployment": "blog", "replicas": "many"}),
            await client.call_tool("search_logs", {"service": "blog", "pattern": "("}),
            await client.call_tool("get_system_stats", {}),
        ]

    *refused, fine = talk(inside(settings, "all"), wrongly)
    assert all(answer.is_error for answer in refused)
    assert "nearest: blog-service" in refused[0].content[0].text
    assert "1 to 5" in refused[1].content[0].text
    assert not fine.is_error
    assert source_of(settings).store.incidents.list() == ()


def test_without_state_a_diagnosis_is_answered_all_the_same(boxed: Boxed) -> None:
    """The directory fails while the server runs: causes come, no plan waits, the reason is in the answer."""
    _, settings = boxed("db-locked")
    folder = Path(settings.state_dir or "")

    async def without_state(client: Any) -> list[Any]:
        await client.call_tool("get_system_stats", {})
        if folder.exists():
            folder.rename(folder.with_name("away"))
        folder.write_text("a file where the directory was")
        return [
            await client.call_tool("diagnose", {"service": "blog"}),
            await client.call_tool("get_system_stats", {}),
            await client.call_tool("get_report", {}),
            await client.call_tool("restart_deployment", {"deployment": "blog"}),
        ]

    found, stats, *refused = talk(inside(settings, "all"), without_state)
    assert (found.is_error, stats.is_error) == (False, False)
    answer = found.structured_content
    assert answer["causes"][0]["code"] == "db.locked"
    assert answer["plan"]["action"] == "none"
    assert "nothing was kept" in answer["closing"]
    assert str(folder) in answer["closing"]
    assert all(one.is_error and str(folder) in one.content[0].text for one in refused)


def test_stdout_carries_protocol_alone(boxed: Boxed, tmp_path: Path) -> None:
    """Every line on stdout is a JSON-RPC message, an error's included; the end of stdin ends the server."""
    box, _ = boxed("healthy")
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    }
    call = {"name": "check_health", "arguments": {"service_name": "nobody"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "opsagent", "mcp", "stats"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(box, tmp_path),
    )  # fmt: skip
    assert server.stdin
    assert server.stdout
    for message in messages:
        os.write(server.stdin.fileno(), json.dumps(message).encode() + b"\n")
    answers = [json.loads(server.stdout.readline()) for _ in range(2)]
    rest, _ = server.communicate(timeout=30)
    assert [answer["id"] for answer in answers] == [1, 2]
    assert answers[1]["result"]["isError"] is True
    assert rest == b""
    assert server.returncode == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer guess"}, 401),
        ({"authorization": "Bearer secret", "host": "evil.example"}, 421),
        ({"authorization": "Bearer secret", "origin": "https://evil.example"}, 403),
        ({"authorization": "Bearer secret"}, 200),
    ],
)
def test_over_http_token_host_and_origin_are_checked(boxed: Boxed, headers: dict[str, str], status: int) -> None:
    """Only who has the token, asks loopback and comes from no foreign page gets an answer."""
    _, settings = boxed("healthy")
    app = http_app(inside(settings, "all"))
    given = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}

    async def post() -> int:
        transport = httpx.ASGITransport(Bearer(app, "secret"))
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
            return (await client.post("http://127.0.0.1:7180/mcp", json=message, headers=given | headers)).status_code

    assert anyio.run(post) == status
