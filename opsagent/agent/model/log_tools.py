"""The logs for a model: digests by any name, and searches counted with their first and last lines."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from opsagent.agent.model.material import Material
from opsagent.agent.model.prompt_logs import kind_of
from opsagent.agent.model.slips import SlipError
from opsagent.analysis.logs.digest_text import by_relevance, sample
from opsagent.errors import OpsagentError, UsageError
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.status import LogMatch
from opsagent.tools.pattern import compile_pattern

_GROUPS = 8  # of one log, the most informative ones
_LOGS = 3  # that one answer shows
_SHOWN = 3  # first and last lines of a search
_MOST = 5_000  # lines that a search counts
_DIGITS = re.compile(r"\d+")


def logs_named(material: Material, about: str) -> tuple[LogDigest, ...]:
    """Return the digests whose service, pod, container or place is named; SlipError with the known names for none."""
    wanted = about.casefold().removeprefix("pod/").removeprefix("deployment/").strip()
    found = _named(material.digests, wanted)
    if not found and wanted:
        found = _named(material.more_logs(wanted), wanted)
    if not found or not wanted:
        known = list(dict.fromkeys([log.service or log.where for log in material.digests]))[:12]
        known += [name for name in (one.name for one in material.services) if name not in known][:12]
        raise SlipError(f"digest needs the name of a service or pod, not {about[:60]!r}; known: {', '.join(known)}")
    return found[:_LOGS]


def digest_lines(logs: Sequence[LogDigest]) -> list[str]:
    """Return each log as its head, its most informative groups, the rarest and the most frequent, and its last line."""
    lines: list[str] = []
    for log in logs:
        span = f", {log.first_at:%H:%M:%S}–{log.last_at:%H:%M:%S}" if log.first_at and log.last_at else ""
        before = ", PREVIOUS container" if log.previous else ""
        lines.append(f"{log.where} ({log.service or 'no known service'}, {log.lines} lines{span}{before})")
        telling = [group for _, group in by_relevance((log,))][: _GROUPS if len(logs) == 1 else _GROUPS // 2]
        lines += [_group(group) for group in telling]
        groups = [group for group in log.groups if group not in telling]
        if groups:
            most, least = max(groups, key=lambda one: one.count), min(groups, key=lambda one: one.count)
            lines.append(f"most: {_group(most)}")
            lines += [f"least: {_group(least)}"] if least is not most else []
        lines += [f"last: {log.tail[-1]}"] if log.tail else []
    return lines


def search_lines(material: Material, about: str, pattern: str) -> list[str]:
    """Return how many lines match, the first and last of them, and their kinds, most and least frequent."""
    try:
        found = list(islice(_matches(material, about, pattern), _MOST))
    except UsageError as error:
        raise SlipError(f"{error.message}{f' ({error.hint})' if error.hint else ''}") from error
    except OpsagentError as error:
        return [f"the logs could not be searched: {error.message}"]
    if not found:
        return ["no line matches"]
    kinds: dict[str, list[LogMatch]] = {}
    for match in found:
        kinds.setdefault(_DIGITS.sub("0", match.text.split(" ", 1)[-1]), []).append(match)
    more = "+" if len(found) == _MOST else ""
    lines = [f"{len(found)}{more} lines in {len({match.where for match in found})} logs, {len(kinds)} kinds"]
    by_count = sorted(kinds.values(), key=len, reverse=True)
    for kind in dict.fromkeys(map(tuple, (*by_count[:_SHOWN], by_count[-1]))):
        lines.append(f"×{len(kind)} first {_line(kind[0])}")
        lines += [f"  last {_line(kind[-1])}"] if len(kind) > 1 else []
    return lines


def _matches(material: Material, about: str, pattern: str) -> Iterator[LogMatch]:
    if material.lines is not None:
        return material.lines(pattern, about or None)
    # The logs are gone: what their digests kept is searched, and of each group one line is there.
    wanted = compile_pattern(pattern)
    logs = _named(material.digests, about.casefold()) if about else material.digests
    kept = (
        LogMatch(log.where, group.first_line, line)
        for log in logs
        for group in log.groups
        for line in group.text.split("\n")
    )
    return (match for match in kept if wanted.search(match.text))


def _named(logs: Sequence[LogDigest], wanted: str) -> tuple[LogDigest, ...]:
    exact = tuple(log for log in logs if wanted in ((log.service or "").casefold(), (log.pod or "").casefold()))
    if exact:
        return exact
    return tuple(log for log in logs if wanted in f"{log.where} {log.service or ''}".casefold())


def _group(group: LogGroup) -> str:
    at = f" {group.first_at:%H:%M:%S}" if group.first_at else ""
    until = f"–{group.last_at:%H:%M:%S}" if group.last_at and group.last_at != group.first_at else ""
    return f"L{group.first_line} ×{group.count}{at}{until} [{kind_of(group)}] {' '.join(sample(group).split())}"


def _line(match: LogMatch) -> str:
    return f"{match.where.removeprefix('logs/')}:L{match.line} {match.text}"
