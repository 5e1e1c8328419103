"""The three approved changes: once, on what was approved, with a known outcome."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from opsagent.clients import execution
from opsagent.clients.live import LivePlatform
from opsagent.errors import ActionError, OpsagentError, PlanChangedError
from opsagent.models.plan import Action, Answer, Approval, Target
from opsagent.tools.kubectl import restart_deployment, rollback_deployment, scale_deployment
from tests.clients.deployments import PATH, OneDeployment
from tests.clients.loopback import Reply, Script, status

Make = Callable[..., LivePlatform]
CHANGES: dict[Action, Callable[..., Any]] = {
    "restart_deployment": restart_deployment,
    "scale_deployment": scale_deployment,
    "rollback_deployment": rollback_deployment,
}
ACTIONS = pytest.mark.parametrize("action", list(CHANGES))


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_SETTLE_S", 0.2)
    monkeypatch.setattr(execution, "_SETTLE_INTERVAL_S", 0.02)


@pytest.fixture
def deployment(script: Script) -> OneDeployment:
    """Serve one Deployment."""
    return OneDeployment(script)


@pytest.fixture
def approve(script: Script) -> Callable[..., Approval]:
    """Return a maker of approvals for the Deployment as it is served at first."""

    def make(action: Action, **changes: Any) -> Approval:
        target = Target("blog", "shop", "u1", 3, "100", 1, "2")
        answer = Answer("approve", "f", "operator@host", None, datetime.now(UTC), "panel")
        replicas = 3 if action == "scale_deployment" else None
        at = "2026-11-22T12:26:21Z"
        return replace(Approval("i1", action, target, replicas, script.url, at, answer), **changes)

    return make


def _do(platform: LivePlatform, approval: Approval) -> Any:
    return CHANGES[approval.action](platform, approval)


def test_restart(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]) -> None:
    """A restart writes the approval's time into the template and nothing else."""
    after = _do(platform(), approve("restart_deployment"))
    notes = after["spec"]["template"]["metadata"]["annotations"]
    assert notes == {"kubectl.kubernetes.io/restartedAt": "2026-11-22T12:26:21Z"}
    assert after["spec"]["template"]["spec"] == deployment.object["spec"]["template"]["spec"]


def test_scale(deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]) -> None:
    """Scaling writes the scale subresource and returns the Deployment."""
    after = _do(platform(), approve("scale_deployment"))
    assert after["kind"] == "Deployment"
    assert after["spec"]["replicas"] == 3
    assert script.paths("PATCH") == [f"{PATH}/scale"]


