"""What the figures suspect: one cause at one place, its victims, and the series that show it."""

from collections.abc import Callable
from dataclasses import dataclass

from opsagent.analysis.figures import capacity, network, release, stores
from opsagent.analysis.figures.case import Case, CaseContext
from opsagent.analysis.figures.signals import SignalBoard
from opsagent.analysis.figures.spread import Spread, spread_of
from opsagent.models.evidence import Finding

__all__ = ["CaseContext", "FigureVerdict", "verdict_of"]

# The first that fits is the suspicion: what is asked for before what it uses up, what is used up before what got slow.
_RULES: tuple[Callable[[Case], Finding | None], ...] = (
    capacity.surge,
    capacity.disk,
    network.node_loss,
    capacity.connections,
    capacity.leak,
    release.released,
    capacity.cpu,
    stores.queue,
    network.loss,
    stores.store,
    network.delay,
    network.own_way,
    release.unexplained,
)


@dataclass(frozen=True, slots=True)
class FigureVerdict:
    """The suspicion as a finding, and which services are faulty."""

    findings: tuple[Finding, ...] = ()
    spread: Spread | None = None

    @property
    def suspect(self) -> str | None:
        """Return the service of the finding."""
        return self.findings[0].service if self.findings else None


def verdict_of(board: SignalBoard, about: CaseContext) -> FigureVerdict:
    """Return what the figures suspect; nothing where nothing is faulty and no limit is near.

    Nor where something else than figures shows that a service below is faulty: that explains it.
    """
    spread = spread_of(board, about.graph)
    if any(_explained_elsewhere(root, about) for root in spread.roots):
        return FigureVerdict((), spread)
    case = Case(board, spread, about)
    finding = next((found for rule in _RULES if (found := rule(case)) is not None), None)
    return FigureVerdict((finding,) if finding else (), spread)


def _explained_elsewhere(root: str, about: CaseContext) -> bool:
    return root in about.faulty or bool(set(about.graph.below(root)) & set(about.faulty))
