"""Objects, bodies and logs with any part missing or of another type: never an exception, never made-up health."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsagent.analysis.evidence.change_order import patient_first
from opsagent.analysis.evidence.changes import changes
from opsagent.analysis.logs.digest import digest
from opsagent.analysis.planning.plan import plan
from opsagent.models.observed import HealthAnswer, LogRef, Objects, StatsSample
from tests.analysis import kube_objects as build
from tests.analysis.conclude import Conclusion, conclude
from tests.analysis.scene import NOW, SERVICES, body, deployment, kube_service, pod

WILD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just({}),
    st.just([None, 3, {"a": []}]), st.just({"name": None, "": {"x": [[]]}}), st.just("9" * 5000), st.just("-1Ki"),
    st.just("2026-02-30T99:00:00"), st.just("9999-12-31T23:59:59+14:00"),
)  # fmt: skip
DROP = object()


def cluster() -> list[dict[str, Any]]:
    """Return a platform with something of every kind that a rule reads."""
    whole: list[dict[str, Any]] = [deployment(service.name) for service in SERVICES]
    whole += [pod(service.name, state={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}) for service in SERVICES]
    whole += [kube_service("blog-svc", "blog"), *build.stack(), build.node()]
    whole += [build.pod("cart-6d5f7c9b84-z", build.crashing(1)), build.replica_set(suffix="7fffd8b9c5", revision=2)]
    whole += [build.event("cart-6d5f7c9b84-z", reason, "0/3 nodes are available: 3 Insufficient cpu.")
              for reason in ("FailedScheduling", "Unhealthy", "Evicted", "FailedMount", "FailedCreate")]  # fmt: skip
    for kind, spec in (
        ("PersistentVolumeClaim", {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"]}),
        ("PersistentVolume", {"capacity": {"storage": "1Gi"}, "claimRef": {"name": "x"}}),
        ("ResourceQuota", {"hard": {"pods": "2"}}),
        ("LimitRange", {"limits": [{"type": "Container", "max": {"cpu": "1"}}]}),
        ("NetworkPolicy", {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{}]}]}),
        ("Ingress", {"rules": [{"http": {"paths": [{"backend": {"service": {"name": "x", "port": {"number": 1}}}}]}}]}),
        ("HorizontalPodAutoscaler", {"scaleTargetRef": {"kind": "Deployment", "name": "cart"}, "maxReplicas": 2}),
        ("EndpointSlice", {}), ("Endpoints", {}), ("Job", {"template": {"spec": {"containers": [{}]}}}),
        ("StatefulSet", {"replicas": 1}), ("DaemonSet", {}), ("StorageClass", {}), ("ServiceAccount", {}),
        ("ConfigMap", {}), ("CronJob", {}), ("PodMetrics", {}), ("NodeMetrics", {}),
    ):  # fmt: skip
        whole.append(
            {"kind": kind, "metadata": {"name": "x", "namespace": "shop"}, "spec": spec, "status": {"used": {}}}
        )
    return whole


WHOLE = cluster()
KINDS = frozenset(item["kind"] for item in WHOLE)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


PLACES = tuple(places(WHOLE))
STATS = {"at": body(blog={"service_status": "offline"})}
STATS_PLACES = tuple(places(STATS, ()))


def mutilated(whole: Any, wounds: list[tuple[tuple[Any, ...], Any]]) -> Any:
    """Return a copy with each place dropped or replaced; a place that is gone already is passed over."""
    result = copy.deepcopy(whole)
    for path, value in wounds:
        holder = result
        try:
            for key in path[:-1]:
                holder = holder[key]
            if value is DROP:
                del holder[path[-1]]
            else:
                holder[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue
    return result


def wounds(where: tuple[tuple[Any, ...], ...]) -> st.SearchStrategy[list[tuple[tuple[Any, ...], Any]]]:
    """Return a strategy of wounds at these places."""
    return st.lists(st.tuples(st.sampled_from(where), st.one_of(st.just(DROP), WILD)), min_size=1, max_size=12)


def concluded(objects: Objects, samples: tuple[StatsSample, ...] = (), text: bytes = b"") -> Conclusion:
    """Conclude, and hold the conclusion to what it must never state."""
    ref = LogRef("logs/blog-1/blog.log", "blog-1", "blog", service="blog")
    found = conclude(
        services=SERVICES,
        samples=samples,
        looks=[HealthAnswer("users", http=200)] if samples else [],
        objects=objects,
        digests=[digest(ref, [text])] if text else [],
        declared={},
        patient=None,
        now=NOW,
    )
    for health in found.healths:
        assert health.state != "healthy" or health.read, "healthy, and nothing of it was read"
        assert (health.state == "faulty") <= bool(health.symptoms)
    if any(health.state == "faulty" for health in found.healths):
        assert found.ranking.causes
    known = {piece.id for piece in found.ranking.evidence}
    for cause in found.ranking.causes:
        assert set(cause.evidence) <= known
        assert 0.0 <= cause.confidence <= 1.0
    _planned(objects, found)
    return found


def _planned(objects: Objects, found: Conclusion) -> None:
    """Plan for what was concluded, and order what changed: what the operator sees comes out of these two."""
    causes = found.ranking.causes
    patient = next((service for service in SERVICES if service.name == found.patient), None)
    made = plan(causes, patient=patient, objects=objects, graph=found.graph, live=False, min_replicas=1, max_replicas=5)
    assert made.action == "none" or made.target is not None
    lately = changes(objects, now=NOW)
    told = patient_first(
        lately,
        patient=found.patient,
        cause=causes[0].object if causes else None,
        graph=found.graph,
        services=SERVICES,
        objects=objects,
    )
    assert sorted(map(id, told)) == sorted(map(id, lately))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wounds(PLACES))
def test_objects_with_any_field_missing_or_of_another_type(found: list[tuple[tuple[Any, ...], Any]]) -> None:
    """Wherever an object is wounded, the rules answer."""
    items = [item for item in mutilated(WHOLE, found) if isinstance(item, dict) and isinstance(item.get("kind"), str)]
    concluded(Objects(tuple(items), KINDS))


@settings(max_examples=80, deadline=None)
@given(wounds(STATS_PLACES))
def test_bodies_of_stats_with_anything_in_them(found: list[tuple[tuple[Any, ...], Any]]) -> None:
    """Whatever /stats answers, nobody is healthy of whom it reports nothing."""
    stats = mutilated(STATS, found).get("at")
    concluded(Objects(), (StatsSample(NOW, 0.1, 200, stats if isinstance(stats, dict) else None, reach="bundle"),))


PIECES = (
    *(b"ERROR", b"Traceback (most recent call last):", b"\n", b" ", b"\xff\xfe", b"database is locked", b"Caused by: "),
    *(
        b"java.lang.OutOfMemoryError",
        b"panic: ",
        b"2026-",
        b"{",
        b"\x00",
        b"a" * 300,
        b"exit status 1",
        b"goroutine 1 [",
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_logs_of_any_bytes(pieces: list[bytes]) -> None:
    """Broken tracebacks, no line ends, binary: findings or none, never an exception."""
    concluded(Objects(), (), b"".join(pieces))


def test_where_nothing_was_checked_nobody_is_healthy() -> None:
    """No samples, no objects, no checks: unknown, all of them."""
    assert {health.state for health in concluded(Objects()).healths} == {"unknown"}
