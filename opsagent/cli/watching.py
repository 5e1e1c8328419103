"""Passes over the platform: a healthy one says nothing, a faulty one diagnoses and reports, none ever asks."""

import json
import sys
import time
from collections.abc import Iterator

from rich.console import RenderableType

from opsagent.agent import wiring
from opsagent.agent.detection import detect_now
from opsagent.cli.setup import Setup
from opsagent.errors import WORST_FIRST, ExitCode, OpsagentError
from opsagent.models.diagnosis import diagnosis
from opsagent.models.incident import Report
from opsagent.ui.console import print_error, write
from opsagent.ui.live_view import follow
from opsagent.ui.steps import Quiet
from opsagent.ui.watch_view import pass_text

LIVE_INTERVAL_S = 2.0


def watch(setup: Setup, *, auto_report: bool, interval: float | None, as_json: bool) -> ExitCode:
    """Make one pass, or stay."""
    if not auto_report:
        from opsagent.cli.showing import stats_frames

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
    """Look once; return the worst exit code of what was found."""
    with wiring.opened(setup.settings) as store:
        ctx = wiring.live(setup.settings, setup.platform, setup.configured, setup.redact, store, Quiet(), model=True)
        found = detect_now(ctx, None)
        if not found.patients:
            return ExitCode.OK
        # A pass that finds nothing does without the graph, which costs over a second at import.
        from opsagent.agent import run
        from opsagent.agent.run import Request

        codes = set()
        for service in found.patients:
            waiting = store.desk.incidents.waiting_for(service)
            if waiting:
                write(f"opsagent: {service} still waits for an approval: opsagent approve {waiting.id}")
                codes.add(ExitCode.PENDING)
                continue
            for report in run.diagnose(ctx, Request(service), store.desk):
                if report.status != "healthy":
                    _tell(report, as_json=as_json)
                codes.add(run.exit_code(report))
        return next((code for code in WORST_FIRST if code in codes), ExitCode.OK)
