"""Passes over the platform: a healthy one reports nothing, a faulty one diagnoses and reports, none ever asks."""

import json
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from opsagent.agent import wiring
from opsagent.agent.blind_spots import Blindness
from opsagent.agent.quiet import Quiet
from opsagent.agent.watch_pass import Met, Pass, standing
from opsagent.analysis.logs.causes import forget_matches
from opsagent.cli.setup import Setup
from opsagent.cli.work.interruption import resumable
from opsagent.cli.work.metrics_file import check_metrics_file, write_metrics
from opsagent.cli.work.notice import checked_template, notify
from opsagent.cli.work.unkept_pass import unkept_pass
from opsagent.errors import WORST_FIRST, ExitCode, OpsagentError, StoreError
from opsagent.models.diagnosis import diagnosis
from opsagent.models.plain import plain
from opsagent.store.lock import pass_lock
from opsagent.store.store import sample_key
from opsagent.ui.console import print_error, write
from opsagent.ui.watch_view import blind_text, notice_text

LIVE_INTERVAL_S = 2.0
_AGAIN_S = 5.0
FOUND = (ExitCode.REPORTED, ExitCode.ESCALATED, ExitCode.PENDING)


class OutOfTimeError(OpsagentError):
    """The time of a pass, or of --max-runtime, is over in the middle of a pass."""


def live(setup: Setup, *, interval: float | None) -> ExitCode:
    """Show the platform until it is left: a live view in a terminal, a block a round without one."""
    from opsagent.cli.work.live import can_be_live
    from opsagent.cli.work.live import live as on_the_screen

    if can_be_live():
        return on_the_screen(setup, interval or LIVE_INTERVAL_S)
    from opsagent.cli.work.stats import stats_frames
    from opsagent.ui.live_view import follow

    follow(stats_frames(setup, interval or LIVE_INTERVAL_S))
    return ExitCode.OK


def watch(
    setup: Setup,
    *,
    interval: float | None,
    max_runtime: float | None,
    exit_zero: bool,
    metrics_file: Path | None,
    as_json: bool,
) -> ExitCode:
    """Make one pass, or one after the other until the time is over."""
    checked_template(setup)
    if metrics_file is not None:
        check_metrics_file(metrics_file)
    code = _passes(setup, interval, max_runtime, metrics_file, as_json=as_json)
    return ExitCode.OK if exit_zero and code in FOUND else code


def _passes(
    setup: Setup, interval: float | None, max_runtime: float | None, metrics_file: Path | None, *, as_json: bool
) -> ExitCode:
    end = time.monotonic() + max_runtime if max_runtime else None
    code: ExitCode | None = None
    while True:
        seconds, why = _time_of_pass(setup, end, max_runtime, again=interval is not None)
        try:
            with _at_most(seconds, why):
                code = one_pass(setup, as_json=as_json)
        except OpsagentError as error:
            over = isinstance(error, OutOfTimeError) and end is not None and time.monotonic() >= end
            if interval is None or (over and code is None):
                raise
            if over and code is not None:
                return code
            # An outage of what is watched is not a reason to stop watching.
            print_error(error)
            code = error.exit_code
        if metrics_file is not None:
            _write_metrics(setup, metrics_file, code)
        if interval is None or (end is not None and time.monotonic() + interval >= end):
            return code
        time.sleep(interval)


def _write_metrics(setup: Setup, path: Path, code: ExitCode) -> None:
    try:
        write_metrics(setup, path, code)
    except OpsagentError as error:
        print_error(error)  # whoever reads the file sees by its age that it is old


def _time_of_pass(setup: Setup, end: float | None, max_runtime: float | None, *, again: bool) -> tuple[float, str]:
    """Return how long the next pass may take, and what bounds it; a single one may take all of --max-runtime."""
    most = setup.settings.watch.pass_timeout_s
    left = max(end - time.monotonic(), 0.001) if end is not None else most
    if max_runtime is None or (again and most < left):
        return most, f"the time of one pass (watch.pass_timeout_s, {most:g} s) is over"
    return left, f"the time of --max-runtime ({max_runtime:g} s) is over"


def one_pass(setup: Setup, *, as_json: bool) -> ExitCode:
    """Check once, show what is new, and return the worst exit code of all that is wrong.

    Where another pass is under way nothing is checked and nothing stated: what the passes before know counts.
    """
    try:
        return _kept_pass(setup, as_json=as_json)
    except StoreError as error:
        # A full disk or a damaged state directory ends no pass: what is wrong is reported, though not remembered.
        print_error(error)
        return unkept_pass(setup, as_json=as_json)


def _kept_pass(setup: Setup, *, as_json: bool) -> ExitCode:
    store, platform = setup.store, sample_key(setup.settings)
    forget_matches()
    with pass_lock(store.incidents.state_dir, platform) as mine:
        if not mine:
            return _told(setup, standing(store, platform), as_json=as_json)
        ctx = wiring.live(
            setup.settings, setup.platform, setup.redact, store=store, progress=Quiet(), environ=setup.environ
        )
        with resumable(setup):
            return _told(setup, Pass(ctx, store, platform, lambda: wiring.desk(store)).run(), as_json=as_json)


def _told(setup: Setup, met: Iterable[Met | Blindness | OpsagentError], *, as_json: bool) -> ExitCode:
    codes: set[ExitCode] = set()
    documents: list[dict[str, Any]] = []
    for one in met:
        if isinstance(one, OpsagentError):
            # What failed for one service must not hide the others.
            print_error(one)
            codes.add(one.exit_code)
            continue
        codes.add(one.code)
        documents += _documents(one)
        if one.notice:
            text = _text(setup, one)
            if not as_json:
                write(text)
            notify(setup, one, text)
    if as_json:
        write(json.dumps(documents, ensure_ascii=False, indent=2))
    return next((code for code in WORST_FIRST if code in codes), ExitCode.OK)


def _text(setup: Setup, one: Met | Blindness) -> str:
    if isinstance(one, Blindness):
        return blind_text(one.spot, setup.settings.kubernetes.namespace, setup.platform.now())
    given = setup.settings.notify
    approve = given.approve_command(one.sighting.incident_id) if given.approve else None
    return notice_text(one.notice, one.sighting, one.report, approve=approve) if one.notice else ""


def _documents(met: Met | Blindness) -> list[dict[str, Any]]:
    if isinstance(met, Blindness):
        # A source that is read as before is not an entry.
        blind = met.code is not ExitCode.OK
        known = {"incident_id": None, "service": None, "status": "not_checked" if blind else "recovered"}
        return [{**known, "notice": met.notice, "blind_spot": plain(met.spot)}] if blind or met.notice else []
    seen = met.sighting
    known = {"incident_id": seen.incident_id, "service": seen.service, "status": met.stage}
    return [{**known, **(diagnosis(met.report) if met.report else {}), "notice": met.notice, "sighting": plain(seen)}]


@contextmanager
def _at_most(seconds: float, why: str) -> Iterator[None]:
    """End what takes longer, wherever it hangs: a pass that never ends would keep all later ones out."""

    def over(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (signal's signature)
        raise OutOfTimeError(why, hint="what it found so far is kept")

    before = signal.signal(signal.SIGALRM, over)
    # Raised while Python runs a finalizer it is swallowed: so it is raised again until it arrives.
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
