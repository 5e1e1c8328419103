"""Names that pods look up or wait for."""

from typing import Any

import pytest

from tests.analysis.kube_objects import (
    container,
    deployment,
    find,
    first,
    pod,
    replica_set,
    running,
    service,
    stack,
    waiting,
)

DNS: dict[str, Any] = {"clusterIP": "10.96.0.10"}


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["8.8.8.8"]}}, "network.dns"),
        ({"dnsPolicy": "None"}, "network.dns"),
        ({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.96.0.10"]}}, "healthy"),
        ({"dnsPolicy": "ClusterFirst"}, "healthy"),
    ],
)
def test_a_resolver_of_their_own(config: dict[str, Any], code: str) -> None:
    """A resolver that is not the cluster's knows no Service."""
    resolver = service("kube-dns", selector={}, **DNS)
    assert first(*stack(spec={"containers": [container()], **config}), resolver)[0] == code


def held(command: str) -> list[Any]:
    """Return a pod whose init container waits."""
    init = container("wait", None, command=["sh", "-c", command])
    status = running("wait", ready=False, started=900)
    spec = {"initContainers": [init], "containers": [container()]}
    made = pod("cart-1", waiting("PodInitializing"), spec=spec, initContainerStatuses=[status])
    return [deployment(available=0), replica_set(), made, service(target="http")]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("until nc -z ledger 5432; do sleep 1; done", "config.wrong-address"),
        ("until nslookup ledger.shop.svc.cluster.local; do sleep 2; done", "config.wrong-address"),
        ("while ! curl -s http://billing:9; do sleep 1; done", "config.wrong-address"),
    ],
)
def test_an_init_container_that_waits_without_success(command: str, code: str) -> None:
    """For a Service that does not exist, or at a port where it does not listen."""
    assert first(*held(command), *stack(app="billing")) == (code, "Deployment/cart")


def test_an_init_container_that_waits_for_a_service_that_is_down() -> None:
    """The one that is waited for has to change, not the one that waits."""
    down = [deployment("billing", available=0), pod("b", running(ready=False), app="billing"), service("billing")]
    found = find(*held("until nc -z billing 80; do sleep 1; done"), *down)
    assert ("dependency.down", "Deployment/billing") in {(finding.code, finding.object) for finding in found}


def test_an_init_container_that_has_just_begun_is_given_time() -> None:
    """Waiting for a minute is what it is there for."""
    made = held("until nc -z billing 80; do sleep 1; done")
    made[2]["status"]["initContainerStatuses"] = [running("wait", ready=False, started=20)]
    assert all(finding.code != "dependency.down" for finding in find(*made, *stack(app="billing")))
