"""Evidence, causes, changes and gaps as lines: what panel, report and evidence view have in common."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.text import Text

from opsagent.analysis.evidence.changes import HOURS
from opsagent.models.evidence import Cause, Change, Evidence, Over
from opsagent.models.ignore import Ignored
from opsagent.models.observed import Skipped, Where
from opsagent.models.wording import counted
from opsagent.ui.language import localised
from opsagent.ui.layout import POOR, QUIET, STRONG, clipped, joined, own, say, shortened, stacked
from opsagent.ui.moment import ago, day_clock, full, in_zone
from opsagent.ui.place import short_place

_NUMBERS = re.compile(r"\d+")
# Without one of these a change may have gone unseen.
_TELL_CHANGES = frozenset({"cluster", "objects", "pods", "deployments", "replicasets", "events", "nodes"})
# The time in front of a log line, once or twice: the cluster's, and the program's own.
_STAMPS = re.compile(r"^(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?\s*){1,2}")


def of_cause(cause: Cause | None, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence that carries the cause, in the cause's order; all of it where the cause names none."""
    by_id = {piece.id: piece for piece in evidence}
    named = tuple(by_id[name] for name in cause.evidence if name in by_id) if cause else ()
    return named or tuple(evidence)


def short_evidence(pieces: Sequence[Evidence], now: datetime, most: int = 120) -> list[tuple[Text, Text]]:
    """Return each piece as its id and "logs blog-service-…-k8m2p L88  text", the text cut to what decides.

    Pieces that differ in nothing but numbers (the same complaint every two seconds) share a line.
    """
    alike: dict[tuple[str, str], list[Evidence]] = {}
    for piece in pieces:
        alike.setdefault((piece.source, _NUMBERS.sub("#", _decisive(piece))), []).append(piece)
    return [_line(same, now, most) for same in alike.values()]


def _line(same: Sequence[Evidence], now: datetime, most: int) -> tuple[Text, Text]:
    first, others = same[0], len(same) - 1
    place = joined(f"{first.source} ", say(in_zone(short_place(first.where), now), QUIET))
    more = own(f" (and {others} more like it)", QUIET) if others else ""
    text = _decisive(first) if first.source == "logs" else in_zone(_decisive(first), now)
    return say(first.id, STRONG), joined(place, "  ", shortened(text, most), more)


def _decisive(piece: Evidence) -> str:
    lines = [line.strip() for line in piece.text.splitlines() if line.strip()] or [localised("(empty line)")]
    if piece.source == "metrics":
        return lines[0]  # the change; the query that shows it follows, and is in the evidence view
    if piece.source != "logs":
        return " ".join(lines)
    # Of a traceback the last line is the one that decides; when it was stated is in the evidence view.
    return _STAMPS.sub("", lines[-1]) or lines[-1]


def full_evidence(piece: Evidence, now: datetime) -> Text:
    """Return one piece complete: id, source, full place, time, and every line of its text, with the screen's times."""
    at = f" · {full(piece.at)}" if piece.at else ""
    head = joined(say(piece.id, STRONG), f" {piece.source} · ", in_zone(piece.where, now), at)
    return stacked([head, *(say(f"  {line}") for line in evidence_text(piece, now).splitlines())])


def evidence_text(piece: Evidence, now: datetime) -> str:
    """Return the text of a piece: a log's lines as they were written, our own sentences with the screen's times."""
    return piece.text if piece.source == "logs" else in_zone(piece.text, now)


def cause_line(cause: Cause, now: datetime) -> Text:
    """Return "db.locked — blog-service: summary (confidence 0.86)", its times in the screen's zone."""
    sure = own(f"(confidence {cause.confidence:.2f})", STRONG)
    by = localised(" (named by the model)") if cause.summary_by == "model" else ""
    return joined(say(cause.code, STRONG), f"{by} — {in_zone(cause.sentence, now)} ", sure)


def change_lines(changes: Iterable[Change], now: datetime, most: int | None = None, *, length: int = 200) -> list[Text]:
    """Return what changed, in the order given, each cut to `length`; at most `most` lines and then how many more."""
    told = tuple(changes)
    lines = [
        joined(
            say(ago(change.at, now), QUIET),
            " ",
            say(short_place(change.object)),
            f": {clipped(localised(change.text), length)}",
        )
        for change in told[:most]
    ]
    if most is not None and len(told) > most:
        lines.append(own(counted(len(told) - most, "and 1 more change", "and {n} more changes"), QUIET))
    return lines


