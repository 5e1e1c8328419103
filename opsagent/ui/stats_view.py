"""The state of all services at one moment, as `opsagent stats` shows it."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.models.evidence import Trend
from opsagent.models.look import Where
from opsagent.models.status import ServiceStatus, SystemStats
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, STRONG, joined, listing, say
from opsagent.ui.moment import between, clock, took
from opsagent.ui.traffic_view import lifetime_text, window_text

_WELL = {"online", "healthy"}
# The load balancer gives each service 2 s; an answer that took that long means that one of them hangs.
_HANGS_S = 1.9


def stats_view(stats: SystemStats, *, trend: Trend | None = None, where: Where | None = None) -> RenderableType:
    """Draw one look at GET /stats: the verdict, each service, traffic now and before; lifetime figures apart."""
    table = listing("SERVICE", "STATUS", "NOTE")
    for status in stats.services:
        table.add_row(say(status.service), status_text(status.status), _note(status, stats.at))
    lines: list[RenderableType] = [_verdict(stats), _head(stats, where), "", table]
    if stats.traffic:
        lines += ["", window_text(stats.traffic, trend), lifetime_text(stats.traffic)]
    return Group(*lines)


def status_text(status: str) -> Text:
    """Return the status, in capitals where something is wrong."""
    if status in _WELL:
        return say(status, GOOD)
    return say(status.upper(), BAD if status == "offline" else POOR)


def _verdict(stats: SystemStats) -> Text:
    bad = [status for status in stats.services if status.status not in _WELL]
    total = len(stats.services)
    if not total:
        return say("/stats names no service", POOR)
    if not bad:
        return say(f"all {total} services online", GOOD)
    named = joined(
        *(joined(say(status.service, STRONG), " ", status_text(status.status)) for status in bad), between=", "
    )
    return joined(named, f" · {total - len(bad)} of {total} services online")


def _head(stats: SystemStats, where: Where | None) -> Text:
    system = f"{where.namespace} " if where else ""
    way = {"proxy": " through the API server's proxy", "bundle": " (recorded)"}.get(stats.reach or "", "")
    line = say(f"{system}via {stats.url}{way} · {clock(stats.at)} · answered in {took(stats.took_s)}", QUIET)
    return joined(line, say(" (slow: a service hangs)", POOR)) if stats.took_s >= _HANGS_S else line


def _note(status: ServiceStatus, now: datetime) -> Text:
    parts = []
    if status.since:
        parts.append(f"since {clock(status.since)} ({between(status.since, now)})")
    if status.note:
        parts.append(status.note)
    note = say(" · ".join(parts))
    if status.status in _WELL:
        return note
    return joined(note, " " if parts else "", f"→ opsagent diagnose {status.service}")
