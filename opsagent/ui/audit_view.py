"""The audit trail in the terminal, and what a check of it found."""

from collections.abc import Sequence

from rich.console import Group, RenderableType

from opsagent.models.audit import AuditRecord
from opsagent.models.json_values import mapping_at
from opsagent.store.audit import TrailVerdict
from opsagent.ui.layout import BAD, GOOD, QUIET, hanging, joined, listing, say
from opsagent.ui.moment import full

_HASH = 12  # characters: enough to compare by eye; -o json has the whole


def audit_view(records: Sequence[AuditRecord]) -> RenderableType:
    """Draw the records, oldest first."""
    if not records:
        return say("the audit trail is empty")
    table = listing("NO", "AT", "INCIDENT", "WHAT", "", right=("NO",))
    for record in records:
        table.add_row(
            str(record.number), full(record.at), say(record.incident_id), say(record.kind), say(_told(record), QUIET)
        )
    last = records[-1].mark
    return Group(table, joined(say(f"ends at record {last.number}, {last.hash[:_HASH]}…", QUIET)))


def verdict_view(verdict: TrailVerdict, reports: int) -> RenderableType:
    """Draw what a check found: every broken record, or that the trail is complete."""
    against = f"compared with {reports} report{'s' * (reports != 1)}"
    if not verdict.complaints:
        end = f", ends at {verdict.last.number} {verdict.last.hash[:_HASH]}…" if verdict.last else ""
        return joined(say("WHOLE", GOOD), f": {verdict.records} records{end}; {against}")
    head = joined(say("NOT WHOLE", BAD), f": {verdict.records} records; {against}")
    return Group(head, hanging(("!", complaint) for complaint in verdict.complaints))


def _told(record: AuditRecord) -> str:
    """Return the line that states most of a record."""
    data = record.data
    if record.kind == "look":
        return f"{data.get('node')}: {data.get('text')}"
    if record.kind == "model":
        return f"{data.get('model')} {data.get('what')}: {data.get('text')}"
    if record.kind in {"plan", "panel"}:
        plan = mapping_at(data, "plan")
        return str(plan.get("change") or plan.get("reason") or plan.get("action"))
    if record.kind in {"approval", "rejection"}:
        answer = mapping_at(data, "answer")
        reason = f": {answer['reason']}" if answer.get("reason") else ""
        return f"by {answer.get('by')} ({answer.get('terminal') or answer.get('how')}){reason}"
    if record.kind == "intent":
        approval = mapping_at(data, "approval")
        target = mapping_at(approval, "target")
        return f"{approval.get('action')} {target.get('kind', 'Deployment')}/{target.get('name')}"
    return str(data.get("outcome") or data.get("text") or data.get("why") or data.get("closing") or "")
