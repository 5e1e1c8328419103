"""The ladder of a workload: which step its pods have reached, and who acts at the first one not reached."""

from datetime import timedelta
from typing import Any

import pytest

from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.lifecycle import climbed, ladder, stuck_at
from opsagent.models.evidence import Cause
from tests.analysis.kube_objects import (
    NOW,
    crashing,
    deployment,
    endpoints,
    event,
    node,
    pending,
    pod,
    running,
    seen,
    service,
    stack,
    waiting,
)


def bound() -> dict[str, Any]:
    """Return a pod that has a node, whose kubelet has written nothing."""
    return pending() | {"spec": {"nodeName": "worker-1"}}


def creating() -> dict[str, Any]:
    """Return a pod that its kubelet has taken up, and whose containers wait to be made."""
    return pod("cart-1", waiting("ContainerCreating"))


def of(*objects: Any) -> str:
    items = seen(*objects)
    return Cause("x", None, None, 0.5, "", (), lifecycle=climbed(ladder(items.items[0], cluster_of(items)))).ladder


@pytest.mark.parametrize(
    ("objects", "shown"),
    [
        (
            (deployment(available=0), node()),
            "pods created 0/1 ✗ (the Deployment's controller, or what refuses its pods)",
        ),
        ((deployment(available=0), pending("no room")), "pods created 1/1 · scheduled 0/1 ✗ (the scheduler)"),
        (
            (deployment(available=0), pod("cart-6d5f7c9b84-x2x2x", crashing(1))),
            "pods created 1/1 · scheduled 1/1 · taken up 1/1 · started 0/1 ✗ (the kubelet of its node)",
        ),
        (
            (deployment(available=0), pod("cart-6d5f7c9b84-x2x2x", running(ready=False))),
            "pods created 1/1 · scheduled 1/1 · taken up 1/1 · started 1/1 · ready 0/1 ✗ (the program and its probes)",
        ),
        (
            (*stack()[:3], service(), endpoints("cart", 0)),
            (
                "pods created 1/1 · scheduled 1/1 · taken up 1/1 · started 1/1 · ready 1/1"
                " · in endpoints 0/1 ✗ (the endpoint controller)"
            ),
        ),
        (
            (deployment(available=0), bound()),
            "pods created 1/1 · scheduled 1/1 · taken up 0/1 ✗ (the kubelet of its node)",
        ),
        (
            (deployment(available=0), creating(), event("cart-1", "FailedMount", "timed out")),
            "pods created 1/1 · scheduled 1/1 · taken up 1/1 · volumes 0/1 ✗ (the kubelet, and the storage driver)",
        ),
        (
            (deployment(available=0), creating(), event("cart-1", "FailedCreatePodSandBox", "no address")),
            (
                "pods created 1/1 · scheduled 1/1 · taken up 1/1 · volumes 1/1"
                " · sandbox 0/1 ✗ (the container runtime and the CNI of its node)"
            ),
        ),
        (
            (deployment(available=0), pod("cart-1", waiting("ErrImagePull"))),
            (
                "pods created 1/1 · scheduled 1/1 · taken up 1/1 · volumes 1/1 · sandbox 1/1"
                " · images 0/1 ✗ (the container runtime, and the registry)"
            ),
        ),
        (tuple(stack()), ""),
        ((deployment(replicas=0),), ""),
    ],
)
def test_the_first_step_not_reached_is_shown_with_who_acts_there(objects: tuple[Any, ...], shown: str) -> None:
    """Each step on its own, one that is complete, and one that wants no pod."""
    assert of(*objects) == shown


def test_a_ladder_that_is_complete_is_stuck_nowhere() -> None:
    """All steps are reached, the endpoints included."""
    items = seen(*stack())
    rungs = ladder(items.items[0], cluster_of(items))
    assert stuck_at(rungs) is None
    assert [rung.name for rung in rungs] == [
        "pods created",
        "scheduled",
        "taken up",
        "started",
        "ready",
        "in endpoints",
    ]


def test_a_step_not_reached_shows_since_when_it_is_waited_for() -> None:
    """A pod waits for a node since it was created, for its containers since it was bound."""
    items = seen(deployment(replicas=2, available=1), pod(), pending("no room", age=900))
    rung = stuck_at(ladder(items.items[0], cluster_of(items)))
    assert rung is not None
    assert (rung.text, rung.since) == ("scheduled 1/2", NOW - timedelta(seconds=900))
    done = [step.since for step in ladder(items.items[0], cluster_of(items)) if not step.stuck]
    assert done == [None] * len(done)
