"""Questions about a stored incident, answered by rules: why, why not X, show E4 with its surroundings."""

import re
from collections.abc import Iterator, Sequence

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.digest_text import by_relevance, sample
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Cause, Evidence
from opsagent.models.incident import Report

_ID = re.compile(r"\bE\d{1,5}\b", re.IGNORECASE)
_WHY_NOT = re.compile(r"\bnot\s+(?:the\s+|a\s+|an\s+)?([\w./:-]{2,80})", re.IGNORECASE)
_WHY = re.compile(r"\b(?:why|cause|reason|what happened|what is wrong)\b", re.IGNORECASE)
_WORD = re.compile(r"[\w./:-]{3,80}")
_COMMON = frozenset({
    "the", "and", "was", "what", "when", "which", "who", "why", "how", "does", "did", "has", "have", "for", "from",
    "with", "this", "that", "there", "are", "not", "can", "could", "would", "show", "tell", "about", "any", "all",
    "its", "his", "her", "you", "your", "incident", "cause", "evidence", "happened",
})  # fmt: skip
_AROUND = 3  # lines before and after
_MOST = 8
_TEXT = 300


def answered(report: Report, question: str, catalog: Catalog) -> list[str]:
    """Return the lines that answer a question; each names its evidence."""
    wanted = dict.fromkeys(name.upper() for name in _ID.findall(question))
    if wanted:
        return [line for name in wanted for line in _shown(report, name)]
    other = _WHY_NOT.search(question)
    if other:
        return _why_not(report, other[1].strip("?.,"), catalog)
    found = _mentions(report, [word for word in _WORD.findall(question) if word.casefold() not in _COMMON])
    if _WHY.search(question) or not found:
        lines = _why(report)
        return lines if _WHY.search(question) else [*lines, 'ask "why", "why not NAME", or "show E1"']
    return found


def _why(report: Report) -> list[str]:
    if not report.causes:
        return [f"no cause was named: {report.closing}"]
    first = report.causes[0]
    lines = [f"{_named(first)}, confidence {first.confidence:.2f}{_basis(first)}: {first.sentence}"]
    lines += [_quoted(piece) for piece in _pieces(report, first.evidence)[:_MOST]]
    lines += [f"raised by: {symptom.text}" for symptom in report.symptoms[:2]]
    lines += [f"next most likely: {_named(cause)}, {cause.confidence:.2f}" for cause in report.causes[1:3]]
    lines.append(f"plan: {report.plan.change or 'nothing'} ({report.plan.reason})")
    return lines


def _why_not(report: Report, name: str, catalog: Catalog) -> list[str]:
    """Return what speaks for and against a code, service or object, as far as it was read."""
    plain = name.casefold()
    first = next(iter(report.causes), None)
    for place, cause in enumerate(report.causes, 1):
        if plain in f"{cause.code} {cause.object or ''} {cause.service or ''}".casefold():
            lines = [f"{_named(cause)} is cause {place} of {len(report.causes)}, confidence {cause.confidence:.2f}"]
            if first is not None and cause is not first:
                lines.append(f"before it is {_named(first)}, {first.confidence:.2f}: {first.sentence}")
            return [*lines, *map(_quoted, _pieces(report, cause.evidence)[:_MOST])]
    over = [f"{one.code} at {one.object or one.service}: seen, and over before the check" for one in report.over
            if plain in f"{one.code} {one.object or ''} {one.service or ''}".casefold()]  # fmt: skip
    lines = [f"no cause names {name}", *over]
    if plain in catalog:
        lines.append(f"{plain} would be: {catalog[plain].meaning} {catalog[plain].found}")
    mentions = _mentions(report, [name])
    lines += mentions or [f"nothing that was read names {name}"]
    return [*lines, *_read(report, plain)]


def _read(report: Report, plain: str) -> Iterator[str]:
    """Yield what was read of a name and what was not: no mention means little where nothing was read."""
    logs = [log for log in report.digests if plain in f"{log.where} {log.service or ''}".casefold()]
    for log in logs[:3]:
        marked = sum(group.count for group in log.groups if group.kind in ("error", "traceback", "warning"))
        yield f"{log.where} was read: {log.lines} lines, {marked} of them errors or warnings"
    for skipped in report.not_checked:
        if plain in f"{skipped.source} {skipped.why}".casefold():
            yield f"not checked: {skipped.source}: {skipped.why}"
    if not logs:
        yield "no log of that name was read"


def _mentions(report: Report, words: Sequence[str]) -> list[str]:
    """Return the evidence and the log lines that hold a word, those with most of the words first."""
    plain = [word.casefold().strip("?.,") for word in words]
    rows = [(_hits(f"{piece.where} {piece.text}", plain), _quoted(piece)) for piece in report.evidence]
    quoted = {piece.where for piece in report.evidence}
    for log, group in by_relevance(report.digests):
        where = f"{log.where}:L{group.first_line}"
        if where not in quoted:
            line = f"{where} ×{group.count} [{group.kind}] “{_short(sample(group))}”"
            rows.append((_hits(f"{log.service or ''} {group.text}", plain), line))
    found = sorted((row for row in rows if row[0]), key=lambda row: -row[0])
    return [line for _, line in found[:_MOST]]


def _hits(text: str, words: Sequence[str]) -> int:
    there = text.casefold()
    return sum(word in there for word in words)


def _shown(report: Report, name: str) -> list[str]:
    """Return one piece of evidence with the lines around it in its log."""
    piece = next((one for one in report.evidence if one.id == name), None)
    if piece is None:
        known = ", ".join(one.id for one in report.evidence) or "none"
        return [f"there is no {name}; the evidence of this incident: {known}"]
    used = [_named(cause) for cause in report.causes if name in cause.evidence]
    lines = [_quoted(piece), f"it carries: {', '.join(used)}" if used else "no cause rests on it"]
    where, _, line = piece.where.rpartition(":L")
    log = next((one for one in report.digests if one.where == where), None)
    return [*lines, *(_around(log, int(line)) if log is not None and line.isdecimal() else ())]


def _around(log: LogDigest, line: int) -> Iterator[str]:
    groups = sorted(log.groups, key=lambda group: group.first_line)
    before = [group for group in groups if group.first_line < line][-_AROUND:]
    after = [group for group in groups if group.first_line > line][:_AROUND]
    for word, some in (("before", before), ("after", after)):
        for group in some:
            yield f"{word}: L{group.first_line} ×{group.count} [{group.kind}] {_short(sample(group))}"


def _pieces(report: Report, names: Sequence[str]) -> list[Evidence]:
    known = {piece.id: piece for piece in report.evidence}
    return [known[name] for name in names if name in known]


def _quoted(piece: Evidence) -> str:
    at = f" {piece.at:%H:%M:%S}" if piece.at else ""
    return f"{piece.id} {piece.source} {piece.where}{at}: “{_short(piece.text)}”"


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _TEXT else f"{plain[: _TEXT - 1]}…"


def _named(cause: Cause) -> str:
    by = " (named by the model)" if cause.summary_by == "model" else ""
    return f"{cause.code} at {cause.object}{by}" if cause.object else f"{cause.code}{by}"


def _basis(cause: Cause) -> str:
    return f" ({cause.basis})" if cause.basis else ""
