"""What a model is asked in a diagnosis, and what its answers are worth: they support, word and name; they never act.

Anything wrong with an answer falls back to the rules and states why.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from opsagent.agent.context import Context
from opsagent.agent.diagnosis import Conclusion, changes_near
from opsagent.agent.model import prompts, record
from opsagent.agent.model.answer_check import known_to
from opsagent.agent.model.asking import watched
from opsagent.agent.model.claim_check import checked, names_in
from opsagent.agent.model.investigation import AROUND, facts_of, investigate
from opsagent.agent.model.material import material_of
from opsagent.agent.model.opinions import kept_evidence, with_opinion
from opsagent.agent.model.prompt_codes import code_lines, touched_codes
from opsagent.agent.model.tool_calls import Calls
from opsagent.agent.model.when import not_asked
from opsagent.agent.model.words import fence, one_line
from opsagent.agent.state import State
from opsagent.agent.weighing import graph_of, weigh
from opsagent.analysis.objects import kube
from opsagent.analysis.reasoning.numbering import highest
from opsagent.analysis.reasoning.ranking import Ranking
from opsagent.clients.model.waiting import SkippedModelError
from opsagent.errors import ModelError, QuestionNotSentError
from opsagent.models.evidence import Evidence, Finding
from opsagent.models.incident import Analysis, Step
from opsagent.models.opinion import Claim, LookedUp, Opinion, Reading

if TYPE_CHECKING:
    from opsagent.clients.model.client import ModelClient, Usage

_RULES = "rules"  # as the operator sees their result, before the model is asked


def first_answer(
    state: State, ctx: Context, model: "ModelClient", findings: Sequence[Finding], analysis: Analysis
) -> State:
    """Let the model investigate and vote, unless it need not be asked.

    Returns the judgement so far, the model's reading and the evidence as it was numbered for it.
    """
    model.begin()
    model.hide(_hidden(ctx))
    before = model.usage
    calls = graph_of(ctx, tuple(state.get("digests", ())))
    ranking = weigh(ctx, tuple(findings), healths=state["healths"], calls=calls, patient=state.get("patient"))
    analysis = _with_budget(analysis, ctx)
    why = not_asked(ctx, ranking, analysis.day_tokens)
    if why is not None:
        return {"analysis": replace(analysis, not_asked=why), "reading": None, "evidence": ranking.evidence}
    _show_rules(ctx, ranking)
    other = record.same_fault(
        ctx, state["incident_id"], record.fault_key(ctx, state.get("patient"), ranking.causes)
    )  # fmt: skip
    if other is not None:
        return _of_other(analysis, ranking, *other)
    near = changes_near(ctx, ranking, patient=state.get("patient"), calls=calls)
    shown: State = {**state, "changes": near}
    held = record.kept(ctx, state["incident_id"])
    asked = _calls(shown, ctx, record.renumbered(held.calls, highest(ranking.evidence)))
    try:
        with watched(ctx, model, "analyze"):
            reading = _investigated(shown, ctx, model, findings, ranking=ranking, calls=asked, held=held)
    except QuestionNotSentError:
        reading = Reading()
    except SkippedModelError as skipped:
        reading = Reading(calls=tuple(asked.made))
        ctx.progress.done(Step("model", ctx.clock(), 0.0, skipped.message, ok=False))
    except ModelError as error:
        reading = Reading(calls=tuple(asked.made))
        analysis = replace(analysis, fallback=error.message)
    evidence = (*ranking.evidence, *reading.looked_up)
    judged = _counted(ctx, _with_reading(analysis, reading), before, model.usage)
    return {"analysis": judged, "reading": reading, "evidence": evidence}


def last_answer(state: State, ctx: Context, model: "ModelClient", concluded: Conclusion, update: State) -> State:
    """Ask the model for cause and advice, and let in only what the evidence and the catalog carry.

    `update` is what the rules concluded, with the evidence of the look-ups; it is returned with the answer in it.
    """
    analysis, reading, evidence = update["analysis"], state.get("reading") or Reading(), update["evidence"]
    before = model.usage
    try:
        with watched(ctx, model, "root_cause"):
            said = _known_answer(state, ctx, concluded, analysis, evidence) or _asked_for_cause(
                state, ctx, model, concluded, reading
            )
    except QuestionNotSentError:
        return update
    except ModelError as error:
        update["analysis"] = _counted(ctx, replace(analysis, fallback=error.message), before, model.usage)
        return update
    settled, opinion = with_opinion(state, ctx, concluded, replace(said, vote=analysis.vote or ""))
    judged = _counted(ctx, replace(analysis, by="model+rules", opinion=opinion), before, model.usage)
    cited = (piece for piece in kept_evidence(reading, judged) if piece not in evidence)
    return {**update, **settled, "analysis": judged, "evidence": (*evidence, *cited)}


def _calls(state: State, ctx: Context, made: Sequence[LookedUp]) -> Calls:
    """Return what the model may look up of this incident, with the calls that were made before."""
    material = material_of(state, ctx)
    return Calls(material, ctx.progress, ctx.clock, ctx.settings.model.max_lookups, list(made))


def _investigated(
    state: State,
    ctx: Context,
    model: "ModelClient",
    findings: Sequence[Finding],
    *,
    ranking: Ranking,
    calls: Calls,
    held: record.Kept,
) -> Reading:
    """Return the model's vote; one that this incident holds already is not asked for again."""
    if held.reading is not None:
        return replace(held.reading, calls=tuple(calls.made))
    facts = facts_of(state, ctx, calls.material, ranking.evidence)
    known = known_to(ctx, findings, ranking.causes)
    return investigate(facts, ctx, calls, known, model=model, codes=[finding.code for finding in findings])


