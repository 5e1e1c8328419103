"""`watch` in a terminal: a live view that reads in the background and acts on keys."""

import os
import sys
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from opsagent.cli.setup import Setup
from opsagent.errors import CheckError, ExitCode, OpsagentError, StoreError
from opsagent.models.board import UP, Board, Waiting
from opsagent.models.observed import StatsSample
from opsagent.models.status import SystemStats
from opsagent.store.store import sample_key
from opsagent.ui.board_screen import Wished, run_board
from opsagent.ui.board_view import Cursor
from opsagent.ui.console import err, out, print_error, prose
from opsagent.ui.incidents_view import incidents_view
from opsagent.ui.language import localised
from opsagent.ui.layout import own, say, stacked
from opsagent.ui.page import show_page
from opsagent.ui.terminal import controlling_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from opsagent.models.evidence import Change

_CHANGES_EVERY_S = 30.0
_KEPT = 16  # checks that a sparkline shows
_HELP = (
    "up, down, k, j   choose a service",
    "d   diagnose the chosen service: the same command, with the same question before any change",
    "l   the chosen service's newest log lines",
    "i   the incidents that wait for somebody, with the command for each; commands are shown, not run",
    "/   list only services with this in their name; Enter keeps it, Esc lists all",
    "q   quit",
    "LATELY: a high block was up at that check, a low one down, a blank was not reported.",
)


def can_be_live() -> bool:
    """Return whether there is a terminal to draw on and to take keys from."""
    return out().is_interactive and sys.stdin.isatty() and not os.environ.get("OPSAGENT_PLAIN")


def live(setup: Setup, interval: float) -> ExitCode:
    """Show the live view until it is left."""
    reader = Reader(setup, interval)
    reader.start()
    cursor = Cursor()
    try:
        while True:
            wished = _screen(reader, cursor)
            if wished is None or wished.wish == "quit":
                return ExitCode.OK
            cursor = wished.cursor
            _fulfil(setup, wished)
    finally:
        reader.stop()


def _screen(reader: "Reader", cursor: Cursor) -> Wished | None:
    terminal = controlling_terminal()
    if terminal is None:
        return None
    with terminal.keyboard() as keyboard:
        return run_board(reader.newest, out(), keyboard, cursor) if keyboard else None


def _fulfil(setup: Setup, wished: Wished) -> None:
    if wished.wish == "help":
        _page(lambda: stacked(list(map(own, _HELP))), localised("keys"))
    elif wished.wish == "incidents":
        _page(lambda: incidents_view(setup.store.incidents.list(), datetime.now(UTC)), localised("incidents"))
    elif wished.wish == "logs" and wished.service:
        _page(lambda: _logs(setup, wished.service or ""), localised(f"log of {wished.service}"), at_end=True)
    elif wished.wish == "diagnose" and wished.service:
        _diagnose(setup, wished.service)


def _page(view: "Callable[[], RenderableType]", title: str, *, at_end: bool = False) -> None:
    try:
        drawn = view()
    except OpsagentError as error:
        drawn = say(error.message if error.hint is None else f"{error.message}\nhint: {error.hint}", newlines=True)
    terminal = controlling_terminal()
    if terminal is None:
        return
    with terminal.keyboard() as keyboard:
        if keyboard:
            show_page(drawn, title, out(), keyboard, at_end=at_end)


def _logs(setup: Setup, service: str) -> "RenderableType":
    from opsagent.tools.logs import get_service_logs
    from opsagent.ui.logs_view import log_lines

    found = get_service_logs(setup.platform, setup.services, service, redact=setup.redact)
    lines = [say(line) for line in log_lines(found)]
    return stacked([*lines, *(say(f"{skip.source}: {skip.why}") for skip in found.not_checked)], empty="no log lines")


def _diagnose(setup: Setup, service: str) -> None:
    """Run the command as it would be typed, on the ordinary screen, and come back."""
    from opsagent.cli.work.diagnose import diagnose

    prose(f"$ opsagent diagnose {service}")
    try:
        diagnose(setup, service, force=False, bundle=None, model=True, as_json=False)
    except OpsagentError as error:
        print_error(error)
    err().print(own("Enter: back to the live view "), end="")
    sys.stdin.readline()


