"""Complaints as edges: callers that agree accuse the one that they call."""

from dataclasses import replace

import pytest

from opsagent.analysis.reasoning.edges import agreed, edge_of
from opsagent.analysis.reasoning.ranking import rank
from opsagent.analysis.reasoning.topology_view import World
from opsagent.models.evidence import Finding, Observation, ServiceHealth, Source
from opsagent.models.service import CallGraph, Service
from tests.analysis import scene as s

CALLERS = tuple(f"app{n}" for n in range(12))
WORLD = World(
    CallGraph(dict.fromkeys(CALLERS, ("orders-db",))),
    {name: ServiceHealth(name, "healthy") for name in (*CALLERS, "orders-db", "api")},
    {name: name for name in (*CALLERS, "orders-db", "api")},
    {"orders-db": "StatefulSet/orders-db", "api": "Deployment/api"},
)


def finds(
    caller: str, blames: str | None, code: str = "db.unreachable", strength: float = 0.8, source: Source = "logs"
) -> Finding:
    """Return what a caller's log complains of."""
    seen = Observation(source, f"logs/{caller}-1/{caller}.log:L9", "connection refused", s.ago(30))
    return Finding(code, f"Deployment/{caller}", caller, strength, code, (seen,), s.ago(30), blames=blames)


def test_callers_that_agree_make_one_finding_about_the_callee() -> None:
    """Twelve services that complain about one database accuse the database, not themselves."""
    found = agreed([finds(name, "orders-db:5432") for name in CALLERS], WORLD)
    assert {(f.code, f.object, f.service) for f in found} == {("db.unreachable", "StatefulSet/orders-db", "orders-db")}
    assert all("12 services" in f.summary and f.strength <= 0.6 for f in found)  # its own state reads as healthy
    ill = replace(WORLD, healths={})
    assert agreed([finds(name, "orders-db:5432") for name in CALLERS], ill)[0].strength == 0.8


def test_one_caller_alone_may_be_wrong_itself() -> None:
    """Nothing is moved; nor where two callers complain of two callees."""
    alone = [finds("app1", "orders-db:5432")]
    assert agreed(alone, WORLD) == alone
    apart = [finds("app1", "orders-db:5432"), finds("app2", "api:80", "network.refused")]
    assert agreed(apart, WORLD) == apart


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        (("network.timeout", "network.timeout"), "pod.hung"),
        (("network.timeout", "network.refused"), "dependency.down"),
    ],
)
def test_what_they_agree_on_decides_the_code(codes: tuple[str, str], code: str) -> None:
    """Who only waits found somebody listening."""
    found = agreed([finds(f"app{n}", "api:80", one) for n, one in enumerate(codes)], WORLD)
    assert {(f.code, f.object) for f in found} == {(code, "Deployment/api")}


def test_a_host_outside_the_cluster_is_one_cause_without_an_object() -> None:
    """No workload here has to change; a name inside that no Service has is another check's."""
    found = agreed([finds(name, "pg.example.com:5432") for name in CALLERS[:3]], WORLD)
    assert {(f.code, f.object, f.service) for f in found} == {("db.unreachable", None, "pg.example.com")}
    gone = [finds(name, "gone.shop.svc:5432") for name in CALLERS[:3]]
    assert agreed(gone, WORLD) == gone


def test_what_a_server_refuses_to_everybody_is_the_servers() -> None:
    """Callers that meet its limit name it, or call one database only."""
    found = agreed([finds(name, None, "db.too-many-connections") for name in CALLERS[:4]], WORLD)
    assert {(f.code, f.object) for f in found} == {("db.too-many-connections", "StatefulSet/orders-db")}


def test_an_edge_names_both_ends_port_and_time() -> None:
    """What objects state is not a complaint of a caller."""
    edge = edge_of(finds("app1", "postgres://u@orders-db:5432/x"), WORLD)
    assert edge is not None
    assert (edge.caller, edge.callee, edge.port, edge.since) == ("app1", "orders-db", 5432, s.ago(30))
    assert edge_of(finds("app1", "orders-db:5432", source="objects"), WORLD) is None


def test_twelve_complaints_are_one_cause() -> None:
    """The ranking names the database, with its callers' lines as evidence, and no caller."""
    names = (*CALLERS, "orders-db")
    objects = s.seen(*(s.deployment(name) for name in names), *(s.pod(name) for name in names))
    ranking = rank(
        [finds(name, "orders-db:5432") for name in CALLERS],
        graph=CallGraph(dict.fromkeys(CALLERS, ("orders-db",))),
        healths=[ServiceHealth(name, "healthy") for name in names],
        patient=None,
        changes=(),
        services=[Service(name, deployment=name) for name in names],
        objects=objects,
    )
    assert [(cause.code, cause.object) for cause in ranking.causes] == [("db.unreachable", "Deployment/orders-db")]
    assert len({piece.where for piece in ranking.evidence}) > 5
