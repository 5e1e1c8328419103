"""What a model's answers are worth: they may word and support what the rules found, and never act.

Anything wrong with an answer falls back to the rules and says why.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from opsagent.agent import prompts
from opsagent.agent.context import Context
from opsagent.agent.diagnosis import Conclusion
from opsagent.agent.state import State
from opsagent.analysis.catalogue import codes
from opsagent.errors import ModelError
from opsagent.models.evidence import Cause, Finding
from opsagent.models.incident import Analysis

if TYPE_CHECKING:
    from opsagent.agent.model_schema import LastAnswer
    from opsagent.clients.model import Reply


def first_judgement(state: State, ctx: Context, findings: Sequence[Finding]) -> Analysis:
    """Ask the model what the logs say, where one is configured; return who judged so far."""
    if ctx.model is None:
        return Analysis()
    # pydantic costs a third of a second at import: only a configured model needs it.
    from opsagent.agent.model_schema import FirstAnswer  # noqa: PLC0415

    ctx.progress.doing("analyze", f"asking {ctx.model.name}")
    question = prompts.analyze_prompt(state, findings, codes(), _fence())
    try:
        reply = ctx.model.ask(prompts.SYSTEM, question, FirstAnswer)
    except ModelError as error:
        return Analysis(model=ctx.model.name, fallback=error.message)
    return _counted(Analysis(by="model+rules", model=ctx.model.name), reply)


def last_judgement(state: State, ctx: Context, concluded: Conclusion) -> State:
    """Ask the model for cause and recommendations, and let in only what the evidence and the catalogue carry."""
    analysis, ranking, plan = state["analysis"], concluded.ranking, concluded.plan
    update: State = {
        "changes": concluded.changes,
        "causes": ranking.causes,
        "evidence": ranking.evidence,
        "plan": plan,
        "fingerprint": concluded.fingerprint,
        "analysis": analysis,
    }
    if ctx.model is None or analysis.fallback:
        return update
    from opsagent.agent.model_schema import LastAnswer  # noqa: PLC0415

    ctx.progress.doing("root_cause", f"asking {ctx.model.name}")
    question = prompts.root_cause_prompt(
        state, causes=ranking.causes, evidence=ranking.evidence, plan=plan, codes=codes(), fence=_fence()
    )
    try:
        reply = ctx.model.ask(prompts.SYSTEM, question, LastAnswer)
        answer = reply.answer
        _refuse_what_is_not_there(answer, concluded)
    except ModelError as error:
        update["analysis"] = replace(analysis, by="rules", fallback=error.message)
        return update
    update["analysis"] = _counted(analysis, reply)
    redact = ctx.seen.redact
    first = ranking.causes[0] if ranking.causes else None
    if first is not None and answer.code == first.code:
        # It agrees: its wording and advice are added, the rules' object, plan and confidence stay.
        update["plan"] = replace(
            plan, recommendations=(*plan.recommendations, *(redact(text) for text in answer.recommendations))
        )
    elif answer.code != "unknown":
        # It differs: both stand in the report, and the rules' plan stays.
        other = Cause(answer.code, answer.object, state.get("patient"), 0.3, redact(answer.summary), answer.evidence)
        update["causes"] = (*ranking.causes, other)
    return update


def _refuse_what_is_not_there(answer: "LastAnswer", concluded: Conclusion) -> None:
    known = {evidence.id for evidence in concluded.ranking.evidence}
    made_up = [name for name in answer.evidence if name not in known]
    if made_up:
        raise ModelError(f"the model's answer names evidence that does not exist: {', '.join(made_up[:3])}")
    if answer.code not in codes():
        raise ModelError(f"the model's answer names a cause code that does not exist: {answer.code[:60]!r}")
    objects = {finding.object for finding in concluded.findings} | {cause.object for cause in concluded.ranking.causes}
    if answer.object is not None and answer.object not in objects:
        raise ModelError(f"the model's answer names an object that was never seen: {answer.object[:80]!r}")


def _counted(analysis: Analysis, reply: "Reply") -> Analysis:
    return replace(
        analysis,
        calls=analysis.calls + reply.calls,
        input_tokens=(analysis.input_tokens or 0) + (reply.input_tokens or 0),
        output_tokens=(analysis.output_tokens or 0) + (reply.output_tokens or 0),
        took_s=analysis.took_s + reply.took_s,
    )


def _fence() -> str:
    return f"=== {secrets.token_hex(8)} ==="
