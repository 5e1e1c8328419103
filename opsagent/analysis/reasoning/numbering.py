"""Number the evidence: E1, E2 … in the order in which the causes use it; a number means one thing in an incident."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from opsagent.models.evidence import Cause, Evidence, Observation

MOST = 20  # pieces altogether; more is not evidence but a log
_FIRST = 8  # of the first cause
_OTHERS = 4


@dataclass(slots=True)
class Numbered:
    """The evidence so far; the same line at the same place has one number."""

    evidence: list[Evidence] = field(default_factory=list)
    _at: dict[tuple[str, str], list[Evidence]] = field(default_factory=dict)

    def cite(self, observations: Iterable[Observation], *, first: bool) -> tuple[str, ...]:
        """Return the numbers of a cause's observations, the decisive ones first; at least one where there is any."""
        cited: dict[str, None] = {}
        for seen in observations:
            known = self._known(seen)
            if known is None:
                if len(self.evidence) >= MOST and cited:
                    continue
                known = Evidence(f"E{len(self.evidence) + 1}", seen.source, seen.where, seen.text, seen.at)
                self.evidence.append(known)
                self._at.setdefault((seen.source, seen.where), []).append(known)
            cited[known.id] = None
            if len(cited) >= (_FIRST if first else _OTHERS):
                break
        return tuple(cited)

    def _known(self, seen: Observation) -> Evidence | None:
        """Return the piece that states the same of one place: two rules may quote a field at different length."""
        for piece in self._at.get((seen.source, seen.where), ()):
            if seen.text in piece.text or piece.text in seen.text:
                return piece
        return None


def interleaved(groups: Sequence[Sequence[Observation]]) -> list[Observation]:
    """Return the observations of several findings, the first of each before the second of any."""
    longest = max((len(group) for group in groups), default=0)
    return [group[index] for index in range(longest) for group in groups if index < len(group)]


def with_known_numbers(
    causes: Sequence[Cause], evidence: Sequence[Evidence], known: Sequence[Evidence]
) -> tuple[tuple[Cause, ...], tuple[Evidence, ...]]:
    """Return causes and evidence of a later check: what is known keeps its number, what is new comes after it."""
    waiting = {_told(piece): piece.id for piece in reversed(known)}
    numbers: dict[str, str] = {}
    last = highest(known)
    for piece in evidence:
        number = waiting.pop(_told(piece), None)
        if number is None:
            last += 1
            number = f"E{last}"
        numbers[piece.id] = number
    return (
        tuple(replace(cause, evidence=tuple(numbers.get(name, name) for name in cause.evidence)) for cause in causes),
        tuple(replace(piece, id=numbers[piece.id]) for piece in evidence),
    )


def highest(evidence: Iterable[Evidence]) -> int:
    """Return the highest number that is taken."""
    return max((int(piece.id[1:]) for piece in evidence), default=0)


def _told(piece: Evidence) -> tuple[str, str, str]:
    return piece.source, piece.where, piece.text
