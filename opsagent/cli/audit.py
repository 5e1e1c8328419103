"""`audit`: what was seen, planned, answered, changed and verified, and whether the record of it is complete."""

from typing import Annotated

import typer

from opsagent.cli.options import Json, Output, chosen
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode


def audit(
    setup: Setup,
    incident_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Of this incident alone.")] = None,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Find a changed, missing, reordered or cut-off record; exits 1 then.")
    ] = False,
    output: Output = None,
    as_json: Json = False,
) -> ExitCode:
    """Show the audit trail, oldest first, or check it."""
    from opsagent.cli.work import audit as work

    form = chosen(output, as_json)
    if verify:
        return work.verify(setup, incident_id, output=form)
    return work.trail(setup, incident_id, output=form)
