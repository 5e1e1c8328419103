"""What is kept: the incidents that wait for somebody, and the reports of all."""

import json
from datetime import UTC, datetime

from opsagent.cli.documents import document
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.models.diagnosis import diagnosis
from opsagent.ui.console import err, note_text, show, write


def incidents(setup: Setup, *, everything: bool, output: OutputFormat | None) -> None:
    """List the incidents that have no end yet, or all."""
    from opsagent.ui.incidents_view import incidents_view

    found = setup.store.incidents.list(everything=everything)
    if output:
        write(document(found, output))
    else:
        show(incidents_view(found, datetime.now(UTC)))


def reports(setup: Setup, *, output: OutputFormat | None) -> None:
    """List the reports, newest first; name those that cannot be read."""
    from opsagent.ui.incidents_view import report_list_view

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
    if form == "json":
        write(json.dumps(diagnosis(report), ensure_ascii=False, indent=2))
    elif form == "md":
        from opsagent.ui.report_markdown import report_markdown

        write(report_markdown(report))
    else:
        from opsagent.ui.report_view import report_view

        show(report_view(report))
