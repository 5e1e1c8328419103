"""Passes over the platform: a healthy one says nothing, a faulty one diagnoses and reports, none ever asks."""

import json
import time
from typing import Any

from opsagent.agent import wiring
from opsagent.agent.context import Context
from opsagent.agent.detection import Detection, detect_now
from opsagent.agent.quiet import Quiet
from opsagent.cli.leaving import resumable
from opsagent.cli.setup import Setup
from opsagent.errors import WORST_FIRST, ExitCode, OpsagentError
from opsagent.models.diagnosis import diagnosis
from opsagent.store.incidents import Incident
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
    kept = setup.store.incidents.list() if found.patients else ()
    waiting = [incident for incident in kept if incident.expires_at and incident.where == setup.platform.where]
    codes: set[ExitCode] = set()
    documents: list[dict[str, Any]] = []
    for service in found.patients:
        try:
            with resumable(setup):
                known = next((incident for incident in waiting if _explains(incident, found, service)), None)
                text, document, code = _waits(known) if known else _diagnosed(setup, ctx, service)
        except OpsagentError as error:
            # What failed for one service must not hide the others.
            print_error(error)
            codes.add(error.exit_code)
            continue
        codes.add(code)
        documents.append(document)
        if text and not as_json:
            write(text)
    if as_json:
        write(json.dumps(documents, ensure_ascii=False, indent=2))
    return next((code for code in WORST_FIRST if code in codes), ExitCode.OK)


def _explains(incident: Incident, found: Detection, patient: str | None) -> bool:
    """Tell whether all that is faulty about a patient stands above or below the service of a waiting incident.

    A hung service is faulty at once and slows its callers a moment later: the same incident, met from further up.
    """
    known = incident.service
    if known is None or patient is None:
        return known == patient
    faulty = {health.service for health in found.healths if health.state == "faulty"}
    concerned = faulty & {patient, *found.calls.below(patient)} | {patient}
    return all(
        name == known or name in found.calls.below(known) or known in found.calls.below(name) for name in concerned
    )


def _diagnosed(setup: Setup, ctx: Context, service: str | None) -> tuple[str, dict[str, Any], ExitCode]:
    # A pass that finds nothing does without the graph, which costs over a second at import.
    from opsagent.agent import run

    with wiring.desk(setup.store) as desk:
        report, _ = run.diagnose_one(ctx, run.Request(service), desk, None)
    return pass_text(report), diagnosis(report), run.exit_code(report)


def _waits(incident: Incident) -> tuple[str, dict[str, Any], ExitCode]:
    text = f"opsagent: {incident.service} still waits for an approval: opsagent approve {incident.id}"
    document = {"incident_id": incident.id, "service": incident.service, "status": incident.stage, "closing": text}
    return text, document, ExitCode.PENDING
