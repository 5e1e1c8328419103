"""The model's word held against the rules' causes: what becomes of both, now and after a later look."""

from collections.abc import Sequence
from dataclasses import replace

from opsagent.agent.context import Context
from opsagent.agent.diagnosis import Conclusion, fingerprint, planned
from opsagent.agent.state import State
from opsagent.agent.weighing import graph_of
from opsagent.analysis.reasoning.agreement import Settled, settle, told
from opsagent.models.evidence import Cause, Evidence
from opsagent.models.incident import Analysis
from opsagent.models.opinion import Opinion, Reading


def with_opinion(state: State, ctx: Context, concluded: Conclusion, said: Opinion) -> tuple[State, Opinion]:
    """Settle rules and model; a plan with an action is the rules' own, always."""
    rules, made = concluded.ranking.causes, concluded.plan
    settled = settle(rules, concluded.findings, said, acts=made.action != "none")
    if settled.causes != rules:
        calls = graph_of(ctx, tuple(state.get("digests", ())))
        other = planned(ctx, settled.causes, patient=state.get("patient"), calls=calls)
        if other.action == "none":
            made = other
        else:
            settled = Settled(rules, "differs")
    update: State = {"causes": settled.causes, "plan": made, "fingerprint": fingerprint(made, settled.causes)}
    return update, replace(said, agreement=settled.agreement, text=told(settled, said, rules))


def heard_again(analysis: Analysis, causes: Sequence[Cause]) -> Analysis:
    """Return the analysis with the model's opinion held against the causes of a later look, which it has not seen.

    It spoke of the first look: the rules' order stands, and only how the two stand to each other is said anew.
    """
    said = analysis.opinion
    if said is None:
        return analysis
    settled = settle(causes, (), said, acts=True)
    return replace(analysis, opinion=replace(said, agreement=settled.agreement, text=told(settled, said, causes)))


def kept_evidence(reading: Reading | None, analysis: Analysis) -> tuple[Evidence, ...]:
    """Return what the model looked up and what it cites: evidence of the incident, whatever the rules cite later."""
    looked_up = reading.looked_up if reading else ()
    cited = analysis.opinion.evidence if analysis.opinion else ()
    return tuple({piece.id: piece for piece in (*looked_up, *cited)}.values())
