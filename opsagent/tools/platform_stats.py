"""The state of all services on any platform: from /stats where there is one, else from Kubernetes, with figures."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from opsagent.analysis.evidence.workload_rows import workload_rows
from opsagent.analysis.evidence.workloads import services_found
from opsagent.analysis.figures.object_limits import limits_of
from opsagent.analysis.figures.places import places_of, services_named
from opsagent.analysis.figures.profiles import profile_rows
from opsagent.analysis.figures.summary import summaries
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.reasoning.topology import service_names
from opsagent.errors import CheckError, NotCheckedError
from opsagent.models.coverage import outcome_of
from opsagent.models.figures import Figures, KnowsFigures
from opsagent.models.observed import KubeObject, Objects, Skipped
from opsagent.models.platform import Platform
from opsagent.models.service import Service
from opsagent.models.status import ServiceStatus, SystemStats
from opsagent.redact import Redactor, redact_records
from opsagent.tools.side_by_side import side_by_side

# Enough to see what runs, what restarted and what changed; a diagnosis reads more.
KINDS = ("Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Service")


@dataclass(frozen=True, slots=True)
class StatsScope:
    """Which services, and which sources there are."""

    services: tuple[Service, ...] | None  # None: the workloads found
    cluster: bool = True
    figures: bool = False
    crash_window_s: float = 600.0


def get_platform_stats(platform: Platform, asked: StatsScope, *, redact: Redactor | None = None) -> SystemStats:
    """Read the state of every service from Kubernetes, and its figures where a source has them; secrets redacted.

    Raises CheckError where neither could be read.
    """
    begun, now = time.monotonic(), platform.now()
    skipped: list[Skipped] = []
    objects = _objects(platform, skipped) if asked.cluster else Objects()
    figures = _figures(platform, skipped) if asked.figures else Figures("none")
    if not objects.looked and not figures:
        tried = "; ".join(f"{skip.source}: {skip.why}" for skip in skipped) or "there is no /stats and no cluster"
        raise CheckError(f"no service's state can be read: {tried}", source="stats", hint="opsagent doctor checks all")
    found = asked.services
    if found is None:
        found = services_found(objects) or services_named(figures)
    rows = (
        workload_rows(found, objects, now=now, crash_window_s=asked.crash_window_s)
        if objects.looked
        else tuple(ServiceStatus(service.name, "unknown", "its figures alone were read") for service in found)
    )
    rows = with_figures(rows, found, objects, figures, now.timestamp())
    clean = redact_records(rows, redact or Redactor())
    server = platform.where.server or ""
    return SystemStats(now, time.monotonic() - begun, None, server, clean, None, None, tuple(dict.fromkeys(skipped)))


def add_figures(platform: Platform, stats: SystemStats, services: Iterable[Service]) -> SystemStats:
    """Return a check of /stats with the figures of each service beside it, or with why there are none."""
    skipped: list[Skipped] = []
    figures = _figures(platform, skipped)
    rows = with_figures(stats.services, tuple(services), Objects(), figures, platform.now().timestamp())
    return replace(stats, services=rows, not_checked=(*stats.not_checked, *skipped))


def with_figures(
    rows: tuple[ServiceStatus, ...], services: tuple[Service, ...], objects: Objects, figures: Figures, now: float
) -> tuple[ServiceStatus, ...]:
    """Return the rows with the figures of their services."""
    if not figures:
        return rows
    cluster = cluster_of(objects)
    places = places_of(services, cluster, service_names(services, objects))
    known = summaries((*figures.series, *limits_of(figures.series, cluster)), places, now)
    return tuple(replace(row, figures=known.get(row.service)) for row in rows)


def _objects(platform: Platform, skipped: list[Skipped]) -> Objects:
    def look(kind: str) -> tuple[KubeObject, ...] | CheckError:
        try:
            return platform.list(kind)
        except CheckError as error:
            return error.as_answer()

    first = look(KINDS[0])
    # A cluster that is not there answers every kind alike.
    answers = [first, *(side_by_side(look, KINDS[1:]) if not isinstance(first, CheckError) else ())]
    items: list[KubeObject] = []
    looked = set()
    for kind, answer in zip(KINDS, answers, strict=False):
        if isinstance(answer, CheckError):
            skipped.append(Skipped(answer.source, answer.message, outcome_of(answer)))
        else:
            looked.add(kind)
            items += answer
    return Objects(tuple(items), frozenset(looked))


def _figures(platform: Platform, skipped: list[Skipped]) -> Figures:
    if not isinstance(platform, KnowsFigures):
        return Figures("none")
    try:
        found = platform.figures(profile_rows)
    except NotCheckedError as error:
        skipped.append(Skipped("metrics", error.message, outcome_of(error)))
        return Figures("none")
    except CheckError as error:
        skipped.append(Skipped(error.source, error.message, outcome_of(error)))
        return Figures("none")
    skipped += [Skipped("metrics", note) for note in found.notes]
    return found
