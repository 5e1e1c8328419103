"""What becomes of a model's cause beside the rules' causes.

A model may support the rules, choose among causes that they hold nearly as likely, name one where they know none, and
explain what they found by a deeper cause where that is a symptom. All but the first need claims that were tested. It
never starts, stops or changes an action: where the rules plan one, or its own cause would lead to one, their order
stays, and both views are shown. What a state of the API server itself states is not talked away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.reasoning.ranking import ENOUGH
from opsagent.models.evidence import UNKNOWN, Cause, Evidence, Finding
from opsagent.models.opinion import OTHER, Agreement, Opinion
from opsagent.models.plan import Action

NAMED = ENOUGH  # the confidence of a cause that only the model names: below what any plan acts on
_SURE = 0.9
_NEAR = 0.15
_STATES = frozenset({"objects", "events"})


@dataclass(frozen=True, slots=True)
class Settled:
    """The causes after the rules and the model were weighed; `reached` states how."""

    causes: tuple[Cause, ...]
    agreement: Agreement


def settle(
    causes: Sequence[Cause],
    findings: Sequence[Finding],
    said: Opinion,
    *,
    acts: bool,
    catalog: Catalog | None = None,
    suspected: bool = False,
) -> Settled:
    """Return the causes after the model's word. `acts`: the rules plan a change, so their order stays.

    `suspected`: the rules found no fault, and something hints at one all the same: what holds is named.
    """
    rules, known = tuple(causes), catalog or builtin()
    first = rules[0] if rules else None
    if first is not None and (_same(first, said) or (first.unexplained and said.unexplained)):
        return Settled(rules, "agrees")
    if first is None and suspected and not said.unexplained and said.holds:
        return Settled(_named(rules, said, known), "named")
    if said.unexplained or first is None or not said.holds:
        return Settled(rules, "unsure" if said.unexplained else "differs")
    if explained(first, said, known):
        return Settled(rules if acts else _named(rules, said, known, keep=True), "explains")
    if not acts and first.unexplained:
        return Settled(_named(rules, said, known), "named")
    return Settled(rules, "differs") if acts else _chosen(rules, findings, said)


def explained(first: Cause, said: Opinion, catalog: Catalog) -> bool:
    """Return whether the rules' first cause is a symptom, and the model's one is a cause that may be behind it."""
    row, deeper = catalog.get(first.code), catalog.get(said.code)
    if row is None or first.unexplained or row.kind != "symptom":
        return False
    return said.code == OTHER or (deeper is not None and deeper.kind == "cause")


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
    held = f"{len(said.supported)} of {len(said.claims)} claims supported"
    why = "" if said.holds else f" ({said.unfounded or 'none of its claims is supported'})"
    return {
        "agrees": f"the model agrees: {own}",
        "unsure": f"the model cannot show; the rules state {first}",
        "differs": f"the model states {own}{why}, the rules state {first}; the rules' answer holds",
        "reordered": f"the rules hold {first} nearly as likely; the model chose {own}, {held}",
        "named": f"the rules know no cause; the model names {own}, {held}, and no rule confirms it",
        "explains": f"the rules found the symptom {first}; the model explains it by {own}, {held}, no rule confirms it",
    }[settled.agreement]


def doubt(said: Opinion, action: Action, catalog: Catalog) -> str:
    """Return the risk of a planned action where the model's cause behind the symptom is right."""
    first = said.supported[0]
    change = action.removesuffix("_deployment")
    deeper = catalog.get(said.code)
    effect = catalog.effect(said.code, "", action) if deeper else None
    after = f"a {change} may leave that in place" if effect is None else f"a {change}: {effect.why}"
    return f"the model explains it by {said.code} ({first.evidence} “{first.quote}”), no rule confirms it; {after}"


def _same(cause: Cause, said: Opinion) -> bool:
    return cause.code == said.code and (said.object is None or cause.object is None or said.object == cause.object)


def _cites(cause: Cause, evidence: Sequence[Evidence]) -> bool:
    return bool(set(cause.evidence) & {piece.id for piece in evidence})


def _named(rules: tuple[Cause, ...], said: Opinion, catalog: Catalog, *, keep: bool = False) -> tuple[Cause, ...]:
    """Return the causes with the model's one first; `keep`: what it explains stays behind it.

    How sure it is comes from its claims alone. Its words are the catalog's; only a cause outside the catalog, whose
    sentence was tested too, has its own.
    """
    first = rules[0] if rules else Cause(UNKNOWN, None, None, 0.0, "", ())
    ids = tuple(dict.fromkeys(claim.evidence for claim in said.supported))
    sure = round(NAMED * len(said.supported) / len(said.claims), 2)
    row = catalog.get(said.code)
    code, words = (said.code, row.meaning) if row else (UNKNOWN, said.summary)
    cause = Cause(code, said.object or first.object, first.service, sure, words, ids, summary_by="model")
    if keep:
        return (cause, *(other for other in rules if not _same(other, said)))
    others = (other for other in rules[1:] if not _same(other, said))
    return (cause, *(replace(other, confidence=min(other.confidence, sure)) for other in others))
