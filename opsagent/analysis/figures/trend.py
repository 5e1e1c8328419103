"""Traffic before and now, from opsagent's own samples: a trend, not a point."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from opsagent.analysis.figures.stats import WINDOW_S, traffic_metrics
from opsagent.analysis.figures.success import LOW, Window, success_windows
from opsagent.models.evidence import Trend
from opsagent.models.observed import StatsSample

_HUNG_S = 1.5  # /stats waits 2 s for a service that hangs; a refused connection takes a hundredth of that


@dataclass(frozen=True, slots=True)
class _Point:
    at: datetime
    rps: float | None
    response_ms: float | None


def trend(samples: Iterable[StatsSample], *, now: datetime, window_s: float) -> Trend | None:
    """Return requests per second and response time before and now within the window; None without a sample in it.

    "Before" is the median of the older half of the samples. Requests per second counts completed requests, so it falls
    while a service hangs and lags a surge by up to 10 s.
    """
    since = now - timedelta(seconds=max(0.0, window_s))
    kept = sorted((s for s in samples if since <= s.at <= now + timedelta(seconds=60)), key=lambda s: s.at)
    if not kept:
        return None
    points = [_point(sample) for sample in kept]
    older, newest = points[: len(points) // 2], points[-1]
    rps_before, ms_before = _median([p.rps for p in older]), _median([p.response_ms for p in older if p.rps != 0])
    # A window without a completed request has no response time: 0 means "none", not "at once".
    ms_now = None if newest.rps == 0 else newest.response_ms
    rps_now = newest.rps
    took = kept[-1].took_s
    parts = [_change("requests", rps_before, rps_now, "/s"), _change("response", ms_before, ms_now, "ms")]
    windows = success_windows(kept)
    share = windows[0].share if windows else None
    text = _text([*parts, _success(windows)], (kept[-1].at - kept[0].at).total_seconds())
    if share is not None and share < LOW and ms_now is not None and (ms_before is None or ms_now <= 2 * ms_before):
        text += "; that failures are fast is not an improvement"
    if took >= _HUNG_S:
        text += f"; /stats took {took:.1f} s: a service hangs"
    return Trend(len(kept), kept[0].at, rps_before, rps_now, ms_before, ms_now, took, text, share)


def _text(parts: list[str], span_s: float) -> str:
    said = ", ".join(part for part in parts if part)
    if not said:
        return "no traffic figures"
    # Figures of less than one window apart are of the same requests.
    return f"no trend: no earlier samples ({said})" if span_s < WINDOW_S else f"{said} within {_span(span_s)}"


def _success(windows: tuple[Window, ...]) -> str:
    if not windows:
        return ""
    now, before = windows[0].percent, windows[-1].percent
    return f"success {now}" if now == before else f"success {before.removesuffix(' %')} → {now}"


def _point(sample: StatsSample) -> _Point:
    traffic = traffic_metrics(sample)
    if traffic is None:
        return _Point(sample.at, None, None)
    return _Point(sample.at, traffic.window_requests_per_second, traffic.window_avg_response_time_ms)


def _median(figures: list[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return median(known) if known else None


def _change(name: str, before: float | None, now: float | None, unit: str) -> str:
    if now is None:
        return f"{name} {_figure(before)} {unit} before, now none" if before else ""
    if before is None:
        return f"{name} {_figure(now)} {unit}"
    if abs(now - before) < max(0.05 * max(now, before), 0.05):
        return f"{name} steady at {_figure(now)} {unit}"
    return f"{name} {_figure(before)} → {_figure(now)} {unit}"


def _figure(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
