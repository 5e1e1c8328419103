"""`serve`: the HTTP API, for a dashboard."""

from typing import Annotated

import typer

from opsagent.cli.setup import Setup


def serve(
    setup: Setup,
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 7181,
    cors: Annotated[
        list[str] | None, typer.Option("--cors", metavar="ORIGIN", help="A page that may ask; may be repeated.")
    ] = None,
) -> None:
    """Serve the HTTP API: diagnose, reports, actions, steps. It always requires the token; no route approves."""
    from opsagent.cli.work import serve as work

    work.serve(setup, host=host, port=port, cors=tuple(cors or ()))
