"""Look at the platform's own figures once and show them."""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from opsagent.analysis.figures.trend import trend
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.errors import ExitCode, LookError, OpsagentError, StoreError
from opsagent.models.evidence import Trend
from opsagent.models.look import Where
from opsagent.models.plain import plain
from opsagent.models.status import SystemStats
from opsagent.store.store import sample_key
from opsagent.tools import stats as tools
from opsagent.ui.console import error_text, print_error, show, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

LIVE_INTERVAL_S = 2.0


def stats(setup: Setup, *, watch: bool, output: OutputFormat | None) -> ExitCode | None:
    """Show the state of every service; with `watch` again and again."""
    from opsagent.ui.stats_view import stats_view

    if watch:
        from opsagent.ui.live_view import follow

        follow(stats_frames(setup, LIVE_INTERVAL_S))
        return None
    seen = look(setup)
    if output:
        write(document(seen, output))
    else:
        show(stats_view(seen, trend=_trend(setup), where=Where(setup.settings.kubernetes.namespace)))
    return None


def stats_frames(setup: Setup, interval_s: float) -> "Iterator[RenderableType]":
    """Yield a view of each look, for ever; an outage is a frame too."""
    from opsagent.ui.stats_view import stats_view

    while True:
        try:
            yield stats_view(look(setup), trend=_trend(setup), where=Where(setup.settings.kubernetes.namespace))
        except LookError as error:
            yield error_text(error)
        time.sleep(interval_s)


def health(setup: Setup, service: str | None, *, output: OutputFormat | None) -> None:
    """Ask one health path, or all side by side."""
    from opsagent.ui.health_view import health_view

    asked = (setup.service(service),) if service else tuple(s for s in setup.services if s.health_url)
    report = tools.check_all_health(setup.platform, asked, redact=setup.redact)
    if output:
        write(document(report, output))
    else:
        show(health_view(report))


def traffic(setup: Setup, *, output: OutputFormat | None) -> None:
    """Show the traffic of the window, its trend, and apart from them the lifetime figures."""
    from opsagent.ui.traffic_view import traffic_view

    seen = look(setup)
    if seen.traffic is None:
        raise LookError("GET /stats holds no traffic figures", source="stats", hint="opsagent stats shows the rest")
    if output:
        write(document({**plain(seen.traffic), "trend": _trend(setup)}, output))
    else:
        show(traffic_view(seen.traffic, trend=_trend(setup)))


def look(setup: Setup, *, complain: "Callable[[OpsagentError], None]" = print_error) -> SystemStats:
    """Ask /stats, and keep the sample for later trends; `complain` is told where it cannot be kept."""
    seen = tools.get_system_stats(setup.platform, setup.services, redact=setup.redact)
    if seen.sample is not None:
        try:
            setup.store.samples.keep((seen.sample,), sample_key(setup.settings))
        except StoreError as error:
            # The look itself succeeded: a full disk must not hide it.
            complain(error)
    return seen


def _trend(setup: Setup) -> Trend | None:
    now, window_s = datetime.now(UTC), setup.settings.window_min * 60
    try:
        kept = setup.store.samples.recent(sample_key(setup.settings), now - timedelta(seconds=window_s))
    except StoreError:  # said by look already
        return None
    return trend(kept, now=now, window_s=window_s)
