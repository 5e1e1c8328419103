"""Passes over the platform: a healthy one says nothing, a faulty one diagnoses and reports, none ever asks."""

import json
import time

from opsagent.agent import wiring
from opsagent.agent.detection import detect_now
from opsagent.agent.quiet import Quiet
from opsagent.cli.setup import Setup
from opsagent.errors import WORST_FIRST, ExitCode, OpsagentError
from opsagent.models.diagnosis import diagnosis
from opsagent.models.incident import Report
from opsagent.ui.console import print_error, write
from opsagent.ui.watch_view import pass_text

LIVE_INTERVAL_S = 2.0


def watch(setup: Setup, *, auto_report: bool, interval: float | None, as_json: bool) -> ExitCode:
    """Make one pass, or stay."""
    if not auto_report:
        from opsagent.cli.showing import stats_frames
        from opsagent.ui.live_view import follow

        follow(stats_frames(setup, interval or LIVE_INTERVAL_S))
        return ExitCode.OK
    if interval is None:
        return _pass(setup, as_json=as_json)
    while True:
        try:
            _pass(setup, as_json=as_json)
        except OpsagentError as error:
            # An outage of what is watched is no reason to stop watching.
            print_error(error)
        time.sleep(interval)


def _pass(setup: Setup, *, as_json: bool) -> ExitCode:
    """Look once; diagnose what is wrong, and return the worst exit code."""
    ctx = wiring.live(
        setup.settings, setup.platform, setup.redact, store=setup.store, progress=Quiet(), environ=setup.environ
    )
    found = detect_now(ctx, None)
    if not found.patients:
        return ExitCode.OK
    # A pass that finds nothing does without the graph, which costs over a second at import.
    from opsagent.agent import run

    waiting = {incident.service: incident for incident in setup.store.incidents.list() if incident.expires_at}
    codes: set[ExitCode] = set()
    documents = []
    for service in found.patients:
        if service in waiting:
            write(f"opsagent: {service} still waits for an approval: opsagent approve {waiting[service].id}")
            codes.add(ExitCode.PENDING)
            continue
        with wiring.desk(setup.store) as desk:
            report, _ = run.diagnose_one(ctx, run.Request(service), desk, None)
        codes.add(run.exit_code(report))
        documents.append(diagnosis(report))
        if not as_json:
            _tell(setup, report)
    if as_json:
        write(json.dumps(documents, ensure_ascii=False, indent=2))
    return next((code for code in WORST_FIRST if code in codes), ExitCode.OK)


def _tell(setup: Setup, report: Report) -> None:
    text = pass_text(report, str(setup.store.reports.path(report.incident_id)))
    if text:
        write(text)