class Reader:
    """Reads the platform round after round in a thread of its own, so that keys are answered at once."""

    def __init__(self, setup: Setup, interval: float) -> None:
        self._setup = setup
        self._interval = interval
        self._over = threading.Event()
        self._failed: BaseException | None = None
        self._checks: deque[dict[str, str]] = deque(maxlen=_KEPT)
        self._changes: tuple[Change, ...] | None = None
        self._changes_error = ""
        self._changes_at: float | None = None
        self._board = Board(datetime.now(UTC), setup.platform.where, None, "not read yet")

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._over.set()

    def newest(self) -> Board:
        """Return the newest round; what ended the thread is raised here, where it is seen."""
        if self._failed is not None:
            raise self._failed
        return self._board

    def _run(self) -> None:
        try:
            self._rounds()
        except BaseException as error:  # noqa: BLE001 - raised again where the board is asked for
            self._failed = error

    def _rounds(self) -> None:
        while not self._over.is_set():
            self._board = self._read(with_changes=False)
            if self._changes_at is None or monotonic() - self._changes_at >= _CHANGES_EVERY_S:
                self._read_changes()
                self._board = self._read(with_changes=True)
            self._over.wait(self._interval)

    def _read(self, *, with_changes: bool) -> Board:
        from opsagent.cli.work.stats import look

        if with_changes:  # what was just read of /stats is still new
            board, stats, error = self._board, self._board.stats, self._board.error
            at = board.at
        else:
            at, error = datetime.now(UTC), ""
            try:
                stats = look(self._setup, complain=lambda _: None)  # the screen is not its own to write on
                at = stats.at
            except OpsagentError as failed:
                stats, error = None, failed.message
        samples = self._samples(at)
        history = self._board.history if with_changes else self._history(stats, samples)
        requests, response_ms = _traffic(samples)
        return Board(
            at, self._setup.platform.where, stats, error, history, requests, response_ms, self._waiting(),
            self._changes, self._changes_error,
        )  # fmt: skip

    def _samples(self, now: datetime) -> tuple[StatsSample, ...]:
        since = now - timedelta(minutes=self._setup.settings.window_min)
        try:
            return self._setup.store.samples.recent(sample_key(self._setup.settings), since)[-_KEPT:]
        except StoreError:
            return ()  # the sparkline alone is missing; what could not be kept was stated when it was tried

    def _history(
        self, stats: SystemStats | None, samples: tuple[StatsSample, ...]
    ) -> dict[str, tuple[bool | None, ...]]:
        """Return by service whether it was up at the newest checks: those of earlier commands, then this view's own."""
        from opsagent.analysis.figures.stats import service_statuses

        if not self._checks and samples:
            known = tuple(service for service in self._setup.services if service.stats_key)
            earlier = samples[:-1] if stats and stats.sample else samples
            self._checks.extend({one.service: one.status for one in service_statuses(known, each)} for each in earlier)
        self._checks.append({one.service: one.status for one in stats.services} if stats else {})
        names = dict.fromkeys(name for check in self._checks for name in check)
        return {name: tuple(_up(check.get(name)) for check in self._checks) for name in names}

    def _waiting(self) -> tuple[Waiting, ...]:
        try:
            found = self._setup.store.incidents.list()
        except StoreError as error:
            return (Waiting(error.message, "not read", None, None, datetime.now(UTC)),)
        return tuple(Waiting(one.id, one.stage, one.service, one.code, one.started_at, one.expires_at) for one in found)

    def _read_changes(self) -> None:
        from opsagent.analysis.evidence.changes import changes
        from opsagent.redact import redact_records
        from opsagent.tools.cluster import all_kinds

        self._changes_at = monotonic()
        try:
            found = changes(all_kinds(self._setup.platform), now=datetime.now(UTC))
            self._changes, self._changes_error = redact_records(found, self._setup.redact), ""
        except CheckError as error:
            self._changes, self._changes_error = None, error.message


def _up(status: str | None) -> bool | None:
    return None if status in (None, "unknown") else status in UP


def _traffic(samples: tuple[StatsSample, ...]) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    from opsagent.analysis.figures.stats import traffic_metrics

    found = [traffic_metrics(sample) for sample in samples]
    return (
        tuple(one.window_requests_per_second if one else None for one in found),
        tuple(one.window_avg_response_time_ms if one else None for one in found),
    )
