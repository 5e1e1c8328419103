"""The report of an incident as Markdown: whole, and safe to paste into a ticket."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from opsagent.models.evidence import Evidence
from opsagent.models.incident import FAULTLESS, Report
from opsagent.ui.evidence_lines import ignored_lines, no_change_text, over_lines, where_text
from opsagent.ui.language import localised
from opsagent.ui.markdown_text import block, code, inline
from opsagent.ui.model_view import judged_by, model_lines
from opsagent.ui.moment import between, in_zone, rfc3339
from opsagent.ui.report_view import VERDICTS, action_line, answer_line, happened_text
from opsagent.ui.translated import translated
from opsagent.ui.verified_figures import figure_rows

_DIGEST_GROUPS = 12
_WHOLE = 10_000


def report_markdown(report: Report) -> str:
    """Return the complete report, ending in a line feed."""
    report = translated(report)
    chapters: tuple[tuple[str, Iterable[str]], ...] = (
        ("What happened", _happened(report)),
        ("After the change", _aftermath(report)),
        ("Cause", _causes(report)),
        ("Evidence", (_piece(piece) for piece in report.evidence)),
        ("What the model states", _model(report)),
        ("Text that speaks to its reader", (f"- {inline(note)}" for note in report.analysis.notes)),
        ("What to do", _todo(report)),
        ("What was done", _done(report)),
        ("Traffic", [inline(report.trend.text)] if report.trend and report.trend.text else []),
        ("What changed before", _changes(report)),
        ("Known and ignored", (f"- {inline(line.plain)}" for line in ignored_lines(report.ignored))),
        ("Over", (f"- {inline(line.plain)}" for line in over_lines(report.over, report.ended_at))),
        ("What was not checked", _unseen(report)),
        ("Log digest", _digests(report)),
        ("Steps", _steps(report)),
    )
    lines = list(_head(report))
    for title, body in chapters:
        shown = list(body)
        if shown:
            lines += ["", f"## {localised(title)}", "", *shown]
    return "\n".join(lines) + "\n"


def _head(report: Report) -> Iterator[str]:
    about = inline(report.service or localised("all services"))
    yield f"# {localised(VERDICTS[report.status])} · {about} · {inline(localised(f'incident {report.incident_id}'))}"
    yield ""
    yield f"**{inline(report.closing)}**"
    yield ""
    yield f"- {localised('Where')}: {inline(where_text(report.where))}"
    took = between(report.started_at, report.ended_at)
    yield f"- {localised('When')}: {localised(f'{rfc3339(report.started_at)} to {rfc3339(report.ended_at)} ({took})')}"
    if report.audit:
        yield f"- {localised(f'Audit trail: record {report.audit.number}')}, {code(report.audit.hash)}"
    for symptom in report.symptoms:
        yield f"- {localised('Alarm')}: {inline(symptom.service or '')} {inline(symptom.text)}"
    said = report.analysis
    if said.model or said.fallback:
        yield f"- {localised('Analysis')}: {localised('by ')}{inline(judged_by(said))}{_because(said.fallback)}"


def _happened(report: Report) -> Iterator[str]:
    if report.status == "recovered":
        for line in happened_text(report).plain.split("\n"):
            yield f"- {inline(line)}"
        for text in report.plan.recommendations:
            yield f"- {localised('To prevent it')}: {inline(text)}"
    if report.history:
        yield f"- {inline(report.history)}"


def _aftermath(report: Report) -> Iterator[str]:
    found = report.aftermath
    if found is None:
        return
    for line in found.tried:
        yield f"- Tried: {inline(line)}"
    if found.unread:
        yield f"- The state after the change could not be read: {inline(found.unread)}"
    for line in found.pods:
        yield f"- Now: {inline(line)}"
    for line in found.new:
        yield f"- New: {inline(line)}"
    for line in found.gone:
        yield f"- Gone: {inline(line)}"
    if found.log_of:
        yield f"\nLast lines of {code(found.log_of)}:\n"
        yield block("\n".join(found.log))


def _because(fallback: str | None) -> str:
    return inline(localised(f"; the model's answer was not used: {fallback}")) if fallback else ""


def _causes(report: Report) -> Iterator[str]:
    for number, cause in enumerate(report.causes, 1):
        where = f", {localised('to change')}: {code(cause.object)}" if cause.object else ""
        by = localised("named by the model, ") if cause.summary_by == "model" else ""
        head = f"{number}. **{inline(cause.code)}** ({by}{localised(f'confidence {cause.confidence:.2f}')}{where})"
        yield f"{head}: {inline(in_zone(cause.sentence, report.ended_at))}"
        if cause.ladder:
            yield f"   {localised('Pods')}: {inline(localised(cause.ladder))}"
        yield f"   {localised('Evidence')}: {', '.join(map(inline, cause.evidence)) or localised('none')}"
    if report.confidence_note:
        yield ""
        yield inline(report.confidence_note)


def _piece(piece: Evidence) -> str:
    at = f", {rfc3339(piece.at)}" if piece.at else ""
    return f"- **{inline(piece.id)}** {piece.source}, {code(piece.where)}{at}\n{block(piece.text, indent='  ')}"


def _model(report: Report) -> Iterator[str]:
    said = report.analysis.opinion
    if said is None and not report.analysis.calls:
        return
    told = replace(report.analysis, opinion=replace(said, evidence=()) if said else None)
    for line in model_lines(told, report.plan, length=_WHOLE):
        yield f"- {inline(str(line))}"
    if said is not None:
        for piece in said.evidence:
            yield f"- on {piece.source}, {code(piece.where)}\n{block(piece.text, indent='  ')}"


def _todo(report: Report) -> Iterator[str]:
    plan = report.plan
    if plan.reason:
        yield f"{inline(plan.reason)}\n"
    if plan.change:
        yield f"- {localised('Planned change')}: {inline(plan.change)}"
        for risk in plan.risks:
            yield f"  - {localised('Risk')} ({inline(risk.kind)}): {inline(risk.text)}"
    if report.status == "awaiting_approval":
        yield f"- {localised('Go on with')}: `opsagent approve {inline(report.incident_id)}`"
    for text in plan.recommendations:
        yield f"- {inline(text)}"


def _done(report: Report) -> Iterator[str]:
    for answer in report.answers:
        yield f"- {inline(answer_line(answer))}"
    for action in report.actions:
        yield f"- {inline(action_line(action))}"
    seen = report.verification
    if seen:
        outcome = localised("recovered" if seen.recovered else "STILL FAULTY")
        yield f"- {localised('Verified')}: {outcome}: {inline(seen.text)}"
        for name, before, after in figure_rows(seen):
            yield f"  - {inline(name)}: {inline(before)} → {inline(after)}"
    if not (report.answers or report.actions or seen):
        yield localised("Nothing.")


def _changes(report: Report) -> Iterator[str]:
    if not report.changes and report.status not in FAULTLESS:
        yield inline(no_change_text(report.changes, report.not_checked))
    for change in report.changes or ():
        yield f"- {rfc3339(change.at)} {code(change.object)}: {inline(change.text)}"


def _unseen(report: Report) -> Iterator[str]:
    for skipped in report.not_checked:
        yield f"- {inline(skipped.source)}: {inline(skipped.why)}"
    if not report.not_checked:
        yield localised("Nothing: every source that was asked answered.")
    if report.looked:
        yield f"\n{localised('Read')}: {', '.join(code(name) for name in report.looked)}"


def _digests(report: Report) -> Iterator[str]:
    for digest in report.digests:
        previous = localised(" (previous container)") if digest.previous else ""
        yield f"\n### {code(digest.where)}{previous}: {localised(f'{digest.lines} lines, {digest.size} bytes')}\n"
        shown = [f"L{group.first_line} ×{group.count} {group.kind}: {group.text}" for group in digest.groups]
        yield block("\n".join(shown[:_DIGEST_GROUPS]))
        if len(shown) > _DIGEST_GROUPS:
            yield "\n" + localised(f"and {len(shown) - _DIGEST_GROUPS} more groups")


def _steps(report: Report) -> Iterator[str]:
    for step in report.steps:
        yield f"- {rfc3339(step.at)} {inline(step.node)}{'' if step.ok else localised(' FAILED')}: {inline(step.text)}"