def _known_answer(
    state: State, ctx: Context, concluded: Conclusion, analysis: Analysis, evidence: Sequence[Evidence]
) -> Opinion | None:
    """Return the answer that this incident has had already, or another one of the same fault; tested again."""
    said = record.kept(ctx, analysis.same_as or state["incident_id"]).said
    if said is None:
        return None
    ours = record.adopted(said, evidence, highest(evidence)) if analysis.same_as else said
    known = known_to(ctx, concluded.findings, concluded.ranking.causes)
    pieces = {piece.id: piece for piece in (*ours.evidence, *evidence)}
    return checked(ours, state, ctx, concluded, names=names_in(ctx, known), evidence=tuple(pieces.values()))


def _of_other(analysis: Analysis, ranking: Ranking, incident_id: str, held: record.Kept) -> State:
    """Return the judgement so far where another incident of the same fault was investigated."""
    calls = record.renumbered(held.calls, highest(ranking.evidence))
    reading = replace(held.reading or Reading(), calls=calls)
    judged = _with_reading(replace(analysis, same_as=incident_id), reading)
    return {"analysis": judged, "reading": reading, "evidence": (*ranking.evidence, *reading.looked_up)}


def _asked_for_cause(
    state: State, ctx: Context, model: "ModelClient", concluded: Conclusion, reading: Reading
) -> Opinion:
    from opsagent.agent.model.schema import LastAnswer  # noqa: PLC0415 - see investigate

    ranking, room = concluded.ranking, min(prompts.MOST_TOKENS, model.left_tokens - AROUND)
    if room < prompts.LEAST_TOKENS:
        raise ModelError(
            f"{max(0, model.left_tokens)} input tokens are left of this diagnosis, too few for a question",
            hint="a diagnosis may cost 24,000 input tokens",
        )
    known = known_to(ctx, concluded.findings, ranking.causes)
    shown: State = {**state, "changes": concluded.changes}
    facts = replace(
        facts_of(shown, ctx, material_of(shown, ctx), ranking.evidence), calls=reading.calls, newest=len(reading.calls)
    )
    codes = [*(cause.code for cause in ranking.causes), *(finding.code for finding in concluded.findings)]
    question = prompts.root_cause_prompt(
        facts,
        findings=concluded.findings,
        causes=ranking.causes,
        reading=reading,
        plan=concluded.plan,
        codes=code_lines(ctx.catalog, touched_codes(codes, more=[reading.code]), tools=False),
        fence=fence(),
        room=room,
    )
    ctx.progress.doing("root_cause", f"asking {model.name}")
    reply = model.ask(
        prompts.system(model.language), question.text, LastAnswer, check=known.last_wrong(question.evidence)
    )
    answer: LastAnswer = reply.answer
    said = Opinion(
        answer.code,
        known.spelled(answer.object),
        one_line(ctx, answer.summary),
        tuple(piece for piece in question.evidence if piece.id in answer.evidence),
        answer.action,
        known.spelled(answer.target) if answer.action != "none" else None,
        answer.replicas if answer.action == "scale_deployment" else None,
        tuple(one_line(ctx, text) for text in answer.recommendations if text.strip()),
        claims=tuple(
            Claim(one_line(ctx, claim.text), one_line(ctx, claim.quote), claim.evidence) for claim in answer.claims
        ),
    )
    said = checked(said, state, ctx, concluded, names=names_in(ctx, known), evidence=question.evidence)
    fault = record.fault_key(ctx, state.get("patient"), ranking.causes)
    record.keep(ctx, state["incident_id"], "answer", said, f"{said.code}: {said.summary}", key=fault)
    return said


