"""Start the servers for other clients, where their extras are installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from opsagent.cli.setup import Setup
from opsagent.errors import UsageError
from opsagent.serving.mcp_tools import ServerName
from opsagent.serving.source import Source
from opsagent.store.paths import READ_TOKEN, TOKEN
from opsagent.store.token import bearer_token
from opsagent.ui.console import prose


def mcp(setup: Setup, server: ServerName, *, http: bool, port: int) -> None:
    """Serve MCP until the client leaves, or until interrupted."""
    with _extra("mcp"):
        from opsagent.serving.mcp import http_app, mcp_server
    built = mcp_server(_source(setup), server)
    if not http:
        if sys.stdin.isatty():
            prose("opsagent mcp speaks MCP on stdin and stdout; a client starts it, see the README. Ctrl-C ends it.")
        built.run()
        return
    from opsagent.serving.bearer import Bearer
    from opsagent.serving.loopback import serve as listen

    app = Bearer(http_app(built), _token(setup))
    prose(f"MCP at http://127.0.0.1:{port}/mcp; {_told(setup)}")
    listen(app, "127.0.0.1", port)


def serve(setup: Setup, *, host: str, port: int, cors: tuple[str, ...]) -> None:
    """Serve the HTTP API until interrupted."""
    with _extra("api"):
        from opsagent.serving.http import LOOPBACK, http_api
        from opsagent.serving.loopback import serve as listen
    # Elsewhere than on loopback nobody knows under which names it is asked; the token still guards it.
    hosts = LOOPBACK if host in LOOPBACK else ("*",)
    state_dir = setup.store.incidents.state_dir
    reading = bearer_token(state_dir, READ_TOKEN)
    api = http_api(_source(setup), _token(setup), read_token=reading, cors=cors, hosts=hosts)
    prose(f"opsagent's API at http://{host}:{port}/agent (OpenAPI: /openapi.json); {_told(setup)}")
    prose(f"a dashboard reads with the token in {state_dir / READ_TOKEN}, as header or as ?token=")
    if host not in LOOPBACK:
        prose("It listens beyond this machine, without TLS: put a proxy with TLS in front of it.")
    listen(api, host, port, api.state.feed.end)


def _source(setup: Setup) -> Source:
    return Source(setup.settings, setup.platform, lambda: setup.services, setup.store, setup.environ)


def _token(setup: Setup) -> str:
    return bearer_token(setup.store.incidents.state_dir)


def _told(setup: Setup) -> str:
    return f"the bearer token is the content of {setup.store.incidents.state_dir / TOKEN}"


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """State which extra is missing in place of a traceback."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("opsagent"):
            raise
        raise UsageError(
            f"this command needs the extra {name!r}: {error.name} is not installed",
            hint=f"pip install 'opsagent[{name}]'",
        ) from error
