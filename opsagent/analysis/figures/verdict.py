"""What the figures suspect: one cause at one place, its victims, and the series that show it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from opsagent.analysis.figures import words
from opsagent.analysis.figures.limits import Limit, connection_limit, cpu_limit, disk_limit, memory_growth
from opsagent.analysis.figures.shifts import Shift
from opsagent.analysis.figures.signals import Board, Signals
from opsagent.analysis.figures.spread import (
    Spread,
    added,
    common_callee,
    nodes_of_all,
    onset_of,
    spread_of,
    surged,
    together,
)
from opsagent.models.evidence import Change, Finding, Observation
from opsagent.models.service import CallGraph

_SURGE = 1.4  # times the requests of before
_OWN_WORK = 1.5  # CPU that rose this much more than the requests did was not asked for
_LOSSY = 2.0  # times the retransmissions of the next node: the loss is at this one
_ROLLED_S = 900.0  # between a rollout and what it broke
_EARLY_S = 90.0  # that a change may seem to come after what it caused: a scrape, and the step of a query
_FIRM, _FAIR, _FAINT = 0.85, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the figures."""

    graph: CallGraph
    nodes: Mapping[str, frozenset[str]]  # service -> nodes
    owners: Mapping[str, str]  # service -> "Deployment/x"
    changes: Sequence[Change] = ()
    faulty: Collection[str] = ()  # services that something else than figures shows to be ill
    databases: Collection[str] = ()
    source: str = "metrics.json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The suspicion as findings, the suspect first, and who is ill."""

    findings: tuple[Finding, ...] = ()
    spread: Spread | None = None

    @property
    def suspect(self) -> str | None:
        """Return the service of the first finding."""
        return self.findings[0].service if self.findings else None


def verdict_of(board: Board, about: Known) -> Verdict:
    """Return what the figures suspect; nothing where nobody is ill and no limit is near."""
    spread = spread_of(board, about.graph)
    if any(_explained_elsewhere(root, about) for root in spread.roots):
        return Verdict((), spread)
    rules = (
        _surge,
        _disk,
        _node_loss,
        _connections,
        _leak,
        _released,
        _cpu,
        _queue,
        _loss,
        _store,
        _delay,
        _unexplained,
    )
    for rule in rules:
        finding = rule(board, spread, about)
        if finding is not None:
            return Verdict((finding,), spread)
    return Verdict((), spread)


def _explained_elsewhere(root: str, about: Known) -> bool:
    return root in about.faulty or bool(set(about.graph.below(root)) & set(about.faulty))


