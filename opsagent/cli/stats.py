"""Quick checks of the platform's own figures: `stats`, `health`, `traffic`."""

from typing import Annotated

import typer

from opsagent.cli.options import Json, MaybeService, Output, chosen
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode


def stats(
    setup: Setup,
    *,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Stay, and check again every two seconds.")] = False,
    fail: Annotated[bool, typer.Option("--fail", help="Exit with 3 where a service is not well.")] = False,
    output: Output = None,
    as_json: Json = False,
) -> ExitCode | None:
    """Show the state of every service, and the traffic now and before."""
    from opsagent.cli.work import stats as work

    return work.stats(setup, watch=watch, fail=fail, output=chosen(output, as_json, live="--watch" if watch else None))


def health(
    setup: Setup,
    service: MaybeService = None,
    *,
    fail: Annotated[bool, typer.Option("--fail", help="Exit with 3 where a service does not answer well.")] = False,
    output: Output = None,
    as_json: Json = False,
) -> ExitCode:
    """Ask the services' health paths."""
    from opsagent.cli.work import stats as work

    return work.health(setup, service, fail=fail, output=chosen(output, as_json))


def traffic(setup: Setup, *, output: Output = None, as_json: Json = False) -> None:
    """Show requests a second and response time: the window, the trend, and apart from them the lifetime figures."""
    from opsagent.cli.work import stats as work

    work.traffic(setup, output=chosen(output, as_json))
