"""What logs report about the cause: mechanisms, not loud words; the first link of a chain before what it led to."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.context.agreement import agreed
from opsagent.analysis.logs.context.corroboration import resets_as_loss, strengths_of
from opsagent.analysis.logs.context.failure_share import STRENGTH, failing
from opsagent.analysis.logs.context.relations import relate
from opsagent.analysis.logs.context.unknown_names import as_wrong_addresses
from opsagent.analysis.logs.matching.engine import matcher_of
from opsagent.analysis.logs.matching.matches import Match, matches
from opsagent.analysis.logs.matching.routine import is_of_request
from opsagent.analysis.logs.over.good_work import records_of
from opsagent.analysis.logs.over.recovery import is_over, successes_since
from opsagent.analysis.text.last_words import last_words
from opsagent.analysis.text.levels import Level, level_of
from opsagent.models.digest import LogDigest
from opsagent.models.evidence import UNKNOWN, Finding, Observation

_SHOWN = 4  # lines of evidence a finding
_EXPLAINED = 0.55  # what is left of a symptom's strength beside its cause
_EXPLAINS_FROM = 0.45  # what is too faint to be stated accounts for nothing
_FEWEST = 0.2
_UNEXPLAINED = 0.46  # just enough to state that something is wrong
_UNKNOWN = (UNKNOWN, None)
_OFTEN = 3
_LAST = 5  # lines after a failure that show nothing of how it went on
_SESSION = re.compile(r"\[\d+\].{0,80}\b(?:FATAL|ERROR):  ")  # PostgreSQL ends one session or statement, not itself


def log_findings(
    digests: Sequence[LogDigest], *, now: datetime | None = None, catalog: Catalog | None = None
) -> tuple[Finding, ...]:
    """State what each log reports a cause, the most likely first; `now` (aware) decides what is over."""
    known, newest = catalog or builtin(), max((d.last_at for d in digests if d.last_at is not None), default=None)
    found = [finding for one in digests for finding in _of_one(one, now or newest, known)]
    ordered = [row[1] for row in sorted(found, key=lambda row: row[0])]
    return tuple(as_wrong_addresses(ordered, digests, known))


def _of_one(log: LogDigest, now: datetime | None, catalog: Catalog) -> list[tuple[tuple[float, ...], Finding]]:
    grouped: dict[tuple[str, str | None], list[Match]] = {}
    for match in _matches(log, catalog):
        grouped.setdefault((match.verdict.code, match.blames), []).append(match)
    _join_nameless(grouped)
    resets_as_loss(grouped, catalog)
    relate(log, grouped, catalog)
    often = failing(log, [m for m in grouped.get(_UNKNOWN, ()) if not is_of_request(m.text)])
    if often:
        grouped[_UNKNOWN] = list(often)
    strengths = strengths_of(log, grouped, catalog)
    if any(found[0].verdict.unexplained and _reports_itself(log, found) for key, found in grouped.items()):
        strengths[_UNKNOWN] = max(strengths.get(_UNKNOWN, 0.0), _UNEXPLAINED)
    if often:
        strengths[_UNKNOWN] = STRENGTH
    over = {key: is_over(log, found, now, catalog) for key, found in grouped.items()}
    firm = {key: found for key, found in grouped.items() if strengths[key] >= _EXPLAINS_FROM}
    out: list[tuple[tuple[float, ...], Finding]] = []
    for key, found in grouped.items():
        strength = agreed(log, key, found, strengths, catalog) * _explained(key, found, firm, over, catalog)
        if strength < _FEWEST:
            continue
        first = min(found, key=lambda m: (catalog.order(m.verdict.code), -m.strength, m.line))
        finding = _finding(log, found, first, round(strength, 3), over=over[key])
        out.append(((over[key], -round(strength, 1), catalog.order(first.verdict.code), first.line), finding))
    return out


@lru_cache(maxsize=512)
def _matches(log: LogDigest, catalog: Catalog) -> tuple[Match, ...]:
    # One digest is judged several times: whether to read on, at detection, beside the others.
    return tuple(matches(log, matcher_of(catalog)))


def forget_matches() -> None:
    """Let go of the digests that were judged: a pass of `watch` meets none of the one before it again."""
    _matches.cache_clear()


def _reports_itself(log: LogDigest, found: list[Match]) -> bool:
    """Return whether failures that no rule knows are more than one bad request: fatal, frequent, or the log's end.

    Only of a log that comes alone: where its pod is known, Kubernetes shows whether it serves.
    """
    own = [m for m in found if not is_of_request(m.text)]
    if log.pod is not None or not own:
        return False
    if any(level_of(m.text) == Level.FATAL and not _of_session(m) for m in own):
        return True
    often = sum(m.group.count for m in own)
    last = max(m.group.last_line for m in own)
    return (often >= _OFTEN and often * 5 >= log.lines) or (log.lines - last < _LAST and not all(map(_of_session, own)))


def _of_session(match: Match) -> bool:
    return _SESSION.search(match.text) is not None


def _join_nameless(grouped: dict[tuple[str, str | None], list[Match]]) -> None:
    """Add complaints that name nobody to the only one of their kind that does."""
    for code, blames in list(grouped):
        named = [key for key in grouped if key[0] == code and key[1] is not None]
        if blames is None and len(named) == 1:
            grouped[named[0]] += grouped.pop((code, None))


def _explained(
    key: tuple[str, str | None],
    own: list[Match],
    firm: dict[tuple[str, str | None], list[Match]],
    over: dict[tuple[str, str | None], bool],
    catalog: Catalog,
) -> float:
    """Weaken what an earlier link in the same log accounts for; of two that account for each other, the later one."""
    for other, found in firm.items():
        if key[0] not in catalog.explains(other[0]) or (over[other] and not over[key]):
            continue
        if other[0] not in catalog.explains(key[0]) or _first(found, catalog) < _first(own, catalog):
            return _EXPLAINED
    return 1.0


def _first(found: list[Match], catalog: Catalog) -> tuple[int, float]:
    return min((catalog.order(m.verdict.code), -m.strength) for m in found)


def _finding(log: LogDigest, found: list[Match], first: Match, strength: float, *, over: bool) -> Finding:
    stamps = [m.group.first_at for m in found if m.group.first_at is not None]
    shown = sorted(found, key=lambda m: (-m.strength, m.line))[:_SHOWN]
    observations = tuple(
        Observation("logs", f"{log.where}:L{m.line}", m.text, m.group.first_at) for m in _distinct(shown)
    )
    blames = next((m.blames for m in (first, *found) if m.blames), None)
    return Finding(
        code=first.verdict.code, object=first.object, service=log.service, strength=strength,
        summary=_summary(first.verdict, first) if not first.verdict.unexplained else _quoted(found, first),
        observations=observations, at=min(stamps, default=None), over=over,
        blames=blames, until=max((m.group.last_at for m in found if m.group.last_at is not None), default=log.ended_at),
        records=records_of(found), successes=successes_since(log, found) if over else 0,
        variant=first.verdict.variant or "",
    )  # fmt: skip


def _quoted(found: Sequence[Match], first: Match) -> str:
    """State what is not understood in the program's own words: the most severe, how often, first and last."""
    match = max(found, key=lambda m: (m.group.kind == "traceback", level_of(m.text), m.group.count, -m.line))
    group = match.group
    times = f"{group.count} times" if group.count > 1 else "once"
    stamps = [at for at in (group.first_at, group.last_at) if at is not None]
    when = f", from {stamps[0]:%H:%M:%S} to {stamps[-1]:%H:%M:%S} UTC" if group.count > 1 and stamps else ""
    when = when or (f", at {stamps[0]:%H:%M:%S} UTC" if stamps else "")
    return f'{first.verdict.summary}: "{last_words(match.text)}" ({times}{when})'


def _distinct(found: Sequence[Match]) -> list[Match]:
    return list({m.line: m for m in reversed(found)}.values())[::-1]


def _summary(rule: Verdict, match: Match) -> str:
    what = match.blames or match.named
    return (
        rule.summary.replace("{what}", what) if what else rule.summary.replace(" ({what})", "").replace(" {what}", "")
    )
