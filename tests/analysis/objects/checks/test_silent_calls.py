"""A call that nobody answers, and a network policy that forbids it, without the Service between them."""

from typing import Any

import pytest

from opsagent.analysis.evidence.log_facts import SilentCall, Told
from opsagent.analysis.objects.checks import object_findings
from opsagent.models.evidence import Observation
from tests.analysis.kube_objects import NOW, pod, running, seen, thing

LINE = Observation("logs", "paste.txt:L9", "ERROR tariffs: i/o timeout (rates.depot.svc:7070)")


def found(call: SilentCall, *items: Any) -> list[tuple[str, str | None]]:
    """Return what the objects and one call show."""
    findings = object_findings(seen(*items), now=NOW, told=Told(silent=(call,)))
    return [(one.code, one.object) for one in findings if one.strength >= 0.45]


def quiet_pod(name: str, space: str) -> dict[str, Any]:
    """Return a pod that is well, as a table lists it: without labels."""
    item = pod(name, running())
    item["metadata"]["namespace"] = space
    for field in ("labels", "ownerReferences"):
        item["metadata"].pop(field, None)
    return item


def policy(name: str, space: str, **spec: Any) -> dict[str, Any]:
    """Return a policy about all pods of a namespace."""
    item = thing("NetworkPolicy", name, spec={"podSelector": {}, **spec})
    item["metadata"]["namespace"] = space
    return item


WATCHERS = {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "watchers"}}}]}


def test_a_namespace_that_is_closed_to_others() -> None:
    """The caller is not known, the Service was not read: its pod bears its name, and the policy lets nobody in."""
    call = SilentCall("", "rates.depot.svc.cluster.local", 7070, LINE)
    items = [quiet_pod("rates-0", "depot"), policy("closed", "depot", policyTypes=["Ingress"])]
    assert found(call, *items) == [("network.policy", "NetworkPolicy/closed")]
    watched = policy("watched", "depot", policyTypes=["Ingress"], ingress=[WATCHERS])
    assert found(call, *items, watched) == [("network.policy", "NetworkPolicy/closed")]


@pytest.mark.parametrize(
    "opened",
    [
        {"from": [{"podSelector": {"matchLabels": {"app": "tariffs"}}}]},
        {"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
        {},
    ],
)
def test_who_may_be_let_in_is_not_shut_out(opened: dict[str, Any]) -> None:
    """Somebody of the same namespace, an address, or everybody: an unknown caller may be one of them."""
    call = SilentCall("", "rates.depot", 7070, LINE)
    items = [quiet_pod("rates-0", "depot"), policy("narrow", "depot", policyTypes=["Ingress"], ingress=[opened])]
    assert found(call, *items) == []


def test_a_caller_that_may_reach_names_alone() -> None:
    """The way out is closed but for DNS: the policy of the caller's own namespace is what has to change."""
    dns = {"ports": [{"protocol": "UDP", "port": 53}]}
    items = [quiet_pod("tariffs-1", "harbor"), quiet_pod("rates-0", "depot")]
    items.append(policy("names-only", "harbor", policyTypes=["Egress"], egress=[dns]))
    call = SilentCall("tariffs-1", "rates.depot.svc", 7070, LINE)
    assert found(call, *items) == [("network.policy", "NetworkPolicy/names-only")]
    wide = policy("wide", "harbor", policyTypes=["Egress"], egress=[{"ports": [{"port": 7070}]}])
    assert found(call, *items, wide) == []


def test_no_pod_behind_the_name_is_no_proof() -> None:
    """Where nothing of that name was read, the policy may be about others."""
    call = SilentCall("", "ledger.depot.svc", 7070, LINE)
    assert found(call, quiet_pod("rates-0", "depot"), policy("closed", "depot", policyTypes=["Ingress"])) == []
