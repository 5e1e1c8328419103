"""The time line: what changed, newest last."""

from opsagent.analysis.changes import changes
from opsagent.analysis.revisions import differences
from tests.analysis.objects import (
    NOW,
    ago,
    condition,
    container,
    crashing,
    deployment,
    event,
    node,
    pod,
    replica_set,
    seen,
    stack,
)


def lines(*items: dict[str, object], hours: float = 6.0) -> list[str]:
    """Return the changes as "object text"."""
    return [f"{change.object} {change.text}" for change in changes(seen(*items), now=NOW, hours=hours)]


def test_a_revision_says_what_differs() -> None:
    """Image, environment by name only, resources."""
    old = replica_set(
        spec={"containers": [container(env=[{"name": "TOKEN", "value": "one"}, {"name": "GONE", "value": "x"}])]}
    )
    spec = container(env=[{"name": "TOKEN", "value": "two"}], resources={"limits": {"memory": "64Mi"}})
    spec["image"] = "acme/main:2.0"
    new = replica_set(suffix="7fffd8b9c5", revision=2, age=600, spec={"containers": [spec]})
    found = lines(deployment(), old, new)
    assert found == [
        (
            "Deployment/cart revision 1 → 2: image acme/main:1.4 → acme/main:2.0; GONE removed; TOKEN changed; "
            "memory limit none → 64Mi"
        )
    ]
    assert "two" not in found[0]


def test_scalings_restarts_and_nodes_in_order() -> None:
    """Events of scaling, a restart on request, a crash, a node that went away: by time."""
    asked = deployment()
    asked["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": ago(300)}
    gone = node(conditions=[condition("Ready", "False", "KubeletNotReady")])
    scaled = event(
        "cart", "ScalingReplicaSet", "Scaled up replica set cart-6d5f7c9b84 to 3 from 1", kind="Deployment", age=400
    )
    found = lines(asked, replica_set(), pod("cart-1", crashing(3)), gone, scaled)
    assert [line.split()[0] for line in found] == ["Node/worker-1", "Deployment/cart", "Deployment/cart", "Pod/cart-1"]
    assert "Scaled up" in found[1]
    assert "restarted on request" in found[2]
    assert "exit code 3" in found[3]


def test_events_of_several_pods_are_one_line() -> None:
    """The same complaint of three replicas is told once, with its count."""
    pods = [pod(f"cart-6d5f7c9b84-{index}") for index in range(3)]
    told = [event(item, "Unhealthy", f"Readiness probe failed: status {index}") for index, item in enumerate(pods)]
    found = lines(deployment(), replica_set(), *pods, *told)
    assert len(found) == 1
    assert "Unhealthy ×9" in found[0]
    assert found[0].startswith("Deployment/cart")


def test_what_is_old_or_ordinary_is_left_out() -> None:
    """Yesterday, and what every start of a pod says."""
    made = stack()[:5]
    assert (
        lines(*made, event(made[2], "Pulled", "Successfully pulled"), event(made[2], "Unhealthy", "x", age=90_000))
        == []
    )


def test_a_flood_is_bounded() -> None:
    """Only the newest sixty lines are told."""
    words = ["alpha", "beta", "gamma", "delta"]
    told = [event(f"pod-{i}", "BackOff", f"{words[i % 4]} back-off", age=i) for i in range(300)]
    assert len(lines(*told)) == 60


def test_differences_of_added_and_removed_containers() -> None:
    """Containers come and go; more than four differences are counted."""
    before = replica_set(spec={"containers": [container("a")]})
    after = replica_set(spec={"containers": [container("b", command=["x"])], "nodeSelector": {"a": "b"}})
    assert differences(before, after) == ["container b added", "container a removed", "nodeSelector changed"]
    assert differences(before, before) == []
