"""Try it without a cluster, a key or a network: `demo` and `sandbox`."""

from typing import Annotated

import typer

from opsagent.cli import completion
from opsagent.cli.options import JsonOnly
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode

Scenario = Annotated[
    str,
    typer.Argument(
        metavar="[SCENARIO]", help="Which incident; `list` names them all.", autocompletion=completion.scenarios
    ),
]


def demo(
    setup: Setup,
    scenario: Scenario = "db-locked",
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Approve; it is only the sandbox.")] = False,
    as_json: JsonOnly = False,
) -> ExitCode:
    """Walk through a simulated incident: detect, diagnose, ask, act, verify, report."""
    from opsagent.cli.work import demo as work

    return work.demo(setup, scenario, yes=yes, as_json=as_json)


def sandbox(
    setup: Setup,  # noqa: ARG001  (its flags are those of every command)
    scenario: Scenario = "db-locked",
    *,
    stats_port: Annotated[int, typer.Option("--stats-port", help="Port of the load balancer.")] = 7100,
    api_port: Annotated[int, typer.Option("--api-port", help="Port of the API server; 0 for a free one.")] = 0,
) -> ExitCode:
    """Serve a platform in a box on loopback, until interrupted; kubectl and opsagent both work against it."""
    from opsagent.cli.work import demo as work

    return work.sandbox(scenario, stats_port=stats_port, api_port=api_port)
