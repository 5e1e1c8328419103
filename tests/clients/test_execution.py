"""The three approved changes: once, and only on what was approved."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from opsagent import __version__
from opsagent.config.settings import KubernetesSettings
from opsagent.errors import ActionError, OpsagentError, PlanChangedError
from opsagent.models.plan import Action, Approval, Desired
from tests.clients.approved import ACTIONS, Make, carry_out
from tests.clients.deployments import PATH, OneDeployment
from tests.clients.loopback import Reply, Script, status

pytestmark = pytest.mark.usefixtures("short_waits")


@ACTIONS
def test_a_change_bears_our_name(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """The API server's audit log and the object's managed fields show that it was opsagent, and which version."""
    carry_out(platform(), approve(action))
    [sent] = [request for request in script.seen if request.method == "PATCH"]
    assert "fieldManager=opsagent" in sent.query
    assert {request.headers["User-Agent"] for request in script.seen} == {f"opsagent/{__version__}"}


def test_restart(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]) -> None:
    """A restart writes the approval's time into the template and nothing else."""
    after = carry_out(platform(), approve("restart_deployment"))
    notes = after["spec"]["template"]["metadata"]["annotations"]
    assert notes == {"kubectl.kubernetes.io/restartedAt": "2026-11-22T12:26:21Z"}
    assert after["spec"]["template"]["spec"] == deployment.object["spec"]["template"]["spec"]


def test_scale(deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]) -> None:
    """Scaling writes the scale subresource and returns the Deployment."""
    after = carry_out(platform(), approve("scale_deployment"))
    assert after["kind"] == "Deployment"
    assert after["spec"]["replicas"] == 3
    assert script.paths("PATCH") == [f"{PATH}/scale"]


def test_rollback(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]) -> None:
    """A rollback takes over the template and annotations of the revision before, without its hash label."""
    deployment.sets.append(deployment.replica_set("9", "other:1", owner="another"))
    after = carry_out(platform(), approve("rollback_deployment"))
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
    carry_out(platform(), approval)
    deployment.object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "3"
    deployment.sets[0] = deployment.replica_set("3", "blog:1", history="1")
    assert carry_out(platform(), approval)["metadata"]["uid"] == "u1"
    assert deployment.writes == 1


@ACTIONS
def test_a_generation_that_moved_through_annotations_alone_is_the_same_object(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """The controller writes its annotations, and the generation moves: what was approved is still there."""
    approval = approve(action)
    deployment.object["metadata"]["annotations"]["team"] = "another"
    deployment.touch(generation=True)
    carry_out(platform(), approval)
    assert deployment.writes == 1


def _more_replicas(spec: dict[str, Any], notes: dict[str, str]) -> None:
    spec["replicas"] = 2


def _other_revision(spec: dict[str, Any], notes: dict[str, str]) -> None:
    notes["deployment.kubernetes.io/revision"] = "4"


def _other_image(spec: dict[str, Any], notes: dict[str, str]) -> None:
    spec["template"]["spec"]["containers"][0]["image"] = "blog:9"


def _other_strategy(spec: dict[str, Any], notes: dict[str, str]) -> None:
    spec["strategy"] = {"type": "Recreate"}


@ACTIONS
@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (_more_replicas, "replicas 1 is now 2"),
        (_other_revision, "revision 2 is now 4"),
        (_other_image, "its pod template is another one"),
        (_other_strategy, "its spec is another one"),
    ],
)
def test_each_field_that_was_approved_is_compared(
    *,
    deployment: OneDeployment,
    platform: Make,
    approve: Callable[..., Approval],
    action: Action,
    edit: Callable[[dict[str, Any], dict[str, str]], None],
    told: str,
) -> None:
    """Another number of replicas, revision, template or strategy: left alone, and the error names what it is."""
    approval = approve(action)
    edit(deployment.object["spec"], deployment.object["metadata"]["annotations"])
    deployment.touch(generation=True)
    with pytest.raises(PlanChangedError, match="nothing was done") as caught:
        carry_out(platform(), approval)
    assert f"changed since: {told} (generation 3 is now 4); nothing was done" in caught.value.message
    assert caught.value.hint == "a fresh diagnosis shows what it is now"
    assert deployment.writes == 0