def no_change_text(changes: Sequence[Change] | None, not_checked: Iterable[Skipped]) -> str:
    """Return that nothing changed; where that was looked up in part, that nothing was seen; else "not checked"."""
    if changes is None:
        return localised("not checked")
    unread = [skipped.source for skipped in not_checked if skipped.source in _TELL_CHANGES]
    if unread:
        return localised(f"nothing that was seen ({', '.join(dict.fromkeys(unread))}: not checked)")
    return localised(f"nothing in the last {HOURS:.0f} h")


def unseen_text(not_checked: Sequence[Skipped], most: int | None = None) -> Text:
    """Return what was not checked and why; "nothing" only where every source that was asked has answered."""
    if not not_checked:
        return own("nothing: every source that was asked answered")
    shown = _grouped(not_checked)
    if most is None:
        return say("; ".join(shown))
    short = [clipped(text, 75) for text in shown[:most]] + [localised(f"and {len(shown) - most} more")] * (
        len(shown) > most
    )
    return say("; ".join(short))


def unseen_count(not_checked: Sequence[Skipped]) -> Text:
    """Return how many sources were not checked, where there is no room for their names."""
    if not not_checked:
        return unseen_text(not_checked)
    return own(counted(len(_grouped(not_checked)), "1 source: press e", "{n} sources: press e"))


def ignored_lines(ignored: Iterable[Ignored]) -> list[Text]:
    """Return each known finding that was set aside, until when and why; and entries that have expired."""
    return [_ignored_line(item) for item in ignored]


def over_lines(over: Iterable[Over], now: datetime) -> list[Text]:
    """Return each fault that is over: "db.locked, 7 records, last at 12:25:37, then 55 successes"."""
    return [_over_line(one, now) for one in over]


def _over_line(one: Over, now: datetime) -> Text:
    where = localised(f" at {one.object}") if one.object else ""
    records = localised(f", {one.records} record{'s' * (one.records != 1)}") if one.records else ""
    last = localised(f", last at {day_clock(one.until, now)}") if one.until else ""
    since = localised(f", then {one.successes} success{'es' * (one.successes != 1)}") if one.successes else ""
    return joined(say(one.code, STRONG), f"{where}{records}{last}{since} ({short_place(one.where)})")


def _ignored_line(item: Ignored) -> Text:
    where = localised(f" at {item.object}") if item.object else ""
    if item.expired:
        head = joined(own("no longer ignored: ", POOR), say(item.code, STRONG))
        return joined(
            head, localised(f"{where} (until {full(item.until)}, because {item.reason}): remove or renew the entry")
        )
    return joined(
        say(item.code, STRONG), localised(f"{where} until {full(item.until)} because {item.reason}: {item.summary}")
    )


def _grouped(not_checked: Sequence[Skipped]) -> list[str]:
    """State each reason once, with all that it kept from being seen; else each source once, with all its reasons."""
    sources: dict[str, dict[str, None]] = {}
    for skipped in not_checked:
        sources.setdefault(skipped.why, {})[skipped.source] = None
    shared = [f"{', '.join(names)}: {why}" for why, names in sources.items() if len(names) > 1]
    whys: dict[str, list[str]] = {}
    for why, names in sources.items():
        if len(names) == 1:
            whys.setdefault(next(iter(names)), []).append(why)
    return shared + [f"{source}: {', '.join(why)}" for source, why in whys.items()]


def place_line(where: Where) -> str:
    """Return context, namespace and API server without their labels, for a line that has one already."""
    if where.bundle:
        return where_text(where)
    return " · ".join(
        part for part in (where.context, where.namespace, where.server or localised("no cluster")) if part
    )


def where_text(where: Where) -> str:
    """Return context, namespace and API server, or the bundle: the system that is talked about."""
    if where.bundle:
        return localised(f"bundle {where.bundle} · namespace {where.namespace}")
    context = f"context {where.context} · " if where.context else ""
    return localised(f"{context}namespace {where.namespace} · {where.server or 'no cluster'}")
