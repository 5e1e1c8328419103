"""The gaps of a next step, filled in from what the incident knows."""

from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.planning.advice import advise
from opsagent.models.evidence import Cause
from tests.analysis import kube_objects as k


def steps(code: str, *objects: k.Obj, summary: str = "", ref: str = "Deployment/cart", variant: str = "") -> str:
    """Return the next steps about the first object."""
    info = builtin()[code].of(variant)
    cause = Cause(code, ref, None, 0.9, summary, ())
    workload = next((item for item in objects if item["kind"] == "Deployment"), None)
    return "\n".join(advise(cause, info, workload, None, k.seen(*objects)))


def with_container(**fields: Any) -> list[k.Obj]:
    """Return a Deployment with one container and its pod, which is not ready."""
    spec = {"containers": [k.container(**fields)], "serviceAccountName": "robot"}
    return [k.deployment(spec=spec), k.pod("cart-6d5f7c9b84-x2x2x", k.running(ready=False), spec=spec)]


@pytest.mark.parametrize(
    ("code", "summary", "shown"),
    [
        ("pod.oom-killed", "", "deployment/cart -c main --limits=memory=128Mi"),
        ("probe.failing", "", "port-forward deployment/cart 8080"),
        ("network.no-pod-ip", "", "--field-selector spec.nodeName=worker-1"),
        ("access.service-account-missing", "", "kubectl create serviceaccount robot -n shop"),
        ("access.rbac", "", "--as=system:serviceaccount:shop:robot"),
        ("config.missing-object", "The ConfigMap settings does not exist.", "kubectl create configmap settings "),
        ("config.missing-object", "The Secret keys does not exist.", "kubectl create secret generic keys "),
        (
            "config.missing-object",
            "The Secret keys has no key token, which the pod refers to.",
            """kubectl patch secret keys -n shop --type merge -p '{"stringData":{"token":"<value>"}}'""",
        ),
        (
            "config.missing-object",
            "A ConfigMap, Secret or key that it mounts is gone.",
            "create configmap|secret generic",
        ),
        (
            "config.wrong-address",
            "DB_URL points to pgs:6543, but there is no Service of that name (there is pg).",
            "in DB_URL, write pg:6543 for pgs:6543: kubectl edit deployment/cart -n shop",
        ),
        ("network.timeout", "no answer in time (pay:8443)", "http://pay:8443/"),
        (
            "config.wrong-address",
            "DB_URL points to pg:6543, but Service/pg listens on 5432.",
            "in DB_URL, write pg:5432 for pg:6543: kubectl edit deployment/cart -n shop",
        ),
    ],
)
def test_a_step_can_be_pasted(code: str, summary: str, shown: str) -> None:
    """Names, ports, nodes, limits and accounts are those of the incident."""
    made = with_container(resources={"limits": {"memory": "64Mi"}})
    assert shown in steps(code, *made, summary=summary)


def test_a_selector_is_that_of_the_service() -> None:
    """One that could steer a shell stays a gap."""
    for label, shown in (("shop", "kubectl get pods -l app=shop"), ("a;rm", "kubectl get pods -l <selector>")):
        text = steps("service.no-endpoints", k.service(selector={"app": label}), ref="Service/cart")
        assert shown in text


def test_no_step_is_to_diagnose_what_was_just_diagnosed() -> None:
    """Not in any row of the catalog."""
    rows = builtin().rows
    told = [step for row in rows for step in row.steps]
    told += [step for row in rows for variant in row.variants for step in variant.steps]
    assert told
    assert not [step for step in told if "opsagent diagnose" in step]
