"""`report`: what past incidents found."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from opsagent.cli import completion
from opsagent.cli.command import command
from opsagent.cli.help import SectionedGroup
from opsagent.cli.options import Json, Output, chosen
from opsagent.cli.setup import Setup
from opsagent.errors import UsageError

report = typer.Typer(
    cls=SectionedGroup,
    help="Reports of past incidents.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

ReportFormat = Literal["term", "md", "json", "html"]


@command(report, name="list")
def list_reports(setup: Setup, *, output: Output = None, as_json: Json = False) -> None:
    """List the reports, newest first."""
    from opsagent.cli.work import report as work

    work.reports(setup, output=chosen(output, as_json))


@command(report)
def show(
    setup: Setup,
    incident_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The incident; the newest without.", autocompletion=completion.report_ids),
    ] = None,
    *,
    form: Annotated[ReportFormat, typer.Option("--format", help="How to write it.")] = "term",
    target: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a new file (0600).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show the report of an incident, or write it to a file; html is one self-contained page."""
    from opsagent.cli.work import report as work

    if as_json and form in {"md", "html"}:
        raise UsageError(f"--json and --format {form} exclude each other", hint="give one of the two")
    work.show_report(setup, incident_id, form="json" if as_json else form, target=target)


@command(report)
def prune(
    setup: Setup,
    *,
    older_than: Annotated[
        str | None, typer.Option("--older-than", metavar="AGE", help="90d, 12h; else reports.keep_days.")
    ] = None,
) -> None:
    """Remove old reports of incidents that have ended; the audit trail and the action history stay."""
    from opsagent.cli.work import report as work

    work.prune(setup, older_than)
