"""All rules at once: hostile objects, and clusters of a size that nobody reads by hand."""

import copy
import random
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsagent.analysis.evidence.changes import changes
from opsagent.analysis.evidence.workloads import pods_of, service_of, services_found
from opsagent.analysis.objects.checks import object_findings
from opsagent.models.observed import Objects
from tests.analysis.kube_objects import (
    NOW,
    ago,
    claim,
    condition,
    container,
    crashing,
    deployment,
    endpoints,
    event,
    find,
    node,
    pending,
    pod,
    replica_set,
    running,
    seen,
    service,
    stack,
    thing,
    volume,
    waiting,
)

PROBE = {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 5}
ENV = [
    {"name": "BILLING_ADDR", "value": "billing:81"},
    {"name": "DB_HOST", "value": "db"},
    {"name": "DB_PORT", "value": "1"},
]


def everything() -> list[Any]:
    """Return a cluster in which every rule has something to check."""
    spec = {
        "containers": [
            container(env=ENV, envFrom=[{"configMapRef": {"name": "x"}}], livenessProbe=PROBE, readinessProbe=PROBE)
        ],
        "nodeSelector": {"a": "b"},
        "tolerations": [{"key": "x", "operator": "Exists"}],
        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}, {"configMap": {"name": "y"}}],
        "affinity": {
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {"labelSelector": {"matchLabels": {"app": "cart"}}, "topologyKey": "kubernetes.io/hostname"}
                ]
            }
        },
    }
    bad = pod("cart-bad", crashing(137, "OOMKilled"), waiting("ErrImagePull", "not found", "b"), spec=spec)
    edge = {
        "host": "a",
        "http": {"paths": [{"path": "/x", "backend": {"service": {"name": "y", "port": {"number": 1}}}}]},
    }
    return [
        *stack(spec=spec),
        *stack(app="billing"),
        bad,
        pod("cart-slow", running(ready=False, restartCount=3), spec=spec),
        pending("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {a: b}.", spec=spec),
        replica_set(suffix="8888888888", revision=2),
        deployment(
            "late", replicas=2, available=1, conditions=[condition("Progressing", "False", "ProgressDeadlineExceeded")]
        ),
        service("db", selector={"app": "nobody"}),
        endpoints("db", 0, 1),
        claim(),
        volume(phase="Bound", claimRef={"name": "o", "namespace": "p"}),
        thing("StorageClass", "fast", provisioner="kubernetes.io/no-provisioner"),
        node(
            "worker-2", conditions=[condition("Ready", "Unknown", "NodeStatusUnknown")], spec={"taints": [{"key": "z"}]}
        ),
        event(bad, "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
        event("data", "ProvisioningFailed", "storageclass not found", kind="PersistentVolumeClaim"),
        event("cart", "ScalingReplicaSet", "Scaled up replica set cart-1 to 2", kind="Deployment"),
        thing("Ingress", "edge", spec={"ingressClassName": "x", "rules": [edge]}, status={"loadBalancer": {}}),
        thing(
            "NetworkPolicy",
            "wall",
            spec={"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}], "egress": []},
        ),
        thing(
            "ResourceQuota",
            "q",
            status={"hard": {"pods": "1", "services": "1"}, "used": {"pods": "1", "services": "1"}},
        ),
        thing(
            "HorizontalPodAutoscaler", "h", spec={"scaleTargetRef": {"kind": "Deployment", "name": "cart"}}, status={}
        ),
        thing("Job", "j", spec={}, status={"failed": 1}),
        thing("DaemonSet", "kube-proxy", status={"desiredNumberScheduled": 2, "numberReady": 1}),
        thing("PodMetrics", "cart-bad", containers=[{"name": "main", "usage": {"cpu": "1"}}]),
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value within."""
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found += places(item, (*path, key))
    return found


WRONG = st.sampled_from(
    [None, "", "x", "-1", "9" * 40, 0, -7, 1e400, True, [], {}, [None], {"": None}, ["x", 3], "\x00é", "1Gi"]
)
ALL = everything()
PLACES = places(ALL)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, len(PLACES) - 1), st.one_of(st.just("delete"), WRONG)), min_size=1, max_size=40)
)
def test_mutilated_objects_never_end_in_a_traceback(damage: list[tuple[int, Any]]) -> None:
    """Any field may be missing or of another type: findings stay well formed, and state the same twice."""
    items = copy.deepcopy(ALL)
    for index, wrong in damage:
        _damage(items, PLACES[index], wrong)
    objects = Objects(items=tuple(items), looked=frozenset({"Secret", "ConfigMap"}))
    found = object_findings(objects, now=NOW)
    assert found == object_findings(objects, now=NOW)
    assert all(0.0 <= finding.strength <= 1.0 and finding.code and finding.summary for finding in found)
    assert all(change.at <= NOW.replace(hour=13) for change in changes(objects, now=NOW))
    services = services_found(objects)
    for item in items:
        if isinstance(item, dict) and item.get("kind") == "Pod":
            service_of(item, services, objects)
    assert all(isinstance(pods_of(known, objects), list) for known in services)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        WRONG,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["kind", "metadata", "name", "spec", "status", "containers", "conditions", "Pod", "items"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=25,
    )
)
def test_what_is_not_an_object_at_all_is_passed_over(junk: Any) -> None:
    """A list of anything is checked without an error."""
    objects = Objects(items=(junk, {"kind": "Pod", "metadata": junk}, {"kind": "Pod", "spec": junk, "status": junk}))
    object_findings(objects, now=NOW)
    changes(objects, now=NOW)
    services_found(objects)


def _damage(items: Any, path: tuple[Any, ...], wrong: Any) -> None:
    holder = items
    for step in path[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return
    try:
        if wrong == "delete":
            del holder[path[-1]]
        else:
            holder[path[-1]] = wrong
    except (KeyError, IndexError, TypeError):
        return


def crowd(services: int) -> Objects:
    """Return ten pods and a hundred old events for each service, and one sick pod."""
    items: list[Any] = [node(f"worker-{index}", cpu="64", pods="200") for index in range(50)]
    chance = random.Random(7)
    for index in range(services):
        app = f"app-{index}"
        items += [deployment(app, replicas=10), replica_set(app, replicas=10), service(app), endpoints(app, 10)]
        for number in range(10):
            name = f"{app}-6d5f7c9b84-{number:05d}"
            items.append(pod(name, app=app, spec={"nodeName": f"worker-{chance.randrange(50)}"}))
            told = "Readiness probe failed: connection refused"
            items += [event(name, "Unhealthy", f"{told} ({age})", age=3000 + age, count=1) for age in range(10)]
    items.append(pod("app-7-6d5f7c9b84-sick", crashing(127), app="app-7"))
    return Objects(items=tuple(items))


@pytest.mark.parametrize("services", [60, pytest.param(500, marks=pytest.mark.slow)])
def test_a_large_cluster_with_one_sick_service(services: int) -> None:
    """Up to 5,000 pods and 50,000 events are judged in linear time, and nobody else is accused."""
    took = []
    for many in (services // 6, services):
        objects = crowd(many)
        begun = time.process_time()
        found, lines = object_findings(objects, now=NOW), changes(objects, now=NOW)
        took.append(time.process_time() - begun)
        assert {(finding.code, finding.object) for finding in found if finding.strength >= 0.5} == {
            ("pod.bad-command", "Deployment/app-7")
        }
        assert len(lines) <= 60
    assert took[1] < 20 * max(took[0], 0.02), took  # six times as many: in quadratic time it would be 36 times


def test_two_faults_at_once_are_both_found() -> None:
    """A wrong image here does not hide memory there."""
    first, second = stack(), stack(app="billing")
    first[2] = pod("cart-x", waiting("ErrImagePull", "manifest unknown"))
    second[2] = pod("billing-x", crashing(137, "OOMKilled"), app="billing")
    found = {(finding.code, finding.service) for finding in find(*first, *second) if finding.strength >= 0.5}
    assert found == {("image.not-found", "cart"), ("pod.oom-killed", "billing")}


def test_one_name_in_two_namespaces_is_two_objects() -> None:
    """The Service of another namespace is not a Service of ours, nor are its pods."""
    other = stack(spec={"containers": [container(port=9090)]})
    for item in other:
        item["metadata"]["namespace"] = "elsewhere"
    other[3]["spec"]["ports"][0]["targetPort"] = 9090
    assert find(*stack(), *other) == ()


def test_what_was_not_checked_is_not_called_absent() -> None:
    """Pods alone, Services alone, events alone: nothing is concluded from what was not seen."""
    alone = [item for item in stack() if item["kind"] in ("Service", "EndpointSlice")]
    assert find(*alone) == ()
    assert find(stack()[2]) == ()
    assert object_findings(Objects(), now=NOW) == ()


def test_evidence_has_a_place_and_no_literal_environment() -> None:
    """Each observation states where it was read; values of variables are not repeated."""
    made = stack(spec={"containers": [container(env=[{"name": "TOKEN", "value": "s3cr3t-value"}])]})
    made[2] = pod("cart-x", crashing(1), spec=made[0]["spec"]["template"]["spec"])
    found = find(*made)
    assert found
    assert all(observation.where and observation.text for finding in found for observation in finding.observations)
    assert "s3cr3t-value" not in repr(found)
    assert seen(*made).looked >= {"Pod", "Service"}
    assert found[0].at is not None
    assert found[0].at.strftime("%Y") == ago(0)[:4]
