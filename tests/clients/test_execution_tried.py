"""A plan is tried out as a dry run before anybody is asked."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from opsagent.errors import ActionError, CheckError
from opsagent.models.plan import Action, Approval, Plan
from tests.clients.approved import ACTIONS, Make, carry_out
from tests.clients.deployments import PATH, OneDeployment
from tests.clients.loopback import Reply, Script, status

pytestmark = pytest.mark.usefixtures("short_waits")


def _plan_of(approval: Approval) -> Plan:
    return Plan(approval.action, approval.target, None, "why", from_=approval.from_, to=approval.to)


@ACTIONS
def test_a_plan_is_tried_out_as_a_dry_run_alone(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """The very patch is sent with dryRun=All and nothing else is, for no approval is behind it."""
    approval = approve(action)
    script.on(f"{PATH}/scale" if action == "scale_deployment" else PATH, Reply(body={}), method="PATCH")
    platform().try_out(_plan_of(approval))
    [tried] = [request for request in script.seen if request.method == "PATCH"]
    assert tried.query == "dryRun=All&fieldManager=opsagent"
    OneDeployment(script)
    carry_out(platform(), approval)
    sent = script.seen[-2 if action == "scale_deployment" else -1]
    assert (sent.method, sent.path, sent.query) == ("PATCH", tried.path, "fieldManager=opsagent")
    assert _without_times(json.loads(sent.body)) == _without_times(json.loads(tried.body))


def _without_times(body: Any) -> Any:
    """Return a body without what only an approval can state: when, and for which incident."""
    if isinstance(body, list):
        return [_without_times(entry) for entry in body]
    if isinstance(body, dict):
        own = ("kubectl.kubernetes.io/restartedAt", "opsagent.io/rollback")
        return {key: "x" if key in own else _without_times(value) for key, value in body.items()}
    return body


@ACTIONS
@pytest.mark.parametrize("code", [400, 403, 409, 422, 500])
def test_what_would_be_refused_is_refused_beforehand(
    *,
    deployment: OneDeployment,
    script: Script,
    platform: Make,
    approve: Callable[..., Approval],
    action: Action,
    code: int,
) -> None:
    """The API server's own words come back, once."""
    path = f"{PATH}/scale" if action == "scale_deployment" else PATH
    script.on(path, Reply(code, status(code, "x", "quota exceeded")), method="PATCH")
    with pytest.raises(CheckError, match="quota exceeded"):
        platform().try_out(_plan_of(approve(action)))
    assert deployment.writes == 0
    assert len(script.paths("PATCH")) == 1


def test_a_plan_that_changes_nothing_is_not_tried_out(script: Script, platform: Make) -> None:
    """There is nothing to send."""
    with pytest.raises(ActionError, match="changes nothing: by hand"):
        platform().try_out(Plan("none", None, None, "by hand"))
    assert script.seen == []
