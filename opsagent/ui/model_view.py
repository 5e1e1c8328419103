"""What a language model said beside the rules, and what it cost; nothing where none was asked."""

from rich.text import Text

from opsagent.models.evidence import Evidence
from opsagent.models.incident import Analysis
from opsagent.models.plan import Plan
from opsagent.ui.layout import QUIET, clipped, joined, say
from opsagent.ui.moment import span

_EVIDENCE = 3
_LENGTH = 160


def model_lines(analysis: Analysis, plan: Plan, *, length: int = _LENGTH) -> list[str | Text]:
    """Return the model's view and its evidence, its advice as its own, and its cost; `length` of one piece."""
    lines: list[str | Text] = []
    said = analysis.opinion
    if said is not None:
        lines.append(said.text or said.code)
        if said.agreement != "agrees":
            lines += [f"“{said.summary}”"] if said.summary else []
            lines += [
                joined(say("on: ", QUIET), clipped(place_and_text(piece), length)) for piece in shown(said.evidence)
            ]
        if (said.action, said.target) != (plan.action, plan.target.ref if plan.target else None):
            to = f" to {said.replicas} replicas" if said.replicas is not None else ""
            would = "change nothing" if said.action == "none" else f"{said.action} {said.target or ''}{to}"
            lines.append(f"it would {would}; the plan is the rules' own")
        lines += [
            joined(say("it suggests (unchecked): ", QUIET), clipped(text, length)) for text in said.recommendations
        ]
    if analysis.calls:
        lines.append(say(cost(analysis), QUIET))
    return lines


def shown(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Return what is shown of it."""
    return evidence[:_EVIDENCE]


def place_and_text(piece: Evidence) -> str:
    """Return a piece without its number: numbers of a later look may differ."""
    return f"{piece.source} {piece.where}: {' '.join(piece.text.split())}"


def cost(analysis: Analysis) -> str:
    """Return "small: 3 calls, 9120 tokens in, 240 out, 12 s"."""
    calls = "1 call" if analysis.calls == 1 else f"{analysis.calls} calls"
    tokens = "tokens not counted by its end point"
    if analysis.input_tokens is not None:
        tokens = f"{analysis.input_tokens} tokens in, {analysis.output_tokens or 0} out"
    return f"{analysis.model or 'model'}: {calls}, {tokens}, {span(analysis.took_s)}"
