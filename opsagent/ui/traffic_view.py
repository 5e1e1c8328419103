"""Traffic: what happens now, and what was counted since the load balancer started, apart and named."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.evidence import Trend
from opsagent.models.observed import Skipped
from opsagent.models.status import Gauge, ServiceStatus, SystemStats, TrafficMetrics
from opsagent.ui.language import localised
from opsagent.ui.layout import POOR, QUIET, joined, listing, own, say
from opsagent.ui.moment import age
from opsagent.ui.spark import spark

_NOT_SAID = "not stated"
_BARS = 4  # of a sparkline: the table fits 80 columns
_LATENCIES = ("p95", "p99", "p90", "avg", "p50")  # a header is our own word, never data


def traffic_view(traffic: TrafficMetrics, *, trend: Trend | None = None) -> RenderableType:
    """Draw the windowed figures, their trend, and the lifetime figures."""
    lines: list[RenderableType] = [window_text(traffic, trend)]
    if trend and trend.text:
        lines.append(joined(own("trend: "), own(trend.text), own(f" ({trend.samples} samples)", QUIET)))
    return Group(*lines, lifetime_text(traffic))


def figures_view(stats: SystemStats) -> RenderableType:
    """Draw the figures of each service: now, and at the beginning of the window where that differs."""
    latency = latency_name(stats.services)
    table = listing("SERVICE", "REQ/S", "ERRORS", latency, "CPU", "MEMORY")
    measured = [(row.service, row.figures) for row in stats.services if row.figures is not None]
    for name, figures in measured:
        table.add_row(
            say(name),
            _course(figures.requests_per_s),
            _course(figures.error_share, " %", scale=100),
            joined(_course(figures.latency_ms, " ms"), " ", spark(figures.latency_ms.points, _BARS))
            if figures.latency_ms
            else say(""),
            _course(figures.cpu_share, " %", scale=100),
            _course(figures.memory_share, " %", scale=100),
        )
    without = [row.service for row in stats.services if row.figures is None]
    newest = max((figures.at for _, figures in measured), default=None)
    lines: list[RenderableType] = [table] if measured else [own("no figure of any service", POOR)]
    if newest is not None:
        lines.append(own(f"CPU and memory of the limit; newest figure {age(newest, stats.at)} old", QUIET))
    lines += [joined(own("no figures: ", QUIET), say(", ".join(without), QUIET))] if without and measured else []
    return Group(*lines, *map(unread, stats.not_checked))


def unread(skip: Skipped) -> Text:
    """Return "not checked: metrics: connection refused"."""
    return joined(own("not checked: ", POOR), say(f"{skip.source}: ", POOR), own(skip.why, POOR))


def latency_name(rows: Sequence[ServiceStatus]) -> str:
    """Return "P95" where all latencies of the rows are that, else "LATENCY"."""
    kinds = {row.figures.latency for row in rows if row.figures and row.figures.latency_ms}
    return next((name.upper() for name in _LATENCIES if kinds == {name}), "LATENCY")


def window_text(traffic: TrafficMetrics, trend: Trend | None = None) -> Text:
    """Return "last 10 s: 49.4 req/s ↓ from 61 · 1531 ms ↑ from 5.4"."""
    if traffic.has_real_traffic is False:
        return own(f"last {figure(traffic.window_s)} s: no traffic")
    rps, response = traffic.window_requests_per_second, traffic.window_avg_response_time_ms
    rate = own(f"{figure(rps)} req/s"), _moved(rps, trend.rps_before if trend else None)
    time = say(f"{figure(response)} ms"), _moved(response, trend.response_ms_before if trend else None)
    return joined(own(f"last {figure(traffic.window_s)} s: "), *rate, " · ", *time)


def lifetime_text(traffic: TrafficMetrics) -> Text:
    """Return the lifetime figures, and that they report nothing about now."""
    rate, total = traffic.lifetime_success_rate_percent, traffic.lifetime_total_requests
    success = f"{figure(rate)} %" if rate is not None else localised(_NOT_SAID)
    requests = f"{total:,}" if total is not None else localised(_NOT_SAID)
    mean = traffic.lifetime_avg_response_time_ms
    counted = own(f"since the load balancer started: {success} of {requests} requests succeeded", QUIET)
    average = (say(" · ", QUIET), own(f"{figure(mean)} ms on average", QUIET)) if mean is not None else ()
    return joined(counted, *average, own(" (never resets: no sign of recovery)", QUIET))


def figure(value: float | None) -> str:
    """Return a figure with the digits that show: "5.5", "49.4", "1531"; "not stated" where there is none."""
    if value is None:
        return localised(_NOT_SAID)
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}".removesuffix(".0")


def _course(gauge: Gauge | None, unit: str = "", *, scale: float = 1.0) -> Text:
    if gauge is None:
        return say("")
    now = gauge.now * scale if gauge.now is not None else None
    before = gauge.before * scale if gauge.before is not None else None
    if now is None:
        return say("-")
    moved = f"{figure(before)} → " if before is not None and differs(now, before) else ""
    return say(f"{moved}{figure(now)}{unit}")


def differs(now: float, before: float) -> bool:
    """Return whether two levels are worth showing apart."""
    return abs(now - before) > max(0.1 * max(abs(now), abs(before)), 0.05)


def _moved(now: float | None, before: float | None) -> Text:
    if now is None or before is None or figure(now) == figure(before):
        return say("")
    return own(f" {'↑' if now > before else '↓'} from {figure(before)}")
