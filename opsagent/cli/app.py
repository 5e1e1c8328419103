"""The command line: every command, by its name; each imports what it needs when it runs."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from opsagent import __version__
from opsagent.cli import act, collect, demo, diagnose, doctor, explain, incidents, kube, manifests, report, stats, watch
from opsagent.cli.command import command
from opsagent.errors import ExitCode

app = typer.Typer(
    name="opsagent",
    help="Diagnose an incident of a Kubernetes platform, ask a human, act once, verify, report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
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
) -> None:
    """Diagnose an incident of a Kubernetes platform, ask a human, act once, verify, report."""


GROUPS: dict[str, tuple[Callable[..., ExitCode | None], ...]] = {
    "Incidents": (
        diagnose.diagnose,
        watch.watch,
        collect.collect,
        incidents.incidents,
        incidents.approve,
        incidents.reject,
        incidents.resume,
        explain.explain,
    ),
    "Quick checks": (stats.stats, stats.health, stats.traffic, kube.pods, kube.describe, kube.logs, kube.search),
    "Changes, asked and verified": (act.restart, act.scale),
    "First minutes": (doctor.doctor, manifests.manifests),
    "Without a cluster": (demo.demo, demo.sandbox),
}
for title, works in GROUPS.items():
    for work in works:
        command(app, rich_help_panel=title)(work)
app.add_typer(report.app, name="report", rich_help_panel="Incidents")


def main() -> None:
    """Run the command line; a reader that went away early ends it quietly."""
    try:
        app(prog_name="opsagent")
    except BrokenPipeError:
        sys.stderr.close()
