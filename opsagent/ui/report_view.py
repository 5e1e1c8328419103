"""The report of an incident in the terminal: verdict, why, what to do, what was done, what was not checked."""

import re

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsagent.models.incident import FAULTLESS, Report
from opsagent.models.plan import ActionRecord, Answer
from opsagent.ui.evidence_lines import (
    cause_line,
    change_lines,
    ignored_lines,
    no_change_text,
    of_cause,
    over_lines,
    short_evidence,
    unseen_text,
    where_text,
)
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, STRONG, hanging, joined, labelled, own, say, stacked
from opsagent.ui.model_view import judged_by, model_lines
from opsagent.ui.moment import between, clock, full, in_zone, span, stamped_in_zone
from opsagent.ui.panel_view import change_text, risk_lines
from opsagent.ui.translated import translated
from opsagent.ui.verified_figures import figure_rows

_EVIDENCE = 5
_CHANGES = 4
_LOOKED = 6

VERDICTS = {
    "healthy": "HEALTHY",
    "nothing_found": "NOTHING FOUND",
    "not_understood": "NOT UNDERSTOOD",
    "not_checked": "NOT CHECKED",
    "diagnosed": "REPORTED",
    "awaiting_approval": "AWAITING APPROVAL",
    "rejected": "REJECTED",
    "recovered": "RECOVERED",
    "escalated": "ESCALATED",
}
NEXT = {
    "not_checked": "opsagent doctor checks kubeconfig, access, /stats and health paths; opsagent demo needs no cluster",
    "not_understood": "--from takes a log, a bundle (opsagent collect writes one), or kubectl get and describe output",
}
_STYLES = {"healthy": GOOD, "recovered": GOOD, "escalated": BAD}


def verdict_word(status: str) -> str:
    """Return a report's status, or an incident's stage, as an operator reads it: "AWAITING APPROVAL"."""
    return localised(VERDICTS.get(status, status.replace("_", " ").upper()))


def report_view(report: Report, code: int | None = None) -> RenderableType:
    """Draw the report; everything that is cut here is complete in `opsagent report show ID --format md`.

    code: the exit code that a run ends with; None where no run ends.
    """
    report = translated(report)
    if report.status in FAULTLESS:
        return Group(verdict_line(report, code), labelled(_faultless(report)))
    rows = [*_opening(report), ("CAUSE", causes_text(report)), ("WHY", _why(report))]
    if report.history:
        rows.append(("HISTORY", say(report.history, POOR)))
    rows += [*_model(report), ("CHANGED", _changed(report))]
    if report.status != "recovered":
        rows.append(("NEXT", todo_lines(report)))
    rows += [("DONE", done_text(report))]
    if report.verification:
        rows.append(("VERIFIED", verified_text(report)))
    rows += [*_over(report), *_ignored(report)]
    rows += [("NOT CHECKED", unseen_text(report.not_checked)), ("WHERE", _where(report))]
    return Group(_head(report), labelled(rows))


