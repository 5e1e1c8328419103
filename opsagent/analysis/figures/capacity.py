"""What is used up: CPU, memory, connections, disk; and requests that are more than can be served."""

from opsagent.analysis.figures import words
from opsagent.analysis.figures.case import Case, listed
from opsagent.analysis.figures.limits import Limit, connection_limit, cpu_limit, disk_limit, memory_growth
from opsagent.analysis.figures.signals import Signals
from opsagent.analysis.figures.spread import surged, together
from opsagent.models.evidence import Finding, Observation

_OWN_WORK = 1.5  # CPU that rose this much more than the requests did was not asked for
_SLOW_FIRST = 2.0  # times its own response time: a slow database gathers connections, not the other way round


def surge(case: Case) -> Finding | None:
    """Judge that more is asked for than can be served: requests rise at an entry point, and answers get worse below."""
    found = surged(case.board, case.graph)
    if found is None:
        return None
    name, shift = found
    near = {name, *case.graph.below(name)}
    hit = [root for root in case.roots if root in near and _busier(case.of(root))]
    if not hit or not together(shift.onset, case.spread.onset):
        return None
    text = f"{name} gets {shift.ratio:.1f} times its requests of before, and {listed(hit)} cannot keep up."
    shifts = [shift, *(case.of(root).slower or case.of(root).failing for root in hit[:3])]
    shifts += [limit.shift for root in hit[:2] if (limit := cpu_limit(case.of(root))) is not None]
    return case.finding("load.traffic-surge", name, text, case.seen(*shifts), shift.onset)


def disk(case: Case) -> Finding | None:
    """Judge that a disk is full, or will be within the hour."""
    for name, signals in (*case.board.services.items(), *case.board.nodes.items()):
        limit = disk_limit(signals)
        if limit is None or limit.shift is None:
            continue
        node = limit.series.kind == "Node"
        place = limit.series.place if limit.series.kind in ("Node", "PersistentVolumeClaim") else None
        text = f"The disk of {name}: {limit.series.metric} {words.changed(limit.shift)} since "
        text += f"{words.clock(limit.onset)}; {limit.note}."
        seen = (*_shown(case, limit), *case.victims())
        return case.finding("volume.disk-full", None if node else name, text, seen, limit.onset, place=place)
    return None


def connections(case: Case) -> Finding | None:
    """Judge that a store has no connection left, and is not slow itself."""
    for name, signals in case.board.services.items():
        limit = connection_limit(signals)
        slow = signals.slower is not None and signals.slower.ratio > _SLOW_FIRST
        if limit is None or limit.shift is None or slow:
            continue
        text = f"{name} has {limit.now:.0f} open connections, {limit.note}; before it had {limit.shift.before:.0f}."
        seen = (*_shown(case, limit), *case.victims())
        return case.finding("db.too-many-connections", name, text, seen, limit.onset)
    return None


def leak(case: Case) -> Finding | None:
    """Judge that memory grows without more work to do; of several the one that the faulty ones depend on."""
    found = [
        (name not in case.spread.ill, -len(growing), name, growing[0])
        for name, signals in case.board.services.items()
        if not _asked_more(signals) and (growing := memory_growth(signals))
    ]
    if not found:
        return None
    _, count, name, first = min(found, key=lambda item: item[:3])
    if case.roots and name not in case.roots and not case.serves_roots(name):
        return None
    text = f"The memory of {name} grows without end since {words.clock(first.onset)}: "
    text += f"{words.figure(first.before, first.series)} → {words.figure(first.now, first.series)} {first.note}."
    own = memory_growth(case.of(name))[: min(3, -count)]
    seen = [words.level(limit.series, limit.now, case.about.source, limit.note) for limit in own]
    return case.finding("load.memory-leak", name, text, (*seen, *case.victims()), first.onset)


def _asked_more(signals: Signals) -> bool:
    requests = signals.shift("requests")
    return requests is not None and requests.up


def cpu(case: Case) -> Finding | None:
    """Judge that a service uses up its CPU on work that nobody asked for: its requests did not rise as much."""
    found = []
    for name, signals in case.board.services.items():
        limit = cpu_limit(signals)
        if limit is None or not (signals.ill or case.serves_roots(name)):
            continue
        used, requests = signals.shift("cpu", "cpu_throttled"), signals.shift("requests")
        asked = requests.ratio if requests is not None and requests.up else 1.0
        if used is not None and used.up and used.ratio >= _OWN_WORK * asked:
            found.append((name not in case.roots, name, limit))
    if not found:
        return None
    _, name, limit = min(found, key=lambda item: item[:2])
    own = case.of(name)
    text = f"{name} uses up its CPU since {words.clock(limit.onset)} ({limit.note}), and not for more requests."
    seen = case.seen(own.shift("cpu"), own.worse("cpu_throttled"), own.slower)
    return case.finding("load.cpu-saturated", name, text, (*seen, *case.victims()), limit.onset)


def _busier(signals: Signals) -> bool:
    shift = signals.shift("requests", "cpu", "cpu_throttled", "packets_in")
    return shift is not None and shift.up


def _shown(case: Case, limit: Limit) -> tuple[Observation, ...]:
    return (*case.seen(limit.shift), words.level(limit.series, limit.now, case.about.source, limit.note))
