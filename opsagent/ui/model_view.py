"""What a language model stated beside the rules, and what it cost; nothing where none was asked."""

from rich.console import RenderableType
from rich.text import Text

from opsagent.models.answered import Answered
from opsagent.models.evidence import Cause, Evidence
from opsagent.models.incident import Analysis
from opsagent.models.opinion import Claim, LookedUp, Opinion
from opsagent.models.plan import Plan
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, QUIET, clipped, joined, labelled, own, say, stacked
from opsagent.ui.moment import span

_EVIDENCE = 3
_LENGTH = 160
_ONE_LINE = 58  # characters on the panel, at 80 columns
_WORDS = {
    "agrees": "agrees",
    "unsure": "does not know",
    "differs": "differs",
    "reordered": "chose",
    "named": "names a cause",
    "explains": "explains it",
}


def model_lines(analysis: Analysis, plan: Plan, *, length: int = _LENGTH) -> list[str | Text]:
    """Return the model's view with its quotes, its advice as its own, and its cost; `length` of one piece."""
    lines: list[str | Text] = []
    said = analysis.opinion
    if said is not None:
        lines.append(said.text or said.code)
        lines += [joined(own("in the model's words: ", QUIET), f"“{said.summary}”")] if said.summary else []
        lines += [joined(own("its vote before it saw the rules' causes: ", QUIET), said.vote)] if said.vote else []
        lines += [claim_line(claim, length) for claim in said.claims]
        lines += _cited(said, length)
        if (said.action, said.target) != (plan.action, plan.target.ref if plan.target else None):
            to = f" to {said.replicas} replicas" if said.replicas is not None else ""
            would = "change nothing" if said.action == "none" else f"{said.action} {said.target or ''}{to}"
            lines.append(own(f"it would {would}; the plan is the rules' own"))
        lines += [
            joined(own("it suggests (unchecked): ", QUIET), clipped(text, length)) for text in said.recommendations
        ]
    lines += [joined(own("looked up: ", QUIET), clipped(_looked_up(one), length)) for one in analysis.looked_up]
    if analysis.not_asked:
        lines.append(own(f"{analysis.model or 'a model'} was not asked: {analysis.not_asked}", QUIET))
    if analysis.same_as:
        lines.append(own(f"incident {analysis.same_as} is of the same fault: its investigation is used here", QUIET))
    if analysis.calls:
        lines.append(say(cost(analysis), QUIET))
    return lines


def claim_line(claim: Claim, length: int = _LENGTH) -> Text:
    """Return "E3 “database is locked”: a writer waits", or "NOT SUPPORTED (the quote is not in E3): …"."""
    text, quote = clipped(claim.text, length), clipped(" ".join(claim.quote.split()), length)
    if claim.supported:
        return joined(own("supported: ", QUIET), f"{claim.evidence} “{quote}”: {text}")
    return joined(own("NOT SUPPORTED", BAD), f" ({localised(claim.why)}): {text}")


def panel_line(analysis: Analysis | None) -> Text | None:
    """Return the one line of the panel, marked as the model's; None where none was asked."""
    if analysis is None or analysis.model is None:
        return None
    said = analysis.opinion
    if analysis.not_asked:
        return say(clipped(localised(f"not asked: {analysis.not_asked}"), _ONE_LINE), QUIET)
    if said is None:
        return say(clipped(localised(f"no answer used: {analysis.fallback or 'it gave none'}"), _ONE_LINE), QUIET)
    own = f"{said.code}: {said.summary}" if said.agreement != "agrees" else said.summary
    return say(
        clipped(f"{localised(_WORDS[said.agreement])}{f': “{own}”' if own else ''}", _ONE_LINE - len(" [m]")) + " [m]"
    )


def model_page(analysis: Analysis, plan: Plan, causes: tuple[Cause, ...]) -> RenderableType:
    """Return all that the model stated beside what the rules concluded."""
    first = causes[0] if causes else None
    rules = f"{first.code} {first.confidence:.2f}: {first.sentence}" if first else localised("no cause")
    lines = model_lines(analysis, plan, length=10_000)
    if analysis.fallback:
        lines.insert(0, own(f"its answer was not used: {analysis.fallback}"))
    return labelled([("MODEL", stacked(lines)), ("CAUSE", say(rules)), ("CHANGE", own(plan.change or "none"))])


def answered_view(told: Answered) -> RenderableType:
    """Return the answer to a question, its claims with their quotes, and who answered."""
    lines: list[str | Text] = list(told.lines)
    if not told.supported:
        lines.insert(0, own("NOT SUPPORTED by the stored evidence:", BAD))
    lines += [claim_line(claim) for claim in told.claims]
    lines += [joined(own("looked up: ", QUIET), clipped(_looked_up(one), _LENGTH)) for one in told.looked_up]
    if told.fallback:
        lines.append(own(f"the model's answer was not used: {told.fallback}", QUIET))
    if told.by == "model":
        lines.append(own(f"answered by the model; {told.tokens} tokens, {span(told.took_s)}", QUIET))
    return stacked(lines)


def judged_by(analysis: Analysis) -> str:
    """Return who the conclusion rests on; a model is named only where its answer was used."""
    return localised(f"{analysis.model or 'a model'} and the rules" if analysis.used else "the rules alone")


def shown(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Return what is shown of it."""
    return evidence[:_EVIDENCE]


def place_and_text(piece: Evidence) -> str:
    """Return a piece without its number: numbers of a later check may differ."""
    return f"{piece.source} {piece.where}: {' '.join(piece.text.split())}"


def cost(analysis: Analysis) -> str:
    """Return "small: 3 calls, 9120 tokens in (of 24,000), 240 out, 12 s (of 120 s); today 15,000 of 500,000 tokens"."""
    calls = localised("1 call" if analysis.calls == 1 else f"{analysis.calls} calls")
    tokens = "tokens not counted by its end point"
    if analysis.input_tokens is not None:
        most = f" (of {analysis.most_tokens:,})" if analysis.most_tokens else ""
        tokens = f"{analysis.input_tokens} tokens in{most}, {analysis.output_tokens or 0} out"
    took = f"{span(analysis.took_s)}{f' (of {span(analysis.most_s)})' if analysis.most_s else ''}"
    day = _day(analysis)
    parts = f"{analysis.model or 'model'}: {calls}", localised(tokens), localised(took)
    return ", ".join(parts) + (f"; {localised(day)}" if day else "")


def _day(analysis: Analysis) -> str:
    """Return what the day has cost; that nobody counts it is stated, too."""
    if not analysis.daily_tokens:
        return "" if analysis.day_tokens is None else f"today {analysis.day_tokens:,} tokens"
    if analysis.day_tokens is None:
        return "the tokens of the day could not be counted"
    return f"today {analysis.day_tokens:,} of {analysis.daily_tokens:,} tokens"


def _looked_up(one: LookedUp) -> str:
    """Return "E7 digest(blog): 12 lines"; of a slip why it was none."""
    if one.evidence is not None:
        return f"{one.evidence.id} {one.call}: {one.text}"
    return one.call if one.ok else localised(f"{one.call}: not done, {one.text}")


def _cited(said: Opinion, length: int) -> list[str | Text]:
    """Return what it cites beyond its claims; where it agrees, that is the rules' own evidence."""
    if said.agreement == "agrees":
        return []
    quoted = {claim.evidence for claim in said.claims}
    cited = tuple(piece for piece in said.evidence if piece.id not in quoted)
    return [joined(own("on: ", QUIET), clipped(place_and_text(piece), length)) for piece in shown(cited)]
