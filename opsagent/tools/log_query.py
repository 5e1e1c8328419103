"""Which lines of a log are wanted, as kubectl's and stern's flags state it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opsagent.errors import UsageError
from opsagent.tools.log_lines import split_stamp
from opsagent.tools.pattern import compile_pattern
from opsagent.tools.since import parse_since


@dataclass(frozen=True, slots=True)
class LogQuery:
    """The part of each log that is read, and which of its lines are kept."""

    tail: int | None = None  # last lines of each log; None: all
    since_s: int | None = None
    since_time: datetime | None = None  # aware
    include: tuple[Any, ...] = ()  # compiled patterns: a line is kept where one of them matches
    exclude: tuple[Any, ...] = ()  # and none of these does

    def keeps(self, line: str) -> bool:
        """Return whether a line is kept; its time stamp is not matched."""
        if not self.include and not self.exclude:
            return True
        text = split_stamp(line)[1]
        wanted = not self.include or any(pattern.search(text) for pattern in self.include)
        return wanted and not any(pattern.search(text) for pattern in self.exclude)

    @property
    def bounds(self) -> dict[str, Any]:
        """Return what the platform is asked for, as arguments of `read_log`."""
        since_time = {"since_time": self.since_time} if self.since_time is not None else {}
        return {"tail": self.tail, "since_s": self.since_s, **since_time}


def log_query(
    *,
    tail: int | None = None,
    since: str | None = None,
    since_time: str | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
) -> LogQuery:
    """Return the query that these flags ask for; a tail of -1 and a since of "0" ask for everything.

    Raises UsageError for a wrong duration, time or pattern.
    """
    if since and since_time:
        raise UsageError("--since and --since-time exclude each other", hint="give one of the two")
    return LogQuery(
        tail=None if tail is None or tail < 0 else tail,
        since_s=(parse_since(since) or None) if since else None,
        since_time=_time(since_time) if since_time else None,
        include=tuple(map(compile_pattern, include)),
        exclude=tuple(map(compile_pattern, exclude)),
    )


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"invalid time {text!r}", hint="use RFC 3339: 2026-11-22T12:25:37Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
