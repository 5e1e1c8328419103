"""The bounded investigation: questions and read-only look-ups in turn, until the model votes or a bound is reached.

Nothing here knows what the rules concluded: the vote is the model's own. Each call and the vote are kept at once.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from opsagent.agent.context import Context
from opsagent.agent.model import prompts, record
from opsagent.agent.model.answer_check import Known
from opsagent.agent.model.investigation_tools import figure_lines, offered
from opsagent.agent.model.material import Material, unjudged
from opsagent.agent.model.prompt_codes import code_lines, touched_codes
from opsagent.agent.model.timeline import timeline_lines
from opsagent.agent.model.tool_calls import Calls
from opsagent.agent.model.words import fence, one_line
from opsagent.agent.state import State
from opsagent.analysis.evidence.cluster_summary import standing
from opsagent.analysis.reasoning.numbering import highest
from opsagent.clients.model.errors import NoRepairError
from opsagent.models.opinion import LookedUp, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opsagent.agent.model.schema import FirstAnswer
    from opsagent.clients.model.client import ModelClient
    from opsagent.models.evidence import Evidence

RESERVED = 5_200  # tokens of the last question: no look-up may cost it
AROUND = 900  # tokens that a question costs beyond its text: system, the shape in words and as a parameter
_TIMELINE = 10


def facts_of(state: State, ctx: Context, material: Material, evidence: "Sequence[Evidence]") -> prompts.Facts:
    """Return what a question shows of the incident as it is, without any look-up."""
    figures = [ctx.seen.redact(line) for line in figure_lines(material.series)]
    shown: State = {**state, "symptoms": unjudged(state.get("symptoms", ()))}
    return prompts.Facts(
        shown,
        tuple(evidence),
        tuple(ctx.seen.redact(line) for line in standing(ctx.seen.objects, ctx.seen.services)),
        tuple(timeline_lines(material, most=_TIMELINE)),
        tuple(figures),
    )


def investigate(
    facts: prompts.Facts, ctx: Context, calls: Calls, known: Known, *, model: "ModelClient", codes: "Sequence[str]"
) -> Reading:
    """Ask until there is a vote, or calls, tokens or rounds are used up; what was kept is not asked for again.

    Raises ModelError where the model fails; what was looked up until then is in `calls`.
    """
    # pydantic costs a third of a second at import: only a configured model needs it.
    from opsagent.agent.model.schema import FirstAnswer  # noqa: PLC0415

    incident_id = facts.state["incident_id"]

    def keep(made: LookedUp) -> None:
        record.keep(ctx, incident_id, "call", made, f"{made.call} → {made.text}")

    while True:
        room = _room(model, calls)
        if room < prompts.LEAST_TOKENS:
            return Reading(calls=tuple(calls.made))
        # The last round that there is room for has to bring the vote.
        again = model.left_tokens - room - RESERVED - 2 * AROUND >= prompts.LEAST_TOKENS
        left = calls.left if again else 0
        question = _question(facts, calls, codes, left=left, room=room)
        ctx.progress.doing("analyze", f"asking {model.name}")
        try:
            reply = model.ask(
                prompts.system(model.language),
                question.text,
                FirstAnswer,
                check=known.first_wrong(question.evidence, may_check=left > 0),
                keep=RESERVED,
            )
        except NoRepairError:
            # What was looked up is there for the last question, and that one is what counts.
            return Reading(calls=tuple(calls.made))
        answer: FirstAnswer = reply.answer
        if not answer.lookups or not left:
            reading = _reading(ctx, known, answer, question.evidence, calls)
            record.keep(ctx, incident_id, "vote", reading, reading.code or "no vote")
            return reading
        calls.round(answer.lookups, highest((*facts.evidence, *calls.evidence)) + 1, keep)


def _room(model: "ModelClient", calls: Calls) -> int:
    """Return how many tokens the next question may have; the last question of the diagnosis keeps its own."""
    most = prompts.LATER_TOKENS if calls.made else prompts.MOST_TOKENS
    return min(most, model.left_tokens - RESERVED - AROUND)


def _question(facts: prompts.Facts, calls: Calls, codes: "Sequence[str]", *, left: int, room: int) -> prompts.Question:
    return prompts.first_prompt(
        replace(facts, calls=tuple(calls.made), newest=len(calls.newest)),
        codes=code_lines(calls.material.catalog, touched_codes(codes), tools=True),
        tools=tuple(offered()),
        left=left,
        fence=fence(),
        room=room,
    )


def _reading(
    ctx: Context, known: Known, answer: "FirstAnswer", evidence: "Sequence[Evidence]", calls: Calls
) -> Reading:
    cited = tuple(piece for piece in evidence if piece.id in answer.evidence)
    text = one_line(ctx, answer.reasoning)
    return Reading(answer.code, known.spelled(answer.object), text, cited, tuple(calls.made))
