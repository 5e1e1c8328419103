"""A suspect: one mechanism at one place, with every finding that speaks for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from opsagent.models.evidence import UNKNOWN, Finding, Source

CERTAIN = 0.97  # nothing that was only checked from outside is surer than this
_SUPPORT = 0.25  # of the remaining doubt that a complaint from elsewhere takes away


@dataclass(slots=True)
class Suspect:
    """A candidate for a cause while it is weighed."""

    code: str
    object: str | None
    service: str | None
    findings: list[Finding] = field(default_factory=list)  # its own, strongest first
    support: list[Finding] = field(default_factory=list)  # what it led to elsewhere
    weight: float = 1.0  # how far it has to do with the symptoms

    @property
    def unexplained(self) -> bool:
        """Return whether it states that something is wrong, and not why."""
        return self.code == UNKNOWN

    @property
    def score(self) -> float:
        """Confidence: independent sources agree as independent witnesses do; what it led to supports it once."""
        doubt = 1.0
        by_source: dict[str, float] = {}
        for finding in self.findings:
            kind = _kind_of_source(finding)
            by_source[kind] = max(by_source.get(kind, 0.0), min(1.0, max(0.0, finding.strength)))
        for strength in by_source.values():
            doubt *= 1.0 - strength
        if self.support:
            doubt *= 1.0 - _SUPPORT
        return min(CERTAIN, (1.0 - doubt)) * self.weight

    @property
    def at(self) -> datetime | None:
        """When it began, as far as seen."""
        return min((finding.at for finding in self.findings if finding.at is not None), default=None)


def merged(findings: Iterable[Finding]) -> list[Suspect]:
    """Return one suspect a mechanism and place, in the order in which they were found.

    A finding without an object joins the one of the same code and service that has one.
    """
    suspects: list[Suspect] = []
    by_object: dict[tuple[str, str | None], Suspect] = {}
    by_service: dict[tuple[str, str | None], Suspect] = {}
    for finding in sorted(findings, key=lambda f: f.object is None):
        if finding.object is not None:
            suspect = by_object.get((finding.code, finding.object))
        else:
            suspect = by_service.get((finding.code, finding.service))
        if suspect is None:
            suspect = Suspect(finding.code, finding.object, finding.service)
            suspects.append(suspect)
            by_object.setdefault((finding.code, finding.object), suspect)
        suspect.findings.append(finding)
        suspect.service = suspect.service or finding.service
        by_service.setdefault((finding.code, suspect.service), suspect)
    for suspect in suspects:
        suspect.findings.sort(key=lambda finding: -finding.strength)
    return suspects


def _kind_of_source(finding: Finding) -> str:
    sources: set[Source] = {observation.source for observation in finding.observations}
    if "logs" in sources:
        return "logs"
    if "metrics" in sources:
        return "metrics"
    return "stats" if sources & {"stats", "health"} else "objects"
