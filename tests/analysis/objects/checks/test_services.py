"""Services, ingresses, addresses and policies: whether a call arrives."""

from typing import Any

import pytest

from opsagent.analysis.evidence.log_facts import Told
from opsagent.analysis.objects.checks import object_findings
from tests.analysis.kube_objects import (
    NOW,
    ago,
    container,
    deployment,
    endpoints,
    event,
    find,
    first,
    pod,
    replica_set,
    running,
    seen,
    service,
    stack,
    thing,
)


def around(changed: dict[str, Any], ready: int = 0) -> list[Any]:
    """Return the healthy service `cart` with another Service in front."""
    return [*stack()[:3], changed, endpoints("cart", ready)]


@pytest.mark.parametrize(
    "selector",
    [{"app": "cart-v2"}, {"app": "cart", "tier": "web"}, {"run": "cart"}, {"app.kubernetes.io/name": "cart"}],
)
def test_a_selector_that_misses_the_pods(selector: dict[str, str]) -> None:
    """The workload is there under the Service's name, with other labels."""
    assert first(*around(service(selector=selector))) == ("service.selector-mismatch", "Service/cart")


def test_a_selector_that_takes_another_workloads_pods() -> None:
    """The Service `cart` points to the billing pods; nobody serves the cart."""
    wrong = service(selector={"app": "billing"})
    made = [*stack()[:3], *stack(app="billing"), wrong, endpoints("cart")]
    assert first(*made) == ("service.selector-mismatch", "Service/cart")


def test_no_pod_for_a_service_at_all() -> None:
    """Nothing in the namespace resembles what the Service selects."""
    assert first(service("ledger"), endpoints("ledger", 0), *stack()) == ("service.no-endpoints", "Service/ledger")


@pytest.mark.parametrize(
    "harmless",
    [
        service("search", selector={}),
        service("mail", type="ExternalName", externalName="mail.example.com"),
        service("old", selector={"app": "gone"}),
    ],
    ids=["no selector", "external name", "endpoints are there"],
)
def test_services_that_need_no_pods_of_ours(harmless: dict[str, Any]) -> None:
    """No selector, an external name, or endpoints that somebody else keeps."""
    assert first(*stack(), harmless, endpoints("old", 2), endpoints("search", 0)) == ("healthy", None)


@pytest.mark.parametrize(
    ("target", "protocol", "code"),
    [
        (9090, "TCP", "service.port-mismatch"),
        ("grpc", "TCP", "service.port-mismatch"),
        (8080, "UDP", "service.protocol-mismatch"),
        ("http", "SCTP", "service.protocol-mismatch"),
    ],
)
def test_a_target_port_that_the_pods_do_not_have(target: int | str, protocol: str, code: str) -> None:
    """By number, by name, by protocol."""
    assert first(*around(service(target=target, protocol=protocol), 1)) == (code, "Service/cart")


def test_ports_that_lead_where_they_should() -> None:
    """By name; and by a number that only a probe shows to be served."""
    assert first(*around(service(target="http"), 1)) == ("healthy", None)
    probed = {"containers": [container(readinessProbe={"httpGet": {"port": 9090}})]}
    assert first(*stack(spec=probed)[:3], service(target=9090), endpoints("cart")) == ("healthy", None)


def test_a_service_of_nobody_that_is_called_outweighs_its_callers_complaint() -> None:
    """The workload behind it was deleted: who calls it states only that nothing listens there."""
    made = seen(service("ledger"), endpoints("ledger", 0), *stack())
    told = Told(in_vain={"cart-6d5f7c9b84-x2x2x": frozenset({"ledger"})})
    strengths = [object_findings(made, now=NOW, told=facts)[0].strength for facts in (Told(), told)]
    assert strengths == [0.62, 0.88]


def test_no_endpoints_though_a_pod_is_ready() -> None:
    """Whatever keeps the endpoints from being made, nobody is served."""
    assert first(*around(service())) == ("service.no-endpoints", "Service/cart")


