"""`mcp`: the design's MCP servers, for other clients."""

from typing import Annotated, Literal

import typer

from opsagent.cli.setup import Setup

Server = Literal["stats", "kubectl", "logs", "incidents", "all"]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on loopback.")]


def mcp(
    setup: Setup,
    server: Annotated[
        Server, typer.Argument(metavar="[stats|kubectl|logs|incidents|all]", help="Which tools.")
    ] = "all",
    *,
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP on loopback instead of stdio.")] = False,
    port: Port = 7180,
) -> None:
    """Serve the tools over MCP. Nothing is executed there: a change is stored, and a human approves it."""
    from opsagent.cli.work import serve as work

    work.mcp(setup, server, http=http, port=port)
