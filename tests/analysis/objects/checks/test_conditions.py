"""What objects of any kind report of themselves: conditions, namespaces that end, load balancers, releases."""

from typing import Any

import pytest

from tests.analysis.kube_objects import ago, condition, event, first, service, stack, thing


def stating(kind: str, *conditions: Any, **status: Any) -> Any:
    return thing(kind, "shop", status={"conditions": list(conditions), **status})


@pytest.mark.parametrize(
    "stated", [condition("Ready", "False", "Waiting", "no primary"), condition("Degraded", "True", "Quorum", "2 of 3")]
)
def test_a_custom_resource_that_states_it_does_not_work_is_at_least_unknown(stated: Any) -> None:
    """Its own condition, for longer than a start takes, names it; a good one, or a fresh one, does not."""
    assert first(*stack(), stating("Database", stated)) == ("unknown", "Database/shop")
    assert first(*stack(), stating("Database", condition("Ready", "True")))[0] == "healthy"
    fresh, changed = ({**stated, "lastTransitionTime": ago(seconds)} for seconds in (20, 150))
    assert first(*stack(), stating("Database", fresh))[0] == "healthy"
    assert first(*stack(), stating("Database", changed)) == ("unknown", "Database/shop")
    young = stating("Database", changed) | {"metadata": {"name": "shop", "creationTimestamp": ago(160)}}
    assert first(*stack(), young)[0] == "healthy"


def test_a_certificate_that_has_ended() -> None:
    """cert-manager states that it is not Ready and when it ended."""
    ended = stating("Certificate", condition("Ready", "False", "Expired", "expired"), notAfter=ago(3600))
    assert first(*stack(), ended) == ("network.tls-certificate", "Certificate/shop")


def test_a_namespace_that_cannot_end() -> None:
    """Finalizers hold it: nothing new can be made in it."""
    held = condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", "a/b in 1 resource instances")
    space = {"kind": "Namespace", "metadata": {"name": "shop", "deletionTimestamp": ago(900)}}
    space["status"] = {"phase": "Terminating", "conditions": [held]}
    assert first(*stack(), space) == ("namespace.terminating", "Namespace/shop")


def test_a_load_balancer_that_is_refused() -> None:
    """No address, and the cloud's controller states why."""
    asked = service("front", selector={"app": "cart"}, type="LoadBalancer")
    told = event("front", "SyncLoadBalancerFailed", "quota of addresses exceeded", kind="Service")
    assert first(*stack(), asked, told) == ("unknown", "Service/front")
    assert first(*stack(), asked)[0] == "healthy"


def test_a_release_that_the_quota_refuses() -> None:
    """Whoever applies the release repeats what the API server refused: the quota is the cause."""
    refused = 'services "web" is forbidden: exceeded quota: few, requested: services=1, used: services=2, limited: '
    release = stating("Kustomization", condition("Ready", "False", "ReconciliationFailed", f"{refused}services=2"))
    assert first(*stack(), release) == ("quota.services", "ResourceQuota/few")


@pytest.mark.parametrize(
    "status",
    [
        {"listeners": [{"conditions": [condition("Programmed", "False", "Invalid", "no address")]}]},
        {"parents": [{"conditions": [condition("Accepted", "False", "NoMatchingListenerHostname")]}]},
        {"phase": "Failed", "message": "the backup has no credentials"},
        {"state": "Error"},
    ],
)
def test_conditions_one_level_deeper_and_a_phase_alone(status: dict[str, Any]) -> None:
    """Gateways, routes and operators' resources: at least unknown, with the object."""
    assert first(thing("Widget", "front", status=status)) == ("unknown", "Widget/front")


def test_a_phase_that_is_not_a_failure_is_none() -> None:
    """Running, Pending and the like state no fault."""
    assert first(thing("Widget", "front", status={"phase": "Running"})) == ("healthy", None)


def test_what_a_controller_reports_of_others() -> None:
    """A certificate that the authority refuses for too many orders is no fault of TLS; a secret store may be sealed."""
    limited = condition(
        "Ready", "False", "Errored", "429 urn:ietf:params:acme:error:rateLimited: too many certificates"
    )
    assert first(*stack(), stating("Certificate", limited)) == ("dependency.rate-limited", "Certificate/shop")
    sealed = condition("Ready", "False", "SecretSyncedError", "could not read secret: Vault is sealed")
    assert first(*stack(), stating("ExternalSecret", sealed)) == ("dependency.sealed", "ExternalSecret/shop")
