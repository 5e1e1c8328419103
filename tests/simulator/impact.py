"""Decide from the true values of a run whether its fault shows, or whether a quiet run stayed quiet."""

from collections.abc import Callable, Sequence

from tests.simulator.faults import Fault
from tests.simulator.flow import Flow


def mean(values: Sequence[float]) -> float:
    """Return the mean of numbers, NaN left out."""
    kept = [value for value in values if value == value]
    return sum(kept) / max(1, len(kept))


class Change:
    """Compare a run before and after the beginning of an incident."""

    def __init__(self, flow: Flow, start: float) -> None:
        self.flow = flow
        times = flow.platform.times
        first = next((at for at, now in enumerate(times) if now >= start), len(times) - 1)
        self.before = slice(max(0, first - 40), first)
        self.after = slice(first + (len(times) - first) // 2, len(times))

    def ratio(self, values: Sequence[float]) -> float:
        """Return how many times larger the mean is in the later half of the incident than before it."""
        return mean(values[self.after]) / max(1e-9, mean(values[self.before]))

    def rise(self, values: Sequence[float]) -> float:
        """Return by how much the mean rose."""
        return mean(values[self.after]) - mean(values[self.before])

    def slower(self, name: str, share: float = 0.95) -> float:
        """Return how many times slower a part answers (the quantile the platform records may differ)."""
        return self.ratio([seen.quantile(share) for seen in self.flow.tracks[name].latency])

    def failing(self, name: str) -> float:
        """Return by how much the error share of a part rose."""
        return self.rise(self.flow.tracks[name].errors)

    def felt(self, name: str, slower: float = 1.4, failing: float = 0.03) -> bool:
        """Return whether a part became clearly slower or fails clearly more often."""
        return self.slower(name) >= slower or self.failing(name) >= failing

    def any_caller(self, name: str, slower: float = 1.4, failing: float = 0.03) -> bool:
        """Return whether one of the callers of a part feels it."""
        return any(self.felt(caller, slower, failing) for caller in self.flow.platform.callers(name))

    def fullest(self) -> float:
        """Return the highest share of its limit that a database's connections reach in the incident."""
        shares = [0.0]
        for name, track in self.flow.tracks.items():
            if track.connections:
                limit = self.flow.platform.parts[name].connections_limit
                shares.append(max(track.connections[self.after]) / limit)
        return max(shares)


def _saturated(change: Change, place: str) -> bool:
    limit = change.flow.platform.parts[place].cpu_limit
    top = max(mean(pod.cpu[change.after]) for pod in change.flow.tracks[place].pods.values())
    return top >= 0.93 * limit and change.felt(place)


def _delay(change: Change, place: str) -> bool:
    callers = change.flow.platform.callers(place)
    return min(change.slower(caller, 0.5) for caller in callers) >= 1.4 and change.fullest() < 0.9


def _loss(change: Change, place: str) -> bool:
    platform = change.flow.platform
    nodes = [place] if place in platform.nodes else sorted({pod.node for pod in platform.parts[place].pods})
    felt = [name for name in platform.services() if change.slower(name, 0.99) >= 1.3 or change.failing(name) > 0.01]
    risen = {node: change.rise(values) for node, values in change.flow.retransmits.items()}
    here = max(risen[node] for node in nodes)
    clear = all(here >= 3 * rise for node, rise in risen.items() if node not in nodes)
    return bool(felt) and clear and max(change.ratio(change.flow.retransmits[node]) for node in nodes) >= 4


def _leak(change: Change, place: str) -> bool:
    part, track = change.flow.platform.parts[place], change.flow.tracks[place]
    if any(pod.oom and not pod.restarts for pod in part.pods):
        return False
    return max(max(pod.memory[change.after]) for pod in track.pods.values()) >= 0.75 * part.memory_limit


def _depth(change: Change, place: str) -> bool:
    platform = change.flow.platform
    queue = next((queue for queue, consumer in platform.consumers.items() if consumer == place), place)
    depth = change.flow.tracks[queue].depth
    consumer = platform.consumers[queue]
    others = [name for name in platform.order if name != consumer]
    calm_rest = not any(change.felt(name) for name in others)
    return change.ratio(depth) >= 10 and depth[-1] >= 150 and calm_rest and change.fullest() < 0.9


def _backlog(change: Change, place: str) -> bool:
    """Require besides that the consumer is as fast as before, and has CPU to spare."""
    consumer = change.flow.platform.consumers[place]
    limit = change.flow.platform.parts[consumer].cpu_limit
    top = max(mean(pod.cpu[change.after]) for pod in change.flow.tracks[consumer].pods.values())
    return _depth(change, place) and change.slower(consumer) < 1.25 and top < 0.85 * limit


def _slow_store(change: Change, place: str) -> bool:
    return change.slower(place) >= 2 and change.any_caller(place) and change.fullest() < 0.9


def _no_connection(change: Change, place: str) -> bool:
    return change.any_caller(place, 1.5, 0.05) and change.slower(place) < 1.3


def _surge(change: Change, place: str) -> bool:
    return change.felt(place, 1.5, 0.05) and change.ratio(change.flow.tracks[place].requests) >= 2


SHOWS: dict[str, Callable[[Change, str], bool]] = {
    "release-errors": lambda change, place: change.failing(place) >= 0.06,
    "release-slow": lambda change, place: change.slower(place, 0.5) >= 1.5,
    "own-latency": lambda change, place: change.slower(place, 0.5) >= 1.8,
    "cpu-cost": _saturated,
    "cpu-burn": _saturated,
    "memory-leak": _leak,
    "traffic-surge": _surge,
    "loss-node": _loss,
    "loss-service": _loss,
    "delay": _delay,
    "db-slow": _slow_store,
    "db-connections": _no_connection,
    "queue-backlog": _backlog,
    "queue-consumer-slow": _depth,
    "disk-full": lambda change, place: change.flow.tracks[place].disk[-1] >= 0.97,
    "disk-full-node": lambda change, place: True,
}


def shows(flow: Flow, fault: Fault) -> bool:
    """Return whether a fault can be seen in the true values of the figures that are recorded of it."""
    return SHOWS[fault.kind](Change(flow, fault.start), fault.place)


def calm(flow: Flow) -> bool:
    """Return whether nobody would be disturbed by a run: no part much slower, failing, or near a limit."""
    platform = flow.platform
    third = platform.count // 3
    for name, track in flow.tracks.items():
        part = platform.parts[name]
        if track.depth and max(track.depth[third:]) > 30 + 5 * max(track.depth[:third]):
            return False
        slow = [seen.quantile(0.95) for seen in track.latency]
        usual = sorted(slow[:third])[third // 2]
        if (
            mean(track.errors[-third:]) > 0.02
            or max(mean(slow[at : at + 6]) for at in range(third, len(slow))) > 1.35 * usual
        ):
            return False
        cores = max(max((v for v in pod.cpu if v == v), default=0.0) for pod in track.pods.values())
        memory = max(max((v for v in pod.memory if v == v), default=0.0) for pod in track.pods.values())
        if cores > 0.8 * part.cpu_limit or memory > 0.88 * part.memory_limit:
            return False
    return True