def test_rollback(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]) -> None:
    """A rollback takes over the template and annotations of the revision before, without its hash label."""
    deployment.sets.append(deployment.replica_set("9", "other:1", owner="another"))
    after = _do(platform(), approve("rollback_deployment"))
    assert after["spec"]["template"]["spec"]["containers"][0]["image"] == "blog:1"
    assert after["spec"]["template"]["metadata"]["labels"] == {"app": "blog"}
    assert after["metadata"]["annotations"]["team"] == "of-1"
    assert after["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"


@ACTIONS
def test_repeating_changes_nothing_more(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """The same approval carried out twice writes once, also after the controller has numbered the new revision."""
    approval = approve(action)
    _do(platform(), approval)
    deployment.object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "3"
    deployment.sets[0] = deployment.replica_set("3", "blog:1", history="1")
    assert _do(platform(), approval)["metadata"]["uid"] == "u1"
    assert deployment.writes == 1


@ACTIONS
def test_other_generation(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A Deployment that was changed since is left alone, and the error names both generations."""
    deployment.touch(generation=True)
    with pytest.raises(PlanChangedError, match="generation 3 is now 4; nothing was done"):
        _do(platform(), approve(action))
    assert deployment.writes == 0


@ACTIONS
def test_other_object_of_the_same_name(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A Deployment made anew under the same name is another one."""
    deployment.object["metadata"]["uid"] = "u2"
    with pytest.raises(PlanChangedError, match="u1 is now u2"):
        _do(platform(), approve(action))
    assert deployment.writes == 0


@ACTIONS
@pytest.mark.parametrize("field", ["server", "namespace"])
def test_other_place(
    script: Script, platform: Make, approve: Callable[..., Approval], action: Action, field: str
) -> None:
    """An approval for another API server or namespace leads to no request at all."""
    approval = approve(action)
    if field == "server":
        approval = replace(approval, server="https://prod:6443")
    else:
        approval = replace(approval, target=replace(approval.target, namespace="prod"))
    with pytest.raises(PlanChangedError, match="prod"):
        _do(platform(), approval)
    assert script.seen == []


def test_approval_for_another_action(script: Script, platform: Make, approve: Callable[..., Approval]) -> None:
    """An approved restart does not scale."""
    with pytest.raises(ActionError, match="approval is for restart_deployment"):
        platform().scale(replace(approve("restart_deployment"), replicas=2))
    assert script.paths("PATCH") == []


@ACTIONS
def test_gone(script: Script, platform: Make, approve: Callable[..., Approval], action: Action) -> None:
    """A Deployment that no longer exists means that the plan is no longer valid."""
    with pytest.raises(PlanChangedError, match="no longer exists"):
        _do(platform(), approve(action))


@ACTIONS
def test_conflict_with_a_status_write(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A 409 that leaves uid and generation alone is tried again with the new resourceVersion."""
    deployment.before_write = [deployment.touch, deployment.touch]
    _do(platform(), approve(action))
    assert deployment.writes == 1


@ACTIONS
def test_conflict_with_somebody_elses_change(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A 409 because the spec was changed ends the plan."""
    deployment.before_write = [lambda: deployment.touch(generation=True)]
    with pytest.raises(PlanChangedError, match="generation"):
        _do(platform(), approve(action))
    assert deployment.writes == 0


def test_conflicts_without_end(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]) -> None:
    """Somebody who writes all the time is named as the reason, after three tries."""
    deployment.before_write = [deployment.touch] * 10
    with pytest.raises(ActionError, match="3 times in a row; nothing was done"):
        _do(platform(), approve("restart_deployment"))


@ACTIONS
@pytest.mark.parametrize(
    "answer", [Reply(drop=True), Reply(504, status(504, "Timeout", "timed out")), Reply(body=b"{", length=9)]
)
def test_answer_lost_but_done(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action, answer: Reply
) -> None:
    """A change whose answer was lost is read back, found, and not sent again."""
    deployment.after_write = [answer]
    _do(platform(), approve(action))
    assert deployment.writes == 1


@ACTIONS
def test_answer_lost_and_not_done(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A change whose answer was lost and that does not show is an error, and is not sent again."""
    deployment.lost = True
    deployment.after_write = [Reply(drop=True)]
    with pytest.raises(ActionError, match="does not show the change") as caught:
        _do(platform(), approve(action))
    assert "rollout status" in (caught.value.hint or "")
    assert len(script.paths("PATCH")) == 1


def test_answer_lost_and_nothing_to_read(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """Where the outcome cannot be read back either, the error says that it is not known."""

    def vanish() -> None:
        script.on(PATH, Reply(503, status(503, "ServiceUnavailable", "away")))

    deployment.before_write = [vanish]
    deployment.after_write = [Reply(drop=True)]
    with pytest.raises(ActionError, match="outcome is not known"):
        _do(platform(), approve("restart_deployment"))


@ACTIONS
@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize("code", [401, 403, 422, 429])
def test_refused_write(
    script: Script, platform: Make, approve: Callable[..., Approval], action: Action, code: int
) -> None:
    """A refused change says that nothing was done, and is not repeated."""
    path = f"{PATH}/scale" if action == "scale_deployment" else PATH
    script.on(path, Reply(code, status(code, "x", "not you")), method="PATCH")
    with pytest.raises(ActionError, match="not you; nothing was done"):
        _do(platform(), approve(action))
    assert len(script.paths("PATCH")) == 1


@ACTIONS
def test_read_before_the_write_fails(
    script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """Without a look at the Deployment nothing is sent."""
    script.on(PATH, Reply(500, status(500, "InternalError", "etcd")))
    with pytest.raises(ActionError, match="etcd; nothing was done"):
        _do(platform(), approve(action))


@pytest.mark.parametrize("replicas", [0, 6, -1, None, True])
def test_scale_outside_the_bounds(
    script: Script, platform: Make, approve: Callable[..., Approval], replicas: int | None
) -> None:
    """A number outside the configured bounds leads to no request."""
    with pytest.raises(ActionError, match="outside 1 to 5"):
        _do(platform(), approve("scale_deployment", replicas=replicas))
    assert script.seen == []


def test_first_revision_has_nothing_to_go_back_to(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]
) -> None:
    """Without an earlier revision nothing is done."""
    del deployment.sets[0]
    with pytest.raises(ActionError, match="no revision before 2"):
        _do(platform(), approve("rollback_deployment"))


def test_replica_sets_that_may_not_be_read(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """A rollback without its revisions is an error of the action."""
    script.on("/apis/apps/v1/namespaces/shop/replicasets", Reply(403, status(403, "Forbidden", "no sets")))
    with pytest.raises(ActionError, match="no sets; nothing was done"):
        _do(platform(), approve("rollback_deployment"))


@pytest.mark.parametrize("action", ["restart_deployment", "rollback_deployment"])
def test_paused(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action) -> None:
    """A paused Deployment would take the change and do nothing: it is refused as kubectl does."""
    deployment.object["spec"]["paused"] = True
    with pytest.raises(ActionError, match="paused") as caught:
        _do(platform(), approve(action))
    assert "rollout resume" in (caught.value.hint or "")


def _shown(live: LivePlatform, approval: Approval) -> bool | None:
    return live.shows(approval)


@ACTIONS
def test_whether_a_change_stands_is_read_without_a_write(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """Not made while the Deployment is what was approved, made afterwards; looking writes nothing."""
    live, approval = platform(), approve(action)
    assert _shown(live, approval) is False
    assert deployment.writes == 0
    _do(live, approval)
    assert _shown(live, approval) is True
    assert deployment.writes == 1


@ACTIONS
def test_whether_a_change_stands_cannot_be_told_after_somebody_elses(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A new generation without the change's trace, or another object: it may have been made and undone."""
    live, approval = platform(), approve(action)
    deployment.touch(generation=True)
    assert _shown(live, approval) is None
    deployment.object["metadata"] |= {"uid": "another", "generation": 3}
    assert _shown(live, approval) is None


def test_a_rollback_is_known_by_its_mark(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]
) -> None:
    """The mark stands on the metadata alone: known again though the template has moved on, and no pod is made anew."""
    live, approval = platform(), approve("rollback_deployment")
    after = _do(live, approval)
    assert after["metadata"]["annotations"]["opsagent.io/rollback"] == "i1 2026-11-22T12:26:21Z"
    assert "annotations" not in after["spec"]["template"]["metadata"]
    deployment.object["spec"]["template"]["spec"]["containers"][0]["image"] = "blog:3"
    deployment.touch(generation=True)
    assert _shown(live, approval) is True
    _do(live, approval)
    assert deployment.writes == 1


def test_no_cluster(platform: Make, approve: Callable[..., Approval]) -> None:
    """Without a cluster a change fails with an error of ours."""
    from opsagent.config.settings import KubernetesSettings

    with pytest.raises(OpsagentError):
        _do(platform(kubernetes=KubernetesSettings()), approve("restart_deployment"))
