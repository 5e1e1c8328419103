"""`report`: what past incidents found."""

from typing import Annotated, Literal

import typer

from opsagent.cli.command import command
from opsagent.cli.options import Json, Output, chosen
from opsagent.cli.setup import Setup
from opsagent.errors import UsageError

report = typer.Typer(help="Reports of past incidents.", no_args_is_help=True, add_completion=False)

ReportFormat = Literal["term", "md", "json"]


@command(report, name="list")
def list_reports(setup: Setup, *, output: Output = None, as_json: Json = False) -> None:
    """List the reports, newest first."""
    from opsagent.cli import shelf

    shelf.reports(setup, output=chosen(output, as_json))


@command(report)
def show(
    setup: Setup,
    incident_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The incident; the newest without.")] = None,
    *,
    form: Annotated[ReportFormat, typer.Option("--format", help="How to write it.")] = "term",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show the report of an incident."""
    from opsagent.cli import shelf

    if as_json and form == "md":
        raise UsageError("--json and --format md exclude each other", hint="give one of the two")
    shelf.show_report(setup, incident_id, form="json" if as_json else form)
