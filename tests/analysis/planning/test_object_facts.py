"""Gaps of a next step that other objects name."""

from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.planning.object_facts import facts_for
from opsagent.models.evidence import Cause
from tests.analysis import kube_objects as k


def facts(code: str, *objects: k.Obj, ref: str = "Deployment/cart") -> dict[str, str]:
    """Return what is known for the gaps in a code's next steps, at the first object."""
    steps = " ".join(builtin()[code].steps)
    return dict(facts_for(steps, Cause(code, ref, None, 0.9, "", ()), objects[0], k.seen(*objects)))


def tainted(name: str, key: str, effect: str = "NoSchedule") -> k.Obj:
    """Return a node with one taint."""
    return k.node(name, spec={"taints": [{"key": key, "effect": effect}]})


def test_the_only_taint_in_the_way_is_named_with_its_nodes() -> None:
    """One that is tolerated, soft or Kubernetes' own is not; of two nobody knows which should go."""
    cart = k.deployment(spec={"tolerations": [{"key": "gpu", "operator": "Exists"}]})
    others = [tainted("c", "gpu"), tainted("d", "soft", "PreferNoSchedule"),
              tainted("e", "node-role.kubernetes.io/control-plane")]  # fmt: skip
    two = [tainted("b", "team"), tainted("a", "team")]
    assert facts("scheduling.taint", cart, *others, *two) == {"<node>": "a b", "<key>": "team"}
    assert facts("scheduling.taint", cart, *two, tainted("f", "batch")) == {}
    assert facts("scheduling.taint", cart, tainted("a", "team;rm")) == {}


def test_a_certificate_is_checked_at_its_own_host() -> None:
    """Not at a container's port."""
    item = k.thing("Certificate", "tls", spec={"dnsNames": ["shop.example.com"]})
    assert facts("network.tls-certificate", k.deployment(), item, ref="Certificate/tls") == {
        "<host>": "shop.example.com",
        "<port>": "443",
    }


def test_the_only_free_volume_gets_the_labels_that_the_claim_asks_for() -> None:
    """Of two volumes nobody knows which is meant."""
    claim = k.claim(selector={"matchLabels": {"tier": "gold", "zone": "a"}})
    one, two = k.volume("pv-1", labels={"zone": "a"}), k.volume("pv-2")
    ref = "PersistentVolumeClaim/data"
    assert facts("volume.selector", claim, one, ref=ref) == {"<name>": "pv-1", "<key>=<value>": "tier=gold"}
    assert facts("volume.selector", claim, one, two, ref=ref) == {}


def revision(number: int, image: str, ready: int = 0) -> k.Obj:
    """Return a ReplicaSet of the cart."""
    made = k.replica_set()
    made["metadata"] |= {"name": f"cart-{number}", "annotations": {"deployment.kubernetes.io/revision": str(number)}}
    made["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "cart", "controller": True}]
    made["spec"]["template"] = {"spec": {"containers": [{"name": "main", "image": image}]}}
    made["status"] = {"readyReplicas": ready}
    return made


@pytest.mark.parametrize(
    ("older", "known"),
    [
        ([revision(2, "acme/cart:1.2"), revision(3, "acme/cart:1.3")], {"<tag that exists>": "1.3"}),
        ([revision(2, "acme/cart:1.2", 2), revision(3, "acme/cart:1.3")], {"<tag that exists>": "1.2"}),
        ([revision(2, "other/cart:1.2")], {}),
        ([revision(2, "acme/cart@sha256:aa")], {}),
        ([], {}),
    ],
)
def test_a_tag_that_ran_before_exists(older: list[Any], known: dict[str, str]) -> None:
    """The one that still has ready pods first; of another image, or by digest, none is known."""
    cart = k.deployment(spec={"containers": [{"name": "main", "image": "acme/cart:9.9"}]})
    assert facts("image.not-found", cart, revision(4, "acme/cart:9.9"), *older) == known
