"""What unattended passes cannot see: a source that was readable and is not any more is an incident of its own.

It is reported once, after some passes or minutes, and its return too. A source that never was readable, and without
which nothing can be called healthy, is reported at the first pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from opsagent.agent.detection import Detection
from opsagent.analysis.evidence.sources import SOURCES
from opsagent.errors import ExitCode
from opsagent.models.coverage import Outcome
from opsagent.models.sighting import BlindSpot

PASSES, MINUTES = 3, timedelta(minutes=5)
_SEEN = (Outcome.READ, Outcome.EMPTY)
Notice = Literal["blind", "sees_again"]


@dataclass(frozen=True, slots=True)
class Blindness:
    """One thing that a pass could not see, or sees again, and whether that is reported."""

    spot: BlindSpot
    code: ExitCode
    notice: Notice | None = None


def blind_spots(
    found: Detection, known: dict[str, BlindSpot], *, platform: str, live_sources: frozenset[str], now: datetime
) -> Iterator[Blindness]:
    """Yield what changed or goes on: each source, and each service that no failing source accounts for.

    live_sources: the sources that are configured; what is switched off is nothing that could be seen.
    """
    lost: dict[str, str] = {}
    for source in SOURCES:
        if source.reports != "state" or source.name == "health":
            continue
        outcome = found.coverage.outcome(source.name)
        spot = known.get(source.name) or BlindSpot(platform, source.name)
        if outcome in _SEEN:
            yield from _sees(spot, now)
        elif source.name in live_sources and not _is_incident(source.name, found) and _matters(spot, found, outcome):
            lost[source.name] = found.coverage.why(source.name) or "no answer"
    verdict = found.verdict
    services = {skip.source: skip.why for skip in verdict.unread} if verdict and not lost else {}
    if verdict and verdict.status == "nothing_found" and not services and not lost:
        services = {"services": verdict.closing}
    for subject, why in (*lost.items(), *services.items()):
        yield _lost(known.get(subject) or BlindSpot(platform, subject), why, now)
    for subject, spot in known.items():
        if subject not in {source.name for source in SOURCES} and subject not in services and not lost:
            yield from _sees(spot, now)


def _is_incident(source: str, found: Detection) -> bool:
    """Return whether a /stats that fails is reported as a fault of the load balancer already."""
    kinds = {symptom.kind for health in found.healths for symptom in health.symptoms}
    return source == "stats" and bool(found.patients) and "unreachable" in kinds


def _matters(spot: BlindSpot, found: Detection, outcome: Outcome) -> bool:
    """Return whether a source that is not read is missed: it was read before, or nothing is healthy without it."""
    if spot.read_at is not None:
        return True
    unchecked = found.verdict is None or found.verdict.status != "healthy"
    return unchecked and outcome is not Outcome.NOT_ASKED


def _sees(spot: BlindSpot, now: datetime) -> Iterator[Blindness]:
    if spot.read_at is not None and spot.since is None:
        return  # as before: nothing is written, nothing is stated
    again = replace(spot, read_at=now, since=None, passes=0, told_at=None)
    ended = replace(again, why=spot.why, was_blind_since=spot.since)
    yield Blindness(ended, ExitCode.OK, "sees_again" if spot.told_at is not None else None)


def _lost(spot: BlindSpot, why: str, now: datetime) -> Blindness:
    since = spot.since or now
    missed = replace(spot, since=since, passes=spot.passes + 1, why=why, was_blind_since=None)
    due = spot.read_at is None or missed.passes >= PASSES or abs(now - since) >= MINUTES
    if not due or spot.told_at is not None:
        return Blindness(missed, ExitCode.FAILED)
    return Blindness(replace(missed, told_at=now), ExitCode.FAILED, "blind")
