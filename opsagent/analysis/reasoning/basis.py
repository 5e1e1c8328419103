"""What a cause's confidence rests on, and how far each kind of ground reaches.

checked: objects that do not fit each other were compared; seen: the API server, a kubelet, a figure or a health check
states it; correlated: it began with a change, or others complain of it; worded: a program's own words alone.
"""

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.reasoning.suspects import Suspect
from opsagent.models.evidence import Basis, Finding

# The lowest and the highest confidence that a ground alone gives; README shows how often each was right.
RANGES: dict[Basis, tuple[float, float]] = {
    "checked": (0.5, 0.97),
    "seen": (0.3, 0.97),
    "correlated": (0.2, 0.85),
    "worded": (0.2, 0.9),
}
_CARRIES = 0.5
_STATED = frozenset({"objects", "events"})


def basis_of(suspect: Suspect, catalog: Catalog) -> Basis:
    """Return the firmest ground that a suspect's own findings have."""
    firm = [finding for finding in suspect.findings if finding.strength >= _CARRIES] or suspect.findings
    if catalog.is_a(suspect.code, "since-change"):
        return "correlated"
    if any(len(_compared(finding)) > 1 for finding in firm):
        return "checked"
    sources = {observation.source for finding in firm for observation in finding.observations}
    if sources & (_STATED | {"stats", "health", "metrics"}):
        return "seen"
    return "correlated" if any(finding.blames and finding.service == suspect.service for finding in firm) else "worded"


def within(basis: Basis, confidence: float) -> float:
    """Return the confidence, no higher than its ground allows."""
    return min(confidence, RANGES[basis][1])


def _compared(finding: Finding) -> set[str]:
    """Return the objects whose own fields a finding holds against each other."""
    return {o.where.partition(":")[0] for o in finding.observations if o.source == "objects"}