def verdict_line(report: Report, code: int | None = None) -> RenderableType:
    """Draw "HEALTHY  5 of 5 services: state read from /stats", faults that are over below it, the exit code beside."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    grid.add_column(no_wrap=True, justify="right", vertical="bottom")
    word = own(VERDICTS[report.status], _STYLES.get(report.status, POOR))
    grid.add_row(word, own(report.closing, STRONG), say("" if code is None else f"exit {code}"))
    for line in over_lines(report.over, report.ended_at):
        grid.add_row("", joined(own("over: "), line), "")
    return grid


def _faultless(report: Report) -> list[tuple[str, RenderableType]]:
    rows = [*_ignored(report), *([("CHECKED", _looked(report))] if report.looked else [])]
    told = tuple(skipped for skipped in report.not_checked if skipped.why not in report.closing)
    if told or not report.not_checked:
        rows.append(("NOT CHECKED", unseen_text(told)))
    return [*rows, *_next(report)]


def _opening(report: Report) -> list[tuple[str, RenderableType]]:
    """Return what is first: after a recovery what happened and what prevents it, after a failure what is there."""
    if report.status == "recovered":
        rows: list[tuple[str, RenderableType]] = [("HAPPENED", happened_text(report))]
        if report.plan.recommendations:
            rows.append(("PREVENT", hanging(("-", text) for text in report.plan.recommendations)))
        return rows
    found = report.aftermath
    if found is None:
        return []
    rows = [("TRIED", stacked(found.tried, empty="nothing"))]
    if found.unread:
        return [*rows, ("NOW", own(f"could not be read after the change: {found.unread}", POOR))]
    rows.append(("NOW", stacked(found.pods, empty="no pod of it was found")))
    if found.log_of:
        lines = (stamped_in_zone(line, report.ended_at) for line in found.log)
        rows.append(("LOG", stacked([own(f"last lines of {found.log_of}:", QUIET), *lines])))
    changed = [joined(own("new: ", POOR), _piece(text, report)) for text in found.new]
    changed += [joined(own("gone: ", QUIET), _piece(text, report)) for text in found.gone]
    return [*rows, ("EVIDENCE", stacked(changed, empty="the same as before the change"))]


def _piece(text: str, report: Report) -> Text:
    """Return a piece of evidence that is named with its text ("E10 logs …") as short as in WHY; other text as it is."""
    known = tuple(piece for piece in report.evidence if piece.id == text.partition(" ")[0])
    return joined(*short_evidence(known, report.ended_at, 160)[0], between=" ") if known else own(text)


def happened_text(report: Report) -> Text:
    """Return what happened in a few sentences: the cause, the change with its time, and how it was verified."""
    now, first = report.ended_at, next(iter(report.causes), None)
    lines: list[str | Text] = [in_zone(first.sentence, now)] if first else [symptom.text for symptom in report.symptoms]
    template = localised("{change} at {time}, approved by {by}: {outcome}")
    for action in report.actions:
        change = report.plan.change or localised(action.words)
        lines += [template.format(change=change, time=clock(action.at), by=action.by, outcome=action.outcome)]
    if not report.actions:
        lines.append(own("nothing was changed"))
    if report.verification:
        lines.append(report.verification.text)
    return stacked(lines)


def closing_text(report: Report, code: int) -> Text:
    """Return the last line of a run: how it ended, where the report is, the exit code."""
    return joined(
        own(report.closing, STRONG), own(f" · report: opsagent report show {report.incident_id} · exit {code}")
    )


def causes_text(report: Report) -> Text:
    """Return the ranked causes, each with the object that has to change."""
    lines: list[str | Text] = []
    for cause in report.causes[:1]:
        lines += [cause_line(cause, report.ended_at), *([own(f"to change: {cause.object}")] if cause.object else [])]
        lines += [own(f"pods: {cause.ladder}")] if cause.ladder else []
    for other in (cause for cause in report.causes[1:3] if not cause.unexplained):
        elsewhere = localised(f" at {other.object}") if other.object and other.object != report.causes[0].object else ""
        lines.append(joined(own("or: ", QUIET), cause_line(other, report.ended_at), elsewhere))
    if not lines:
        lines = [symptom.text for symptom in report.symptoms]
    if report.confidence_note:
        lines.append(say(report.confidence_note, QUIET))
    said = report.analysis
    if said.fallback:
        lines.append(own(f"by the rules alone: {said.fallback}", QUIET))
    elif said.model:
        lines.append(say(f"{localised('by ')}{judged_by(said)}", QUIET))
    return stacked(lines, empty="none found")


def todo_lines(report: Report) -> RenderableType:
    """Return what a human should do, or may approve."""
    plan, blocks = report.plan, list[RenderableType]()
    if report.status == "awaiting_approval":
        blocks.append(change_text(plan))
        if plan.risks:
            blocks.append(risk_lines(plan.risks))
        blocks.append(joined(own("to approve: "), say(f"opsagent approve {report.incident_id}", STRONG)))
    elif plan.action != "none" and report.where.bundle:
        blocks.append(own(f"what may help on the live system: {plan.change}; opsagent diagnose asks before it"))
    elif plan.action == "none" and plan.reason and plan.reason not in report.closing:
        blocks.append(say(plan.reason))
    if plan.recommendations:
        blocks.append(hanging(("-", text) for text in plan.recommendations))
    return Group(*blocks) if blocks else own("nothing that opsagent knows of")


def done_text(report: Report) -> Text:
    """Return what was answered and what was changed, when and by whom."""
    lines = [answer_line(answer) for answer in report.answers] + [action_line(action) for action in report.actions]
    return stacked(lines, empty="nothing")


def answer_line(answer: Answer) -> str:
    """Return "12:26:20 approved by operator@host (pts/3, panel)"."""
    word = {"approve": "approved", "reject": "rejected", "leave": "left pending"}[answer.decision]
    how = ", ".join(part for part in (answer.terminal, answer.how) if part)
    reason = f": {answer.reason}" if answer.reason else ""
    return localised(f"{clock(answer.at)} {word} by {answer.by} ({how}){reason}")


def action_line(action: ActionRecord) -> str:
    """Return "12:26:21 restart Deployment/x: done"."""
    return f"{clock(action.at)} {localised(action.words)}: {localised(action.outcome)}"


def verified_text(report: Report) -> Text:
    """Return whether the change helped, before and after in numbers."""
    seen = report.verification
    if seen is None:
        return own("not verified")
    took = span(seen.took_s)
    verdict = own(f"recovered after {took}", GOOD) if seen.recovered else own(f"STILL FAULTY after {took}", BAD)
    numbers = [f"{name}: {before} → {after}" for name, before, after in figure_rows(seen)]
    return stacked([joined(verdict, f": {seen.text}"), *([" · ".join(numbers)] if numbers else [])])


def _head(report: Report) -> Text:
    verdict = localised(VERDICTS[report.status])
    about = f" · {report.service or localised('all services')} · {localised(f'incident {report.incident_id}')}"
    first = joined(say(verdict, _STYLES.get(report.status, POOR)), about)
    # What the verdict's own word states already is not stated again.
    closing = re.sub(rf"^{re.escape(verdict)}(: |$)", "", report.closing, flags=re.IGNORECASE)
    return stacked([first, *([say(closing, STRONG)] if closing else [])])


def _why(report: Report) -> RenderableType:
    pieces = of_cause(report.causes[0] if report.causes else None, report.evidence)
    lines = short_evidence(pieces, report.ended_at, 160)
    rows: list[tuple[str | Text, str | Text]] = [*lines[:_EVIDENCE]]
    more = len(lines) - len(rows) + len(report.evidence) - len(pieces)
    if more:
        # Of a bundle nothing is kept.
        whole = "--json" if report.where.bundle else f"opsagent report show {report.incident_id} --format md"
        rows.append(("", own(f"and {more} more: {whole}", QUIET)))
    if report.trend and report.trend.text:
        rows.append(("", own(f"trend: {report.trend.text}")))
    return hanging(rows) if rows else own("no evidence")


def _ignored(report: Report) -> list[tuple[str, RenderableType]]:
    lines = ignored_lines(report.ignored)
    return [("IGNORED", stacked(lines))] if lines else []


def _over(report: Report) -> list[tuple[str, RenderableType]]:
    lines = over_lines(report.over, report.ended_at)
    return [("OVER", stacked(lines))] if lines else []


def _next(report: Report) -> list[tuple[str, RenderableType]]:
    return [("NEXT", own(NEXT[report.status]))] if report.status in NEXT else []


def _changed(report: Report) -> Text:
    lines = change_lines(report.changes or (), report.ended_at, _CHANGES, length=100)
    return stacked(lines, empty=no_change_text(report.changes, report.not_checked))


def _model(report: Report) -> list[tuple[str, RenderableType]]:
    lines = model_lines(report.analysis, report.plan)
    notes = [say(note, POOR) for note in report.analysis.notes]
    return [*([("MODEL", stacked(lines))] if lines else []), *([("NOTE", stacked(notes))] if notes else [])]


def _where(report: Report) -> Text:
    took = between(report.started_at, report.ended_at)
    mark = report.audit
    trail = [own(f"audit record {mark.number}, {mark.hash}", QUIET)] if mark else []
    return stacked(
        [where_text(report.where), f"{full(report.started_at)}{localised(', for')} {localised(took)}", *trail]
    )


def _looked(report: Report) -> Text:
    shown = ", ".join(report.looked[:_LOOKED])
    rest = f" {localised(f'and {len(report.looked) - _LOOKED} more')}" if len(report.looked) > _LOOKED else ""
    return say(f"{shown}{rest}" if report.looked else localised("nothing"))
