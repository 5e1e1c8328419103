"""`report`: what past incidents found."""

from typing import Annotated, Literal

import typer

from opsagent.cli.command import command
from opsagent.cli.options import Json, Output, chosen
from opsagent.cli.setup import Setup

app = typer.Typer(help="Reports of past incidents.", no_args_is_help=True)

ReportFormat = Literal["term", "md", "json"]


@command(app, name="list")
def list_reports(setup: Setup, *, output: Output = None, as_json: Json = False) -> None:
    """List the reports, newest first."""
    from opsagent.cli import pending

    pending.reports(setup, output=chosen(output, as_json))


@command(app)
def show(
    setup: Setup,
    incident_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The incident; the newest without.")] = None,
    *,
    form: Annotated[ReportFormat, typer.Option("--format", help="How to write it.")] = "term",
) -> None:
    """Show the report of an incident."""
    from opsagent.cli import pending

    pending.show_report(setup, incident_id, form=form)
