"""Logs with kubectl's and stern's flags: `logs`, `search`, `digest`."""

from typing import Annotated

import typer

from opsagent.cli import completion
from opsagent.cli.options import Container, Json, LogOutput, Output, Since, Target, chosen
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode, UsageError

Patterns = list[str] | None


def logs(
    setup: Setup,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[TARGET]",
            help="A service (any spelling), a pod, or deploy/NAME, svc/NAME, sts/NAME, ds/NAME, job/NAME.",
            autocompletion=completion.targets,
        ),
    ] = None,
    *,
    selector: Annotated[
        str | None, typer.Option("--selector", "-l", metavar="SELECTOR", help="The pods with these labels instead.")
    ] = None,
    container: Container = None,
    all_containers: Annotated[
        bool, typer.Option("--all-containers", help="Every container of each pod: so it is without -c, too.")
    ] = False,
    previous: Annotated[bool, typer.Option("--previous", "-p", help="Only the runs before the last restart.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Stay, and show new lines as they come.")] = False,
    tail: Annotated[int, typer.Option("--tail", min=-1, help="Last lines of each container; -1 for all.")] = 100,
    since: Since = None,
    since_time: Annotated[
        str | None, typer.Option("--since-time", metavar="TIME", help="Only lines newer than this time (RFC 3339).")
    ] = None,
    timestamps: Annotated[
        bool | None,
        typer.Option("--timestamps/--no-timestamps", help="Show when each line was written; -o raw does not."),
    ] = None,
    include: Annotated[
        Patterns, typer.Option("--include", metavar="PATTERN", help="Only lines that match; may be repeated.")
    ] = None,
    exclude: Annotated[
        Patterns, typer.Option("--exclude", metavar="PATTERN", help="No lines that match; may be repeated.")
    ] = None,
    output: LogOutput = None,
    as_json: Json = False,
) -> None:
    """Show the logs of a service, pod or workload: all its pods and containers, earlier runs first."""
    if (target is None) == (selector is None):
        raise UsageError("name a TARGET or give -l: exactly one of the two", hint="opsagent logs blog, or -l app=blog")
    if container is not None and all_containers:
        raise UsageError("-c and --all-containers exclude each other", hint="give one of the two")
    if follow and previous:
        raise UsageError("-f and -p exclude each other: a run that ended writes nothing more", hint="leave one out")
    form = chosen(output, as_json, live="--follow" if follow else None)
    from opsagent.cli.work import logs as work
    from opsagent.tools.log_query import log_query

    query = log_query(tail=tail, since=since, since_time=since_time, include=include or (), exclude=exclude or ())
    found = work.found(setup, target, selector, container, previous=previous)
    stamped = timestamps if timestamps is not None else form != "raw"
    if follow:
        work.follow(setup, found, query, raw=form == "raw", stamped=stamped)
    else:
        work.logs(setup, found, query, output=form, stamped=stamped)


def search(
    setup: Setup,
    target: Target,
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="An RE2 regular expression.")],
    *,
    ignore_case: Annotated[
        bool, typer.Option("--ignore-case", "-i", help="Upper and lower case are the same.")
    ] = False,
    container: Container = None,
    since: Since = None,
    fail: Annotated[bool, typer.Option("--fail", help="Exit with 3 where no line matches.")] = False,
    output: Output = None,
    as_json: Json = False,
) -> ExitCode:
    """Search the logs of a service, pod or workload; lines are printed as they are found."""
    form = chosen(output, as_json)
    from opsagent.cli.work import logs as work
    from opsagent.tools.log_query import log_query
    from opsagent.tools.pattern import compile_pattern

    wanted, query = compile_pattern(pattern, ignore_case=ignore_case), log_query(since=since)
    found = work.found(setup, target, None, container, previous=False)
    return work.search(setup, found, wanted, query, fail=fail, output=form)


def digest(
    setup: Setup,
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET|FILE",
            help="A service, pod or workload as in `logs`; or a log file, a bundle, or - for standard input.",
            autocompletion=completion.targets,
        ),
    ],
    *,
    container: Container = None,
    since: Since = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Every group, not the most informative 15.")] = False,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Show a log as counted groups of like lines, the most informative first: what a diagnosis reads."""
    form = chosen(output, as_json)
    from opsagent.cli.work import digest as work

    work.digest(setup, target, container, since, everything=everything, output=form)