def test_unready_pods_are_the_cause_not_the_service_before_them() -> None:
    """The Service without endpoints only follows from the crash."""
    made = [
        deployment(available=0),
        replica_set(),
        pod("cart-1", running(ready=False)),
        service(),
        endpoints("cart", 0, 1),
    ]
    assert [finding.code for finding in find(*made) if finding.strength >= 0.5] == ["unknown"]


def ingress(name: str = "cart", port: int | str = 80, path: str = "/", **spec: Any) -> dict[str, Any]:
    """Return an Ingress with one path."""
    number = {"number": port} if isinstance(port, int) else {"name": port}
    backend = {"service": {"name": name, "port": number}}
    rules = [{"host": "acme.example", "http": {"paths": [{"path": path, "backend": backend}]}}]
    return thing(
        "Ingress", "edge", spec={"rules": rules, **spec}, status={"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}
    )


@pytest.mark.parametrize(
    "wrong", [ingress("crat"), ingress(port=81), ingress(port="https"), ingress("billing", path="/cart")]
)
def test_an_ingress_that_leads_elsewhere(wrong: dict[str, Any]) -> None:
    """To a Service or port that does not exist, or to one that the path does not name."""
    assert first(*stack(), *stack(app="billing"), wrong) == ("service.misrouted", "Ingress/edge")


@pytest.mark.parametrize(
    "right", [ingress(), ingress(port="http"), ingress(path="/api/v1/cart"), ingress(path="/shop")]
)
def test_an_ingress_that_leads_where_it_should(right: dict[str, Any]) -> None:
    """By number, by name, under any path."""
    assert first(*stack(), *stack(app="billing"), right) == ("healthy", None)


def test_an_ingress_class_that_does_not_exist() -> None:
    """No controller takes the Ingress up."""
    edge = ingress(ingressClassName="blue")
    assert first(*stack(), edge, thing("IngressClass", "nginx")) == ("config.missing-object", "Ingress/edge")
    assert first(*stack(), edge, thing("IngressClass", "blue")) == ("healthy", None)
    assert first(*stack(), edge) == ("healthy", None)


def test_an_ingress_without_a_class_where_none_is_the_default() -> None:
    """It is for nobody, unless a controller has written its address or may still do so."""
    unserved, old = {**ingress(), "status": {"loadBalancer": {}}}, {"kubernetes.io/ingress.class": "nginx"}
    default = {"ingressclass.kubernetes.io/is-default-class": "true"}
    assert first(*stack(), unserved, thing("IngressClass", "nginx")) == ("config.missing-object", "Ingress/edge")
    assert first(*stack(), ingress(), thing("IngressClass", "nginx")) == ("healthy", None)
    assert first(*stack(), unserved, thing("IngressClass", "nginx", meta={"annotations": default})) == ("healthy", None)
    annotated = thing("Ingress", "edge", meta={"annotations": old}, spec=unserved["spec"], status={"loadBalancer": {}})
    assert first(*stack(), annotated, thing("IngressClass", "nginx")) == ("healthy", None)
    assert first(*stack(), unserved) == ("healthy", None)  # the classes were not checked


def calling(*env: tuple[str, str]) -> list[Any]:
    """Return the healthy service `cart` that is instructed to call something."""
    variables = [{"name": name, "value": value} for name, value in env]
    return stack(spec={"containers": [container(env=variables)]})


@pytest.mark.parametrize(
    ("env", "code"),
    [
        ([("BILLING_ADDR", "billing:8081")], "config.wrong-address"),
        ([("BILLING_URL", "http://billing.shop.svc.cluster.local:9999/pay")], "config.wrong-address"),
        ([("BILLING_HOST", "billing"), ("BILLING_PORT", "81")], "config.wrong-address"),
        ([("BILLING_URL", "http://biling:80")], "config.wrong-address"),
        ([("BILLING_ADDR", "billing-service:80")], "config.wrong-address"),
        ([("DB_HOST", "billing"), ("DB_PORT", "3307")], "db.wrong-port"),
        ([("DATABASE_URL", "postgres://u:p@billing:5433/x")], "db.wrong-port"),
    ],
)
def test_an_address_that_leads_nowhere(env: list[tuple[str, str]], code: str) -> None:
    """Host and port in the environment against the Services and ports that there are."""
    found = [finding for finding in find(*calling(*env), *stack(app="billing")) if finding.strength >= 0.5]
    assert [(finding.code, finding.object) for finding in found] == [(code, "Deployment/cart")]
    assert all("u:p" not in observation.text for observation in found[0].observations)


@pytest.mark.parametrize(
    "env",
    [
        ("BILLING_ADDR", "billing:80"),
        ("BILLING_URL", "http://billing.shop/pay"),
        ("PARTNER_URL", "https://api.example.com:8443"),
        ("BIND_ADDR", "0.0.0.0:9999"),
        ("LISTEN", "http://localhost:1234"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"),
        ("LEVEL", "info"),
        ("PEERS", "cart-0.cart.shop.svc:8080"),
    ],
)
def test_addresses_that_are_right_or_none_of_our_business(env: tuple[str, str]) -> None:
    """Right ones, outside ones, own ones, and telemetry that nobody waits for."""
    assert first(*calling(env), *stack(app="billing")) == ("healthy", None)


def policy(**spec: Any) -> dict[str, Any]:
    """Return a network policy for the billing pods."""
    return thing("NetworkPolicy", "wall", spec={"podSelector": {"matchLabels": {"app": "billing"}}, **spec})


@pytest.mark.parametrize(
    "wall",
    [
        policy(policyTypes=["Ingress"]),
        policy(podSelector={}, policyTypes=["Ingress", "Egress"], ingress=[], egress=[{}]),
        policy(ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "admin"}}}]}]),
        policy(ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "cart"}}}], "ports": [{"port": 9}]}]),
        thing(
            "NetworkPolicy", "wall", spec={"podSelector": {"matchLabels": {"app": "cart"}}, "policyTypes": ["Egress"]}
        ),
    ],
)
def test_a_policy_that_stops_a_call(wall: dict[str, Any]) -> None:
    """Nobody is let in, the wrong one, on the wrong port, or nobody is let out."""
    made = [*calling(("BILLING_ADDR", "billing:80")), *stack(app="billing"), wall]
    assert first(*made) == ("network.policy", "NetworkPolicy/wall")


