"""Faults that were seen and judged to be over: shown to the operator, for nobody should have to find them again."""

from collections.abc import Iterable

from opsagent.analysis.reasoning.ranking import ENOUGH
from opsagent.analysis.reasoning.topology_view import World
from opsagent.models.evidence import Finding, Over


def faults_over(findings: Iterable[Finding], world: World) -> tuple[Over, ...]:
    """Return each fault that would have been a cause and is over, once a code and object, the newest first."""
    found: dict[tuple[str, str | None], Over] = {}
    for finding in findings:
        if not finding.over or finding.strength < ENOUGH or not finding.observations:
            continue
        placed = world.placed(finding)
        key = (placed.code, placed.object)
        one = Over(
            placed.code,
            placed.object,
            placed.service,
            placed.until,
            placed.records,
            placed.successes,
            placed.observations[0].where,
        )
        found[key] = _joined(found[key], one) if key in found else one
    return tuple(sorted(found.values(), key=lambda one: -(one.until.timestamp() if one.until else 0.0)))


def _joined(first: Over, other: Over) -> Over:
    """Return one entry for the same fault in two logs."""
    times = [one.until for one in (first, other) if one.until is not None]
    return Over(
        first.code,
        first.object,
        first.service or other.service,
        max(times, default=None),
        first.records + other.records,
        min(first.successes, other.successes),
        first.where,
    )
