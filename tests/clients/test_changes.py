"""What each change sends, how it is known again, and what it refuses to be made of."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from opsagent.clients.changes import Intended, Restart, Rollback, Scale
from opsagent.errors import ActionError, PlanChangedError
from opsagent.models.plan import Action, Desired, Plan
from opsagent.models.revision import template_hash
from tests.clients.deployments import approval_of, template

BLOG: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {
        "name": "blog", "namespace": "shop", "uid": "u1", "generation": 3, "resourceVersion": "100",
        "annotations": {"deployment.kubernetes.io/revision": "2"},
    },
    "spec": {"replicas": 1, "template": template("blog:2")},
}  # fmt: skip
EARLIER: dict[str, Any] = {
    "kind": "ReplicaSet",
    "metadata": {
        "name": "blog-1", "annotations": {"deployment.kubernetes.io/revision": "1"},
        "ownerReferences": [{"kind": "Deployment", "name": "blog", "uid": "u1", "controller": True}],
    },
    "spec": {"template": template("blog:1")},
}  # fmt: skip


def intended(action: Action, **changes: Any) -> Intended:
    """Return what an approval of the action would change on blog."""
    approval = approval_of(BLOG, action, "https://10.0.0.5:6443", back_to=EARLIER)
    return replace(Intended.approved(approval), **changes)


@pytest.mark.parametrize("replicas", [1, 5])
def test_the_bounds_of_a_scaling_are_within_them(replicas: int) -> None:
    """From 1 to 5: both are allowed."""
    patch = Scale(intended("scale_deployment", to=Desired(replicas, None, None)), (1, 5)).patch(BLOG)
    assert patch.body["spec"] == {"replicas": replicas}
    assert (patch.what, patch.subresource) == ("patch deployments/scale blog", "scale")


@pytest.mark.parametrize("replicas", [0, 6, None, True])
def test_a_scaling_outside_the_bounds_names_the_settings(replicas: int | None) -> None:
    """The error states the bounds, and where they are set."""
    with pytest.raises(ActionError, match="outside 1 to 5; nothing was done") as caught:
        Scale(intended("scale_deployment", to=Desired(replicas, None, None)), (1, 5))
    assert caught.value.hint == "actions.min_replicas and actions.max_replicas are the bounds"


def test_a_restart_is_known_by_its_time() -> None:
    """The very time of the approval, in the template; an object of another shape shows nothing."""
    change = Restart(intended("restart_deployment"))
    patch = change.patch(BLOG)
    assert (patch.what, patch.subresource) == ("patch deployments blog", None)
    done = deepcopy(BLOG)
    done["spec"]["template"]["metadata"] = patch.body["spec"]["template"]["metadata"]
    assert change.already(done)
    assert not change.already(BLOG)
    odd: list[dict[str, Any]] = [{}, {"spec": None}, {"spec": "x"}, {"spec": {"template": []}}]
    for strange in odd:
        assert not change.already(strange)


def test_a_rollback_whose_template_is_there_already_is_made() -> None:
    """Somebody went back before: the template is the approved one, and nothing is sent."""
    change = Rollback(intended("rollback_deployment"), lambda: (EARLIER,))
    assert change.already(BLOG) is False
    there = deepcopy(BLOG)
    there["spec"]["template"] = template("blog:1")
    assert change.already(there) is True
    assert template_hash(there) == template_hash(EARLIER)


@pytest.mark.parametrize("number", ["0", "1", "2"])
def test_a_rollback_to_no_revision_is_refused(number: str) -> None:
    """The approval names none: no other is taken in its place."""
    wanted = intended("rollback_deployment", to=Desired(1, None, template_hash(EARLIER)))
    earlier = deepcopy(EARLIER)
    earlier["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = number
    with pytest.raises(PlanChangedError, match="revision None of Deployment blog no longer exists"):
        Rollback(wanted, lambda: (earlier,)).patch(BLOG)


@pytest.mark.parametrize("part", ["target", "to"])
def test_half_a_plan_is_not_tried_out(part: str) -> None:
    """Without its object, or without what it would become, there is nothing to send."""
    whole = intended("restart_deployment")
    plan = Plan("restart_deployment", whole.target, None, "by hand", to=whole.to)
    assert Intended.planned(plan, "now").target == whole.target
    nothing: dict[str, Any] = {part: None}
    with pytest.raises(ActionError, match="the plan changes nothing: by hand"):
        Intended.planned(replace(plan, **nothing), "now")