@ACTIONS
def test_other_object_of_the_same_name(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A Deployment made again under the same name is another one."""
    approval = approve(action)
    deployment.object["metadata"]["uid"] = "u2"
    with pytest.raises(PlanChangedError, match="u1 is now u2"):
        carry_out(platform(), approval)
    assert deployment.writes == 0


@ACTIONS
@pytest.mark.parametrize("field", ["server", "namespace"])
def test_other_place(
    script: Script, platform: Make, approve: Callable[..., Approval], action: Action, field: str
) -> None:
    """An approval for another API server or namespace points to no request at all."""
    approval = approve(action)
    if field == "server":
        approval = replace(approval, platform=replace(approval.platform, server="https://prod:6443"))
    else:
        approval = replace(approval, target=replace(approval.target, namespace="prod"))
    with pytest.raises(PlanChangedError, match="prod"):
        carry_out(platform(), approval)
    assert script.seen == []


def test_approval_for_another_action(script: Script, platform: Make, approve: Callable[..., Approval]) -> None:
    """An approved restart does not scale."""
    with pytest.raises(ActionError, match="approval is for restart_deployment"):
        platform().scale(approve("restart_deployment", to=Desired(2, None, None)))
    assert script.paths("PATCH") == []


@ACTIONS
def test_gone(script: Script, platform: Make, approve: Callable[..., Approval], action: Action) -> None:
    """A Deployment that no longer exists means that the plan is no longer valid."""
    script.on(PATH, Reply(404, status(404, "NotFound", "no such Deployment")))
    with pytest.raises(PlanChangedError, match="no longer exists"):
        carry_out(platform(), approve(action))


@ACTIONS
def test_conflict_with_a_status_write(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A 409 that leaves uid and generation alone is tried again with the new resourceVersion."""
    deployment.before_write = [deployment.touch, deployment.touch]
    carry_out(platform(), approve(action))
    assert deployment.writes == 1


@ACTIONS
def test_conflict_with_somebody_elses_change(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """A 409 because the spec was changed ends the plan."""
    deployment.before_write = [deployment.edit]
    with pytest.raises(PlanChangedError, match="pod template"):
        carry_out(platform(), approve(action))
    assert deployment.writes == 0


def test_conflicts_without_end(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]) -> None:
    """Somebody who writes all the time is named as the reason, after three tries."""
    deployment.before_write = [deployment.touch] * 10
    with pytest.raises(ActionError, match="3 times in a row; nothing was done"):
        carry_out(platform(), approve("restart_deployment"))


@ACTIONS
@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize("code", [401, 403, 422, 429])
def test_refused_write(
    script: Script, platform: Make, approve: Callable[..., Approval], action: Action, code: int
) -> None:
    """A refused change states that nothing was done, and is not repeated."""
    path = f"{PATH}/scale" if action == "scale_deployment" else PATH
    script.on(path, Reply(code, status(code, "x", "not you")), method="PATCH")
    with pytest.raises(ActionError, match="not you; nothing was done"):
        carry_out(platform(), approve(action))
    assert len(script.paths("PATCH")) == 1


@ACTIONS
def test_read_before_the_write_fails(
    script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """Without a check of the Deployment nothing is sent."""
    script.on(PATH, Reply(500, status(500, "InternalError", "etcd")))
    with pytest.raises(ActionError, match="etcd; nothing was done"):
        carry_out(platform(), approve(action))


@pytest.mark.parametrize("replicas", [0, 6, -1, None, True])
def test_scale_outside_the_bounds(
    script: Script, platform: Make, approve: Callable[..., Approval], replicas: int | None
) -> None:
    """A number outside the configured bounds points to no request."""
    with pytest.raises(ActionError, match="outside 1 to 5"):
        carry_out(platform(), approve("scale_deployment", to=Desired(replicas, "2", None)))
    assert script.seen == []


def test_a_revision_that_is_gone_is_never_replaced_by_another(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]
) -> None:
    """Approved back to revision 1, whose ReplicaSet is deleted meanwhile: refused, though others are there."""
    deployment.sets.insert(1, deployment.replica_set("7", "blog:0"))
    deployment.object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "8"
    approval = approve("rollback_deployment")
    assert approval.to.revision == "1"
    del deployment.sets[0]
    with pytest.raises(PlanChangedError, match="revision 1 of Deployment blog no longer exists; nothing") as caught:
        carry_out(platform(), approval)
    assert caught.value.hint == "kubectl rollout history deployment/blog"
    assert deployment.writes == 0


def test_a_revision_with_another_template_is_another_one(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]
) -> None:
    """The number alone is not what was approved: the template behind it counts."""
    approval = approve("rollback_deployment")
    deployment.sets[0] = deployment.replica_set("1", "blog:evil")
    with pytest.raises(PlanChangedError, match="revision 1 of Deployment blog has another template; nothing"):
        carry_out(platform(), approval)
    assert deployment.writes == 0


def test_replica_sets_that_may_not_be_read(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """A rollback without its revisions is an error of the action."""
    script.on("/apis/apps/v1/namespaces/shop/replicasets", Reply(403, status(403, "Forbidden", "no sets")))
    with pytest.raises(ActionError, match="no sets; nothing was done") as caught:
        carry_out(platform(), approve("rollback_deployment"))
    assert "has to allow it: list replicasets" in (caught.value.hint or "")


@pytest.mark.parametrize("action", ["restart_deployment", "rollback_deployment"])
def test_paused(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action) -> None:
    """A paused Deployment would take the change and do nothing: it is refused as kubectl does."""
    deployment.object["spec"]["paused"] = True
    approval = approve(action)
    with pytest.raises(ActionError, match="paused") as caught:
        carry_out(platform(), approval)
    assert "rollout resume" in (caught.value.hint or "")


def test_no_cluster(platform: Make, approve: Callable[..., Approval]) -> None:
    """Without a cluster a change fails with an error of ours."""
    with pytest.raises(OpsagentError):
        carry_out(platform(kubernetes=KubernetesSettings()), approve("restart_deployment"))
