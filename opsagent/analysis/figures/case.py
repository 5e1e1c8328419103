"""What every rule about figures gets: the signals, which services are faulty, and what is known beside the figures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from opsagent.analysis.figures import words
from opsagent.analysis.figures.shifts import Shift
from opsagent.analysis.figures.signals import SignalBoard, Signals
from opsagent.analysis.figures.spread import Spread
from opsagent.models.evidence import Change, Finding, Observation
from opsagent.models.service import CallGraph

FIRM, FAIR, FAINT = 0.85, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class CaseContext:
    """What is known beside the figures."""

    graph: CallGraph
    nodes: Mapping[str, frozenset[str]]  # service -> nodes
    owners: Mapping[str, str]  # service -> "Deployment/x"
    changes: Sequence[Change] = ()
    faulty: Collection[str] = ()  # services that something else than figures shows to be faulty
    source: str = "metrics.json"


@dataclass(frozen=True, slots=True)
class Case:
    """One platform at one moment, as its figures show it."""

    board: SignalBoard
    spread: Spread
    about: CaseContext

    @property
    def graph(self) -> CallGraph:
        """Return who calls whom."""
        return self.about.graph

    @property
    def roots(self) -> tuple[str, ...]:
        """Return which services are faulty, and whose callees explain nothing."""
        return self.spread.roots

    def of(self, name: str) -> Signals:
        """Return the signals of a service; empty ones where it has no figures."""
        return self.board.services.get(name) or Signals(name)

    def serves_roots(self, name: str) -> bool:
        """Return whether one of the roots depends on a service."""
        return any(name in self.graph.below(root) for root in self.roots)

    def seen(self, *shifts: Shift | None) -> tuple[Observation, ...]:
        """Return changes as evidence."""
        return words.seen(shifts, self.about.source)

    def victims(self) -> tuple[Observation, ...]:
        """Return how the answers of the faulty services changed, the roots first."""
        shifts = (self.of(name).slower or self.of(name).failing for name in (*self.roots, *self.spread.ill))
        return words.seen(list(shifts)[:4], self.about.source)

    def finding(
        self,
        code: str,
        service: str | None,
        text: str,
        seen: Sequence[Observation],
        at: float,
        *,
        strength: float = FIRM,
        place: str | None = None,
    ) -> Finding:
        """Return a suspicion; `place` is the object to change where it is not the service's workload."""
        where = place or (self.about.owners.get(service) if service else None)
        return Finding(code, where, service, strength, text, tuple(seen), at=words.moment(at))


def listed(names: Sequence[str]) -> str:
    """Return "a, b and c", at most three by name."""
    shown = list(names[:3])
    if len(names) > len(shown):
        return f"{', '.join(shown)} and {len(names) - len(shown)} more"
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part) if shown else ""


def most_changed(case: Case) -> str:
    """Return the root whose own answers changed most by its measure: who only waits for another changed less."""
    return max(case.roots, key=lambda name: (_change(case.of(name)), name))


def _change(signals: Signals) -> float:
    ratios = [shift.ratio for shift in (signals.slower, signals.failing) if shift is not None and shift.up]
    falls = [1 / max(shift.ratio, 1e-6) for shift in (signals.failing,) if shift is not None and not shift.up]
    return max((*(min(ratio, 1e6) for ratio in ratios), *falls), default=0.0)
