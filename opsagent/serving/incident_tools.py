"""Diagnoses and their reports for other clients: nothing asks, nothing acts, and the rules answer."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from opsagent.agent import run, unkept
from opsagent.agent.known import catalog_of
from opsagent.agent.model.dialogue import Dialogue
from opsagent.agent.quiet import Quiet
from opsagent.errors import UsageError
from opsagent.models.diagnosis import diagnosis
from opsagent.models.plain import plain
from opsagent.models.service import resolve
from opsagent.serving.source import Source

_LONGEST = 2_000  # characters of a question


def diagnose(source: Source, service: str | None = None) -> dict[str, Any]:
    """Diagnose the platform, or one service, and return the report with causes, evidence and plan.

    service: any of the service's names; all services without one. Takes some seconds. Nothing is changed: a plan with
    an action waits for a human, and `closing` names the command that approves it. Where nothing can be kept, the
    diagnosis is made all the same, and `closing` states why no plan waits.
    """
    name = resolve(service, source.find_services()).name if service else None
    return diagnosis(unkept.diagnose_one(source.context(Quiet(), model=True), run.DiagnosisRequest(name), source.store))


def get_report(source: Source, incident_id: str | None = None) -> dict[str, Any]:
    """Return the stored report of an incident.

    incident_id: the incident's id, or the start of it; the newest report without one.
    """
    reports = source.store.reports
    return diagnosis(reports.load(incident_id) if incident_id else reports.newest())


def ask(source: Source, incident_id: str, question: str) -> dict[str, Any]:
    """Answer a question about a diagnosed incident from its stored evidence, with quotes.

    incident_id: the incident's id, or the start of it. question: "why", "why not redis", "show E4", or words to find
    in the evidence. Rules answer, no language model; each line names the evidence that it rests on.
    """
    dialogue = Dialogue(
        source.store.reports.load(incident_id), catalog_of(source.settings), Quiet(), lambda: datetime.now(UTC)
    )
    answer: dict[str, Any] = plain(dialogue.ask(question[:_LONGEST]))
    return answer


def explain(source: Source, code: str) -> dict[str, Any]:
    """Return what a cause code means, how it is found, how it is fixed, and what each action does about it.

    code: as a report names it, for example "db.locked".
    """
    catalog = catalog_of(source.settings)
    row = catalog.get(code.strip().lower())
    if row is None:
        raise UsageError(f"there is no cause code {code[:60]!r}", hint="get_report shows the codes of an incident")
    return {**asdict(row), "tags": sorted(row.tags)}
