"""What a pass without a fault comes to: healthy only where it was seen. Computed from the coverage alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from opsagent.analysis.evidence.sources import SOURCES, label_of
from opsagent.models.coverage import Coverage, Outcome
from opsagent.models.incident import Status
from opsagent.models.observed import Skipped

UNCHECKED: tuple[Status, ...] = ("not_understood", "not_checked")  # no answer: they end a run with an error
_NOT_READ = (Outcome.REFUSED, Outcome.FAILED, Outcome.NOT_UNDERSTOOD)
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class HealthQuestion:
    """What was asked, and of what kind of platform."""

    asked: str | None  # the service named; None: all
    services: tuple[str, ...]
    doubtful: tuple[str, ...] = ()  # services that looked wrong once, and were not confirmed
    closed: tuple[str, ...] = ()  # callers that close every way into the service asked about
    live: bool = True
    declared: bool = True  # the services are the operator's own list, not what was found
    given: str = "the platform"  # what was given to read


@dataclass(frozen=True, slots=True)
class HealthVerdict:
    """The status of a pass in which no fault was seen, and one sentence that states why."""

    status: Status
    closing: str
    unread: tuple[Skipped, ...] = ()  # each service that was asked about and not read, by name


def verdict(coverage: Coverage, question: HealthQuestion) -> HealthVerdict:
    """Return healthy, nothing_found, not_understood or not_checked."""
    wanted = (question.asked,) if question.asked else question.services
    unread = _unread(coverage, question, wanted)
    read = [name for name in coverage.services_read(wanted) if name not in {skip.source for skip in unread}]
    if coverage.blind:
        return _nothing_read(coverage, question, unread)
    if unread and _must_be_read(coverage, question):
        return HealthVerdict("not_checked", _listed(unread), unread)
    if not unread and wanted and workloads_unread(coverage, wanted):
        why = coverage.why("objects") or "no answer"
        return HealthVerdict("not_checked", f"{label_of('objects')}: {why}", ())
    if read and not unread:
        return HealthVerdict("healthy", _healthy(coverage, question, read))
    return HealthVerdict("nothing_found", _nothing_found(coverage, question, read, unread), unread)


def _unread(coverage: Coverage, question: HealthQuestion, wanted: Sequence[str]) -> tuple[Skipped, ...]:
    found = {name: coverage.why_unread(name) for name in coverage.unread(wanted)}
    found |= {name: "it looked wrong, and that was not confirmed" for name in question.doubtful if name in wanted}
    if question.closed and question.asked:
        names = ", ".join(question.closed)
        found.setdefault(question.asked, f"every way in is closed or was not read: {names}")
    return tuple(Skipped(name, why) for name, why in found.items())


def _must_be_read(coverage: Coverage, question: HealthQuestion) -> bool:
    """Return whether a service that was not read is a gap: live always; of a bundle where it could have shown."""
    if question.live:
        return True
    some = bool(coverage.services_read(question.services))
    return some if question.asked else some and question.declared


def workloads_unread(coverage: Coverage, wanted: Sequence[str]) -> bool:
    """Return whether a cluster that is there could not be read at all: what /stats reports is then half the state."""
    if coverage.outcome("objects") not in _NOT_READ:
        return False
    return not any("objects" in coverage.read_of(name) for name in wanted)


def _nothing_read(coverage: Coverage, question: HealthQuestion, unread: tuple[Skipped, ...]) -> HealthVerdict:
    strange = coverage.strange
    if strange and not question.live:
        kinds = "a log, a bundle, Kubernetes objects, kubectl output nor /stats"
        return HealthVerdict("not_understood", f"{question.given} is neither {kinds}", unread)
    found = {reading.what: reading.source for reading in coverage.readings if reading.what and not reading.service}
    # A reason that another one holds already (no kubeconfig, so no proxy either) is stated once, and a health path
    # reports nothing more where the sources above it failed.
    told = {what: source for what, source in found.items() if source != "health"} or found
    told = {what: source for what, source in told.items() if not any(what in other != what for other in told)}
    why = "; ".join(f"{label_of(source)}: {what}" for what, source in told.items()) or "nothing is configured"
    return HealthVerdict("not_checked", f"nothing could be read: {why}", unread)


def _healthy(coverage: Coverage, question: HealthQuestion, read: Sequence[str]) -> str:
    used = {source for name in read for source in coverage.read_of(name)}
    labels = [source.label for source in SOURCES if source.name in used]
    sources = " and ".join(filter(None, (", ".join(labels[:-1]), labels[-1])))
    what = question.asked or f"{len(read)} of {len(read)} services"
    idle = [name for name in question.services if coverage.idle(name)] if not question.asked else []
    return f"{what}: state read from {sources}" + (f"; idle: {_names(idle)}" if idle else "")


def _nothing_found(
    coverage: Coverage, question: HealthQuestion, read: Sequence[str], unread: tuple[Skipped, ...]
) -> str:
    names = [skip.source for skip in unread]
    if read:
        return f"no fault; state read: {_names(read)}; not read: {_names(names)}"
    if question.live and not question.services:
        return "no workload was found, so there is no state to read"
    texts = [
        reading.what for reading in coverage.readings if reading.source == "logs" and reading.outcome is Outcome.READ
    ]
    what = (
        f"{', '.join(texts[:2])}{f' and {len(texts) - 2} more logs' if len(texts) > 2 else ''} understood"
        if texts
        else ""
    )
    idle = f"nothing of {question.asked} is meant to run" if question.asked and not names else ""
    first = what or idle or f"{question.given} was understood"
    rest = f"; not read: {_names(names)}" if names else ""
    return f"{first}, no fault. No service's state was read: this is not a health check{rest}"


def _listed(unread: Sequence[Skipped]) -> str:
    """Return each reason once, with the services that it kept from being read, all by name."""
    by_why: dict[str, list[str]] = {}
    for skip in unread:
        by_why.setdefault(skip.why, []).append(skip.source)
    return "; ".join(f"{', '.join(names)}: {why}" for why, names in by_why.items())


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
