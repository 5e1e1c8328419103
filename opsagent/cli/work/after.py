"""What follows the end of an incident: its twins are closed, and who was notified of it is reported how it ended."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from opsagent.agent.faults import close_twins
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode, OpsagentError, StoreError
from opsagent.models.incident import Report
from opsagent.models.sighting import NoticeKind, Sighting
from opsagent.store.store import sample_key
from opsagent.ui.console import err, note_text, print_error, show

if TYPE_CHECKING:
    from opsagent.agent.watch_pass import Met

_CODES: dict[NoticeKind, ExitCode] = {
    "recovered": ExitCode.OK,
    "escalated": ExitCode.ESCALATED,
    "rejected": ExitCode.REPORTED,
}


def settled(setup: Setup, reports: Iterable[Report]) -> Iterator[Report]:
    """Yield each report, its end settled before: a store that fails then is an error beside it, and hides no end."""
    for report in reports:
        try:
            settle(setup, report)
        except StoreError as error:
            print_error(error)
        yield report


def settle(setup: Setup, report: Report) -> None:
    """Close the twins of an incident that has ended, and notify of the end where it was announced."""
    ended = next((kind for kind in _CODES if kind == report.status), None)
    if ended is None:
        return
    twins = close_twins(setup.store, report)
    for twin in twins:
        show(note_text(f"incident {twin} was the same fault: closed with this end", label="closed"), err())
    for sighting in _announced(setup, (report.incident_id, *twins)):
        over = replace(sighting, last_seen=report.ended_at, open=ended != "recovered", told_at=report.ended_at)
        if sighting.announced:
            from opsagent.agent.watch_pass import Met  # few incidents end announced

            _notify(setup, Met(over, report.status, _CODES[ended], ended, report))
        setup.store.sightings.save(over)


def _announced(setup: Setup, incidents: tuple[str, ...]) -> list[Sighting]:
    known = setup.store.sightings.list(sample_key(setup.settings))
    return [one for one in known if one.open and one.incident_id in incidents]


def _notify(setup: Setup, met: "Met") -> None:
    # Only who has a webhook pays for what sends to it.
    if not setup.settings.notify.webhook_url:
        return
    from opsagent.cli.work.notice import notify
    from opsagent.ui.watch_view import notice_text

    try:
        notify(setup, met, notice_text(met.notice, met.sighting, met.report) if met.notice else "")
    except OpsagentError as error:
        print_error(error)
