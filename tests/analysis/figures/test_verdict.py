"""The suspect of an incident by its figures: one mechanism a test, and quiet where nobody has to act."""

import re
from datetime import UTC, datetime

from opsagent.models.evidence import Change, Finding, Observation
from opsagent.models.figures import Series
from tests.analysis.figures.platform import ONSET, judged, ramp, series, service, step

CALLS = {"edge": ("cart", "pay"), "cart": ("db",), "pay": ("db",), "db": ()}
NODES = {name: frozenset({f"node-{name}"}) for name in CALLS}


def calm(*names: str) -> list[Series]:
    """Return the golden figures of services that nothing happens to."""
    return [one for name in names for one in service(name)]


def suspicion(given: list[Series], **known: object) -> Finding | None:
    """Return what the figures suspect on the platform of this file."""
    found = judged(given, CALLS, **known).findings  # type: ignore[arg-type]
    return found[0] if found else None


def said(given: list[Series], **known: object) -> tuple[str, str | None] | None:
    """Return code and object of the suspicion."""
    found = suspicion(given, **known)
    return (found.code, found.object) if found else None


def test_nobody_ill_and_no_limit_near_is_not_a_suspicion() -> None:
    """Calm services give no finding."""
    assert said(calm(*CALLS)) is None


def test_the_callee_that_got_slow_is_the_suspect_and_its_callers_are_victims() -> None:
    """db is slow by itself; edge, cart and pay only wait."""
    given = [
        *service("edge", p50=step(30, 330), p95=step(90, 990)),
        *service("cart", p50=step(12, 250), p95=step(30, 700)),
        *service("pay", p50=step(12, 240), p95=step(30, 720)),
        series("latency_p95", "Database", "db", step(4, 300)),
    ]
    found = suspicion(given)
    assert found is not None
    assert (found.code, found.object) == ("db.slow", "Deployment/db")
    assert any(re.match(r"latency_p95 of db 4(\.0\d)? → \d{3} ms since ", seen.text) for seen in found.observations)
    assert {seen.source for seen in found.observations} == {"metrics"}


def test_all_callers_of_one_that_did_not_change_wait_for_the_network() -> None:
    """cart and pay are slower, and db, which only they share, answers as before."""
    given = [
        *service("edge", p50=step(30, 260), p95=step(90, 320)),
        *service("cart", p50=step(12, 212), p95=step(30, 230)),
        *service("pay", p50=step(12, 212), p95=step(30, 230)),
        series("latency_p95", "Database", "db", 4.0),
    ]
    assert said(given) == ("network.delay", "Deployment/db")


def test_packets_that_get_lost_show_at_the_nodes() -> None:
    """cart answers late in its tail, and its node and that of its caller send again."""
    given = [
        *service("edge", p95=step(90, 400)),
        *service("cart", p95=step(30, 340)),
        *calm("pay"),
        *(series("tcp_retransmits", "Node", f"node-{name}", step(1, 40)) for name in ("cart", "edge")),
        *(series("tcp_retransmits", "Node", f"node-{name}", 1.0) for name in ("pay", "db")),
    ]
    assert said(given, nodes=NODES) == ("network.loss", "Deployment/cart")


def test_many_services_of_one_node_are_the_nodes() -> None:
    """cart and pay share a node that sends again far more than all others."""
    nodes = NODES | {name: frozenset({"node-1"}) for name in ("cart", "pay")}
    given = [
        *service("edge", p95=step(90, 400)),
        *service("cart", p95=step(30, 340)),
        *service("pay", p95=step(30, 330)),
        series("tcp_retransmits", "Node", "node-1", step(1, 400)),
        series("tcp_retransmits", "Node", "node-edge", step(1, 20)),
    ]
    assert said(given, nodes=nodes) == ("network.loss", "Node/node-1")


def test_everything_at_once_with_more_requests_is_the_surge() -> None:
    """edge gets three times its requests, and cart, which it calls, is throttled and slow."""
    given = [
        *service("edge", p95=step(90, 600), requests=step(50, 150)),
        *service("cart", p95=step(30, 500), requests=step(50, 150)),
        *service("pay", requests=step(50, 150)),
        *_cpu("cart", step(0.2, 0.49), throttled=step(0, 0.4)),
    ]
    assert said(given) == ("load.traffic-surge", "Deployment/edge")


def test_more_requests_that_are_served_are_no_incident() -> None:
    """A busy evening without a slower answer is none."""
    given = [*service("edge", requests=step(50, 150)), *service("cart", requests=step(50, 150)), *calm("pay")]
    assert said(given) is None


def test_cpu_that_nobody_asked_for_is_saturated() -> None:
    """cart is throttled at its limit, and its requests did not rise."""
    given = [*service("edge", p95=step(90, 500)), *service("cart", p95=step(30, 420)), *calm("pay")]
    assert said([*given, *_cpu("cart", step(0.1, 0.49), throttled=step(0, 0.4))]) == (
        "load.cpu-saturated",
        "Deployment/cart",
    )


def _cpu(name: str, used: object, *, throttled: object = 0.0, limit: float = 0.5) -> list[Series]:
    return [
        series("cpu", "Container", f"{name}-0/app", used),  # type: ignore[arg-type]
        series("cpu_limit", "Container", f"{name}-0/app", limit, noise=0),
        series("cpu_throttled", "Container", f"{name}-0/app", throttled),  # type: ignore[arg-type]
    ]


