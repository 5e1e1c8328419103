"""Databases that are slow by themselves, and messages that wait in a queue."""

from opsagent.analysis.figures import words
from opsagent.analysis.figures.case import Case
from opsagent.analysis.figures.signals import Signals
from opsagent.analysis.figures.spread import added, common_callee
from opsagent.models.evidence import Finding


def store(case: Case) -> Finding | None:
    """Judge that a database is slow by itself."""
    for root in case.roots:
        signals = case.of(root)
        if signals.slower is None or not _is_store(signals):
            continue
        text = f"The database {root} answers later: {signals.slower.series.metric} {words.changed(signals.slower)} "
        text += f"since {words.clock(signals.slower.onset)}."
        seen = case.seen(signals.slower, signals.failing, signals.shift("connections", "cpu"))
        return case.finding("db.slow", root, text, (*seen, *case.victims()), signals.slower.onset)
    return None


def _is_store(signals: Signals) -> bool:
    return any(one.kind == "Database" for own in signals.series.values() for one in own)


def queue(case: Case) -> Finding | None:
    """Judge why messages wait: more are sent, or fewer are taken by a consumer that is slow by itself."""
    for name, signals in case.board.services.items():
        if signals.worse("queue_depth", "consumer_lag") is not None:
            found = _backlog(case, name, signals) or _slow_consumer(case, name, signals)
            if found is not None:
                return found
    return None


def _backlog(case: Case, name: str, signals: Signals) -> Finding | None:
    waiting, sent = signals.worse("queue_depth", "consumer_lag"), signals.shifts.get("requests")
    users = [user for user in case.graph.callers(name) if user in case.board.services]
    slow = [user for user in users if user in case.roots]
    if waiting is None or sent is None or not sent.up or slow:
        return None
    text = f"Messages wait in {name} since {words.clock(waiting.onset)} ({words.changed(waiting)}): "
    text += f"{sent.ratio:.1f} times as many are sent."
    seen = case.seen(waiting, sent, *(case.of(user).shifts.get("requests") for user in users))
    return case.finding("queue.backlog", name, text, seen, sent.onset)


def _slow_consumer(case: Case, name: str, signals: Signals) -> Finding | None:
    waiting = signals.worse("queue_depth", "consumer_lag")
    users = [user for user in case.graph.callers(name) if user in case.board.services]
    slow = [user for user in users if user in case.roots and not case.of(user).failing]
    falling = [user for user in users if (taken := case.of(user).shifts.get("requests")) and not taken.up]
    consumer = next(iter(slow), None) or (next(iter(falling), None) if not case.roots else None)
    if waiting is None or consumer is None or len(case.roots) > 1 or _only_waits(case, consumer):
        return None
    own = case.of(consumer)
    text = f"{consumer} takes messages more slowly since {words.clock(waiting.onset)}, so they wait in {name} "
    text += f"({words.changed(waiting)})."
    seen = case.seen(own.slower, own.shifts.get("requests"), waiting)
    return case.finding("queue.consumer-slow", consumer, text, seen, waiting.onset)


def _only_waits(case: Case, name: str) -> bool:
    """Return whether a service only waits longer for one that nobody else calls."""
    return added(case.of(name)) is True and common_callee([name], case.board, case.graph) is not None
