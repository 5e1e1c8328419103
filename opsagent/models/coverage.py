"""What was read and what was not: one reading for each source and service of a pass.

Status, exit code, panel, report and JSON are computed from this record and from nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from opsagent.errors import (
    CheckError,
    ForbiddenError,
    NoClusterError,
    NotAnAnswerError,
    NotCheckedError,
    UnauthorizedError,
)


class Outcome(StrEnum):
    """What came of reading one source."""

    READ = "read"
    EMPTY = "empty"  # it was read, and holds nothing
    NOT_UNDERSTOOD = "not_understood"  # something came back that is not evidence
    REFUSED = "refused"  # 401, 403
    FAILED = "failed"  # no answer, or an error
    NOT_ASKED = "not_asked"  # this platform, or this bundle, has no such source


# Sources that can report the state of a service; every other one holds text or context.
STATE_SOURCES = ("stats", "objects", "health", "metrics")
_READ = (Outcome.READ, Outcome.EMPTY)
# What was read first; of what was not, the outcome that explains most.
READ_FIRST = (
    Outcome.READ,
    Outcome.REFUSED,
    Outcome.FAILED,
    Outcome.NOT_UNDERSTOOD,
    Outcome.EMPTY,
    Outcome.NOT_ASKED,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One source, read or not, for one service or for all."""

    source: str  # "stats", "objects", "health", "logs", "pods" …
    service: str | None  # None: the source as such
    outcome: Outcome
    what: str = ""  # what was read ("online", "1/1 ready"), or why it was not


@dataclass(frozen=True, slots=True)
class Coverage:
    """All readings of one pass."""

    readings: tuple[Reading, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "readings", tuple(self.readings))

    def read_of(self, service: str) -> tuple[str, ...]:
        """Return the sources from which the state of a service was read."""
        own = (reading for reading in self.readings if reading.service == service)
        found = (r.source for r in own if r.outcome is Outcome.READ and r.source in STATE_SOURCES)
        return tuple(dict.fromkeys(found))

    def services_read(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the named services whose state was read."""
        return tuple(name for name in names if self.read_of(name))

    def unread(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the named services whose state was not read and could have been."""
        return tuple(name for name in names if not self.read_of(name) and not self.idle(name))

    def idle(self, service: str) -> bool:
        """Return whether the cluster was read and nothing of the service is meant to run."""
        return any(
            r.service == service and r.source == "objects" and r.outcome is Outcome.EMPTY and r.what == IDLE
            for r in self.readings
        )

    def outcome(self, source: str, service: str | None = None) -> Outcome:
        """Return what came of a source, as such or for one service; `not_asked` where nothing is recorded."""
        found = [r.outcome for r in self.readings if (r.source, r.service) == (source, service)]
        return found[-1] if found else Outcome.NOT_ASKED

    def why(self, source: str) -> str:
        """Return why a source as such was not read."""
        found = [r.what for r in self.readings if r.source == source and r.service is None and r.outcome not in _READ]
        return found[-1] if found else ""

    def why_unread(self, service: str) -> str:
        """Return why the state of a service was not read: the reason that explains most."""
        own = [r for r in self.readings if r.service == service and r.outcome is not Outcome.READ]
        own.sort(key=lambda reading: READ_FIRST.index(reading.outcome))
        return next((r.what for r in own if r.what), "no source reports its state")

    def not_checked(self) -> tuple[tuple[str, str, Outcome], ...]:
        """Return what was not read as (source, why, outcome): the sources as such, and logs; services by `unread`."""
        odd = [r for r in self.readings if r.outcome not in _READ and r.what and not r.source.startswith("objects/")]
        odd = [r for r in odd if r.service is None or r.source not in STATE_SOURCES]
        said = {r.what for r in odd if r.source != "objects"}
        kept = (r for r in odd if r.source != "objects" or r.what not in said)
        return tuple(dict.fromkeys((r.source, r.what, r.outcome) for r in kept))

    @property
    def blind(self) -> bool:
        """Whether nothing at all was read."""
        return not any(reading.outcome in _READ for reading in self.readings)

    @property
    def strange(self) -> tuple[Reading, ...]:
        """What was given or answered and could not be understood."""
        odd = (r for r in self.readings if r.outcome is Outcome.NOT_UNDERSTOOD)
        return tuple(r for r in odd if r.service is None or r.source not in STATE_SOURCES)


IDLE = "nothing of it is meant to run: 0 replicas desired"


def outcome_of(error: CheckError) -> Outcome:
    """Return the outcome that a failed request stands for."""
    if isinstance(error, UnauthorizedError | ForbiddenError):
        return Outcome.REFUSED
    if isinstance(error, NotAnAnswerError):
        return Outcome.NOT_UNDERSTOOD
    if isinstance(error, NotCheckedError | NoClusterError):
        return Outcome.NOT_ASKED
    return Outcome.FAILED
