"""Incidents that were left pending or interrupted: list, approve, reject, resume."""

from typing import Annotated

import typer

from opsagent.cli.options import IncidentId, Json, Output, chosen
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode


def incidents(
    setup: Setup,
    *,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Those that have ended, too.")] = False,
    output: Output = None,
    as_json: Json = False,
) -> ExitCode:
    """List the incidents that wait for somebody."""
    from opsagent.cli.work import report as work

    return work.incidents(setup, everything=everything, output=chosen(output, as_json))


def approve(setup: Setup, incident_id: IncidentId, *, as_json: Json = False) -> ExitCode:
    """Check again, show the panel again, and ask; needs a terminal."""
    from opsagent.cli.work import incidents as work

    return work.approve(setup, incident_id, as_json=as_json)


def reject(
    setup: Setup,
    incident_id: IncidentId,
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; it is in the report.")] = None,
    as_json: Json = False,
) -> ExitCode:
    """Close an incident that waits or has stopped with a no; nothing is done."""
    from opsagent.cli.work import incidents as work

    return work.reject(setup, incident_id, reason=reason, as_json=as_json)


def resume(
    setup: Setup,
    incident_id: IncidentId,
    *,
    no_model: Annotated[bool, typer.Option("--no-model", help="Rules alone from here on.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Go on with an incident that was interrupted, from where it stopped."""
    from opsagent.cli.work import incidents as work

    return work.resume(setup, incident_id, model=not no_model, as_json=as_json)
