"""The report of an incident as one self-contained HTML page: nothing in it runs, and nothing loads."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from pathlib import Path

from opsagent.models.evidence import Evidence
from opsagent.models.incident import FAULTLESS, Report
from opsagent.ui.evidence_lines import evidence_text, no_change_text, over_lines, where_text
from opsagent.ui.inert import inert
from opsagent.ui.language import in_use, localised
from opsagent.ui.model_view import judged_by, model_lines
from opsagent.ui.moment import between, full, in_zone, offset, zone
from opsagent.ui.report_chart import Levels, Mark, chart, with_gaps
from opsagent.ui.report_view import VERDICTS, action_line, answer_line, happened_text
from opsagent.ui.translated import translated
from opsagent.ui.verified_figures import figure_rows

_NUMBER = re.compile(r"E\d{1,6}")  # what may be an anchor: nothing from outside
_GROUPS = 12  # of a log's digest
_WHOLE = 10_000  # characters of one piece of what a model states
# How much a risk weighs is its colour, too: what cannot be undone, what is felt, what is only to be known.
_WEIGHTS = {
    "data-loss": "risk loss", "forbidden": "risk loss", "refused": "risk loss", "untried": "risk note",
    "model": "risk note",
}  # fmt: skip
_TONES = {"healthy": "good", "recovered": "good", "escalated": "bad"}


def report_html(report: Report) -> str:
    """Return the page; every text from outside is made inert and escaped."""
    report = translated(report)
    style = Path(__file__).with_name("report.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = f"{localised(VERDICTS[report.status])} · {_about(report)}"
    chapters: tuple[tuple[str, Iterable[str]], ...] = (
        ("What happened", _happened(report)),
        ("After the change", _aftermath(report)),
        ("Cause", _causes(report)),
        ("What the model states", _model(report)),
        ("What to do", _todo(report)),
        ("What was done", _done(report)),
        ("Traffic", _traffic(report)),
        ("Evidence", (_piece(piece, report.ended_at) for piece in report.evidence)),
        ("Time line", _time_line(report)),
        ("What changed before", _changes(report)),
        ("Over", _over(report)),
        ("What was not checked", _unseen(report)),
        ("Log digest", _digests(report)),
    )
    body = [_verdict(report)]
    for name, lines in chapters:
        shown = list(lines)
        if shown:
            body += [f"<section><h2>{_own(name)}</h2>", *shown, "</section>"]
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{in_use()}"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{_text(title)}</title>",
            f"<style>{style}</style></head><body>",
            *body,
            f'<footer class="quiet"><p>{_foot(report)}</p></footer></body></html>',
            "",
        ]
    )


def _text(value: object) -> str:
    return escape(inert(str(value)))


def _own(sentence: str) -> str:
    return _text(localised(sentence))


def _about(report: Report) -> str:
    return f"{report.service or localised('all services')} · {localised(f'incident {report.incident_id}')}"


def _block(value: str) -> str:
    return f"<pre>{escape(inert(value, newlines=True))}</pre>"


def _verdict(report: Report) -> str:
    took = between(report.started_at, report.ended_at)
    about = _text(_about(report))
    times = _own(f"times in {zone(report.started_at)} ({offset(report.started_at)})")
    return (
        f'<header class="verdict {_TONES.get(report.status, "poor")}">'
        f'<h1><span class="word">{_own(VERDICTS[report.status])}</span> · {about}</h1>'
        f"<p><strong>{_text(report.closing)}</strong></p>"
        f'<p class="quiet">{_text(where_text(report.where))}<br>'
        f"{_own(f'{full(report.started_at)} to {full(report.ended_at)} ({took})')} · {times}</p></header>"
    )


def _happened(report: Report) -> Iterator[str]:
    if report.status == "recovered":
        yield from (f"<p>{_text(line)}</p>" for line in happened_text(report).plain.split("\n"))
        if report.plan.recommendations:
            yield f"<h3>{_own('What prevents it')}</h3>"
            yield from _list([_text(text) for text in report.plan.recommendations])
    if report.history:
        yield f"<p>{_text(report.history)}</p>"


def _aftermath(report: Report) -> Iterator[str]:
    found = report.aftermath
    if found is None:
        return
    yield from _list([_text(line) for line in found.tried])
    if found.unread:
        yield f"<p>{_own(f'could not be read after the change: {found.unread}')}</p>"
        return
    yield from _list([_text(line) for line in found.pods])
    if found.log_of:
        yield f"<p>{_own(f'last lines of {found.log_of}:')}</p>{_block(chr(10).join(found.log))}"
    yield from _list(
        [
            *(f"{_own('new: ')}{_text(line)}" for line in found.new),
            *(f"{_own('gone: ')}{_text(line)}" for line in found.gone),
        ]
    )


def _causes(report: Report) -> Iterator[str]:
    for number, cause in enumerate(report.causes):
        where = f", {_own('to change')}: <code>{_text(cause.object)}</code>" if cause.object else ""
        name = f"<strong>{_text(cause.code)}</strong>" if number == 0 else f"{_own('or: ')}{_text(cause.code)}"
        shown = ", ".join(_linked(name, report) for name in cause.evidence) or _own("none")
        by = _own("named by the model, ") if cause.summary_by == "model" else ""
        sentence = _text(in_zone(cause.sentence, report.ended_at))
        yield (
            f"<p>{name} ({by}{_own(f'confidence {cause.confidence:.2f}')}{where}): {sentence} "
            f'<span class="quiet">{_own("Evidence")}: {shown}</span></p>'
        )
    if not report.causes:
        yield from (f"<p>{_text(symptom.service or '')} {_text(symptom.text)}</p>" for symptom in report.symptoms)
    if report.confidence_note:
        yield f'<p class="quiet">{_text(report.confidence_note)}</p>'


def _model(report: Report) -> Iterator[str]:
    return _list([_text(line) for line in model_lines(report.analysis, report.plan, length=_WHOLE)])


def _todo(report: Report) -> Iterator[str]:
    plan = report.plan
    if plan.reason:
        yield f"<p>{_text(plan.reason)}</p>"
    items = [f"{_own('Planned change')}: {_text(plan.change)}"] if plan.change else []
    items += [
        f'<span class="{_WEIGHTS.get(risk.kind, "risk")}">{_own("Risk")}: {_text(risk.text)}</span>'
        for risk in plan.risks
    ]
    if report.status == "awaiting_approval":
        items.append(f"{_own('Go on with')}: <code>opsagent approve {_text(report.incident_id)}</code>")
    yield from _list([*items, *(_text(text) for text in plan.recommendations)])


def _done(report: Report) -> Iterator[str]:
    lines = [answer_line(answer) for answer in report.answers] + [action_line(action) for action in report.actions]
    seen = report.verification
    if seen:
        outcome = localised("recovered" if seen.recovered else "STILL FAULTY")
        lines.append(f"{localised('Verified')}: {outcome}: {seen.text}")
    yield from _list([_text(line) for line in lines] or [_own("Nothing.")])
    if seen:
        yield f"<table><tr><th></th><th>{_own('before')}</th><th>{_own('after')}</th></tr>"
        for name, before, after in figure_rows(seen):
            yield f"<tr><td>{_text(name)}</td><td>{_text(before)}</td><td>{_text(after)}</td></tr>"
        yield "</table>"


def _traffic(report: Report) -> Iterator[str]:
    if report.trend and report.trend.text:
        yield f"<p>{_text(report.trend.text)}</p>"
    points, marks = report.traffic, _marks(report)
    slow = Levels(threshold=report.response_threshold_ms)
    times = with_gaps([(point.at, point.response_ms) for point in points])
    rates = with_gaps([(point.at, point.rps) for point in points])
    drawn = (
        chart(localised("Response time"), localised("ms, mean of 10 s"), times, marks, slow),
        chart(localised("Requests"), localised("per second, mean of 10 s"), rates, marks),
    )
    yield from (figure for figure in drawn if figure)
    for one in report.charts:
        began = [Mark(one.onset, localised("began"))] if one.onset else []
        own = sorted([*began, *marks], key=lambda mark: mark.at.timestamp())
        title = f"{one.title}: {in_zone(one.text, report.ended_at)}"
        points_of = [(point.at, point.value) for point in one.points]
        yield chart(title, one.unit, points_of, own, Levels(one.before, one.threshold, one.changed_from))


def _marks(report: Report) -> list[Mark]:
    marks = [Mark(step.at, localised("detected")) for step in report.steps if step.node == "detect"][:1]
    marks += [Mark(answer.at, localised("approved")) for answer in report.answers if answer.decision == "approve"][-1:]
    marks += [Mark(action.at, localised("changed")) for action in report.actions]
    if report.status == "recovered":
        marks.append(Mark(report.traffic[-1].at if report.traffic else report.ended_at, localised("recovered")))
    return sorted(marks, key=lambda mark: mark.at.timestamp())


def _linked(name: str, report: Report) -> str:
    """Return the number of a piece of evidence as a link to it; plain where the report does not hold it."""
    if _NUMBER.fullmatch(name) and any(piece.id == name for piece in report.evidence):
        return f'<a href="#{name}">{name}</a>'
    return _text(name)


def _piece(piece: Evidence, now: datetime) -> str:
    at = f", {_text(full(piece.at))}" if piece.at else ""
    anchor = f' id="{piece.id}"' if _NUMBER.fullmatch(piece.id) else ""
    where = _text(in_zone(piece.where, now))
    return (
        f"<p{anchor}><strong>{_text(piece.id)}</strong> {_text(piece.source)}, <code>{where}</code>"
        f'<span class="quiet">{at}</span></p>{_block(evidence_text(piece, now))}'
    )


def _time_line(report: Report) -> Iterator[str]:
    moments = [
        (step.at, f"{step.node}{'' if step.ok else localised(' FAILED')}: {in_zone(step.text, step.at)}")
        for step in report.steps
    ]
    moments += [(answer.at, answer_line(answer)) for answer in report.answers]
    moments += [(action.at, action_line(action)) for action in report.actions]
    if moments:
        yield "<table>"
        for at, text in sorted(moments, key=lambda moment: moment[0].timestamp()):
            yield f"<tr><td>{_text(full(at))}</td><td>{_text(text)}</td></tr>"
        yield "</table>"


def _changes(report: Report) -> Iterator[str]:
    if not report.changes and report.status not in FAULTLESS:
        return _list([_text(no_change_text(report.changes, report.not_checked))])
    newest = sorted(report.changes or (), key=lambda change: change.at.timestamp(), reverse=True)
    return _list([f"{_text(full(c.at))} <code>{_text(c.object)}</code>: {_text(c.text)}" for c in newest])


def _over(report: Report) -> Iterator[str]:
    return _list([_text(line.plain) for line in over_lines(report.over, report.ended_at)])


def _unseen(report: Report) -> Iterator[str]:
    skipped = [f"{_text(skipped.source)}: {_text(skipped.why)}" for skipped in report.not_checked]
    yield from _list(skipped or [_own("Nothing: every source that was asked answered.")])
    if report.looked:
        looked = ", ".join(f"<code>{_text(name)}</code>" for name in report.looked)
        yield f'<p class="quiet">{_own("Read")}: {looked}</p>'


def _digests(report: Report) -> Iterator[str]:
    for digest in report.digests:
        previous = localised(" (previous container)") if digest.previous else ""
        head = f"{digest.where}{previous}: {localised(f'{digest.lines} lines, {digest.size} bytes')}"
        shown = [f"L{group.first_line} ×{group.count} {group.kind}: {group.text}" for group in digest.groups]
        more = "\n" + localised(f"and {len(shown) - _GROUPS} more groups") if len(shown) > _GROUPS else ""
        lines = _block("\n".join(shown[:_GROUPS]) + more)
        yield f"<details open><summary><code>{_text(head)}</code></summary>{lines}</details>"


def _list(items: list[str]) -> Iterator[str]:
    if items:
        yield f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _foot(report: Report) -> str:
    mark = report.audit
    by = f"{localised('by ')}{judged_by(report.analysis)}"
    trail = f" · {localised(f'audit record {mark.number}, {mark.hash}')}" if mark else ""
    return _text(f"{localised(f'opsagent report of incident {report.incident_id}')}, {by}{trail}")
