"""Findings of one mechanism become one suspect; agreement raises confidence."""

from opsagent.analysis.reasoning.suspects import CERTAIN, merged
from opsagent.models.evidence import Finding, Observation, Source


def finding(
    code: str, strength: float, source: Source = "logs", *, change: str | None = None, service: str | None = "web"
) -> Finding:
    """Return one finding with one observation."""
    return Finding(code, change, service, strength, f"{code} in {service}", (Observation(source, f"{source}:1", "x"),))


def test_the_same_mechanism_at_the_same_place_is_one_suspect() -> None:
    """A log that knows no object joins the objects that do."""
    suspects = merged([finding("db.locked", 0.8), finding("db.locked", 0.5, "objects", change="Deployment/web")])
    assert [(s.code, s.object, len(s.findings)) for s in suspects] == [("db.locked", "Deployment/web", 2)]


def test_other_codes_and_places_stay_apart() -> None:
    """Neither another code nor another workload is merged."""
    rows = [finding("db.locked", 0.8), finding("db.deadlock", 0.8), finding("db.locked", 0.8, service="api")]
    assert len(merged(rows)) == 3


def test_agreement_of_sources_counts_and_repetition_does_not() -> None:
    """Two logs are one witness, a log and an object are two; no score is certain."""
    once = merged([finding("db.locked", 0.6)])[0].score
    twice = merged([finding("db.locked", 0.6), finding("db.locked", 0.6)])[0].score
    both = merged([finding("db.locked", 0.6), finding("db.locked", 0.6, "objects")])[0].score
    assert once == twice < both < merged([finding("db.locked", 0.99), finding("db.locked", 0.99, "stats")])[0].score
    assert merged([finding("x.y", 5.0)])[0].score == CERTAIN
