"""The three approved changes: once, on what was approved, with a known outcome."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from opsagent import __version__
from opsagent.clients import execution
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import KubernetesSettings
from opsagent.errors import ActionError, CheckError, OpsagentError, PlanChangedError
from opsagent.models.plan import Action, Approval, Desired, Plan
from opsagent.tools.kubectl import restart_deployment, rollback_deployment, scale_deployment
from tests.clients.deployments import NAMESPACE, PATH, OneDeployment, approval_of
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
def approve(script: Script, deployment: OneDeployment) -> Callable[..., Approval]:
    """Return a maker of approvals for the Deployment as it is served at first."""

    def make(action: Action, **changes: Any) -> Approval:
        made = approval_of(deployment.object, action, script.url, back_to=deployment.sets[0])
        return replace(made, **changes)

    return make


def _do(platform: LivePlatform, approval: Approval) -> Any:
    return CHANGES[approval.action](platform, approval)


@ACTIONS
def test_a_change_bears_our_name(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """The API server's audit log and the object's managed fields show that it was opsagent, and which version."""
    _do(platform(), approve(action))
    [sent] = [request for request in script.seen if request.method == "PATCH"]
    assert "fieldManager=opsagent" in sent.query
    assert {request.headers["User-Agent"] for request in script.seen} == {f"opsagent/{__version__}"}


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
def test_a_generation_that_moved_through_annotations_alone_is_the_same_object(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """The controller writes its annotations, and the generation moves: what was approved is still there."""
    approval = approve(action)
    deployment.object["metadata"]["annotations"]["team"] = "another"
    deployment.touch(generation=True)
    _do(platform(), approval)
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
        _do(platform(), approval)
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
        _do(platform(), approval)
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
        _do(platform(), approval)
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
    deployment.before_write = [deployment.edit]
    with pytest.raises(PlanChangedError, match="pod template"):
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
    assert _do(platform(), approval)["spec"]["template"]["metadata"]["annotations"] == notes
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
    assert _do(platform(), approval)["spec"]["replicas"] == 3
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
    """Where the outcome cannot be read back either, the error states that it is not known."""

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
    """A refused change states that nothing was done, and is not repeated."""
    path = f"{PATH}/scale" if action == "scale_deployment" else PATH
    script.on(path, Reply(code, status(code, "x", "not you")), method="PATCH")
    with pytest.raises(ActionError, match="not you; nothing was done"):
        _do(platform(), approve(action))
    assert len(script.paths("PATCH")) == 1


@ACTIONS
def test_read_before_the_write_fails(
    script: Script, platform: Make, approve: Callable[..., Approval], action: Action
) -> None:
    """Without a check of the Deployment nothing is sent."""
    script.on(PATH, Reply(500, status(500, "InternalError", "etcd")))
    with pytest.raises(ActionError, match="etcd; nothing was done"):
        _do(platform(), approve(action))


@pytest.mark.parametrize("replicas", [0, 6, -1, None, True])
def test_scale_outside_the_bounds(
    script: Script, platform: Make, approve: Callable[..., Approval], replicas: int | None
) -> None:
    """A number outside the configured bounds points to no request."""
    with pytest.raises(ActionError, match="outside 1 to 5"):
        _do(platform(), approve("scale_deployment", to=Desired(replicas, "2", None)))
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
        _do(platform(), approval)
    assert caught.value.hint == "kubectl rollout history deployment/blog"
    assert deployment.writes == 0


def test_a_revision_with_another_template_is_another_one(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]
) -> None:
    """The number alone is not what was approved: the template behind it counts."""
    approval = approve("rollback_deployment")
    deployment.sets[0] = deployment.replica_set("1", "blog:evil")
    with pytest.raises(PlanChangedError, match="revision 1 of Deployment blog has another template; nothing"):
        _do(platform(), approval)
    assert deployment.writes == 0


def test_replica_sets_that_may_not_be_read(
    deployment: OneDeployment, script: Script, platform: Make, approve: Callable[..., Approval]
) -> None:
    """A rollback without its revisions is an error of the action."""
    script.on("/apis/apps/v1/namespaces/shop/replicasets", Reply(403, status(403, "Forbidden", "no sets")))
    with pytest.raises(ActionError, match="no sets; nothing was done") as caught:
        _do(platform(), approve("rollback_deployment"))
    assert "has to allow it: list replicasets" in (caught.value.hint or "")


@pytest.mark.parametrize("action", ["restart_deployment", "rollback_deployment"])
def test_paused(deployment: OneDeployment, platform: Make, approve: Callable[..., Approval], action: Action) -> None:
    """A paused Deployment would take the change and do nothing: it is refused as kubectl does."""
    deployment.object["spec"]["paused"] = True
    approval = approve(action)
    with pytest.raises(ActionError, match="paused") as caught:
        _do(platform(), approval)
    assert "rollout resume" in (caught.value.hint or "")


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
    _do(live, approval)
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
    for call in (_do, _shown):
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
        _do(platform(), approve("restart_deployment"))
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
    _do(platform(), approve("restart_deployment", platform=here))
    assert deployment.writes == 1


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
    _do(platform(), approval)
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


def test_a_rollback_is_known_by_its_mark(
    deployment: OneDeployment, platform: Make, approve: Callable[..., Approval]
) -> None:
    """The mark stands on the metadata alone: known again though the template has moved on, and no pod is made again."""
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
    with pytest.raises(OpsagentError):
        _do(platform(kubernetes=KubernetesSettings()), approve("restart_deployment"))
