"""Check the platform's own figures once and show them."""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from opsagent.analysis.figures.trend import trend
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.errors import CheckError, ExitCode, OpsagentError, StoreError
from opsagent.models.coverage import Outcome
from opsagent.models.evidence import Trend
from opsagent.models.observed import Where
from opsagent.models.plain import plain
from opsagent.models.status import WELL, SystemStats
from opsagent.store.store import sample_key
from opsagent.tools import stats as tools
from opsagent.ui.console import error_text, print_error, show, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

LIVE_INTERVAL_S = 2.0


def stats(setup: Setup, *, watch: bool, fail: bool, output: OutputFormat | None) -> ExitCode | None:
    """Show the state of every service; `watch`: again and again; `fail`: the exit code states if all are well."""
    from opsagent.ui.stats_view import stats_view

    if watch:
        from opsagent.ui.live_view import follow

        follow(stats_frames(setup, LIVE_INTERVAL_S))
        return None
    seen = look(setup)
    if output:
        write(document(seen, output))
    else:
        show(stats_view(seen, trend=_trend(setup) if seen.sample else None, where=_where(setup)))
    return _judged(seen) if fail else None


def _judged(seen: SystemStats) -> ExitCode:
    """Return 3 where a service is not well, 1 where the state of one was not read."""
    states = {row.status for row in seen.services}
    if states - WELL - {"unknown"}:
        return ExitCode.REPORTED
    return ExitCode.FAILED if "unknown" in states or not states else ExitCode.OK


def stats_frames(setup: Setup, interval_s: float) -> "Iterator[RenderableType]":
    """Yield a view of each check, for ever; an outage is a frame too."""
    from opsagent.ui.stats_view import stats_view

    while True:
        try:
            seen = look(setup)
            yield stats_view(seen, trend=_trend(setup) if seen.sample else None, where=_where(setup))
        except CheckError as error:
            yield error_text(error)
        time.sleep(interval_s)


def health(setup: Setup, service: str | None, *, fail: bool, output: OutputFormat | None) -> ExitCode:
    """Ask one health path, or all side by side; with `fail` the exit code states whether all is good and was read."""
    from opsagent.ui.health_view import health_view

    asked = (setup.service(service),) if service else tuple(s for s in setup.services if s.health_url)
    report = tools.check_all_health(setup.platform, asked, redact=setup.redact)
    if output:
        write(document(report, output))
    else:
        show(health_view(report))
    if not fail:
        return ExitCode.OK
    if any(not look.ok for look in report.looks):
        return ExitCode.REPORTED
    unread = any(skipped.outcome is not Outcome.NOT_ASKED for skipped in report.not_checked)
    return ExitCode.FAILED if unread else ExitCode.OK


def traffic(setup: Setup, *, output: OutputFormat | None) -> None:
    """Show the traffic of the window, its trend, and apart from them the lifetime figures."""
    from opsagent.ui.traffic_view import figures_view, traffic_view

    seen = look(setup)
    measured = [row for row in seen.services if row.figures is not None]
    if seen.traffic is None and not measured:
        raise _no_traffic(setup, seen)
    counted = {**plain(seen.traffic), "trend": _trend(setup)} if seen.traffic is not None else {}
    if output:
        own = {"services": [{"service": row.service, **plain(row.figures)} for row in measured]} if measured else {}
        write(document({**counted, **own, **({"at": seen.at} if own else {})}, output))
        return
    if seen.traffic is not None:
        show(traffic_view(seen.traffic, trend=_trend(setup)))
    if measured:
        show(figures_view(seen))


def _no_traffic(setup: Setup, seen: SystemStats) -> CheckError:
    if seen.sample is not None:
        return CheckError("GET /stats holds no traffic figures", source="stats", hint="opsagent stats shows the rest")
    why = "; ".join(skip.why for skip in seen.not_checked if skip.source == "metrics")
    hint = "opsagent doctor checks it" if setup.settings.prometheus.configured else "set prometheus.url or .service"
    return CheckError(why or "no source of traffic figures is configured", source="metrics", hint=hint)


def _where(setup: Setup) -> Where:
    return Where(setup.settings.kubernetes.namespace)


def look(setup: Setup, *, complain: "Callable[[OpsagentError], None]" = print_error) -> SystemStats:
    """Ask /stats and keep the sample for later trends; a platform without it is read from Kubernetes and figures.

    complain: reported where the sample cannot be kept.
    """
    settings = setup.settings
    if not settings.stats.enabled:
        from opsagent.config.load import services_of
        from opsagent.tools.platform_stats import StatsScope, get_platform_stats

        window_s = settings.thresholds.crash_window_min * 60
        asked = StatsScope(services_of(settings), settings.kubernetes.enabled, settings.prometheus.configured, window_s)
        return get_platform_stats(setup.platform, asked, redact=setup.redact)
    seen = tools.get_system_stats(setup.platform, setup.services, redact=setup.redact)
    if seen.sample is not None:
        try:
            setup.store.samples.keep((seen.sample,), sample_key(setup.settings))
        except StoreError as error:
            # The check itself succeeded: a full disk must not hide it.
            complain(error)
    if settings.prometheus.configured:
        # Late: without a source of figures nothing of them is loaded.
        from opsagent.tools.platform_stats import add_figures

        seen = add_figures(setup.platform, seen, setup.services)
    return seen


def _trend(setup: Setup) -> Trend | None:
    now, window_s = datetime.now(UTC), setup.settings.window_min * 60
    try:
        kept = setup.store.samples.recent(sample_key(setup.settings), now - timedelta(seconds=window_s))
    except StoreError:  # stated by check already
        return None
    return trend(kept, now=now, window_s=window_s)
