"""What has to do with a service that was asked about, by references and by its name."""

from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.reasoning.on_the_way import concerns
from opsagent.models.evidence import Cause
from opsagent.models.service import Service
from tests.analysis import kube_objects as k

SERVICES = (Service("cart", deployment="cart"), Service("mail", deployment="mail"))
INGRESS = k.thing(
    "Ingress",
    "front",
    spec={
        "tls": [{"secretName": "cart-tls"}],
        "rules": [{"http": {"paths": [{"backend": {"service": {"name": "cart"}}}]}}],
    },
)


def asked(ref: str | None, *more: Any, service: str | None = None, code: str = "unknown") -> bool:
    """Return whether a cause at an object concerns the service cart."""
    cause = Cause(code, ref, service, 0.6, "", ())
    objects = k.seen(*k.stack(), *k.stack(app="mail")[:-1], INGRESS, *more)
    return concerns(cause, {"cart"}, SERVICES, objects, builtin())


@pytest.mark.parametrize(
    "item",
    [
        k.thing("Certificate", "cart-cert", spec={"secretName": "cart-tls"}),
        k.thing("HorizontalPodAutoscaler", "x", spec={"scaleTargetRef": {"kind": "Deployment", "name": "cart"}}),
        k.thing("HTTPRoute", "x", spec={"rules": [{"backendRefs": [{"name": "cart"}]}]}),
        k.thing("APIService", "v1beta1.metrics.k8s.io"),
        k.node("worker-9"),
        k.thing("Ingress", "outside", spec={"rules": [{"backend": {"service": {"name": "cart-external"}}}]}),
    ],
)
def test_what_names_the_service_or_what_it_uses_is_on_its_way(item: k.Obj) -> None:
    """By the Secret of its Ingress, its workload, its Service; an API of the cluster and a node are on everybody's."""
    assert asked(f"{item['kind']}/{item['metadata']['name']}", item)


@pytest.mark.parametrize(
    "item",
    [
        k.thing("Certificate", "mail-cert", spec={"secretName": "mail-tls"}),
        k.thing("Job", "report", spec={"template": {"spec": {"containers": [{"name": "main"}]}}}),
        k.thing("HorizontalPodAutoscaler", "x", spec={"scaleTargetRef": {"kind": "Deployment", "name": "mail"}}),
    ],
)
def test_what_has_nothing_to_do_with_it_does_not_make_it_ill(item: k.Obj) -> None:
    """A certificate of another host, a failed Job, another's autoscaler."""
    assert not asked(f"{item['kind']}/{item['metadata']['name']}", item)


def test_an_owner_of_its_workload_is_on_its_way() -> None:
    """An operator's resource that made the Deployment."""
    owner = k.thing("ShopApp", "shop")
    made = k.stack()
    made[0]["metadata"]["ownerReferences"] = [{"kind": "ShopApp", "name": "shop", "controller": True}]
    assert concerns(Cause("unknown", "ShopApp/shop", None, 0.6, "", ()), {"cart"}, SERVICES, k.seen(*made, owner),
                    builtin())  # fmt: skip


def test_what_was_not_read_is_not_excluded() -> None:
    """An object that is not there, the control plane, and a cause without an object."""
    assert asked("PersistentVolume/gone")
    assert asked("Pod/kube-scheduler", code="node.scheduler-down")
    assert asked(None)
    assert asked("Service/cart", service="shopping-cart")  # it selects no pod: its label is all
    assert (asked("Deployment/mail", service="mail"), asked("Deployment/x", service="cart")) == (False, True)
