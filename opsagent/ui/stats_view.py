"""The state of all services at one moment, as `opsagent stats` shows it."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsagent.models.evidence import Trend
from opsagent.models.observed import Where
from opsagent.models.status import WELL, Gauge, ServiceStatus, SystemStats
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, STRONG, joined, listing, own, say
from opsagent.ui.moment import age, between, clock, took, zone
from opsagent.ui.spark import spark
from opsagent.ui.traffic_view import figure, latency_name, lifetime_text, unread, window_text

# The load balancer gives each service 2 s; an answer that took that long means that one of them hangs.
_HANGS_S = 1.9
_BARS = 4  # of a sparkline: the table fits 80 columns


def stats_view(stats: SystemStats, *, trend: Trend | None = None, where: Where | None = None) -> RenderableType:
    """Draw one check: the verdict, each service, traffic now and before; lifetime figures apart."""
    wide = any(row.ready or row.figures for row in stats.services)
    lines: list[RenderableType] = [_verdict(stats), _head(stats, where), ""]
    lines.append(_figured(stats) if wide else _plain(stats))
    told = [(row, _restarts(row) if _measured(stats) else "") for row in stats.services if wide]
    notes = [
        joined(say(row.service, STRONG), ": ", more, " · " if more and _odd(row) else "", _note(row, stats.at))
        for row, more in told
        if more or _odd(row)
    ]
    lines += ["", *notes] if notes else []
    if stats.traffic:
        lines += ["", window_text(stats.traffic, trend), lifetime_text(stats.traffic)]
    lines += [unread(skip) for skip in stats.not_checked]
    return Group(*lines)


def status_text(status: str) -> Text:
    """Return the status, in capitals where something is wrong."""
    if status in WELL:
        return own(status, GOOD)
    return say(localised(status).upper(), BAD if status == "offline" else POOR)


def gauge_text(gauge: Gauge | None, unit: str = "") -> Text:
    """Return "1531 ms ▁▁▅▇"; nothing where there is no figure, "-" where none is new."""
    if gauge is None:
        return say("")
    now = figure(gauge.now) + unit if gauge.now is not None else "-"
    return joined(now, " ", spark(gauge.points, _BARS))


def _plain(stats: SystemStats) -> Table:
    table = listing("SERVICE", "STATUS", "NOTE")
    for status in stats.services:
        table.add_row(say(status.service), status_text(status.status), _note(status, stats.at))
    return table


def _figured(stats: SystemStats) -> Table:
    """Return the table with what Kubernetes and figures have; a column that nobody fills is left out."""
    rows = stats.services
    columns: list[tuple[str, list[Text]]] = [
        ("SERVICE", [say(row.service) for row in rows]),
        ("STATUS", [status_text(row.status) for row in rows]),
        ("READY", [say(row.ready or "") for row in rows]),
        ("RESTARTS", [say("" if _measured(stats) else row.restarts or "") for row in rows]),
        ("REQ/S", [gauge_text(row.figures.requests_per_s if row.figures else None) for row in rows]),
        ("ERRORS", [_share(row) for row in rows]),
        (latency_name(rows), [gauge_text(row.figures.latency_ms if row.figures else None, " ms") for row in rows]),
        ("CHANGED", [say(age(row.changed_at, stats.at) if row.changed_at else "") for row in rows]),
    ]
    shown = [(name, cells) for name, cells in columns if any(cell.plain.strip() for cell in cells)]
    table = listing(*(name for name, _ in shown))
    for cells in zip(*(cells for _, cells in shown), strict=True):
        table.add_row(*cells)
    return table


def _measured(stats: SystemStats) -> bool:
    """Return whether figures take the room of the restarts, which are then reported below."""
    return any(row.figures for row in stats.services)


def _restarts(row: ServiceStatus) -> str:
    return localised(f"{row.restarts} restart{'s' * (row.restarts != 1)}") if row.restarts else ""


def _share(row: ServiceStatus) -> Text:
    gauge = row.figures.error_share if row.figures else None
    if gauge is None:
        return say("")
    return say(f"{figure(100 * gauge.now)} %" if gauge.now is not None else "-")


def _odd(row: ServiceStatus) -> bool:
    return row.status not in WELL or bool(row.note)


def _verdict(stats: SystemStats) -> Text:
    bad = [status for status in stats.services if status.status not in WELL]
    total, well = len(stats.services), "online" if stats.reach else "ready"
    if not total:
        return own("/stats names no service" if stats.reach else "no service was found", POOR)
    if not bad:
        return own(f"all {total} services {well}", GOOD)
    named = joined(
        *(joined(say(status.service, STRONG), " ", status_text(status.status)) for status in bad), between=", "
    )
    return joined(named, " · ", own(f"{total - len(bad)} of {total} services {well}"))


def _head(stats: SystemStats, where: Where | None) -> Text:
    system, now = f"{where.namespace} " if where else "", f"{clock(stats.at)} {zone(stats.at)}".rstrip()
    if stats.reach is None:
        source = own(f"via {stats.url}" if stats.url else "by its figures alone", QUIET)
        return joined(
            say(system, QUIET), source, say(f" · {now} · ", QUIET), own(f"read in {took(stats.took_s)}", QUIET)
        )
    way = {"proxy": " through the API server's proxy", "bundle": " (recorded)"}.get(stats.reach, "")
    source = joined(say(system, QUIET), own(f"via {stats.url}", QUIET), own(way, QUIET))
    line = joined(source, say(f" · {now} · ", QUIET), own(f"answered in {took(stats.took_s)}", QUIET))
    return joined(line, own(" (slow: a service hangs)", POOR)) if stats.took_s >= _HANGS_S else line


def _note(status: ServiceStatus, now: datetime) -> Text:
    parts = []
    if status.since:
        parts.append(localised(f"since {clock(status.since)} ({between(status.since, now)})"))
    if status.note:
        parts.append(localised(status.note))
    note = say(" · ".join(parts))
    if status.status in WELL:
        return note
    return joined(note, " " if parts else "", f"→ opsagent diagnose {status.service}")
