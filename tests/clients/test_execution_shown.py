"""Whether an earlier change is in the cluster, and whether it is the cluster of the approval."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from opsagent.clients.live import LivePlatform
from opsagent.errors import PlanChangedError
from opsagent.models.plan import Action, Approval
from tests.clients.approved import ACTIONS, Make, carry_out
from tests.clients.deployments import NAMESPACE, PATH, OneDeployment
from tests.clients.loopback import Reply, Script, status

pytestmark = pytest.mark.usefixtures("short_waits")


def _shown(live: LivePlatform, approval: Approval) -> bool | None:
    return live.shows(approval)


@ACTIONS
def test_whether_a_change_stands_is_read_without_a_write(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """Not made while the Deployment is what was approved, made afterwards; checking writes nothing."""
    live, approval = platform(), approve(action)
    assert _shown(live, approval) is False
    assert deployment.writes == 0
    carry_out(live, approval)
    assert _shown(live, approval) is True
    assert deployment.writes == 1


@ACTIONS
def test_whether_a_change_stands_cannot_be_determined_after_somebody_elses(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A new generation without the change's trace, or another object: it may have been made and undone."""
    live, approval = platform(), approve(action)
    before = deepcopy(deployment.object)
    deployment.edit()
    assert _shown(live, approval) is None
    deployment.object = before | {"metadata": before["metadata"] | {"uid": "another"}}
    assert _shown(live, approval) is None


@ACTIONS
def test_a_change_that_was_not_made_is_reported_though_the_generation_moved(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """Annotations moved: a restart or rollback would have left a revision; a scaling made and undone leaves nothing."""
    live, approval = platform(), approve(action)
    deployment.touch(generation=True)
    assert _shown(live, approval) is (None if action == "scale_deployment" else False)


def test_whether_a_change_stands_cannot_be_determined_of_what_is_gone(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """A Deployment that was deleted shows nothing."""
    approval = approve("restart_deployment")
    script.on(PATH, Reply(404, status(404, "NotFound", "no such Deployment")))
    assert _shown(platform(), approval) is None


@ACTIONS
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"namespace_uid": "n2"}, "UID n2, its UID now is n1"),
        ({"namespace_uid": None, "ca_hash": "c1"}, "with the CA c1, but this one has None"),
    ],
)
def test_another_platform_at_the_same_address(
    *,
    deployment: OneDeployment,
    platform: Make,
    approve: Callable[..., Approval],
    action: Action,
    change: dict[str, Any],
    told: str,
) -> None:
    """A cluster made again behind the same address is not what was approved: nothing is done or searched for."""
    approval = approve(action)
    approval = replace(approval, platform=replace(approval.platform, **change))
    for call in (carry_out, _shown):
        with pytest.raises(PlanChangedError) as caught:
            call(platform(), approval)
        assert told in caught.value.message
        assert "nothing was done" in caught.value.message
    assert deployment.writes == 0


def test_a_platform_that_can_no_longer_be_named_is_not_the_approved_one(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """Approved for a Namespace's UID that may not be read now: refused, with what the API server stated."""
    script.on(NAMESPACE, Reply(403, status(403, "Forbidden", "not yours")))
    with pytest.raises(PlanChangedError, match=r"now is not known .*not yours"):
        carry_out(platform(), approve("restart_deployment"))
    assert deployment.writes == 0


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Reply(403, status(403, "Forbidden", "not yours")), "not yours"),
        (Reply(body={"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop"}}), "without a UID"),
        (Reply(body={"kind": "Namespace", "apiVersion": "v1"}), "not that Namespace"),
    ],
)
def test_without_the_right_to_read_the_namespace_server_and_ca_stand_for_it(
    *,
    deployment: OneDeployment,
    script: Script,
    platform: Make,
    approve: Callable[..., Approval],
    answer: Reply,
    why: str,
) -> None:
    """The identity states what is missing, and an approval that holds it is carried out."""
    script.on(NAMESPACE, answer)
    here = platform().identity()
    assert (here.server, here.ca_hash, here.namespace_uid) == (script.url, None, None)
    assert why in here.why
    carry_out(platform(), approve("restart_deployment", platform=here))
    assert deployment.writes == 1


def test_a_rollback_is_known_by_its_mark(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]
) -> None:
    """The mark stands on the metadata alone: known again though the template has moved on, and no pod is made again."""
    live, approval = platform(), approve("rollback_deployment")
    after = carry_out(live, approval)
    assert after["metadata"]["annotations"]["opsagent.io/rollback"] == "i1 2026-11-22T12:26:21Z"
    assert "annotations" not in after["spec"]["template"]["metadata"]
    deployment.object["spec"]["template"]["spec"]["containers"][0]["image"] = "blog:3"
    deployment.touch(generation=True)
    assert _shown(live, approval) is True
    carry_out(live, approval)
    assert deployment.writes == 1
