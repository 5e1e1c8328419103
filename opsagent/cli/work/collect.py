"""Write a bundle from the live system: refuse first, check, and leave nothing half behind."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsagent.cli.setup import Setup
from opsagent.clients.bundle.writer import BundleWriter
from opsagent.config.load import services_of
from opsagent.errors import ExitCode, StoreError
from opsagent.models.incident import Step
from opsagent.models.observed import StatsSample
from opsagent.models.service import resolve
from opsagent.store.store import sample_key
from opsagent.tools.collect import CollectLimits, Collector
from opsagent.ui.console import err, note_text, print_error, prose, show, write
from opsagent.ui.evidence_lines import unseen_text
from opsagent.ui.layout import joined
from opsagent.ui.steps import Steps

FRESH_SAMPLES = 3


def collect(setup: Setup, service: str | None, target: Path) -> ExitCode:
    """Collect into a directory or archive that is not there yet; its path goes to stdout."""
    services, settings = services_of(setup.settings), setup.settings
    if service and services is not None:
        resolve(service, services)  # a wrong name is reported before anything is asked
    bounds = CollectLimits(
        samples=FRESH_SAMPLES,
        interval_s=settings.thresholds.confirm_interval_s,
        log_lines=settings.logs.max_lines,
        log_since_s=int(settings.logs.since_min * 60),
    )
    with BundleWriter(target.expanduser()) as writer, Steps(where=setup.platform.where) as steps:

        def report(what: str, text: str, took_s: float) -> None:
            steps.done(Step(what, datetime.now(UTC), took_s, text))

        steps.doing("collect", "asking /stats, the cluster, the health paths and the logs")
        collector = Collector(setup.platform, services, setup.redact, bounds, report, time.sleep)
        found = collector.collect(service, _earlier(setup), writer)
    _keep(setup, found.fresh)
    if found.skipped:
        show(note_text("", label="not checked (it is in errors.json)"), err())
        show(joined("  ", unseen_text(tuple(found.skipped))), err())
    prose("secrets are redacted; read it through all the same before you give it away")
    write(str(target))
    return ExitCode.OK


def _earlier(setup: Setup) -> tuple[StatsSample, ...]:
    since = datetime.now(UTC) - timedelta(minutes=setup.settings.window_min)
    try:
        return setup.store.samples.recent(sample_key(setup.settings), since)
    except StoreError as error:
        # The check of the system is what counts: a state directory that cannot be read must not hide it.
        print_error(error)
        return ()


def _keep(setup: Setup, samples: tuple[StatsSample, ...]) -> None:
    try:
        setup.store.samples.keep(samples, sample_key(setup.settings))
    except StoreError as error:
        print_error(error)
