"""Incidents that wait for somebody: go on with them, or close them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from opsagent.agent import wiring
from opsagent.agent.context import Context
from opsagent.cli.setup import Setup
from opsagent.cli.work.after import settled
from opsagent.cli.work.approver import prompter
from opsagent.cli.work.ending import close, worst
from opsagent.cli.work.interruption import resumable
from opsagent.config.settings import Settings
from opsagent.errors import ExitCode, IncidentError, UsageError
from opsagent.models.panel import Panel
from opsagent.models.plan import Answer
from opsagent.redact import Redactor
from opsagent.store.incidents import OPEN, Incident
from opsagent.store.records import from_json
from opsagent.ui.key_press import key_pressed
from opsagent.ui.steps import Steps
from opsagent.ui.terminal import operator

if TYPE_CHECKING:
    from opsagent.agent.driving import Desk


def approve(setup: Setup, incident_id: str, *, as_json: bool) -> ExitCode:
    """Check again, show the panel again and ask."""
    incident = _fit(setup, incident_id, ("awaiting_approval",))
    asked = prompter()
    if asked is None:
        raise UsageError("approve needs a terminal to show the panel in", hint="log in and run it there")
    with _at(setup, incident) as (ctx, desk):
        from opsagent.agent import run

        report = run.go_on(ctx, incident.id, desk, asked, how="opsagent approve")
        return worst(close(settled(setup, (report,)), as_json=as_json, asked=True))


def reject(setup: Setup, incident_id: str, *, reason: str | None, as_json: bool) -> ExitCode:
    """Close an incident that waits, or that stopped on its way, with a no."""
    incident = _fit(setup, incident_id, OPEN)
    # Nothing is checked and nothing is done: an incident of a cluster that is gone can be closed too.
    with _at(setup, incident, anywhere=True) as (ctx, desk):
        from opsagent.agent import run

        report = run.reject(ctx, incident.id, desk, No(reason))
        return worst(close(settled(setup, (report,)), as_json=as_json))


def resume(setup: Setup, incident_id: str, *, model: bool, as_json: bool) -> ExitCode:
    """Go on with an incident from where it stopped; it pauses at its approval as before."""
    incident = _fit(setup, incident_id, OPEN)
    with _at(setup, incident, model=model) as (ctx, desk):
        from opsagent.agent import run

        report = run.go_on(ctx, incident.id, desk, prompter(), how="opsagent resume")
        return worst(close(settled(setup, (report,)), as_json=as_json))


class No:
    """The operator's `opsagent reject`."""

    def __init__(self, reason: str | None) -> None:
        self._reason = reason

    def ask(self, panel: Panel) -> Answer:
        """Answer no."""
        at = datetime.now(UTC)
        return Answer("reject", panel.fingerprint, operator(), None, at, "opsagent reject", self._reason)


def _fit(setup: Setup, incident_id: str, stages: tuple[str, ...]) -> Incident:
    incident = setup.store.incidents.get(incident_id)
    if incident.stage not in stages:
        is_now, wanted = (stage.replace("_", " ") for stage in (incident.stage, stages[-1]))
        raise IncidentError(
            f"incident {incident.id} is {is_now}, not {wanted}",
            hint=f"opsagent resume {incident.id}" if incident.open else f"opsagent report show {incident.id}",
        )
    return incident


@contextmanager
def _at(
    setup: Setup, incident: Incident, *, anywhere: bool = False, model: bool = True
) -> Iterator[tuple[Context, "Desk"]]:
    """Go back to the incident's own system, whatever the current context is."""
    kept = replace(from_json(Settings, incident.settings["settings"]), state_dir=setup.settings.state_dir)
    there = replace(setup, settings=kept)
    if not anywhere and there.platform.where.server != incident.where.server:
        raise IncidentError(
            f"incident {incident.id} belongs to {incident.where.server}, and the kubeconfig now points to "
            f"{there.platform.where.server}",
            hint=f"restore the context {incident.where.context!r} it was opened with",
        )
    redact = Redactor(setup.store.incidents.redaction(incident.id))
    with resumable(setup), wiring.desk(setup.store) as desk, Steps(where=incident.where) as steps:
        ctx = wiring.live(
            kept, there.platform, redact, store=setup.store, progress=steps, environ=setup.environ, model=model
        )
        yield replace(ctx, skip=key_pressed), desk
