"""A service that nobody can reach serves nobody."""

from opsagent.analysis.reasoning.ways_in import closed_ways
from opsagent.models.evidence import Observation, ServiceHealth, Source, Symptom
from opsagent.models.service import CallGraph

CALLS = CallGraph({"lb": ("gateway",), "gateway": ("blog",), "admin": ("blog",), "blog": ("lb",)})
CHAIN = CallGraph({"lb": ("gateway",), "gateway": ("blog",)})


def health(name: str, state: str = "healthy", kind: str = "", *, read: tuple[Source, ...] = ()) -> ServiceHealth:
    """Return one service's judgement."""
    seen = Observation("stats", "stats.jsonl:L1", kind)
    symptoms = (Symptom(name, kind, kind, seen),) if kind else ()
    return ServiceHealth(name, state, symptoms, read or (("stats",) if state == "healthy" else ()))  # type: ignore[arg-type]


def closed(graph: CallGraph, *healths: ServiceHealth) -> tuple[str, ...]:
    """Return what closes the ways to blog."""
    return closed_ways("blog", {one.service: one for one in healths}, graph)


def test_an_open_way_is_enough() -> None:
    """The gateway is dead, the admin page still calls it; a circle of calls ends."""
    dead = health("gateway", "faulty", "offline")
    assert closed(CALLS, health("lb"), dead, health("admin"), health("blog")) == ()


def test_each_link_of_the_chain_counts() -> None:
    """The gateway is healthy and the load balancer in front of it is dead or was not read: closed by it."""
    for state, kind in (("faulty", "unreachable"), ("unknown", "")):
        assert closed(CHAIN, health("lb", state, kind), health("gateway"), health("blog")) == ("lb",)


def test_a_way_that_is_slow_is_a_way() -> None:
    """Slow, or failing at times, and read: open."""
    slow = health("lb", "faulty", "slow", read=("health",))
    assert closed(CHAIN, slow, health("gateway"), health("blog")) == ()


def test_nobody_calls_it() -> None:
    """An entry point has no way in that could be closed, nor has a service whose only caller is idle."""
    assert closed(CallGraph({"blog": ()}), health("blog")) == ()
    idle = ServiceHealth("job", "unknown", idle=True)
    assert closed(CallGraph({"job": ("blog",)}), idle, health("blog")) == ()
