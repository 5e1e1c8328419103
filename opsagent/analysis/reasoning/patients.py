"""Which services are the patients of this diagnosis: one incident each."""

from collections.abc import Iterable

from opsagent.models.evidence import ServiceHealth
from opsagent.models.service import CallGraph


def patients(healths: Iterable[ServiceHealth], graph: CallGraph, named: str | None) -> tuple[str, ...]:
    """Return the services to diagnose, one incident each; empty where nothing is wrong.

    A named service is a patient when it, or something that it calls, is faulty. With none named, each faulty service
    that reaches no other faulty one is a patient: its callers suffer from it and belong to its incident, and faults
    with no path between them are separate. In a circle of faulty services the first one stands for all.
    """
    faulty = [health.service for health in healths if health.state == "faulty"]
    if named is not None:
        return (named,) if {named, *graph.below(named)} & set(faulty) else ()
    chosen: list[str] = []
    for name in faulty:
        below = [other for other in faulty if other != name and other in graph.below(name)]
        in_circle = [other for other in below if name in graph.below(other)]
        if all(other in in_circle for other in below) and not set(in_circle) & set(chosen):
            chosen.append(name)
    return tuple(chosen)
