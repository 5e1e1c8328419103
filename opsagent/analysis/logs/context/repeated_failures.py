"""The same failure again and again beside good work: an error that sets in, or a unit of work that never ends well."""

from collections.abc import Iterator, Mapping

from opsagent.analysis.catalog.phrase import unexplained
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.matching.routine import is_of_request, is_routine
from opsagent.analysis.text.levels import BENIGN, Level, level_of
from opsagent.analysis.text.own_words import plain_words
from opsagent.analysis.text.requests import answer, exit_code
from opsagent.models.digest import LogDigest, LogGroup

_STATED = 0.46  # just enough to be stated: it is not known why
_FIRM = 0.45
_ERROR = unexplained(_STATED, "an error that did not occur before comes again and again")
_ENDS = unexplained(_STATED, "the same work fails each time that it is tried")
_ERRORS = 5  # of one kind
_BESIDE = 0.5  # of the log at most: where most records fail, their share is judged
_TRIES = 3  # of one unit of work that ended with the same exit code
_STILL = 0.5  # of the log, at its end, in which the last of them is
_CALM = 0.4  # of the log, at its start, without that error: what comes from the first line to the last is usual there


def repeated(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield the failures that repeat in a log that was given alone, where nothing else is firm enough."""
    if log.pod is not None or log.previous:
        return
    if any(match.strength >= _FIRM for matches in found.values() for match in matches):
        return
    named = {m.group for matches in found.values() for m in matches if not m.verdict.unexplained}
    for group in log.groups:
        if (
            group.kind == "noise"
            or group in named
            or group.last_line <= (1 - _STILL) * log.lines
            or not _accuses(group.text)
        ):
            continue
        if exit_code(group.text) not in (None, 0, 143):
            if group.count >= _TRIES and not _ended_well(log, group):
                yield Match.of_group(_ENDS, group)
        elif _sets_in(log, group) and _is_error(group):
            yield Match.of_group(_ERROR, group)


def _accuses(text: str) -> bool:
    if answer(text) is not None or is_of_request(text):
        return False  # requests are judged by the share of them that fails
    return not (BENIGN.search(plain_words(text)) or is_routine(text))


def _sets_in(log: LogDigest, group: LogGroup) -> bool:
    return _ERRORS <= group.count <= _BESIDE * log.lines and group.first_line > _CALM * log.lines


def _is_error(group: LogGroup) -> bool:
    """Return whether records of failing words are errors by their level too, as far as they have one."""
    level = level_of(group.text)
    return group.kind in ("error", "traceback") and (level is Level.NONE or level >= Level.ERROR)


def _ended_well(log: LogDigest, group: LogGroup) -> bool:
    """Return whether work ended with 0 after the last of these."""
    return any(exit_code(one.text) == 0 and one.last_line > group.last_line for one in log.groups)
