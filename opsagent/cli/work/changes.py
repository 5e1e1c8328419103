"""Read the cluster once and show what changed in it."""

from opsagent.analysis.evidence.changes import changes as found_changes
from opsagent.analysis.evidence.service_changes import of_service
from opsagent.analysis.evidence.workloads import services_found
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.cli.work.logs import report_skipped
from opsagent.models.service import resolve
from opsagent.redact import redact_records
from opsagent.tools.cluster import all_kinds
from opsagent.tools.since import parse_since
from opsagent.ui.changes_view import changes_view
from opsagent.ui.console import show, write


def changes(setup: Setup, service: str | None, *, since: str, output: OutputFormat | None) -> None:
    """Show the changes of the platform, or those that touch one service."""
    back_s = parse_since(since)
    objects, now = all_kinds(setup.platform), setup.platform.now()
    found = found_changes(objects, now=now, hours=back_s / 3600)
    if service is not None:
        patient = resolve(service, setup.named_services or services_found(objects))
        found = of_service(found, patient, objects)
    clean = redact_records(found, setup.redact)
    if output:
        write(document({"changes": clean, "not_checked": objects.skipped}, output))
        return
    show(changes_view(clean, now=now, since=since))
    for skipped in dict.fromkeys(objects.skipped):
        report_skipped(skipped)
