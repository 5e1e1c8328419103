"""The operator's own changes: the same panel, the same guard, the same verification."""

from typing import Annotated

import typer

from opsagent.cli.options import JsonOnly, ServiceName
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Approve now; required without a terminal.")]
AcceptLoss = Annotated[bool, typer.Option("--accept-data-loss", help="With --yes, where the change loses data.")]


def restart(
    setup: Setup,
    service: ServiceName,
    *,
    yes: Yes = False,
    accept_data_loss: AcceptLoss = False,
    as_json: JsonOnly = False,
) -> ExitCode:
    """Restart a service's Deployment, or statefulset/NAME, daemonset/NAME, and verify it."""
    from opsagent.cli.work import act as work

    return work.restart(setup, service, yes=yes, accept_data_loss=accept_data_loss, as_json=as_json)


def scale(
    setup: Setup,
    service: ServiceName,
    replicas: Annotated[int, typer.Option("--replicas", min=0, help="How many; within the configured bounds.")],
    *,
    yes: Yes = False,
    accept_data_loss: AcceptLoss = False,
    as_json: JsonOnly = False,
) -> ExitCode:
    """Scale a service's Deployment, as `kubectl scale` does, and verify it."""
    from opsagent.cli.work import act as work

    return work.scale(setup, service, replicas, yes=yes, accept_data_loss=accept_data_loss, as_json=as_json)
