"""A change whose answer is lost: made, not made, or not known."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from opsagent.errors import ActionError
from opsagent.models.plan import Action, Approval
from tests.clients.approved import ACTIONS, Make, carry_out
from tests.clients.deployments import PATH, OneDeployment
from tests.clients.loopback import Reply, Script, status

pytestmark = pytest.mark.usefixtures("short_waits")


@ACTIONS
@pytest.mark.parametrize(
    "answer", [Reply(drop=True), Reply(504, status(504, "Timeout", "timed out")), Reply(body=b"{", length=9)]
)
def test_answer_lost_but_done(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action, answer: Reply
) -> None:
    """A change whose answer was lost is read back, found, and not sent again."""
    deployment.after_write = [answer]
    carry_out(platform(), approve(action))
    assert deployment.writes == 1


def test_answer_lost_and_done_late(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """The first reading after a lost answer does not show the change, a later one does: found, not an error."""
    approval = approve("restart_deployment")
    deployment.lost, deployment.after_write = True, [Reply(drop=True)]
    notes = {"kubectl.kubernetes.io/restartedAt": approval.restarted_at}

    def read(_: Any) -> Reply:
        if script.paths("PATCH") and script.seen[-2].method == "GET":
            deployment.object["spec"]["template"]["metadata"]["annotations"] = notes
        return Reply(body=deepcopy(deployment.object))

    script.on(PATH, read)
    assert carry_out(platform(), approval)["spec"]["template"]["metadata"]["annotations"] == notes
    assert len(script.paths("PATCH")) == 1


def test_scaled_and_not_read_at_once(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """The scale was accepted, the Deployment cannot be read right after it: read again, not scaled again."""
    away = Reply(503, status(503, "ServiceUnavailable", "away"))

    def now(_: Any) -> Reply:
        return Reply(body=deepcopy(deployment.object))

    approval = approve("scale_deployment")
    script.on(PATH, now, away, now)
    assert carry_out(platform(), approval)["spec"]["replicas"] == 3
    assert deployment.writes == 1


@ACTIONS
def test_answer_lost_and_not_done(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A change whose answer was lost and that does not show is an error, and is not sent again."""
    deployment.lost = True
    deployment.after_write = [Reply(drop=True)]
    with pytest.raises(ActionError, match="does not show the change") as caught:
        carry_out(platform(), approve(action))
    assert "rollout status" in (caught.value.hint or "")
    assert len(script.paths("PATCH")) == 1


def test_answer_lost_and_nothing_to_read(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """Where the outcome cannot be read back either, the error states that it is not known."""

    def vanish() -> None:
        script.on(PATH, Reply(503, status(503, "ServiceUnavailable", "away")))

    deployment.before_write = [vanish]
    deployment.after_write = [Reply(drop=True)]
    with pytest.raises(ActionError, match="outcome is not known"):
        carry_out(platform(), approve("restart_deployment"))
