"""Who is meant, and whose complaint follows from whose failure."""

from dataclasses import replace

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.reasoning.blame import accused, explain
from opsagent.analysis.reasoning.suspects import merged
from opsagent.analysis.reasoning.topology_view import World
from opsagent.models.evidence import Finding, Observation, ServiceHealth
from opsagent.models.service import CallGraph

WORLD = World(
    CallGraph({"web": ("api",), "api": ("store",)}),
    {name: ServiceHealth(name, "faulty" if name == "store" else "healthy") for name in ("web", "api", "store")},
    {"web": "web", "api": "api", "store-svc": "store", "10.0.0.7": "store"},
    {"store": "StatefulSet/store"},
)


def finds(
    code: str, service: str, strength: float = 0.7, *, source: str = "logs", blames: str | None = None
) -> Finding:
    """Return one finding."""
    seen = Observation("objects" if source == "objects" else "logs", f"{service}:1", code)
    return Finding(code, None, service, strength, code, (seen,), blames=blames)


def test_a_complaint_moves_only_to_one_that_is_ill() -> None:
    """The refusal by an ill service becomes its cause; by a well one it stays a complaint."""
    moved = accused(finds("network.refused", "api", blames="store-svc:1"), WORLD)
    assert (moved.code, moved.service, moved.object) == ("dependency.down", "store", "StatefulSet/store")
    stays = finds("network.refused", "web", blames="api:80")
    assert accused(stays, WORLD) is stays


def test_a_time_out_speaks_of_a_hang_and_not_of_a_death() -> None:
    """Who waits without success found somebody listening."""
    assert accused(finds("network.timeout", "api", blames="store-svc:1"), WORLD).code == "pod.hung"


def test_a_firm_cause_below_explains_the_caller() -> None:
    """The caller's hang is weighed down and becomes support for the first link."""
    suspects = merged([finds("db.locked", "store", 0.8), finds("pod.hung", "api", 0.7)])
    explain(suspects, WORLD, {})
    lock, hang = suspects
    assert hang.score < 0.5 < lock.score
    assert [finding.code for finding in lock.support] == ["pod.hung"]


def test_a_weak_cause_explains_nothing() -> None:
    """A hint below does not acquit the one above."""
    suspects = merged([finds("db.locked", "store", 0.3), finds("pod.hung", "api", 0.7)])
    explain(suspects, WORLD, {})
    assert [round(suspect.score, 1) for suspect in suspects] == [0.3, 0.7]


def test_what_a_process_complained_of_is_not_why_it_is_gone() -> None:
    """The log of a process that was stopped still complains of its cache; one that crashed may have meant it."""
    gone = finds("dependency.down", "api", 0.8, source="objects")
    complaint, crash = (
        finds("dependency.cache-down", "api", 0.8),
        finds("pod.crash-app-error", "api", 0.5),
    )
    stopped = merged([gone, complaint])
    explain(stopped, WORLD, {})
    assert stopped[0].score > 0.7
    assert stopped[1].score < 0.45
    crashed = merged([gone, complaint, crash])
    explain(crashed, WORLD, {})
    assert crashed[1].score > crashed[0].score


def test_a_process_that_is_gone_is_not_explained_by_its_callee() -> None:
    """Checks show it ended: what it calls being away does not do that."""
    suspects = merged([finds("dependency.down", "store", 0.8), finds("dependency.down", "api", 0.8, source="objects")])
    explain(suspects, WORLD, {})
    assert all(suspect.score > 0.7 for suspect in suspects)


@pytest.mark.parametrize("name", ["orders-db", "userdb", "clickhouse", "Postgres"])
def test_the_same_incident_has_one_code_however_the_database_is_called(name: str) -> None:
    """A refused connection to a database is db.unreachable, for which no action is proposed, under every name."""
    names, healths = {name.lower(): name}, {name: ServiceHealth(name, "faulty")}
    world = replace(WORLD, names=names, healths=healths, graph=CallGraph({"api": (name,)}))
    found = accused(finds("network.refused", "api", 0.8, blames=f"{name}:5432"), world)
    assert (found.code, found.service) == ("db.unreachable", name)
    assert builtin().proposes(found.code) == ""


def test_a_refusal_of_a_pod_that_is_held_back_proves_nobody_dead() -> None:
    """Behind a Service without a Ready pod callers are refused though the program runs: only a hint."""
    complaint = finds("network.refused", "api", 0.8, blames="store-svc:1")
    assert accused(complaint, replace(WORLD, held_back=frozenset({"store"}))).strength < 0.5
    assert accused(complaint, WORLD).strength == 0.8


def test_a_services_own_pods_speak_first() -> None:
    """What its log or pod shows explains that callers are refused, however sure they are; it is not called dead."""
    held = replace(WORLD, held_back=frozenset({"store"}))
    outside = Observation("health", "health:store", "refused")
    refused = Finding("dependency.down", None, "store", 0.95, "so", (outside,))
    own = merged([finds("db.locked", "store", 0.5), refused])
    explain(own, held, {})
    lock, down = own
    assert (round(lock.score, 1) >= 0.5, down.score < 0.5) == (True, True)
    other = merged([finds("db.locked", "store", 0.5), refused])
    explain(other, WORLD, {})
    assert other[0].score < other[1].score  # nothing is known of its pods: the refusal counts


def stated(code: str, place: str, strength: float, object_: str) -> Finding:
    """Return one finding at a place."""
    seen = Observation("logs" if place.startswith("logs/") else "objects", place, code)
    return Finding(code, object_, None, strength, code, (seen,))


@pytest.mark.parametrize("code", ["node.controller-manager-down", "node.scheduler-down"])
def test_the_clusters_own_store_explains_who_gave_up_its_lease(code: str) -> None:
    """A slow disk that etcd states of itself is why the control plane stops; that of another store is not."""
    down = stated(code, "Pod/x-cp-1:status", 0.93, "Pod/x-cp-1")
    own = merged([down, stated("volume.disk-slow", "logs/etcd-cp-1/etcd.log:L2", 0.75, "Node/cp-1")])
    explain(own, WORLD, {})
    assert own[0].score < 0.5 < own[1].score
    other = merged([down, stated("volume.disk-slow", "logs/pg-0/pg.log:L2", 0.75, "StatefulSet/pg")])
    explain(other, WORLD, {})
    assert other[0].score > 0.9


def test_what_a_log_reports_of_a_node_is_the_nodes() -> None:
    """The same code at a workload, by its log alone, follows from the node's own condition; not from another's log."""
    reports = stated("node.clock-skew", "logs/web-1/web.log:L2", 0.88, "Deployment/web")
    own = merged([reports, stated("node.clock-skew", "Node/n1:status.conditions", 0.8, "Node/n1")])
    explain(own, WORLD, {})
    assert own[0].score < 0.5 < own[1].score
    logged = merged([reports, stated("node.clock-skew", "logs/x-1/x.log:L2", 0.8, "Node/n1")])
    explain(logged, WORLD, {})
    assert logged[0].score > 0.8


def test_a_device_that_is_lost_is_what_no_node_offers_any_more() -> None:
    """The pod that waits for a GPU follows from the node whose GPU is gone, wherever the pod belongs."""
    lost = replace(finds("node.device-lost", "", 0.8, source="objects"), object="Node/steel-4", service=None)
    waits = replace(finds("scheduling.extended-resource", "web", 0.9, source="objects"), object="Deployment/web")
    suspects = merged([lost, waits])
    explain(suspects, WORLD, {})
    assert {suspect.code: suspect.weight for suspect in suspects}["scheduling.extended-resource"] < 1
