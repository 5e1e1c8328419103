"""What happens between services: packets that get lost, and ways that became slow."""

from opsagent.analysis.figures import words
from opsagent.analysis.figures.case import FAIR, FIRM, Case, listed, most_changed
from opsagent.analysis.figures.shifts import Shift
from opsagent.analysis.figures.signals import Signals
from opsagent.analysis.figures.spread import added, common_callee, nodes_of_all
from opsagent.models.evidence import Finding

_RESENT_MS = 180.0  # the least time after which TCP sends again is 200 ms
_LOSSY = 2.0  # times the retransmissions of the next node: the loss is at this one


def node_loss(case: Case) -> Finding | None:
    """Judge that one node loses packets: most is sent again there, and all that are faulty depend on it."""
    lossy = _lossy(case)
    if not lossy or len(case.spread.ill) < 2:
        return None
    (node, shift), others = lossy[0], lossy[1:]
    if others and shift.delta < _LOSSY * others[0][1].delta:
        return None
    if node not in nodes_of_all(case.roots, case.about.nodes, case.graph):
        return None
    if _one_service(case, node):
        return None
    text = f"Packets get lost at {node}: {words.changed(shift)} are sent again since {words.clock(shift.onset)}, "
    text += f"and {listed(case.roots)}, which depend on it, answer later."
    seen = (*case.seen(shift), *case.victims())
    return case.finding("network.loss", None, text, seen, shift.onset, place=f"Node/{node}")


def _one_service(case: Case, node: str) -> bool:
    """Return whether packets of one service alone explain it: then those whom it talks to would send again too."""
    if len(case.roots) > 1:
        return False
    root = case.roots[0]
    peers = (root, *case.graph.callers(root), *case.graph.calls.get(root, ()))
    elsewhere = {place for name in peers for place in case.about.nodes.get(name, ())} - {node}
    above = {root, *(name for name in case.spread.ill if root in case.graph.below(name))}
    return not elsewhere and set(case.spread.ill) <= above


def loss(case: Case) -> Finding | None:
    """Judge that packets of one service get lost: its node and those of its callers send again."""
    lossy = _lossy(case)
    if not lossy or not case.roots:
        return None
    name = case.roots[0] if len(case.roots) == 1 else common_callee(case.roots, case.board, case.graph)
    if name is None:
        return None
    nodes = {node for node, _ in lossy}
    if case.about.nodes.get(name) and not nodes & set(case.about.nodes[name]):
        return None
    node, shift = lossy[0]
    text = f"Packets of {name} get lost since {words.clock(shift.onset)}: {words.changed(shift)} are sent again at "
    text += f"{node}, and answers come late."
    own = case.of(name)
    seen = (*case.seen(*(other for _, other in lossy[:3]), own.slower, own.failing), *case.victims())
    return case.finding("network.loss", name, text, seen, shift.onset)


def delay(case: Case) -> Finding | None:
    """Judge that the way to a service is slow: all who call it wait, and it answers as fast as before."""
    if not case.roots:
        return None
    name, alone = common_callee(case.roots, case.board, case.graph), len(case.roots) == 1
    if name is None or (alone and added(case.of(case.roots[0])) is not True):
        return None
    text = f"{listed(case.roots)} {'waits' if alone else 'wait'} longer for {name} since "
    text += f"{words.clock(case.spread.onset or 0)}, and {name} itself shows no change: the network between is slow."
    seen = case.seen(*(case.of(root).slower or case.of(root).failing for root in case.roots[:4]))
    strength = FIRM if case.of(name).timed and not alone else FAIR
    return case.finding("network.delay", name, text, seen, case.spread.onset or 0, strength=strength)


def own_way(case: Case) -> Finding | None:
    """Judge by the shape of one service's own answers: the same time added to all, or only the last ones late.

    A fixed delay moves fast and slow answers by the same; a lost packet costs its own answer the 200 ms and more after
    which TCP sends it again, and leaves the median where it was. Slower work stretches both.
    """
    if not case.roots:
        return None
    name = most_changed(case)
    own = case.of(name)
    tail = own.worse("latency_p99", "latency_p95", "latency_p90")
    fast = next((metric for metric in ("latency_p50", "latency_avg") if own.series.get(metric)), None)
    if tail is None or fast is None or _works_more(own):
        return None
    since = f"since {words.clock(tail.onset)}"
    if added(own):
        text = f"The answers of {name} take the same time longer, fast and slow ones ({words.changed(tail)} {since}), "
        text += "and it does not work more: the network at it is slow."
        code = "network.delay"
    elif fast == "latency_p50" and fast not in own.shifts and tail.delta >= _RESENT_MS:
        text = f"Only the slowest answers of {name} became slower ({words.changed(tail)} {since}), by what TCP waits "
        text += "before it sends again: packets get lost."
        code = "network.loss"
    else:
        return None
    seen = (*case.seen(own.shifts.get(fast), tail, own.failing), *case.victims())
    return case.finding(code, name, text, seen, tail.onset, strength=FAIR)


def _works_more(signals: Signals) -> bool:
    shifts = (signals.shifts.get("cpu"), signals.shifts.get("requests"), signals.shifts.get("cpu_throttled"))
    return any(shift is not None and shift.up for shift in shifts)


def _lossy(case: Case) -> list[tuple[str, Shift]]:
    found = [(name, shift) for name, node in case.board.nodes.items() if (shift := node.worse("tcp_retransmits"))]
    return sorted(found, key=lambda item: -item[1].delta)
