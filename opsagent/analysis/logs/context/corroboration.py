"""What reports nothing alone: slow statements, members that come and go, resets; many of them do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.matching.engine import times_of
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.levels import ACCESS
from opsagent.models.digest import LogDigest

Grouped = Mapping[tuple[str, str | None], list[Match]]

_SEVERAL = 3
_LONG_S = 3.0  # so long that a caller elsewhere gives up too
_VERY_LONG_S = 10.0  # one is enough where something gave up
_FAILED_REQUESTS = 3  # answered 5xx
_MANY, _SHARE = 10, 3  # so many, and at least one line in three: the log states little else
_IN_COMPANY, _IN_NUMBERS, _FLAPS, _RESETS = 0.66, 0.5, 0.55, 0.55
_BACK = re.compile(
    r"EventMemberJoin|Refuting a (?:suspect|dead)|is now UP\b|rejoined|is alive\b|back in the cluster", re.I
)
_MEMBER = re.compile(r"(?:Suspect|Marking|InetAddress|from:?|EventMemberFailed:?|node|member) /?([\w.@:-]+)")
_RESET = re.compile(r"connection reset|ECONNRESET", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Slow:
    count: int
    longest_s: float
    named: int  # called slow by the program: each of them is over its threshold


def strengths_of(log: LogDigest, grouped: Grouped, catalog: Catalog) -> dict[tuple[str, str | None], float]:
    """Report about each mechanism how firmly the log shows it, what counts only in company included."""
    found = {key: max(m.strength for m in matches) for key, matches in grouped.items()}
    for key, matches in grouped.items():
        weak = [m for m in matches if m.verdict.weak]
        if weak and catalog.is_a(key[0], "slowness"):
            found[key] = max(found[key], _slow(log, key[0], weak, grouped, catalog))
        elif weak and catalog.is_a(key[0], "lost-packets"):
            found[key] = max(found[key], _flaps(log, weak))
    return found


def resets_as_loss(grouped: dict[tuple[str, str | None], list[Match]], catalog: Catalog) -> None:
    """Add a loss of packets where connections to several different peers are reset: it is none of theirs."""
    resets = [
        m for matches in grouped.values() for m in matches
        if catalog.about_callee(m.verdict.code) and catalog.about(m.verdict.code).family != "network"
        and m.blames and _RESET.search(m.text)
    ]  # fmt: skip
    peers = {(m.blames or "").rpartition(":")[0] or m.blames for m in resets}
    if len(peers) < _SEVERAL or any(catalog.about(code).failure == "refused" for code, _ in grouped):
        return
    summary = "connections to several services break off at once: packets get lost on the way"
    grouped.setdefault(("network.loss", None), []).extend(
        replace(
            m, verdict=replace(m.verdict, code="network.loss", summary=summary, link=3), strength=_RESETS, blames=None
        )
        for m in resets
    )


def _slow(log: LogDigest, code: str, weak: list[Match], grouped: Grouped, catalog: Catalog) -> float:
    slow = _measure(weak)
    if _consequences(log, code, grouped, slow, catalog) and (slow.count >= _SEVERAL or slow.longest_s >= _VERY_LONG_S):
        return _IN_COMPANY
    # Many slow ones are all that the log states: something is slow, though nobody gave up in this log.
    many = slow.named >= _MANY and slow.named * _SHARE >= log.lines
    return _IN_NUMBERS if many and slow.longest_s >= 1 else 0.0


def _measure(weak: Iterable[Match]) -> _Slow:
    groups = {id(m.group): m for m in weak}.values()
    times = [0.0]
    for match in groups:
        times += times_of(match.phrase, match.text)[:1] if match.phrase else ()
    named = sum(m.group.count for m in groups if "slow" in m.text.lower())
    return _Slow(sum(m.group.count for m in groups), max(times), named)


def _consequences(log: LogDigest, code: str, grouped: Grouped, slow: _Slow, known: Catalog) -> bool:
    waits = known.tagged("slow-wait") | (known.tagged("disk-wait") if known.is_a(code, "slow-disk") else frozenset())
    for other, peer in grouped:
        ours = peer is None or known.peer_kind(name=peer) == "database" or slow.longest_s >= _LONG_S
        if other in waits and ours:
            return True
    failed = sum(g.count for g in log.groups if (m := ACCESS.search(g.text)) and int(m["status"] or m["gin"]) >= 500)
    return failed >= _FAILED_REQUESTS


def _flaps(log: LogDigest, weak: list[Match]) -> float:
    """Judge members that are suspected: one that is gone is down; several, or one that comes back, lost packets."""
    names = {name[1] for m in weak if (name := _MEMBER.search(m.text))}
    count = sum({id(m.group): m.group.count for m in weak}.values())
    back = any(_BACK.search(group.text) for group in log.groups)
    return _FLAPS if count >= _SEVERAL and (len(names) > 1 or back) else 0.0
