"""`watch`: a live view in a terminal, or passes that report by themselves."""

from typing import Annotated

import typer

from opsagent.cli.options import JsonOnly
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode, UsageError


def watch(
    setup: Setup,
    *,
    auto_report: Annotated[
        bool, typer.Option("--auto-report", help="One pass for cron: never asks, reports, exits; silent when well.")
    ] = False,
    interval: Annotated[
        float | None, typer.Option("--interval", min=1.0, help="Seconds between passes; stays until interrupted.")
    ] = None,
    as_json: JsonOnly = False,
) -> ExitCode:
    """Watch the platform: a live view, or with --auto-report one pass that diagnoses and reports what is wrong."""
    if as_json and not auto_report:
        raise UsageError("--json goes with --auto-report alone", hint="opsagent stats --json prints one look")
    from opsagent.cli import watching

    return watching.watch(setup, auto_report=auto_report, interval=interval, as_json=as_json)
