"""Incidents that wait for somebody, and the reports of those that have ended."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from opsagent.agent import run, wiring
from opsagent.agent.context import Context
from opsagent.agent.run import Desk
from opsagent.cli.diagnosing import prompter
from opsagent.cli.documents import document
from opsagent.cli.ending import close, worst
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.config.settings import Settings
from opsagent.errors import ExitCode, IncidentError, UsageError
from opsagent.models.diagnosis import diagnosis
from opsagent.models.panel import Panel
from opsagent.models.plan import Answer
from opsagent.redact import Redactor
from opsagent.store.incidents import Incident
from opsagent.store.records import from_json
from opsagent.ui.console import err, note_text, show, write
from opsagent.ui.incidents_view import incidents_view, report_list_view
from opsagent.ui.report_markdown import report_markdown
from opsagent.ui.report_view import report_view
from opsagent.ui.steps import Steps
from opsagent.ui.terminal import operator


def incidents(setup: Setup, *, everything: bool, output: OutputFormat | None) -> None:
    """List the incidents that have no end yet, or all."""
    found = setup.store.incidents.list(everything=everything)
    if output:
        write(document(found, output))
    else:
        show(incidents_view(found, datetime.now(UTC)))


def approve(setup: Setup, incident_id: str, *, as_json: bool) -> ExitCode:
    """Look again, show the panel anew and ask."""
    asked = prompter()
    if asked is None:
        raise UsageError("approve needs a terminal to show the panel in", hint="log in and run it there")
    with _at(setup, incident_id, ("awaiting_approval",)) as (ctx, desk, incident):
        return worst(close((run.go_on(ctx, incident.id, desk, asked, how="opsagent approve"),), as_json=as_json))


def reject(setup: Setup, incident_id: str, *, reason: str | None, as_json: bool) -> ExitCode:
    """Close a pending incident with a no."""
    with _at(setup, incident_id, ("awaiting_approval",)) as (ctx, desk, incident):
        return worst(close((run.reject(ctx, incident.id, desk, No(reason)),), as_json=as_json))


def resume(setup: Setup, incident_id: str, *, as_json: bool) -> ExitCode:
    """Go on with an incident from where it stopped; it pauses at its approval as ever."""
    with _at(setup, incident_id, ("running", "interrupted", "failed", "awaiting_approval")) as (ctx, desk, incident):
        report = run.go_on(ctx, incident.id, desk, prompter(), how="opsagent resume")
        return worst(close((report,), as_json=as_json))


class No:
    """The operator's `opsagent reject`."""

    def __init__(self, reason: str | None) -> None:
        self._reason = reason

    def ask(self, panel: Panel) -> Answer:
        """Answer no."""
        at = datetime.now(UTC)
        return Answer("reject", panel.fingerprint, operator(), None, at, "opsagent reject", self._reason)


def reports(setup: Setup, *, output: OutputFormat | None) -> None:
    """List the reports, newest first; name those that cannot be read."""
    shelf = setup.store.reports.list()
    if output:
        write(document([diagnosis(report) for report in shelf.reports], output))
    else:
        show(report_list_view(shelf.reports, datetime.now(UTC)))
    for damaged in shelf.damaged:
        show(note_text(f"{damaged.source}: {damaged.why}", label="damaged"), err())


def show_report(setup: Setup, incident_id: str | None, *, form: str) -> None:
    """Show one report, the newest without an id."""
    shelf = setup.store.reports
    report = shelf.load(incident_id) if incident_id else shelf.newest()
    if form == "md":
        write(report_markdown(report))
    elif form == "json":
        write(json.dumps(diagnosis(report), ensure_ascii=False, indent=2))
    else:
        show(report_view(report))


@contextmanager
def _at(setup: Setup, incident_id: str, stages: tuple[str, ...]) -> Iterator[tuple[Context, Desk, Incident]]:
    """Go back to the incident's own system, whatever the current context is."""
    incident = setup.store.incidents.get(incident_id)
    if incident.stage not in stages:
        raise IncidentError(
            f"incident {incident.id} is {incident.stage.replace('_', ' ')}, not {stages[0].replace('_', ' ')}",
            hint="opsagent incidents lists those that wait" if not incident.open else f"opsagent resume {incident.id}",
        )
    kept = replace(from_json(Settings, incident.settings["settings"]), state_dir=setup.settings.state_dir)
    there = replace(setup, settings=kept)
    if there.platform.where.server != incident.where.server:
        raise IncidentError(
            f"incident {incident.id} belongs to {incident.where.server}, and the kubeconfig now leads to "
            f"{there.platform.where.server}",
            hint=f"restore the context {incident.where.context!r} it was opened with",
        )
    redact = Redactor(setup.store.incidents.redaction(incident.id))
    with wiring.desk(setup.store) as desk, Steps(where=incident.where) as steps:
        ctx = wiring.live(kept, there.platform, redact, store=setup.store, progress=steps, environ=setup.environ)
        yield ctx, desk, incident
