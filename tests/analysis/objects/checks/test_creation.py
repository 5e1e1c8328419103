"""Pods that are never made: quota, limit ranges, accounts, rights."""

from typing import Any

import pytest

from tests.analysis.kube_objects import (
    container,
    deployment,
    event,
    find,
    first,
    replica_set,
    service,
    stack,
    thing,
)

FORBIDDEN = 'pods "cart-6d5f7c9b84-q" is forbidden: '
QUOTA = FORBIDDEN + "exceeded quota: team, requested: {0}, used: {1}, limited: {2}"


def short() -> list[Any]:
    """Return a Deployment whose ReplicaSet made none of its pods."""
    bare = replica_set(readyReplicas=0)
    bare["spec"]["replicas"], bare["status"]["replicas"] = 2, 0
    return [deployment(replicas=2, available=0, spec={"serviceAccountName": "cart-sa"}), bare]


CASES = [
    (QUOTA.format("requests.cpu=500m", "requests.cpu=4", "requests.cpu=4"), "quota.cpu"),
    (
        QUOTA.format(
            "limits.cpu=1,limits.memory=1Gi", "limits.cpu=8,limits.memory=2Gi", "limits.cpu=8,limits.memory=8Gi"
        ),
        "quota.cpu",
    ),
    (QUOTA.format("cpu=1,memory=2Gi", "cpu=1,memory=7Gi", "cpu=9,memory=8Gi"), "quota.memory"),
    (QUOTA.format("requests.memory=1Gi", "requests.memory=4Gi", "requests.memory=4Gi"), "quota.memory"),
    (QUOTA.format("pods=1", "pods=10", "pods=10"), "quota.pods"),
    (QUOTA.format("count/pods=1", "count/pods=3", "count/pods=3"), "quota.pods"),
    (QUOTA.format("persistentvolumeclaims=1", "persistentvolumeclaims=2", "persistentvolumeclaims=2"), "quota.storage"),
    (QUOTA.format("requests.storage=5Gi", "requests.storage=9Gi", "requests.storage=10Gi"), "quota.storage"),
    (QUOTA.format("services=1", "services=5", "services=5"), "quota.services"),
    (QUOTA.format("services.nodeports=1", "services.nodeports=0", "services.nodeports=0"), "quota.services"),
    (FORBIDDEN + "failed quota: team: must specify limits.memory", "quota.memory"),
    (FORBIDDEN + "maximum cpu usage per Container is 500m, but limit is 2", "quota.limit-range"),
    (FORBIDDEN + "minimum memory usage per Container is 64Mi, but request is 16Mi", "quota.limit-range"),
    (
        FORBIDDEN + 'error looking up service account shop/cart-sa: serviceaccount "cart-sa" not found',
        "access.service-account-missing",
    ),
    (FORBIDDEN + 'violates PodSecurity "restricted:latest": runAsNonRoot != true', "admission.denied"),
    (FORBIDDEN + "unable to validate against any security context constraint", "admission.denied"),
    (
        'pods is forbidden: User "system:serviceaccount:ops:maker" cannot create resource "pods" in API group ""',
        "access.rbac",
    ),
    ('pods is forbidden: User "jenkins" cannot create resource "pods" in the namespace "shop"', "access.rbac"),
    ('Pod "cart-1" is invalid: spec.containers[0].image: Required value', "config.invalid"),
    ('admission webhook "policy.acme" denied the request: no latest tags', "admission.denied"),
    (
        'Internal error occurred: failed calling webhook "policy.acme": connect: connection refused',
        "admission.webhook-unreachable",
    ),
    (FORBIDDEN + "unable to create new content in namespace x because it is being terminated", "namespace.terminating"),
    ("something that nobody has seen before", "unknown"),
]


@pytest.mark.parametrize(("message", "code"), CASES)
@pytest.mark.parametrize("told_by", ["event", "condition"])
def test_the_controller_states_why(message: str, code: str, told_by: str) -> None:
    """A refused creation names its reason in an event of the ReplicaSet or in its condition."""
    made = short()
    if told_by == "event":
        made.append(event(made[1], "FailedCreate", "Error creating: " + message))
    else:
        made[1]["status"]["conditions"] = [{"type": "ReplicaFailure", "status": "True", "message": message}]
    unanswered = code == "admission.webhook-unreachable"  # the message names the one to change
    changes = "ValidatingWebhookConfiguration/policy.acme" if unanswered else "Deployment/cart"
    assert first(*made) == (code, changes)


def test_a_refusal_is_found_without_its_maker() -> None:
    """The event alone names the ReplicaSet, where those were not checked."""
    told = event("cart-6d5f7c9b84", "FailedCreate", QUOTA.format("pods=1", "pods=2", "pods=2"), kind="ReplicaSet")
    assert first(told)[0] == "quota.pods"


def test_a_refusal_that_is_over_accuses_nobody() -> None:
    """The ReplicaSet has its pods by now."""
    made = stack()
    assert first(*made, event(made[1], "FailedCreate", QUOTA.format("pods=1", "pods=2", "pods=2"))) == ("healthy", None)


@pytest.mark.parametrize(
    ("key", "used", "hard", "code"),
    [
        ("pods", "10", "10", "quota.pods"),
        ("requests.cpu", "3900m", "4", "quota.cpu"),
        ("limits.memory", "8Gi", "8Gi", "quota.memory"),
    ],
)
def test_a_full_quota_explains_missing_pods_without_events(key: str, used: str, hard: str, code: str) -> None:
    """Used against hard, and what one more pod would request."""
    quota = thing("ResourceQuota", "team", status={"hard": {key: hard}, "used": {key: used}})
    made = short()
    made[1]["spec"]["template"]["spec"]["containers"] = [container(resources={"requests": {"cpu": "200m"}})]
    assert first(*made, quota) == (code, "Deployment/cart")


def test_a_full_quota_with_all_pods_there_is_no_fault() -> None:
    """Somebody planned it well."""
    quota = thing("ResourceQuota", "team", status={"hard": {"pods": "1"}, "used": {"pods": "1"}})
    assert first(*stack(), quota) == ("healthy", None)


def test_an_absent_account_explains_missing_pods_without_events() -> None:
    """The template names an account that is not there."""
    made = short()
    made[1]["spec"]["template"]["spec"]["serviceAccountName"] = "cart-sa"
    other = thing("ServiceAccount", "default")
    assert first(*made, other) == ("access.service-account-missing", "Deployment/cart")
    assert first(*made, other, thing("ServiceAccount", "cart-sa"))[0] != "access.service-account-missing"


def test_services_beyond_the_quota() -> None:
    """A caller's address has no Service, and the namespace may have no further one."""
    caller = stack(spec={"containers": [container(env=[{"name": "STOCK_ADDR", "value": "stock:80"}])]})
    quota = thing("ResourceQuota", "team", status={"hard": {"services": "1"}, "used": {"services": "1"}})
    stock = stack(app="stock")
    del stock[3:5]
    assert "quota.services" in {finding.code for finding in find(*caller, *stock[:3], quota) if finding.strength >= 0.5}
    assert all(finding.code != "quota.services" for finding in find(*caller, *stock[:3], service("stock"), quota))
