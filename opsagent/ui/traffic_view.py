"""Traffic: what happens now, and what was counted since the load balancer started, apart and named."""

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.evidence import Trend
from opsagent.models.status import TrafficMetrics
from opsagent.ui.layout import QUIET, joined, say

_NOT_SAID = "not said"


def traffic_view(traffic: TrafficMetrics, *, trend: Trend | None = None) -> RenderableType:
    """Draw the windowed figures, their trend, and the lifetime figures."""
    lines: list[RenderableType] = [window_text(traffic, trend)]
    if trend and trend.text:
        lines.append(joined("trend: ", trend.text, say(f" ({trend.samples} samples)", QUIET)))
    return Group(*lines, lifetime_text(traffic))


def window_text(traffic: TrafficMetrics, trend: Trend | None = None) -> Text:
    """Return "last 10 s: 49.4 req/s ↓ from 61 · 1531 ms ↑ from 5.4"."""
    if traffic.has_real_traffic is False:
        return say(f"last {figure(traffic.window_s)} s: no traffic")
    rps, response = traffic.window_requests_per_second, traffic.window_avg_response_time_ms
    rate = f"{figure(rps)} req/s{_moved(rps, trend.rps_before if trend else None)}"
    time = f"{figure(response)} ms{_moved(response, trend.response_ms_before if trend else None)}"
    return say(f"last {figure(traffic.window_s)} s: {rate} · {time}")


def lifetime_text(traffic: TrafficMetrics) -> Text:
    """Return the lifetime figures, and that they say nothing about now."""
    rate, total = traffic.lifetime_success_rate_percent, traffic.lifetime_total_requests
    success = f"{figure(rate)} %" if rate is not None else _NOT_SAID
    requests = f"{total:,}" if total is not None else _NOT_SAID
    mean = traffic.lifetime_avg_response_time_ms
    average = f" · {figure(mean)} ms on average" if mean is not None else ""
    counted = f"since the load balancer started: {success} of {requests} requests succeeded{average}"
    return say(f"{counted} (never resets: no sign of recovery)", QUIET)


def figure(value: float | None) -> str:
    """Return a figure with the digits that tell: "5.5", "49.4", "1531"; "not said" where there is none."""
    if value is None:
        return _NOT_SAID
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}".removesuffix(".0")


def _moved(now: float | None, before: float | None) -> str:
    if now is None or before is None or figure(now) == figure(before):
        return ""
    return f" {'↑' if now > before else '↓'} from {figure(before)}"