def _surge(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge that more is asked for than can be served: requests rise at an entry point, and answers get worse below."""
    found = surged(board, about.graph, _SURGE)
    if found is None:
        return None
    name, shift = found
    near = {name, *about.graph.below(name)}
    hit = [root for root in spread.roots if root in near and _busier(board.services[root])]
    if not hit or not together(shift.onset, spread.onset):
        return None
    text = f"{name} gets {shift.ratio:.1f} times its requests of before, and {_listed(hit)} cannot keep up."
    shifts = [shift, *(board.services[root].slower or board.services[root].failing for root in hit[:3])]
    shifts += [limit.shift for root in hit[:2] if (limit := cpu_limit(board.services[root])) is not None]
    return Finding("load.traffic-surge", about.owners.get(name), name, _FIRM, text, words.seen(shifts, about.source),
                   at=words.moment(shift.onset))  # fmt: skip


def _busier(signals: Signals) -> bool:
    shift = signals.shift("requests", "cpu", "cpu_throttled", "packets_in")
    return shift is not None and shift.up


def _disk(board: Board, spread: Spread, about: Known) -> Finding | None:
    for name, signals in (*board.services.items(), *board.nodes.items()):
        limit = disk_limit(signals)
        if limit is None:
            continue
        kind = limit.series.kind
        node = kind == "Node"
        place = limit.series.place if kind in ("Node", "PersistentVolumeClaim") else about.owners.get(name)
        text = f"The disk of {limit.series.name if node else name} {words.changed(limit.shift)}" if limit.shift else ""
        text += f" since {words.clock(limit.onset)}: {limit.note}."
        seen = (*_limit_seen(limit, about.source), *_victims(board, spread, about.source))
        return Finding("volume.disk-full", place, None if node else name, _FIRM, text, seen,
                       at=words.moment(limit.onset))  # fmt: skip
    return None


def _node_loss(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge that one node loses packets: most is sent again there, and all who are ill depend on it."""
    lossy = _lossy(board)
    if not lossy or not spread.roots:
        return None
    (node, shift), others = lossy[0], lossy[1:]
    if others and shift.delta < _LOSSY * others[0][1].delta:
        return None
    if len(spread.roots) == 1 or node not in nodes_of_all(spread.roots, about.nodes, about.graph):
        return None
    text = f"Packets get lost at {node}: {words.changed(shift)} are sent again since {words.clock(shift.onset)}, "
    text += f"and {_listed(spread.roots)}, which run there or call what does, answer later."
    seen = (*words.seen([shift], about.source), *_victims(board, spread, about.source))
    return Finding("network.loss", f"Node/{node}", None, _FIRM, text, seen, at=words.moment(shift.onset))


def _lossy(board: Board) -> list[tuple[str, Shift]]:
    found = [(name, shift) for name, node in board.nodes.items() if (shift := node.worse("tcp_retransmits"))]
    return sorted(found, key=lambda item: -item[1].delta)


def _connections(board: Board, spread: Spread, about: Known) -> Finding | None:
    for name, signals in board.services.items():
        limit = connection_limit(signals)
        if limit is None or limit.shift is None or (signals.slower is not None and signals.slower.ratio > 2):
            continue
        shift = limit.shift
        text = f"{name} has {limit.now:.0f} open connections, {limit.note}; before it had {shift.before:.0f}."
        seen = (*_limit_seen(limit, about.source), *_victims(board, spread, about.source))
        return Finding("db.too-many-connections", about.owners.get(name), name, _FIRM, text, seen,
                       at=words.moment(shift.onset))  # fmt: skip
    return None


def _leak(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge that memory grows without more work to do; of several the one that the ill ones depend on."""
    found = []
    for name, signals in board.services.items():
        growing = memory_growth(signals)
        requests = signals.shift("requests")
        if growing and not (requests is not None and requests.up):
            found.append((name not in spread.ill, -len(growing), name, growing))
    if not found:
        return None
    _, _, name, growing = min(found, key=lambda item: item[:3])
    if spread.roots and name not in spread.roots and not _serves(name, spread.roots, about.graph):
        return None
    first = growing[0]
    before = next((value for _, value in first.series.known()), first.now)
    text = f"The memory of {name} grows without end since {words.clock(first.onset)}: "
    text += f"{words.figure(before, first.series)} → {words.figure(first.now, first.series)} {first.note}."
    seen = tuple(words.level(limit.series, limit.now, about.source, limit.note) for limit in growing[:3])
    return Finding("load.memory-leak", about.owners.get(name), name, _FIRM, text,
                   (*seen, *_victims(board, spread, about.source)), at=words.moment(first.onset))  # fmt: skip


def _serves(name: str, roots: Sequence[str], graph: CallGraph) -> bool:
    return any(name in graph.below(root) for root in roots)


def _released(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge that a rollout broke it: the one who is ill by himself was changed right before."""
    for root in spread.roots:
        onset, own = onset_of(board.services[root]), about.owners.get(root)
        change = _change_before(onset, own, about.changes)
        if change is None or len(spread.roots) > 1:
            continue
        signals = board.services[root]
        shift = signals.failing or signals.slower
        assert shift is not None  # it is ill
        text = f"{shift.series.metric} of {root} {words.changed(shift)} since {words.clock(shift.onset)}; "
        text += f"{_revision(change)} was rolled out at {change.at:%H:%M}."
        seen = (*words.seen([signals.slower, signals.failing, signals.shift("cpu")], about.source), change.observation)
        return Finding("rollout.bad-revision", own, root, _FIRM, text,
                       (*seen, *_victims(board, spread, about.source)), at=words.moment(shift.onset))  # fmt: skip
    return None


def _change_before(onset: float | None, own: str | None, changes: Sequence[Change]) -> Change | None:
    if onset is None or own is None:
        return None
    rolled = [c for c in changes if c.object == own and c.text.startswith("revision ")]
    return next((c for c in reversed(rolled) if -_EARLY_S <= onset - c.at.timestamp() <= _ROLLED_S), None)


def _revision(change: Change) -> str:
    return change.text.split(":", 1)[0]


def _cpu(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge that a service uses up its CPU on work that nobody asked for: its requests did not rise as much."""
    found: list[tuple[float, str, Limit]] = []
    for name, signals in board.services.items():
        limit = cpu_limit(signals)
        if limit is None or not (signals.ill or _serves(name, spread.roots, about.graph)):
            continue
        cpu, requests = signals.shift("cpu", "cpu_throttled"), signals.shift("requests")
        asked = requests.ratio if requests is not None and requests.up else 1.0
        if cpu is not None and cpu.up and cpu.ratio >= _OWN_WORK * asked:
            found.append((-float(name in spread.roots), name, limit))
    if not found:
        return None
    _, name, limit = min(found, key=lambda item: item[:2])
    signals = board.services[name]
    text = f"{name} uses up its CPU since {words.clock(limit.onset)} ({limit.note}), and not for more requests."
    seen = words.seen([signals.shift("cpu"), signals.worse("cpu_throttled"), signals.slower], about.source)
    return Finding("load.cpu-saturated", about.owners.get(name), name, _FIRM, text,
                   (*seen, *_victims(board, spread, about.source)), at=words.moment(limit.onset))  # fmt: skip


def _queue(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge why messages wait: more are sent, or fewer are taken by a consumer that is slow by itself."""
    for name, signals in board.services.items():
        waiting = signals.worse("queue_depth", "consumer_lag")
        if waiting is None:
            continue
        sent = signals.shifts.get("requests")
        users = [user for user in about.graph.callers(name) if user in board.services]
        slow = [user for user in users if user in spread.roots and not board.services[user].worse("error_share")]
        falling = [user for user in users if (r := board.services[user].shifts.get("requests")) and not r.up]
        if sent is not None and sent.up and not slow:
            text = f"Messages wait in {name} since {words.clock(waiting.onset)} ({words.changed(waiting)}): "
            text += f"{sent.ratio:.1f} times as many are sent."
            seen = words.seen([waiting, sent, *(board.services[u].shifts.get("requests") for u in users)], about.source)
            return Finding("queue.backlog", about.owners.get(name), name, _FIRM, text, seen,
                           at=words.moment(sent.onset))  # fmt: skip
        consumer = next(iter(slow), None) or (next(iter(falling), None) if not spread.roots else None)
        if consumer is None or len(spread.roots) > 1 or common_and_added(consumer, board, about):
            continue
        own = board.services[consumer]
        text = f"{consumer} takes messages more slowly since {words.clock(waiting.onset)}, so they wait in {name} "
        text += f"({words.changed(waiting)})."
        seen = words.seen([own.slower, own.shifts.get("requests"), waiting], about.source)
        return Finding("queue.consumer-slow", about.owners.get(consumer), consumer, _FIRM, text, seen,
                       at=words.moment(waiting.onset))  # fmt: skip
    return None


def common_and_added(name: str, board: Board, about: Known) -> bool:
    """Return whether a service only waits longer for one that nobody else calls."""
    return added(board.services[name]) is True and common_callee([name], board, about.graph) is not None


def _loss(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge that packets of one service get lost: its node and those of its callers send again."""
    lossy = _lossy(board)
    if not lossy or not spread.roots:
        return None
    name = spread.roots[0] if len(spread.roots) == 1 else common_callee(spread.roots, board, about.graph)
    if name is None:
        return None
    nodes = {node for node, _ in lossy}
    if about.nodes.get(name) and not nodes & set(about.nodes[name]):
        return None
    text = f"Packets of {name} get lost since {words.clock(lossy[0][1].onset)}: "
    text += f"{words.changed(lossy[0][1])} are sent again at {lossy[0][0]}, and answers come late."
    own = board.services.get(name)
    shifts = [*(shift for _, shift in lossy[:3]), *((own.slower, own.failing) if own else ())]
    return Finding("network.loss", about.owners.get(name), name, _FIRM, text,
                   (*words.seen(shifts, about.source), *_victims(board, spread, about.source)),
                   at=words.moment(lossy[0][1].onset))  # fmt: skip


def _store(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge that a database is slow by itself."""
    for root in spread.roots:
        signals = board.services[root]
        if signals.slower is None or not _is_store(root, signals, about):
            continue
        text = f"The database {root} answers later: {signals.slower.series.metric} {words.changed(signals.slower)} "
        text += f"since {words.clock(signals.slower.onset)}."
        seen = words.seen([signals.slower, signals.failing, signals.shift("connections", "cpu")], about.source)
        return Finding("db.slow", about.owners.get(root), root, _FIRM, text,
                       (*seen, *_victims(board, spread, about.source)),
                       at=words.moment(signals.slower.onset))  # fmt: skip
    return None


def _is_store(name: str, signals: Signals, about: Known) -> bool:
    return name in about.databases or any(one.kind == "Database" for own in signals.series.values() for one in own)


def _delay(board: Board, spread: Spread, about: Known) -> Finding | None:
    """Judge that the way to a service is slow: all who call it wait, and it answers as fast as before."""
    if not spread.roots:
        return None
    name = common_callee(spread.roots, board, about.graph)
    alone = len(spread.roots) == 1
    if alone and (name is None or added(board.services[spread.roots[0]]) is False):
        return None
    if name is None:
        return None
    own = board.services.get(name)
    strength = (_FIRM if not alone else _FAIR) if own is not None and own.timed else _FAIR
    first = board.services[spread.roots[0]]
    text = f"{_listed(spread.roots)} {'waits' if alone else 'wait'} longer for {name} since "
    text += f"{words.clock(spread.onset or 0)}, and {name} itself shows no change: the network between them is slow."
    seen = words.seen([board.services[root].slower for root in spread.roots[:4]] or [first.failing], about.source)
    return Finding("network.delay", about.owners.get(name), name, strength, text, seen,
                   at=words.moment(spread.onset or 0))  # fmt: skip


def _unexplained(board: Board, spread: Spread, about: Known) -> Finding | None:
    if not spread.roots:
        return None
    root = min(spread.roots, key=lambda name: (onset_of(board.services[name]) or 0.0, name))
    signals = board.services[root]
    shift = signals.slower or signals.failing
    assert shift is not None  # it is ill
    text = (
        f"{shift.series.metric} of {root} {words.changed(shift)} since {words.clock(shift.onset)}; what it calls did "
    )
    text += "not change, and none of its figures shows why."
    return Finding("unknown", about.owners.get(root), root, _FAINT, text,
                   words.seen([signals.slower, signals.failing], about.source), at=words.moment(shift.onset))  # fmt: skip


def _victims(board: Board, spread: Spread, source: str) -> tuple[Observation, ...]:
    shifts = [board.services[name].slower or board.services[name].failing for name in (*spread.roots, *spread.ill)]
    return words.seen(shifts[:4], source)


def _limit_seen(limit: Limit, source: str) -> tuple[Observation, ...]:
    return (*words.seen([limit.shift], source), words.level(limit.series, limit.now, source, limit.note))


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (", ".join(shown) if more or len(shown) < 2 else f"{', '.join(shown[:-1])} and {shown[-1]}") + more
