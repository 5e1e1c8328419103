"""Questions about a stored incident, put to a model: it answers from what the report kept, with the same tools.

Where no model is configured, or its answer cannot be used, the rules answer. Nothing is asked of the platform.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from opsagent.agent.context import Progress, Skip
from opsagent.agent.model import prompts
from opsagent.agent.model.asking import watching
from opsagent.agent.model.investigation_tools import figure_lines, offered
from opsagent.agent.model.material import Material, material_of_report
from opsagent.agent.model.prompt_room import readable
from opsagent.agent.model.timeline import timeline_lines
from opsagent.agent.model.tool_calls import Calls
from opsagent.agent.model.words import bounded, fence
from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.reasoning.claims import judged
from opsagent.analysis.reasoning.numbering import highest
from opsagent.analysis.reasoning.questions import answered
from opsagent.errors import ModelError
from opsagent.models.answered import Answered
from opsagent.models.incident import Report
from opsagent.models.opinion import Claim
from opsagent.models.service import CallGraph
from opsagent.redact import Redactor

if TYPE_CHECKING:
    from opsagent.agent.model.schema import Reply
    from opsagent.agent.state import State
    from opsagent.clients.model.client import ModelClient

MOST_CALLS = 4  # of one question
_EARLIER = 3  # questions of the dialogue that the next one shows


@dataclass
class Dialogue:
    """The questions about one incident, in order."""

    report: Report
    catalog: Catalog
    progress: Progress
    clock: Callable[[], datetime]
    model: "ModelClient | None" = None
    redact: Redactor = field(default_factory=Redactor)
    skip: Skip | None = None
    said: list[Answered] = field(default_factory=list)

    def ask(self, question: str) -> Answered:
        """Return the answer, by the model where one is configured and gives a usable one."""
        told = Answered(
            self.report.incident_id, question, "rules", tuple(answered(self.report, question, self.catalog))
        )  # fmt: skip
        if self.model is not None:
            try:
                told = self._by_model(question, self.model)
            except ModelError as error:
                told = replace(told, fallback=error.message)
        self.said.append(told)
        return told

    def _by_model(self, question: str, model: "ModelClient") -> Answered:
        # pydantic costs a third of a second at import: only a configured model needs it.
        from opsagent.agent.model.schema import Reply  # noqa: PLC0415

        model.begin()
        model.hide({*_names(self.report), *(log.pod for log in self.report.digests if log.pod)})
        material = material_of_report(self.report, self.catalog, self.redact)
        calls = Calls(material, self.progress, self.clock, MOST_CALLS, box="ask")
        facts = _facts(self.report, material)
        while True:
            shown = replace(facts, calls=tuple(calls.made), newest=len(calls.newest))
            put = prompts.ask_prompt(
                shown, self.redact(question), self._earlier(), causes=self.report.causes, plan=self.report.plan,
                tools=tuple(offered()), left=calls.left, fence=fence(),
            )  # fmt: skip
            self.progress.doing("ask", f"asking {model.name}")
            check = _usable(may_check=calls.left > 0)
            with watching(self.progress, self.skip, model, "ask"):
                reply: Reply = model.ask(prompts.system(model.language), put.text, Reply, check=check).answer
            if not reply.lookups or not calls.left:
                break
            calls.round(reply.lookups, highest((*self.report.evidence, *calls.evidence)) + 1)
        claims = tuple(
            Claim(bounded(self.redact, one.text), bounded(self.redact, one.quote), one.evidence)
            for one in reply.claims
        )  # fmt: skip
        pieces = {piece.id: replace(piece, text=readable(piece.text)) for piece in put.evidence}
        tested = judged(claims, pieces, known=_names(self.report), about=())
        used = model.usage
        return Answered(
            self.report.incident_id, question, "model", (bounded(self.redact, reply.answer),), tested,
            tuple(calls.made), tokens=used.cost, took_s=round(used.took_s, 3),
        )  # fmt: skip

    def _earlier(self) -> list[str]:
        return [f"asked: {one.question} — answered: {' '.join(one.lines)}" for one in self.said[-_EARLIER:]]


def _usable(*, may_check: bool) -> "Callable[[Reply], str | None]":
    def wrong(reply: "Reply") -> str | None:
        if reply.lookups and may_check:
            return None
        return None if reply.answer.strip() else "answer: Field required"

    return wrong


def _facts(report: Report, material: Material) -> prompts.Facts:
    state = cast(
        "State",
        {
            "incident_id": report.incident_id,
            "patient": report.service,
            "started_at": report.started_at,
            "symptoms": report.symptoms,
            "digests": report.digests,
            "changes": report.changes or (),
            "trend": report.trend,
            "not_checked": report.not_checked,
            "calls": CallGraph(),
        },
    )
    figures = tuple(figure_lines(material.series))
    return prompts.Facts(state, report.evidence, (), tuple(timeline_lines(material)), figures)


def _names(report: Report) -> Sequence[str]:
    objects = [(cause.object or "").partition("/")[2] for cause in report.causes]
    return [name for name in (*report.services, *objects) if name]
