"""A small platform of figures for tests: every series calm, with noise of its own, until somebody changes it."""

import random
from collections.abc import Callable, Iterable, Mapping

from opsagent.analysis.figures.places import Places
from opsagent.analysis.figures.signals import board_of
from opsagent.analysis.figures.verdict import CaseContext, FigureVerdict, verdict_of
from opsagent.models.evidence import Change
from opsagent.models.figures import Series, series_of
from opsagent.models.service import CallGraph

START, STEP, COUNT = 1_780_000_000, 15, 160
ONSET = START + 100 * STEP  # of every incident here


def series(
    metric: str,
    kind: str,
    name: str,
    level: Callable[[int], float] | float,
    *,
    noise: float = 0.03,
    unit: str = "",
    seed: int = 1,
) -> Series:
    """Return a series of COUNT points: a level by the number of the point, with relative noise."""
    chance = random.Random(f"{seed}{metric}{name}")
    points = []
    for index in range(COUNT):
        value = level(index) if callable(level) else level
        points.append((START + index * STEP, max(0.0, value * (1 + chance.gauss(0, noise)))))
    return series_of(metric, unit, kind, name, points)


def step(before: float, now: float) -> Callable[[int], float]:
    """Return a level that changes at once at ONSET."""
    return lambda index: before if index < 100 else now


def ramp(before: float, now: float) -> Callable[[int], float]:
    """Return a level that moves steadily from ONSET to the end."""
    return lambda index: before + (now - before) * max(0, index - 100) / (COUNT - 101)


def service(
    name: str, *, p50: object = 10.0, p95: object = 30.0, requests: object = 50.0, errors: object = 0.02
) -> list[Series]:
    """Return the four golden figures of one service."""
    levels = {"latency_p50": p50, "latency_p95": p95, "requests": requests, "errors": errors}
    return [series(metric, "Service", name, level) for metric, level in levels.items()]  # type: ignore[arg-type]


def judged(
    given: Iterable[Series],
    calls: Mapping[str, tuple[str, ...]],
    *,
    nodes: Mapping[str, frozenset[str]] | None = None,
    changes: tuple[Change, ...] = (),
    faulty: tuple[str, ...] = (),
) -> FigureVerdict:
    """Return the verdict over figures of services that are called as their Deployments are."""
    names = set(calls) | {callee for callees in calls.values() for callee in callees}
    places = Places({}, {f"Deployment/{name}": name for name in names}, {f"{name}-0": name for name in names}, {})
    owners = {name: f"Deployment/{name}" for name in names}
    about = CaseContext(CallGraph(dict(calls)), nodes or {}, owners, changes, faulty)
    return verdict_of(board_of(given, places), about)
