"""Whether anybody can reach a service: a service that nobody can reach serves nobody, whatever its own state."""

from collections.abc import Mapping

from opsagent.models.evidence import ServiceHealth
from opsagent.models.service import CallGraph

# Symptoms of a service through which nobody comes any more; one that is slow, or fails at times, is still a way.
_DEAD = frozenset({"offline", "unreachable", "refused", "hung", "scaled-to-zero"})


def is_closed(health: ServiceHealth) -> bool:
    """Return whether nobody comes through a service, as far as is known: it does not answer, or was not read."""
    if health.state == "healthy":
        return False
    kinds = {symptom.kind for symptom in health.symptoms}
    return not health.read or bool(kinds & _DEAD)


def closed_ways(service: str, healths: Mapping[str, ServiceHealth], graph: CallGraph) -> tuple[str, ...]:
    """Return the callers that close every way into a service; () where one way is open, or where nobody calls it.

    A way is open where each caller on it, up to one that nobody calls, lets requests through. Callers that are idle
    carry no way.
    """
    closed: dict[str, None] = {}
    return () if _open(service, healths, graph, closed, frozenset({service})) else tuple(closed)


def _open(
    name: str,
    healths: Mapping[str, ServiceHealth],
    graph: CallGraph,
    closed: dict[str, None],
    passed: frozenset[str],
) -> bool:
    known = [caller for caller in graph.callers(name) if caller in healths and caller not in passed]
    callers = [caller for caller in known if not healths[caller].idle]
    if not callers:
        return True
    for caller in callers:
        if is_closed(healths[caller]):
            closed[caller] = None
        elif _open(caller, healths, graph, closed, passed | {caller}):
            return True
    return False
