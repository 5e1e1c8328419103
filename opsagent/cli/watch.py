"""`watch`: a live view in a terminal, or passes that report by themselves."""

from pathlib import Path
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
    max_runtime: Annotated[
        float | None,
        typer.Option("--max-runtime", min=1.0, help="Seconds after which it ends, in the middle of a pass."),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit 0 though incidents were found; errors still exit 1.")
    ] = False,
    metrics_file: Annotated[
        Path | None, typer.Option("--metrics-file", help="Write Prometheus text there after each pass (*.prom).")
    ] = None,
    as_json: JsonOnly = False,
) -> ExitCode:
    """Watch the platform: a live view, or with --auto-report one pass that diagnoses and reports what is wrong."""
    for flag, given in (
        ("--json", as_json),
        ("--exit-zero", exit_zero),
        ("--max-runtime", max_runtime is not None),
        ("--metrics-file", metrics_file is not None),
    ):
        if given and not auto_report:
            raise UsageError(f"{flag} goes with --auto-report alone", hint="opsagent stats --json prints one check")
    from opsagent.cli.work import watch as work

    if not auto_report:
        return work.live(setup, interval=interval)
    return work.watch(
        setup,
        interval=interval,
        max_runtime=max_runtime,
        exit_zero=exit_zero,
        metrics_file=metrics_file,
        as_json=as_json,
    )
