"""Health paths read off probes and Services."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.evidence.health_urls import health_url
from opsagent.models.observed import Objects
from opsagent.models.service import Service

CART = Service("cart", "cart")


def workload(probe: Any, ports: Any = ({"name": "web", "containerPort": 3000},)) -> dict[str, Any]:
    """Return a Deployment whose container has this probe."""
    template = {
        "metadata": {"labels": {"app": "cart"}},
        "spec": {"containers": [{"name": "main", "ports": list(ports), "livenessProbe": probe}]},
    }
    return {"kind": "Deployment", "metadata": {"name": "cart", "namespace": "shop"}, "spec": {"template": template}}


def front(target: Any, selector: Any = None) -> dict[str, Any]:
    """Return a Service with port 80 before a target port."""
    spec = {"selector": selector or {"app": "cart"}, "ports": [{"port": 80, "targetPort": target}]}
    return {"kind": "Service", "metadata": {"name": "cart-svc", "namespace": "shop"}, "spec": spec}


def url(*items: dict[str, Any]) -> str | None:
    """Return what is read off these objects."""
    return health_url(CART, Objects(items, frozenset({"Deployment", "Service"})))


def test_ports_meet_by_name_and_by_number() -> None:
    """A probe on a named port and a Service on its number, or the other way round, are the same port."""
    by_name, by_number = ({"httpGet": {"path": "/healthz", "port": port}} for port in ("web", 3000))
    for probe in (by_name, by_number):
        for target in ("web", 3000):
            assert url(workload(probe), front(target)) == "http://cart-svc:80/healthz"


def test_without_a_common_port_there_is_none() -> None:
    """Another port, another workload's Service, a probe that is not HTTP: nothing is guessed."""
    probe = {"httpGet": {"path": "/healthz", "port": "web"}}
    assert url(workload(probe), front(9999)) is None
    assert url(workload(probe), front("web", {"app": "other"})) is None
    assert url(workload({"exec": {"command": ["true"]}}), front("web")) is None
    assert url(workload(probe)) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(probe=anything, ports=st.lists(anything, max_size=3), target=anything)
def test_any_shape_is_read(probe: Any, ports: Any, target: Any) -> None:
    """Fields of any type give a URL or none, never an error."""
    for shape in (probe, {"httpGet": probe}, {"httpGet": {"path": probe, "port": target}}):
        found = url(workload(shape, ports), front(target))
        assert found is None or found.startswith(("http://", "https://"))
