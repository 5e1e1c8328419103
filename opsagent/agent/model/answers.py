"""What a model is asked, and what its answers are worth: they support, word and name; they never act.

Anything wrong with an answer falls back to the rules and says why.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from opsagent.agent.context import Context
from opsagent.agent.diagnosis import Conclusion, changes_near
from opsagent.agent.model import prompts
from opsagent.agent.model.answer_check import Known, known_to
from opsagent.agent.model.claim_check import checked, names_in
from opsagent.agent.model.opinions import kept_evidence, with_opinion
from opsagent.agent.model.prompt_room import readable
from opsagent.agent.model.tool_calls import Lookups, RefusedLookupError
from opsagent.agent.state import State
from opsagent.agent.weighing import graph_of, weigh
from opsagent.analysis.evidence.cluster_summary import standing
from opsagent.analysis.reasoning.numbering import highest
from opsagent.analysis.reasoning.ranking import Ranking
from opsagent.clients.model.errors import NoRepairError
from opsagent.errors import ModelError, QuestionNotSentError
from opsagent.models.evidence import Evidence, Finding
from opsagent.models.incident import Analysis
from opsagent.models.opinion import Claim, Opinion, Reading
from opsagent.models.tokens import estimate

if TYPE_CHECKING:
    from opsagent.agent.model.schema import FirstAnswer
    from opsagent.clients.model.client import ModelClient, Usage

_RESERVED = 5_200  # tokens of the second question: no look-up may cost it
_AROUND = 1_100  # tokens that a question costs beyond its text: system, and the schema twice
_CLAIMS = 4  # as many as are asked for
_WORDS = 400  # characters of one sentence of the model


def first_answer(
    state: State, ctx: Context, model: "ModelClient", findings: Sequence[Finding], analysis: Analysis
) -> State:
    """Ask the model what the logs say, and look up what it asks for.

    Returns the judgement so far, the model's reading and the evidence as it was numbered for it.
    """
    model.begin()
    before, lookups = model.usage, Lookups(ctx, [])
    calls = graph_of(ctx, tuple(state.get("digests", ())))
    ranking = weigh(ctx, tuple(findings), healths=state["healths"], calls=calls, patient=state.get("patient"))
    near = changes_near(ctx, ranking, patient=state.get("patient"), calls=calls)
    try:
        reading = _read({**state, "changes": near}, ctx, model, findings, ranking=ranking, lookups=lookups)
    except QuestionNotSentError:
        reading = Reading()
    except ModelError as error:
        reading = Reading(looked_up=tuple(lookups.made))
        analysis = replace(analysis, fallback=error.message)
    evidence = (*ranking.evidence, *lookups.made)
    return {"analysis": _counted(analysis, before, model.usage), "reading": reading, "evidence": evidence}


def last_answer(state: State, ctx: Context, model: "ModelClient", concluded: Conclusion, update: State) -> State:
    """Ask the model for cause and advice, and let in only what the evidence and the catalogue carry.

    `update` is what the rules concluded, with the evidence of the look-ups; it is returned with the answer in it.
    """
    analysis, reading, evidence = update["analysis"], state.get("reading") or Reading(), update["evidence"]
    before = model.usage
    try:
        said = _asked_for_cause(state, ctx, model, concluded, reading)
    except QuestionNotSentError:
        return update
    except ModelError as error:
        update["analysis"] = _counted(replace(analysis, fallback=error.message), before, model.usage)
        return update
    settled, opinion = with_opinion(state, ctx, concluded, said)
    judged = _counted(replace(analysis, by="model+rules", opinion=opinion), before, model.usage)
    cited = (piece for piece in kept_evidence(reading, judged) if piece not in evidence)
    return {**update, **settled, "analysis": judged, "evidence": (*evidence, *cited)}


def _read(
    state: State,
    ctx: Context,
    model: "ModelClient",
    findings: Sequence[Finding],
    *,
    ranking: Ranking,
    lookups: Lookups,
) -> Reading:
    """Ask for the first reading; again after each look-up that the model asks for and may have."""
    # pydantic costs a third of a second at import: only a configured model needs it.
    from opsagent.agent.model.schema import FirstAnswer  # noqa: PLC0415

    known = known_to(ctx, findings, ranking.causes)
    stands = _standing(ctx)
    while True:
        room = min(prompts.MOST_TOKENS, model.left_tokens - _RESERVED - _AROUND)
        question = _first_question(state, findings, stands, ranking=ranking, lookups=lookups, room=room)
        ctx.progress.doing("analyze", f"asking {model.name}")
        wrong = known.first_wrong(question.evidence)
        try:
            reply = model.ask(prompts.SYSTEM, question.text, FirstAnswer, check=wrong, keep=_RESERVED)
        except NoRepairError:
            # What was looked up is there for the second question, and the second question is what counts.
            return Reading(looked_up=tuple(lookups.made))
        answer: FirstAnswer = reply.answer
        if answer.lookup is None:
            return _reading(ctx, known, answer, question.evidence, lookups)
        try:
            lookups.look(answer.lookup, highest((*ranking.evidence, *lookups.made)) + 1)
        except RefusedLookupError as refused:
            lookups.ended(refused)
            return _reading(ctx, known, answer, question.evidence, lookups)
        if model.left_tokens - _RESERVED - _AROUND < estimate(question.text):
            return _reading(ctx, known, answer, question.evidence, lookups)


def _first_question(
    state: State,
    findings: Sequence[Finding],
    stands: Sequence[str],
    *,
    ranking: Ranking,
    lookups: Lookups,
    room: int,
) -> prompts.Question:
    return prompts.analyze_prompt(
        state,
        standing=stands,
        findings=findings,
        causes=ranking.causes,
        evidence=ranking.evidence,
        looked_up=lookups.made,
        codes=lookups.ctx.catalog.codes,
        tools=lookups.offered(),
        lookups_left=lookups.left if room > prompts.MOST_TOKENS // 2 else 0,
        fence=_fence(),
        room=room,
    )


def _reading(
    ctx: Context, known: Known, answer: "FirstAnswer", evidence: Sequence[Evidence], lookups: Lookups
) -> Reading:
    cited = tuple(piece for piece in evidence if piece.id in answer.evidence)
    text = _sentence(ctx, answer.reasoning)
    return Reading(answer.code, known.spelled(answer.object), text, cited, tuple(lookups.made))


def _asked_for_cause(
    state: State, ctx: Context, model: "ModelClient", concluded: Conclusion, reading: Reading
) -> Opinion:
    from opsagent.agent.model.schema import LastAnswer  # noqa: PLC0415 - see _read

    ranking = concluded.ranking
    known = known_to(ctx, concluded.findings, ranking.causes)
    question = prompts.root_cause_prompt(
        {**state, "changes": concluded.changes},
        standing=_standing(ctx),
        findings=concluded.findings,
        causes=ranking.causes,
        evidence=ranking.evidence,
        reading=reading,
        plan=concluded.plan,
        codes=ctx.catalog.codes,
        fence=_fence(),
        room=min(prompts.MOST_TOKENS, model.left_tokens - _AROUND),
    )
    ctx.progress.doing("root_cause", f"asking {model.name}")
    reply = model.ask(prompts.SYSTEM, question.text, LastAnswer, check=known.last_wrong(question.evidence))
    answer: LastAnswer = reply.answer
    said = Opinion(
        answer.code,
        known.spelled(answer.object),
        _sentence(ctx, answer.summary),
        tuple(piece for piece in question.evidence if piece.id in answer.evidence),
        answer.action,
        known.spelled(answer.target) if answer.action != "none" else None,
        answer.replicas if answer.action == "scale_deployment" else None,
        tuple(_sentence(ctx, text) for text in answer.recommendations if text.strip())[:4],
        claims=tuple(
            Claim(_sentence(ctx, claim.text), _sentence(ctx, claim.quote), claim.evidence)
            for claim in answer.claims[:_CLAIMS]
        ),
    )
    return checked(said, state, ctx, concluded, names=names_in(ctx, known), evidence=question.evidence)


def _counted(analysis: Analysis, before: "Usage", now: "Usage") -> Analysis:
    return replace(
        analysis,
        calls=analysis.calls + now.calls - before.calls,
        input_tokens=_more(analysis.input_tokens, before.input_tokens, now.input_tokens),
        output_tokens=_more(analysis.output_tokens, before.output_tokens, now.output_tokens),
        took_s=round(analysis.took_s + now.took_s - before.took_s, 3),
    )


def _more(so_far: int | None, before: int | None, now: int | None) -> int | None:
    return so_far if now is None else (so_far or 0) + now - (before or 0)


def _standing(ctx: Context) -> tuple[str, ...]:
    return tuple(ctx.seen.redact(line) for line in standing(ctx.seen.objects, ctx.seen.services))


def _sentence(ctx: Context, text: str) -> str:
    """Return a model's words as one bounded, redacted line: text, whatever it says."""
    plain = " ".join(readable(ctx.seen.redact(text)).split())
    return plain if len(plain) <= _WORDS else plain[: _WORDS - 1] + "…"


def _fence() -> str:
    return f"=== {secrets.token_hex(8)} ==="
