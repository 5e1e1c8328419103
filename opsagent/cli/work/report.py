"""What is kept: the incidents that wait for somebody, and the reports of all."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.errors import ExitCode, UsageError
from opsagent.models.diagnosis import diagnosis
from opsagent.models.incident import Report
from opsagent.ui.console import err, note_text, print_error, show, write


def incidents(setup: Setup, *, everything: bool, output: OutputFormat | None) -> ExitCode:
    """List the incidents that have no end yet, or all; one that cannot be read is named and hides no other."""
    from opsagent.ui.incidents_view import incidents_view

    found = setup.store.incidents.list(everything=everything)
    if output:
        # How to reach the system again is the ledger's own business, and long.
        write(document(tuple(replace(incident, settings={}) for incident in found), output))
    else:
        show(incidents_view(found, datetime.now(UTC)))
    damaged = setup.store.incidents.damaged()
    for error in damaged:
        print_error(error)
    return ExitCode.FAILED if damaged else ExitCode.OK


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


def show_report(setup: Setup, incident_id: str | None, *, form: str, target: Path | None = None) -> None:
    """Show one report, the newest without an id, or write it to a new file."""
    shelf = setup.store.reports
    report = shelf.load(incident_id) if incident_id else shelf.newest()
    if target is not None:
        from opsagent.cli.work.output_file import write_new

        write_new(target, _text(report, form))
        show(note_text(f"the report of {report.incident_id} is in {target}"), err())
    elif form == "term":
        from opsagent.ui.report_view import report_view

        show(report_view(report))
    else:
        write(_text(report, form))


def prune(setup: Setup, older_than: str | None) -> None:
    """Remove reports of incidents that ended before."""
    days = _days(older_than) if older_than else setup.settings.reports.keep_days
    waiting = {incident.id for incident in setup.store.incidents.list()}
    removed = setup.store.reports.prune(datetime.now(UTC) - timedelta(days=days), keep=waiting)
    show(note_text(f"{len(removed)} report{'s' * (len(removed) != 1)} older than {days:g} days removed"), err())


def _text(report: Report, form: str) -> str:
    if form == "json":
        return json.dumps(diagnosis(report), ensure_ascii=False, indent=2)
    if form == "md":
        from opsagent.ui.report_markdown import report_markdown

        return report_markdown(report)
    if form == "html":
        from opsagent.ui.report_html import report_html

        return report_html(report)
    from opsagent.ui.console import plain_text
    from opsagent.ui.report_view import report_view

    return plain_text(report_view(report))


def _days(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6})([dhm])", text.strip())
    if not found:
        raise UsageError(f"{text!r} is not an age", hint="for example --older-than 90d")
    return int(found[1]) / {"d": 1, "h": 24, "m": 1440}[found[2]]