def _show_rules(ctx: Context, ranking: Ranking) -> None:
    """Show what the rules conclude before the model is asked: nobody waits for the one to see the other."""
    first = next(iter(ranking.causes), None)
    text = f"{first.code} ({first.confidence:.2f}): {first.sentence}" if first else "no cause found"
    ctx.progress.done(Step(_RULES, ctx.clock(), 0.0, text))


def _with_reading(analysis: Analysis, reading: Reading) -> Analysis:
    vote = f"{reading.code} at {reading.object}" if reading.code and reading.object else reading.code
    return replace(analysis, vote=vote, looked_up=reading.calls)


def _with_budget(analysis: Analysis, ctx: Context) -> Analysis:
    from opsagent.clients.model.client import MOST_IN_ALL  # noqa: PLC0415 - only a configured model loads it

    wanted = ctx.settings.model
    return replace(
        analysis,
        most_tokens=MOST_IN_ALL,
        most_s=wanted.timeout_s,
        daily_tokens=wanted.daily_tokens,
        day_tokens=record.spent_today(ctx),
    )


def _hidden(ctx: Context) -> set[str]:
    """Return the names of this incident that a mask hides: objects, namespaces, services and image repositories."""
    items = ctx.seen.objects.items
    names = {kube.name(item) for item in items if kube.kind(item) != "Event"} | {kube.namespace(item) for item in items}
    services = {name for one in ctx.seen.services for name in (one.name, one.deployment, one.stats_key) if name}
    images = {kube.text(one.raw, "image").partition("@")[0] for item in items for one in kube.containers(item)}
    # What follows the last slash may have a tag; a colon before it is a registry's port.
    repositories = {image[: image.rfind("/") + 1] + image[image.rfind("/") + 1 :].partition(":")[0] for image in images}
    return {name for name in (*names, *services, *repositories, ctx.platform.where.namespace) if name}


def _counted(ctx: Context, analysis: Analysis, before: "Usage", now: "Usage") -> Analysis:
    """Return the analysis with what was asked since `before`, counted to the day, too."""
    day = record.spend(ctx, now.cost - before.cost)
    return replace(
        analysis,
        calls=analysis.calls + now.calls - before.calls,
        input_tokens=_more(analysis.input_tokens, before.input_tokens, now.input_tokens),
        output_tokens=_more(analysis.output_tokens, before.output_tokens, now.output_tokens),
        took_s=round(analysis.took_s + now.took_s - before.took_s, 3),
        day_tokens=day,
    )


def _more(so_far: int | None, before: int | None, now: int | None) -> int | None:
    return so_far if now is None else (so_far or 0) + now - (before or 0)
