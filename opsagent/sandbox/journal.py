"""What a container has written, with the moment of each line."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_KEPT = 30_000  # lines; older ones are gone, as after the kubelet's log rotation


@dataclass(frozen=True, slots=True)
class Beat:
    """Something that writes lines again and again."""

    period_s: float
    lines: Callable[[int, float], Iterable[str]]  # turn and moment -> lines
    since: float = 0.0  # wall clock; no beat before


@dataclass(slots=True)
class Journal:
    """The log of one run of one container."""

    born: float
    lines: list[tuple[float, bytes]] = field(default_factory=list)
    dropped: int = 0  # lines that rotation took, so that a follower keeps its place
    grown_until: float = 0.0
    ended: bool = False

    def write(self, at: float, *lines: str) -> None:
        """Add lines of one moment."""
        self.lines.extend((at, line.encode()) for line in lines)
        self._rotate()

    def write_raw(self, at: float, line: bytes) -> None:
        """Add one line of any bytes."""
        self.lines.append((at, line))

    def grow(self, until: float, beats: Iterable[Beat], speed: float) -> None:
        """Add what the beats wrote since the last time."""
        start = max(self.grown_until, self.born)
        self.grown_until = max(until, start)
        if self.ended or until <= start:
            return
        fresh: list[tuple[float, bytes]] = []
        for beat in beats:
            period = beat.period_s / speed
            first = int((max(start, beat.since) - self.born) / period) + 1
            last = int((until - self.born) / period)
            for turn in range(max(first, last - _KEPT), last + 1):
                at = self.born + turn * period
                fresh.extend((at, line.encode()) for line in beat.lines(turn, at))
        fresh.sort(key=lambda entry: entry[0])
        self.lines.extend(fresh)
        self._rotate()

    def since(self, moment: float) -> int:
        """Return the index of the first line at or after a moment (stamps are complete microseconds)."""
        return bisect_left(self.lines, moment - 1e-6, key=lambda entry: entry[0])

    def _rotate(self) -> None:
        extra = len(self.lines) - _KEPT
        if extra > _KEPT // 10:
            del self.lines[:extra]
            self.dropped += extra
