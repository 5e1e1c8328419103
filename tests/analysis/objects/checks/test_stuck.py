"""Rollouts that wait: for a gate, for a finalizer, for a pod of an old revision; and a probe that is too hasty."""

from typing import Any

from opsagent.analysis.evidence.log_facts import Told
from opsagent.analysis.objects.checks import object_findings
from tests.analysis.kube_objects import (
    NOW,
    ago,
    broken,
    condition,
    container,
    deployment,
    event,
    find,
    first,
    meta,
    node,
    pod,
    replica_set,
    running,
    seen,
    stack,
    waiting,
)


def gated(state: str) -> Any:
    made = pod(spec={"readinessGates": [{"conditionType": "cdn.example.com/warm"}]})
    ready = [condition("ContainersReady", "True"), condition("cdn.example.com/warm", state)]
    made["status"]["conditions"] = [*ready, condition("Ready", "True" if state == "True" else "False")]
    return made


def test_a_readiness_gate_that_nobody_sets() -> None:
    """All containers are ready, and the pod waits for a condition from outside."""
    assert first(*broken(gated("False"))) == ("rollout.stuck", "Deployment/cart")
    assert first(deployment(), replica_set(), gated("True"), node())[0] == "healthy"


def ending(seconds: float, *finalizers: str) -> Any:
    made = pod()
    made["metadata"] |= {"deletionTimestamp": ago(seconds), "deletionGracePeriodSeconds": 30}
    made["metadata"]["finalizers"] = list(finalizers)
    return made


def waiting_for(old: Any) -> list[Any]:
    made = deployment(available=0, updatedReplicas=0)
    made["spec"]["strategy"] = {"type": "Recreate"}
    return [made, replica_set(), old, node()]


def test_a_finalizer_keeps_the_pod_that_recreate_waits_for() -> None:
    """The finding names the pod, and the variant states that no restart helps."""
    found = find(*waiting_for(ending(1500, "storage.example.com/snapshot")))
    assert [(f.code, f.variant) for f in found[:1]] == [("rollout.stuck", "held-pod")]
    assert not [f for f in find(*waiting_for(ending(20, "x/y"))) if f.variant]


def test_a_pod_of_an_old_revision_blocks_a_stateful_set() -> None:
    """Its image does not exist, the template is corrected already: delete the pod."""
    labels = {"app": "db", "controller-revision-hash": "db-1"}
    old = pod("db-0", waiting("ImagePullBackOff", "not found"), app="db", spec={"containers": [container("main")]})
    old["metadata"] = meta("db-0", labels=labels, ownerReferences=[{"kind": "StatefulSet", "name": "db"}])
    template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{**container(), "image": "acme/db:2"}]}}
    owner = {"kind": "StatefulSet", "metadata": meta("db", generation=2)}
    owner["spec"] = {"replicas": 1, "selector": {"matchLabels": {"app": "db"}}, "template": template}
    owner["status"] = {"observedGeneration": 2, "replicas": 1, "currentRevision": "db-1", "updateRevision": "db-2"}
    told = event(old, "Failed", 'Failed to pull image "acme/main:1.4": not found')
    assert first(owner, old, told, node()) == ("rollout.stuck", "Pod/db-0")


def test_a_program_that_answers_its_probe_too_late() -> None:
    """It answers well in 2.4 s, the probe waits one: the probe is too hasty, the program is not hung."""
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "timeoutSeconds": 1}
    slow = pod("cart-6d5f7c9b84-x2x2x", running(ready=False), spec={"containers": [container(readinessProbe=probe)]})
    told = event(slow, "Unhealthy", "Readiness probe failed: context deadline exceeded (Client.Timeout exceeded)")
    objects = seen(*broken(slow, told))

    def code(seconds: float) -> str:
        facts = Told(probe_answers={("cart-6d5f7c9b84-x2x2x", "main"): seconds})
        return object_findings(objects, now=NOW, told=facts)[0].code

    assert (code(2.4), code(0.2)) == ("probe.readiness-timing", "pod.hung")


def test_a_stack_without_any_of_this_is_healthy() -> None:
    """The builders themselves show no fault."""
    assert first(*stack())[0] == "healthy"