@pytest.mark.parametrize(
    "wall",
    [
        policy(ingress=[{}]),
        policy(ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "cart"}}}], "ports": [{"port": 8080}]}]),
        policy(ingress=[{"from": [{"podSelector": {}}]}]),
        policy(podSelector={"matchLabels": {"app": "nobody"}}, policyTypes=["Ingress"]),
    ],
)
def test_a_policy_that_lets_the_call_through(wall: dict[str, Any]) -> None:
    """An allowance for the caller, or a policy for other pods."""
    assert first(*calling(("BILLING_ADDR", "billing:80")), *stack(app="billing"), wall) == ("healthy", None)


def test_a_crash_of_a_pod_is_not_hidden_by_a_service_in_order() -> None:
    """Events that name other objects do not spill over."""
    made = stack()
    assert first(*made, event("other-pod", "Unhealthy", "Readiness probe failed: x", age=10)) == ("healthy", None)
    assert ago(0).endswith("Z")


def test_a_service_without_a_selector_that_leads_nowhere() -> None:
    """A workload bears its name, and nobody wrote endpoints for it."""
    assert first(*stack()[:3], service(selector={}), endpoints("cart", 0))[0] == "service.no-endpoints"
    assert first(*stack()[:3], service(selector={}), endpoints("cart", 1))[0] == "healthy"


def test_a_tcp_probe_does_not_excuse_a_udp_service() -> None:
    """The port that the probe finds over TCP is not spoken to over UDP."""
    probed = {"containers": [container(readinessProbe={"tcpSocket": {"port": 8080}})]}
    made = stack(spec=probed)
    assert first(*made[:3], service(protocol="UDP"), endpoints("cart"))[0] == "service.protocol-mismatch"