def test_memory_that_grows_without_end_is_a_leak_before_it_is_killed() -> None:
    """cart grows steadily from a calm level; how long its limit lasts is in the evidence."""
    given = [*calm(*CALLS), *_memory(ramp(100e6, 200e6))]
    found = suspicion(given)
    assert found is not None
    assert (found.code, found.object) == ("load.memory-leak", "Deployment/cart")
    assert "of 256 MiB allowed, used up in about" in found.summary


def test_a_heap_that_is_collected_and_a_cache_that_fills_are_no_leaks() -> None:
    """A saw-tooth as high as before, and growth that slows down, stay unmentioned."""
    saw = [*calm(*CALLS), *_memory(lambda i: 100e6 + (i % 40) * 3e6)]
    cache = [*calm(*CALLS), *_memory(lambda i: 100e6 + 90e6 * (1 - 0.9 ** max(0, i - 100)))]
    assert said(saw) is None
    assert said(cache) is None


def test_a_leak_that_reached_its_limit_is_one_after_the_restart_too() -> None:
    """The container was killed at its limit a moment ago and begins again low."""
    given = [*calm(*CALLS), *_memory(lambda i: 100e6 if i < 60 else 100e6 + (i - 60) * 1.9e6 if i < 148 else 100e6)]
    assert said(given) == ("load.memory-leak", "Deployment/cart")


def _memory(level: object) -> list[Series]:
    return [
        series("memory", "Container", "cart-0/app", level, noise=0.004, unit="bytes"),  # type: ignore[arg-type]
        series("memory_limit", "Container", "cart-0/app", 268_435_456, noise=0),
    ]


def test_a_disk_is_named_before_it_is_full() -> None:
    """The claim of db will be used up within minutes, and nobody is ill yet."""
    given = [*calm("edge", "cart", "pay"), series("disk_free", "PersistentVolumeClaim", "data-db-0", ramp(9e9, 2e9))]
    found = suspicion(given)
    assert found is not None
    assert (found.code, found.object) == ("volume.disk-full", "PersistentVolumeClaim/data-db-0")
    assert "min at this pace" in found.summary


def test_connections_that_are_used_up_are_not_a_slow_database() -> None:
    """db answers as fast as before to whoever gets a connection."""
    given = [
        *service("cart", p95=step(30, 900), errors=step(0.02, 30)),
        *calm("pay"),
        series("latency_p95", "Database", "db", 4.0),
        series("connections", "Database", "db", step(10, 100), noise=0),
        series("connections_limit", "Database", "db", 100, noise=0),
    ]
    assert said(given) == ("db.too-many-connections", "Deployment/db")


def test_a_rollout_right_before_is_the_cause_with_its_revision() -> None:
    """cart fails since its onset, and revision 8 was rolled out a minute before."""
    at = datetime.fromtimestamp(ONSET - 60, UTC)
    seen = Observation("objects", "ReplicaSet/cart-8:spec.template", "revision 7 → 8: image cart:8", at)
    change = Change(at, "Deployment/cart", "revision 7 → 8: image cart:8", seen)
    given = [*service("edge", errors=step(0.02, 15)), *service("cart", errors=step(0.02, 20)), *calm("pay")]
    found = suspicion(given, changes=(change,))
    assert found is not None
    assert (found.code, found.object) == ("rollout.bad-revision", "Deployment/cart")
    assert seen in found.observations
    assert said(given) == ("unknown", "Deployment/cart")


def test_messages_wait_because_more_are_sent_or_because_fewer_are_taken() -> None:
    """The same backlog has two causes, distinguished by what is sent and by the consumer's own time."""
    calls = {"shop": ("orders",), "worker": ("orders",), "orders": ()}
    waiting = series("queue_depth", "Queue", "orders", ramp(10, 9000))
    more = [
        waiting,
        series("requests", "Queue", "orders", step(20, 80)),
        *service("worker", requests=step(20, 45)),
        *service("shop"),
    ]
    slower = [
        waiting,
        series("requests", "Queue", "orders", 20.0),
        *service("worker", p50=step(10, 60), p95=step(30, 190), requests=step(20, 8)),
        *service("shop"),
    ]
    found = [judged(given, calls).findings[0] for given in (more, slower)]
    assert [(one.code, one.object) for one in found] == [
        ("queue.backlog", "Deployment/orders"),
        ("queue.consumer-slow", "Deployment/worker"),
    ]


def test_who_is_ill_by_other_evidence_needs_no_figure() -> None:
    """db is known to be down: that explains its callers, and the figures accuse nobody else."""
    given = [*service("cart", p95=step(30, 900)), *service("pay", p95=step(30, 900)), *calm("edge")]
    assert said(given, faulty=("db",)) is None


def test_the_shape_of_slower_answers_shows_delay_loss_and_work_apart() -> None:
    """The same time for all is a delay, late last answers are lost packets, and stretched ones are unexplained."""
    assert said([*service("pay", p50=step(12, 212), p95=step(30, 232)), *calm("edge", "cart")]) == (
        "network.delay",
        "Deployment/pay",
    )
    assert said([*service("pay", p95=step(30, 260)), *calm("edge", "cart")]) == ("network.loss", "Deployment/pay")
    assert said([*service("pay", p50=step(12, 60), p95=step(30, 150)), *calm("edge", "cart")]) == (
        "unknown",
        "Deployment/pay",
    )
