"""The command line: every command, by its name; each is imported when it is asked for."""

import os
import sys
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from opsagent import __version__
from opsagent.cli.command import Config, Context, Kubeconfig, Namespace
from opsagent.cli.garbage import RARELY, to_the_end
from opsagent.cli.help import WIDEST
from opsagent.cli.on_demand import on_demand
from opsagent.errors import ExitCode

# Panel of the help -> command -> the module that holds it ("module:attribute" where the name is taken).
COMMANDS = {
    "Incidents": {
        "diagnose": "diagnose",
        "watch": "watch",
        "collect": "collect",
        "incidents": "incidents",
        "approve": "incidents",
        "reject": "incidents",
        "resume": "incidents",
        "ask": "ask",
        "actions": "mute",
        "mute": "mute",
        "explain": "explain",
        "catalog": "catalog",
        "report": "report",
        "audit": "audit",
        "verdict": "verdict",
    },
    "Quick checks": {
        "stats": "stats",
        "health": "stats",
        "traffic": "stats",
        "pods": "kube",
        "describe": "kube",
        "logs": "logs",
        "search": "logs",
        "digest": "logs",
        "changes": "changes",
    },
    "Changes, asked and verified": {"restart": "act", "scale": "act"},
    "First minutes": {"init": "init", "doctor": "doctor", "manifests": "manifests"},
    "Other clients": {"mcp": "mcp", "serve": "serve"},
    "Without a cluster": {"demo": "demo", "sandbox": "demo"},
    "Help": {"help": "help_page:page"},
}
# What `opsagent --help` lists, at most 20: an operator's first hour. `opsagent help all` lists the others too.
FIRST_SCREEN = frozenset(
    {
        "diagnose", "watch", "incidents", "approve", "reject", "report", "explain", "stats", "health", "pods",
        "describe", "logs", "search", "digest", "changes", "restart", "scale", "init", "doctor", "demo",
    }
)  # fmt: skip

app = typer.Typer(
    name="opsagent",
    cls=on_demand(COMMANDS, FIRST_SCREEN),
    help="Diagnose an incident of a Kubernetes platform, ask a human, act once, verify, report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # the reason is in help.py
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"opsagent {__version__}")  # noqa: T201  (one word needs no console)
        raise typer.Exit


@app.callback()
def opsagent(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
    config: Config = None,
) -> None:
    """Diagnose an incident of a Kubernetes platform, ask a human, act once, verify, report.

    The platform's flags may be given here or after the command; `command.py` reads both.
    """


def main() -> None:
    """Run the command line; a reader that went away early ends it quietly."""
    try:
        with to_the_end(RARELY):
            app(prog_name="opsagent")
    except BrokenPipeError:
        sys.stderr.close()
    except SystemExit as end:
        if end.code == ExitCode.INTERRUPTED:
            _end_now(ExitCode.INTERRUPTED)
        raise


def _end_now(code: int) -> NoReturn:
    """End without waiting for reads in the background; Python's own end aborts those that are inside a C++ library."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)
