"""The questions that a diagnosis would put to a model, without putting them."""

from dataclasses import dataclass, replace
from datetime import datetime

from langgraph.runtime import Runtime

from opsagent.agent import nodes
from opsagent.agent.context import Archive, Context
from opsagent.agent.state import State, merged
from opsagent.agent.wiring import NoArchive
from opsagent.clients.model.shown import ShownModel, ShownQuestion
from opsagent.config.settings import Language
from opsagent.models.observed import StatsSample

_UNTIL_ROOT_CAUSE = (nodes.collect_logs, nodes.analyze, nodes.check_metrics, nodes.root_cause)


@dataclass
class _Unkept(NoArchive):
    """Keeps nothing of this check; earlier samples count for the trend as before."""

    kept: Archive

    def earlier_samples(self, since: datetime) -> tuple[StatsSample, ...]:
        """Return the kept samples of this platform, oldest first."""
        return self.kept.earlier_samples(since)


def questions(ctx: Context, service: str | None, language: Language, *, force: bool) -> tuple[ShownQuestion, ...]:
    """Walk the diagram down to `root_cause` and return what a model would be asked; none where all is healthy.

    The second question is the one after a first answer that did not come: an answer would be in it too.
    """
    model = ShownModel(ctx.settings.model, language)
    wanted = replace(ctx.settings, model=replace(ctx.settings.model, when="always"))
    shown = replace(ctx, model=model, archive=_Unkept(ctx.archive), settings=wanted, spending=None)
    runtime = Runtime(context=shown)
    state: State = {
        "incident_id": "shown",
        "asked": service,
        "force": force,
        "where": ctx.platform.where,
        "started_at": ctx.clock(),
    }
    state = _after(state, nodes.detect(state, runtime))
    if nodes.detected(state) == "faulty":
        for node in _UNTIL_ROOT_CAUSE:
            state = _after(state, node(state, runtime))
    return tuple(model.questions)


def _after(state: State, update: State) -> State:
    whole: State = {**state, **update}
    whole["not_checked"] = merged(state.get("not_checked", ()), update.get("not_checked", ()))
    return whole
