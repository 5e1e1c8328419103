"""The model's word held against the rules' causes: what becomes of both, now and after a later check."""

from collections.abc import Sequence
from dataclasses import replace

from opsagent.agent.context import Context
from opsagent.agent.diagnosis import Conclusion, planned
from opsagent.agent.state import State
from opsagent.agent.weighing import graph_of
from opsagent.analysis.reasoning.agreement import Settled, doubt, settle, told
from opsagent.models.evidence import Cause, Evidence
from opsagent.models.incident import Analysis
from opsagent.models.opinion import Opinion, Reading
from opsagent.models.plan import MODEL_RISK, Plan, Risk


def with_opinion(state: State, ctx: Context, concluded: Conclusion, said: Opinion) -> tuple[State, Opinion]:
    """Settle rules and model; a plan with an action is the rules' own, always."""
    rules, made = concluded.ranking.causes, concluded.plan
    settled = settle(
        rules, concluded.findings, said, acts=made.action != "none", catalog=ctx.catalog, suspected="faultless" in state
    )
    if settled.causes != rules:
        calls = graph_of(ctx, tuple(state.get("digests", ())))
        other = planned(ctx, settled.causes, patient=state.get("patient"), calls=calls)
        if other.action == "none":
            # A cause outside the catalog has no advice: that of the rules for what it explains stays.
            made = made if settled.causes[0].unexplained else other
        else:
            settled = Settled(rules, "differs")
    if settled.agreement == "explains" and made.action != "none":
        said = replace(said, doubt=doubt(said, made.action, ctx.catalog))
    made = doubted(made, said)
    update: State = {"causes": settled.causes, "plan": made}
    return update, replace(said, agreement=settled.agreement, text=told(settled, said, rules))


def doubted(made: Plan, said: Opinion | None) -> Plan:
    """Return the plan with the model's doubt among its risks: the action stays exactly the rules' own."""
    if said is None or not said.doubt or made.action == "none":
        return made
    return replace(made, risks=(*made.risks, Risk(MODEL_RISK, said.doubt)))


def heard_again(analysis: Analysis, causes: Sequence[Cause]) -> Analysis:
    """Return the analysis with the model's opinion held against the causes of a later check, which it has not seen.

    It spoke of the first check: the rules' order holds, and only how the two stand to each other is stated again.
    """
    said = analysis.opinion
    if said is None:
        return analysis
    settled = settle(causes, (), said, acts=True)
    doubts = said.doubt if settled.agreement == "explains" else ""
    text = told(settled, said, causes)
    return replace(analysis, opinion=replace(said, agreement=settled.agreement, text=text, doubt=doubts))


def kept_evidence(reading: Reading | None, analysis: Analysis) -> tuple[Evidence, ...]:
    """Return what the model looked up and what it cites: evidence of the incident, whatever the rules cite later."""
    looked_up = reading.looked_up if reading else ()
    cited = analysis.opinion.evidence if analysis.opinion else ()
    return tuple({piece.id: piece for piece in (*looked_up, *cited)}.values())
