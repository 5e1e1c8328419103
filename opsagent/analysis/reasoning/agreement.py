"""What becomes of a model's cause beside the rules' causes.

A model may support the rules, choose among causes that they hold nearly as likely, and name one with evidence where
they know none. It never starts, stops or changes an action: where the rules plan one, or its own cause would lead to
one, their order stands, and both views are told. What a state of the API server itself says is not talked away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opsagent.analysis.catalog.catalog import UNKNOWN
from opsagent.analysis.reasoning.ranking import ENOUGH
from opsagent.models.evidence import Cause, Evidence, Finding
from opsagent.models.opinion import Agreement, Opinion

NAMED = ENOUGH  # the confidence of a cause that only the model names: below what any plan acts on
_SURE = 0.9
_NEAR = 0.15
_STATES = frozenset({"objects", "events"})


@dataclass(frozen=True, slots=True)
class Settled:
    """The causes after both were heard; `reached` says how."""

    causes: tuple[Cause, ...]
    agreement: Agreement


def settle(causes: Sequence[Cause], findings: Sequence[Finding], said: Opinion, *, acts: bool) -> Settled:
    """Return the causes after the model's word. `acts`: the rules plan a change, so their order stands."""
    rules = tuple(causes)
    first = rules[0] if rules else None
    if first is not None and (_same(first, said) or first.code == said.code == UNKNOWN):
        return Settled(rules, "agrees")
    if said.code == UNKNOWN:
        return Settled(rules, "unsure")
    if first is None or acts or not said.evidence:
        return Settled(rules, "differs")
    return Settled(_named(rules, said), "named") if first.code == UNKNOWN else _chosen(rules, findings, said)


def _chosen(rules: tuple[Cause, ...], findings: Sequence[Finding], said: Opinion) -> Settled:
    """Return the causes with the model's one first, where the rules hold it nearly as likely and it cites it."""
    first = rules[0]
    at = next((place for place, cause in enumerate(rules) if _same(cause, said)), None)
    near = at is not None and rules[at].confidence >= max(ENOUGH, first.confidence - _NEAR)
    if at is None or not near or strong(first, findings) or not _cites(rules[at], said.evidence):
        return Settled(rules, "differs")
    others = (
        replace(cause, confidence=min(cause.confidence, rules[at].confidence)) for cause in rules if cause != rules[at]
    )
    return Settled((rules[at], *others), "reordered")


def strong(cause: Cause, findings: Sequence[Finding]) -> bool:
    """Return whether a cause is sure, or rests on a state that the API server itself names."""
    return cause.confidence >= _SURE or any(
        finding.code == cause.code
        and finding.object == cause.object
        and finding.strength >= _SURE
        and not finding.over
        and any(seen.source in _STATES for seen in finding.observations)
        for finding in findings
    )


def told(settled: Settled, said: Opinion, rules: Sequence[Cause]) -> str:
    """Return one sentence for the operator: how model and rules stand to each other."""
    own = f"{said.code} at {said.object}" if said.object else said.code
    first = f"{rules[0].code} at {rules[0].object or 'no known object'}" if rules else "nothing"
    return {
        "agrees": f"the model agrees: {own}",
        "unsure": f"the model cannot tell; the rules say {first}",
        "differs": f"the model says {own}, the rules say {first}; the rules' answer stands",
        "reordered": f"the rules hold {first} nearly as likely; the model chose {own}",
        "named": f"the rules know no cause; the model names {own} on the evidence cited, and no rule confirms it",
    }[settled.agreement]


def _same(cause: Cause, said: Opinion) -> bool:
    return cause.code == said.code and (said.object is None or cause.object is None or said.object == cause.object)


def _cites(cause: Cause, evidence: Sequence[Evidence]) -> bool:
    return bool(set(cause.evidence) & {piece.id for piece in evidence})


def _named(rules: tuple[Cause, ...], said: Opinion) -> tuple[Cause, ...]:
    first = rules[0]
    ids = tuple(piece.id for piece in said.evidence)
    cause = Cause(said.code, said.object or first.object, first.service, NAMED, said.summary, ids)
    kept = (other for other in rules[1:] if not _same(other, said))
    return (cause, *(replace(other, confidence=min(other.confidence, NAMED)) for other in kept))
