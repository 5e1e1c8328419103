"""Evidence, causes, changes and gaps as lines: what panel, report and evidence view have in common."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.text import Text

from opsagent.models.evidence import Cause, Change, Evidence
from opsagent.models.look import Skipped, Where
from opsagent.ui.layout import QUIET, STRONG, clipped, joined, say, stacked
from opsagent.ui.moment import day_clock, full
from opsagent.ui.place import short_place


def of_cause(cause: Cause | None, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence that carries the cause, in the cause's order; all of it where the cause names none."""
    by_id = {piece.id: piece for piece in evidence}
    named = tuple(by_id[name] for name in cause.evidence if name in by_id) if cause else ()
    return named or tuple(evidence)


def short_evidence(piece: Evidence, most: int = 100) -> tuple[Text, Text]:
    """Return one piece as its id and "logs blog-service-…-k8m2p L88  text", the text cut to what decides."""
    lines = [line.strip() for line in piece.text.splitlines() if line.strip()] or ["(empty line)"]
    # Of a traceback the last line is the one that decides.
    text = lines[-1] if piece.source == "logs" else " ".join(lines)
    place = joined(f"{piece.source} ", say(short_place(piece.where), QUIET))
    return say(piece.id, STRONG), joined(place, "  ", clipped(text, most))


def full_evidence(piece: Evidence) -> Text:
    """Return one piece whole: id, source, full place, time, and every line of its text."""
    at = f" · {full(piece.at)}" if piece.at else ""
    head = joined(say(piece.id, STRONG), f" {piece.source} · ", piece.where, at)
    return stacked([head, *(say(f"  {line}") for line in piece.text.splitlines())])


def cause_line(cause: Cause) -> Text:
    """Return "db.locked — summary (confidence 0.86)"."""
    return joined(say(cause.code, STRONG), f" — {cause.summary} ", say(f"(confidence {cause.confidence:.2f})", STRONG))


def change_lines(changes: Iterable[Change], now: datetime, most: int | None = None) -> list[Text]:
    """Return what changed, newest first, at most `most` lines and then how many more."""
    newest = sorted(changes, key=lambda change: change.at.timestamp(), reverse=True)
    lines = [
        joined(say(day_clock(change.at, now), QUIET), " ", say(change.object), f": {clipped(change.text, 200)}")
        for change in newest[:most]
    ]
    if most is not None and len(newest) > most:
        lines.append(say(f"and {len(newest) - most} more", QUIET))
    return lines


def unseen_text(not_checked: Sequence[Skipped], most: int | None = None) -> Text:
    """Return what could not be looked at and why; "nothing" only where every look that was tried succeeded."""
    if not not_checked:
        return say("nothing: every look that was tried succeeded")
    shown = [f"{skipped.source}: {skipped.why}" for skipped in not_checked[:most]]
    if most is not None and len(not_checked) > most:
        shown.append(f"and {len(not_checked) - most} more")
    return say("; ".join(shown))


def where_text(where: Where) -> str:
    """Return context, namespace and API server, or the bundle: the system that is talked about."""
    if where.bundle:
        return f"bundle {where.bundle} · namespace {where.namespace}"
    context = f"context {where.context} · " if where.context else ""
    return f"{context}namespace {where.namespace} · {where.server or 'no cluster'}"
