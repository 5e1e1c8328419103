"""What of a platform was read, source by source and service by service: pure judgement over one pass."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from opsagent.analysis.evidence.service_health import answer_kind, known_answer
from opsagent.analysis.evidence.sources import WORKLOAD_KINDS, WORKLOAD_SOURCES
from opsagent.analysis.figures.stats import service_statuses
from opsagent.analysis.objects import kube
from opsagent.models.coverage import IDLE, READ_FIRST, Coverage, Outcome, Reading
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import ServiceHealth
from opsagent.models.figures import Figures
from opsagent.models.observed import HealthAnswer, Objects, Skipped, StatsSample
from opsagent.models.service import Service

_REFUSALS = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that a pass has read, and what it could not."""

    services: tuple[Service, ...]
    healths: tuple[ServiceHealth, ...]
    samples: Sequence[StatsSample]
    looks: Sequence[HealthAnswer]
    objects: Objects
    digests: Sequence[LogDigest]
    skipped: tuple[Skipped, ...]
    known_kinds: frozenset[str]  # of Kubernetes objects: those that a rule can judge
    understood: Callable[[LogDigest], bool]
    figures: Figures = field(default_factory=lambda: Figures("none"))


def coverage(seen: Gathered) -> Coverage:
    """Return one reading for each source, and for each service and source that can report its state."""
    stats, objects = _stats(seen), _objects(seen)
    health = {look.service: look for look in seen.looks}
    by_name = {judged.service: judged for judged in seen.healths}
    readings: list[Reading] = [stats, objects, *_kinds(seen), *_logs(seen), *_rest(seen)]
    if seen.figures:
        readings.append(Reading("metrics", None, Outcome.READ, f"{len(seen.figures.series):,} series"))
    for service in seen.services:
        judged = by_name.get(service.name)
        if service.stats_key is not None:
            readings.append(_entry(service, stats, seen.samples))
        readings.append(_workload(service, objects, judged))
        if seen.figures and judged is not None:
            readings.append(_measured(judged))
        look = health.get(service.name)
        if look is not None:
            readings.append(_health(service, look))
    return Coverage(tuple(readings))


def _stats(seen: Gathered) -> Reading:
    newest = seen.samples[-1] if seen.samples else None
    if newest is None:
        return _from_skipped("stats", seen.skipped, ("stats",))
    if isinstance(newest.stats, Mapping):
        return Reading("stats", None, Outcome.READ)
    refused = newest.http in _REFUSALS
    outcome = Outcome.REFUSED if refused else Outcome.FAILED if newest.http is None else Outcome.NOT_UNDERSTOOD
    return Reading("stats", None, outcome, newest.error or "no JSON object")


def _objects(seen: Gathered) -> Reading:
    """Return what came of the kinds that show whether workloads run, taken together."""
    if seen.objects.looked.intersection(WORKLOAD_KINDS):
        some = any(item.get("kind") in WORKLOAD_KINDS for item in seen.objects.items)
        return Reading("objects", None, Outcome.READ if some else Outcome.EMPTY)
    return _from_skipped("objects", seen.skipped, WORKLOAD_SOURCES)


def _from_skipped(source: str, skipped: Iterable[Skipped], names: Sequence[str]) -> Reading:
    found = sorted((s for s in skipped if s.source in names), key=lambda s: READ_FIRST.index(s.outcome))
    if not found:
        return Reading(source, None, Outcome.NOT_ASKED)
    return Reading(source, None, found[0].outcome, found[0].why)


def _kinds(seen: Gathered) -> Iterator[Reading]:
    counts: dict[str, int] = dict.fromkeys(sorted(seen.objects.looked), 0)
    stating: set[str] = set()  # kinds whose objects state conditions of their own: those are judged of any kind
    for item in seen.objects.items:
        kind = str(item.get("kind"))
        counts[kind] = counts.get(kind, 0) + 1
        if kube.dicts(item, "status", "conditions"):
            stating.add(kind)
    for kind, count in counts.items():
        if kind not in seen.known_kinds and kind not in stating:
            yield Reading(f"objects/{kind}", None, Outcome.NOT_UNDERSTOOD, f"no rule judges objects of kind {kind}")
        else:
            yield Reading(f"objects/{kind}", None, Outcome.READ if count else Outcome.EMPTY, f"{count} of kind {kind}")


def _logs(seen: Gathered) -> Iterator[Reading]:
    for digest in seen.digests:
        records = f"{digest.where}: {digest.lines:,} lines"
        if not digest.lines:
            yield Reading("logs", digest.service, Outcome.EMPTY, digest.where)
        elif seen.understood(digest):
            yield Reading("logs", digest.service, Outcome.READ, records)
        else:
            yield Reading(
                "logs", digest.service, Outcome.NOT_UNDERSTOOD, f"{digest.where} is not a log that can be read"
            )


def _rest(seen: Gathered) -> Iterator[Reading]:
    """Yield what could not be read, as it was reported: kind by kind, log by log."""
    for skipped in seen.skipped:
        yield Reading(skipped.source, None, skipped.outcome, skipped.why)


def _entry(service: Service, stats: Reading, samples: Sequence[StatsSample]) -> Reading:
    if stats.outcome is not Outcome.READ:
        return Reading("stats", service.name, stats.outcome, _because("stats", stats))
    status = service_statuses((service,), samples[-1])[0]
    if status.status == "unknown":
        why = f"/stats does not report its state ({status.note})"
        return Reading("stats", service.name, Outcome.NOT_UNDERSTOOD, why)
    return Reading("stats", service.name, Outcome.READ, status.status)


def _workload(service: Service, objects: Reading, judged: ServiceHealth | None) -> Reading:
    name = service.name
    if judged is not None and judged.idle:
        return Reading("objects", name, Outcome.EMPTY, IDLE)
    bad = judged is not None and any(s.observation.source == "objects" for s in judged.symptoms)
    if judged is not None and ("objects" in judged.read or bad):
        return Reading("objects", name, Outcome.READ)
    if objects.outcome in (Outcome.READ, Outcome.EMPTY):
        return Reading("objects", name, Outcome.EMPTY, "the cluster shows no pod of it that is ready")
    return Reading("objects", name, objects.outcome, _because("objects", objects))


def _measured(judged: ServiceHealth) -> Reading:
    """Return whether new figures of a service's own answers were read: only they report its state."""
    bad = any(symptom.observation.source == "metrics" for symptom in judged.symptoms)
    if bad or "metrics" in judged.read:
        return Reading("metrics", judged.service, Outcome.READ)
    return Reading("metrics", judged.service, Outcome.EMPTY, "no new figure of its answers")


def _health(service: Service, look: HealthAnswer) -> Reading:
    if known_answer(service, look) or answer_kind(look) is not None:
        return Reading("health", service.name, Outcome.READ)
    if look.http is not None:
        why = f"its health path answered HTTP {look.http} in a form that proves nothing"
        return Reading("health", service.name, Outcome.NOT_UNDERSTOOD, why)
    return Reading("health", service.name, Outcome.FAILED, look.error or "no answer")


def _because(source: str, reading: Reading) -> str:
    return f"{source}: {reading.what}" if reading.what else ""
