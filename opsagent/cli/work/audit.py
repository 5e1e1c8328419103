"""Show the audit trail, and check it against itself and against every report."""

from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.errors import ExitCode, UsageError
from opsagent.ui.audit_view import audit_view, verdict_view
from opsagent.ui.console import err, note_text, show, write


def trail(setup: Setup, incident_id: str | None, *, output: OutputFormat | None) -> ExitCode:
    """Show the records, of all incidents or of one."""
    wanted = setup.store.incidents.get(incident_id).id if incident_id else None
    records = setup.store.audit.list(wanted)
    if output:
        write(document(records, output))
    else:
        show(audit_view(records))
    return ExitCode.OK


def verify(setup: Setup, incident_id: str | None, *, output: OutputFormat | None) -> ExitCode:
    """Check the complete trail; FAILED where anything is wrong with it."""
    if incident_id:
        raise UsageError("--verify checks the complete trail, not one incident", hint="leave the id out")
    shelf = setup.store.reports.list()
    marks = {f"report of {report.incident_id}": report.audit for report in shelf.reports if report.audit}
    verdict = setup.store.audit.verify(marks)
    if output:
        write(document({"verdict": verdict, "whole": not verdict.complaints, "reports": len(marks)}, output))
    else:
        show(verdict_view(verdict, len(marks)))
    for damaged in shelf.damaged:
        show(note_text(f"{damaged.source} cannot be compared: {damaged.why}", label="warning"), err())
    return ExitCode.FAILED if verdict.complaints else ExitCode.OK
