"""The digest of a log: its lines as a few counted groups."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

GroupKind = Literal["traceback", "error", "warning", "rare", "plain", "noise"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that the lines of one group carry under one name, at their beginning and at their end."""

    name: str
    first: float
    last: float
    least: float | None = None  # of a sample of the lines; None where the name is none of a gauge
    most: float | None = None

    @property
    def highest(self) -> float:
        """Return the most that is known of it: a sample may have missed a higher one."""
        return max(self.first, self.last, self.most if self.most is not None else self.first)


@dataclass(frozen=True, slots=True)
class LogGroup:
    """Near-identical lines (or multi-line tracebacks) counted as one."""

    kind: GroupKind
    text: str  # one sample, redacted; of a traceback its last line and root "Caused by" are always kept
    count: int
    first_line: int  # 1-based line of the log at which the sample holds
    last_line: int  # line of the newest member
    first_at: datetime | None = None
    last_at: datetime | None = None
    figures: tuple[Figure, ...] = ()  # those that differ between its first line and its newest

    def __post_init__(self) -> None:
        # A checkpoint hands tuples back as lists, and rules hash a group.
        object.__setattr__(self, "figures", tuple(self.figures))


@dataclass(frozen=True, slots=True)
class LogDigest:
    """One log, digested in one streaming pass with bounded memory."""

    where: str  # LogRef.where
    pod: str | None
    container: str | None
    previous: bool
    service: str | None
    lines: int
    size: int  # bytes read
    groups: tuple[LogGroup, ...]  # most informative first
    tail: tuple[str, ...] = ()  # the last few raw lines, redacted
    first_at: datetime | None = None
    last_at: datetime | None = None  # of its newest stamp, else when the previous container ended
    ended_at: datetime | None = None  # LogRef.ended_at

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", tuple(self.groups))
        object.__setattr__(self, "tail", tuple(self.tail))
