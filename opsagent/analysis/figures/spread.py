"""Where a trouble began, by the call graph: which service is faulty by itself, and which only waits for another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opsagent.analysis.figures.shifts import Shift
from opsagent.analysis.figures.signals import LATENCIES, SignalBoard, Signals
from opsagent.models.service import CallGraph

SURGE = 1.4  # times the requests of before
_ADDED = (0.6, 1.6)  # a fixed delay adds nearly the same to the median and to the tail
_ONE_BY_ONE = 0.15  # by which what is taken from a queue may differ from what is sent, before anything waits
_SAME_S = 240.0  # within which changes of one incident begin


@dataclass(frozen=True, slots=True)
class Spread:
    """The faulty services, and those of them whose callees explain nothing."""

    ill: tuple[str, ...]
    roots: tuple[str, ...]
    onset: float | None  # the earliest change among the roots


def spread_of(board: SignalBoard, graph: CallGraph) -> Spread:
    """Return which services are faulty and which of them are so by themselves."""
    ill = tuple(name for name, signals in board.services.items() if signals.ill)
    sick = frozenset(ill)
    roots = [name for name in ill if not (_below(name, board, graph) & sick) - {name}]
    roots = roots or list(ill[:1])  # a circle of calls: everybody below somebody
    onsets = [onset for name in roots if (onset := onset_of(board.services[name])) is not None]
    return Spread(ill, tuple(roots), min(onsets, default=None))


def _below(name: str, board: SignalBoard, graph: CallGraph) -> set[str]:
    """Return the callees whose answers are measured, and those behind callees that are not."""
    found: set[str] = set()
    queue, done = list(graph.calls.get(name, ())), {name}
    while queue:
        callee = queue.pop()
        if callee in done:
            continue
        done.add(callee)
        signals = board.services.get(callee)
        if signals is not None and signals.measured:
            found.add(callee)
        else:
            queue.extend(graph.calls.get(callee, ()))
    return found


def onset_of(signals: Signals) -> float | None:
    """Return when a service became faulty."""
    return min((shift.onset for shift in (signals.slower, signals.failing) if shift is not None), default=None)


def common_callee(roots: Iterable[str], board: SignalBoard, graph: CallGraph) -> str | None:
    """Return the callee that all roots share, and all of whose measured callers are faulty: the way to it is slow.

    One root alone shares with nobody: then it is a callee that only this one calls.
    """
    wanted = set(roots)
    shared = set.intersection(*(set(graph.calls.get(name, ())) for name in wanted)) if wanted else set()
    best: tuple[int, str] | None = None
    for callee in sorted(shared):
        signals = board.services.get(callee)
        if signals is not None and signals.ill:
            continue
        callers = [board.services[name] for name in graph.callers(callee) if name in board.services]
        measured = [caller for caller in callers if caller.timed]
        if measured and all(caller.ill for caller in measured) and (best is None or len(measured) > best[0]):
            best = (len(measured), callee)
    return best[1] if best else None


def added(signals: Signals) -> bool | None:
    """Return whether the same time was added to fast and slow answers: a delay on the way, not slower work.

    None where only one of the two is measured.
    """
    rising = [signals.shifts[metric] for metric in LATENCIES if metric in signals.shifts and signals.shifts[metric].up]
    if len(rising) < 2:
        return None
    fast, tail = rising[0], rising[-1]
    share = fast.delta / tail.delta if tail.delta > 0 else 0.0
    return _ADDED[0] <= share <= _ADDED[1] and fast.ratio > 1.25 * tail.ratio


def surged(board: SignalBoard, graph: CallGraph) -> tuple[str, Shift] | None:
    """Return the entry point that gets more requests than before, by SURGE at least: the largest rise first."""
    found: list[tuple[float, str, Shift]] = []
    for name, signals in board.services.items():
        shift = signals.shifts.get("requests")
        if shift is None or shift.ratio < SURGE or any(series.kind == "Queue" for series in signals.series["requests"]):
            continue
        if any(_takes_from(shift, board.services.get(callee)) for callee in graph.calls.get(name, ())):
            continue
        callers = graph.callers(name)
        measured = [caller for caller in callers if caller in board.services]
        first = not any(board.services[caller].series.get("requests") for caller in measured)
        # A store whose callers have no figures may be asked more by one of them; whom nobody calls is an entry point.
        if first and (graph.calls.get(name) or not callers):
            found.append((shift.ratio, name, shift))
    best = max(found, default=None, key=lambda item: item[0])
    return (best[1], best[2]) if best else None


def _takes_from(shift: Shift, queue: Signals | None) -> bool:
    """Return whether requests are the messages of a queue, taken one by one: more of them begin somewhere else."""
    if queue is None or queue.worse("queue_depth", "consumer_lag") is None:
        return False
    sent = queue.shifts.get("requests")
    return sent is not None and abs(sent.before - shift.before) <= _ONE_BY_ONE * sent.before


def together(one: float | None, other: float | None) -> bool:
    """Return whether two changes belong to one incident by their time."""
    return one is not None and other is not None and abs(one - other) <= _SAME_S


def nodes_of_all(roots: Iterable[str], nodes: Mapping[str, frozenset[str]], graph: CallGraph) -> frozenset[str]:
    """Return the nodes that every root runs on, or that something which it calls runs on."""
    touched = [
        nodes.get(name, frozenset()).union(*(nodes.get(callee, frozenset()) for callee in graph.calls.get(name, ())))
        for name in roots
    ]
    return frozenset.intersection(*touched) if touched else frozenset()
