"""Who judges: the rules alone, or a configured model beside them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsagent.agent.context import Context
from opsagent.agent.diagnosis import Conclusion, renumbered
from opsagent.agent.state import State
from opsagent.analysis.text.injection import flagged
from opsagent.models.evidence import Finding
from opsagent.models.incident import Analysis
from opsagent.models.opinion import Reading

if TYPE_CHECKING:
    from opsagent.agent.detection import Detection


def first_judgement(state: State, ctx: Context, findings: Sequence[Finding]) -> State:
    """Return who judged so far; where a model is configured, its reading and the evidence as numbered for it too.

    Text that speaks to its reader is flagged with and without a model.
    """
    notes = flagged(_texts(state, findings))
    if ctx.model is None:
        return {"analysis": Analysis(notes=notes), "reading": None}
    # Late: without a model nothing of what asks one is loaded.
    from opsagent.agent.model.answers import first_answer  # noqa: PLC0415

    return first_answer(state, ctx, ctx.model, findings, Analysis(model=ctx.model.name, notes=notes))


def last_judgement(state: State, ctx: Context, concluded: Conclusion) -> State:
    """Return the conclusion, and what the model makes of it where one is configured and has not failed."""
    analysis, reading = state["analysis"], state.get("reading") or Reading()
    concluded = renumbered(concluded, state.get("evidence", ()))
    update: State = {
        "changes": concluded.changes,
        "causes": concluded.ranking.causes,
        "evidence": (*concluded.ranking.evidence, *reading.looked_up),
        "plan": concluded.plan,
        "analysis": analysis,
    }
    if ctx.model is None or analysis.fallback or analysis.not_asked:
        return update
    # Late for the same reason.
    from opsagent.agent.model.answers import last_answer  # noqa: PLC0415

    return last_answer(state, ctx, ctx.model, concluded, update)


def suspected(ctx: Context, found: "Detection") -> str:
    """Return why a model is asked although no fault was found; "" where none is, or nothing hints at one."""
    if ctx.model is None or ctx.settings.model.when == "never":
        return ""
    if found.verdict is None or found.verdict.status != "nothing_found":
        return ""
    # Late for the same reason.
    from opsagent.agent.model.when import worth_asking  # noqa: PLC0415

    return worth_asking(found, ctx.seen.digests(None))


def _texts(state: State, findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """Return every text that a reader will see, with its place."""
    of_logs = [(f"{log.where}:L{group.first_line}", group.text) for log in state["digests"] for group in log.groups]
    return [*of_logs, *((seen.where, seen.text) for finding in findings for seen in finding.observations)]
