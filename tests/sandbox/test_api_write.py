"""Patches, scale and what the controllers make of them."""

from typing import Any

import pytest

from tests.sandbox.conftest import Boxes
from tests.sandbox.web import APPS, BLOG, SPACE, api, patch, pods, restart, until

PATH = f"{APPS}/deployments/{BLOG}"


def done(item: dict[str, Any]) -> bool:
    """Return whether a rollout is complete, by kubectl's definition."""
    status, wanted = item["status"], item["spec"]["replicas"]
    seen = status["observedGeneration"] >= item["metadata"]["generation"]
    counts = {status.get(key, 0) for key in ("updatedReplicas", "replicas", "availableReplicas")}
    return bool(seen and counts == {wanted})


def test_a_restart_makes_a_new_pod_and_the_old_one_lingers(boxes: Boxes) -> None:
    """The generation rises at once, observedGeneration follows, the old pod is Terminating for a while, then gone."""
    box = boxes("db-locked", speed=5)
    old = pods(box, "blog-service")[0]["metadata"]["name"]
    code, answer = restart(box)
    assert code == 200
    assert answer["metadata"]["generation"] == 2
    assert answer["status"]["observedGeneration"] == 1
    until(lambda: len(pods(box, "blog-service")) == 2, "a second pod")
    until(lambda: any("deletionTimestamp" in pod["metadata"] for pod in pods(box, "blog-service")), "Terminating")
    ending = next(pod for pod in pods(box, "blog-service") if "deletionTimestamp" in pod["metadata"])
    assert ending["metadata"]["name"] == old
    assert ending["status"]["phase"] == "Running"
    until(lambda: [pod["metadata"]["name"] for pod in pods(box, "blog-service")] != [old], "a new pod alone")
    until(lambda: done(api(box, PATH)[1]), "the rollout")
    assert box.state.deployment("blog-service").rollouts == 1
    assert len(api(box, f"{APPS}/replicasets?labelSelector=app%3Dblog-service")[1]["items"]) == 2


def test_a_patch_with_an_old_version_conflicts_and_changes_nothing(boxes: Boxes) -> None:
    """The resourceVersion is a precondition; a status-only update moves it without a new generation."""
    box = boxes()
    before = api(box, PATH)[1]["metadata"]
    box.state.touch_status("blog-service")
    code, status = restart(box, resourceVersion=before["resourceVersion"])
    assert (code, status["reason"]) == (409, "Conflict")
    view = box.state.deployment("blog-service")
    assert (view.generation, view.rollouts) == (before["generation"], 0)
    assert view.resource_version != before["resourceVersion"]
    assert restart(box, resourceVersion=view.resource_version)[0] == 200


def test_the_same_patch_twice_is_one_rollout(boxes: Boxes) -> None:
    """A repeated restart with the same mark changes nothing more."""
    box = boxes()
    assert [restart(box)[0], restart(box)[0]] == [200, 200]
    view = box.state.deployment(BLOG)
    assert (view.rollouts, view.generation) == (1, 2)


def test_a_dry_run_changes_nothing(boxes: Boxes) -> None:
    """dryRun=All answers what would be, and keeps what is."""
    box = boxes()
    body = {"spec": {"replicas": 3}}
    assert patch(box, f"{PATH}?dryRun=All", body)[1]["spec"]["replicas"] == 3
    assert box.state.deployment(BLOG).replicas == 1


@pytest.mark.parametrize("kind", ["merge-patch", "strategic-merge-patch", "json-patch"])
def test_scale_goes_through_its_subresource(boxes: Boxes, kind: str) -> None:
    """Each kind of patch on /scale sets the replicas, and pods follow both ways."""
    box = boxes()
    path = f"{APPS}/deployments/local-auth-service-deployment/scale"
    body = (
        [{"op": "replace", "path": "/spec/replicas", "value": 2}] if kind == "json-patch" else {"spec": {"replicas": 2}}
    )
    code, answer = patch(box, path, body, kind)
    assert (code, answer["kind"], answer["spec"]) == (200, "Scale", {"replicas": 2})
    until(lambda: len(pods(box, "auth-service")) == 2, "two pods")
    current = api(box, path)[1]
    assert api(box, path, "PUT", {**current, "spec": {"replicas": 1}}, Content_Type="application/json")[0] == 200
    until(lambda: len(pods(box, "auth-service")) == 1, "one pod again")
    assert box.state.deployment("auth-service").rollouts == 0


def test_scale_refuses_what_is_not_a_number_of_replicas(boxes: Boxes) -> None:
    """Negative and foreign values are refused, and an old Scale conflicts."""
    box = boxes()
    assert patch(box, f"{PATH}/scale", {"spec": {"replicas": -1}}, "merge-patch")[0] == 422
    assert patch(box, f"{PATH}/scale", {"spec": {"replicas": "two"}}, "merge-patch")[0] == 422
    old = api(box, f"{PATH}/scale")[1]
    box.state.edit("blog-service")
    old["spec"]["replicas"] = 2
    assert api(box, f"{PATH}/scale", "PUT", old, Content_Type="application/json")[0] == 409


def test_going_back_to_an_older_template_uses_its_replica_set(boxes: Boxes) -> None:
    """What `kubectl rollout undo` sends brings back the old ReplicaSet under a new revision."""
    box = boxes("crash-loop")
    path = f"{APPS}/deployments/local-auth-service-deployment"
    sets = api(box, f"{APPS}/replicasets?labelSelector=app%3Dauth-service")[1]["items"]
    note = "deployment.kubernetes.io/revision"
    first = next(item for item in sets if item["metadata"]["annotations"][note] == "1")
    template = first["spec"]["template"]
    del template["metadata"]["labels"]["pod-template-hash"]
    assert patch(box, path, [{"op": "replace", "path": "/spec/template", "value": template}], "json-patch")[0] == 200
    until(lambda: done(api(box, path)[1]), "the rollback")
    until(lambda: box.state.answers()["auth-service"] == "ok", "auth-service")
    assert api(box, path)[1]["metadata"]["annotations"][note] == "3"
    assert len(api(box, f"{APPS}/replicasets?labelSelector=app%3Dauth-service")[1]["items"]) == 2


def test_bad_patches_are_refused_in_words(boxes: Boxes) -> None:
    """No JSON, an unknown format, a missing path, a broken spec: each has its code."""
    box = boxes()
    assert patch(box, PATH, b"{half")[0] == 400
    assert patch(box, PATH, {}, "apply-patch")[0] == 415
    assert patch(box, PATH, [{"op": "replace", "path": "/spec/nope", "value": 1}], "json-patch")[0] == 422
    assert patch(box, PATH, {"spec": {"template": {"spec": None}}}, "merge-patch")[0] == 422
    assert patch(box, f"{APPS}/deployments/nobody", {})[0] == 404
    assert patch(box, f"{SPACE}/pods/{box.state.pods('redis')[0]}", {})[0] == 405
    assert box.state.deployment(BLOG).generation == 1


def test_a_deleted_pod_is_replaced(boxes: Boxes) -> None:
    """Deleting a pod ends it and its ReplicaSet makes another."""
    box = boxes("db-locked")
    name = box.state.pods("blog-service")[0]
    assert api(box, f"{SPACE}/pods/{name}", "DELETE")[0] == 200
    until(lambda: name not in box.state.pods("blog-service"), "the old pod gone")
    until(lambda: box.state.answers()["blog-service"] == "ok", "the new pod")


def test_access_reviews_answer_by_the_same_rules(boxes: Boxes) -> None:
    """Everything is allowed but secrets and what a fault forbids."""
    from opsagent.sandbox import Fault

    box = boxes()

    def may(verb: str, resource: str, subresource: str = "") -> bool:
        asked = {"verb": verb, "resource": resource, "subresource": subresource, "namespace": "titanium-local"}
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        code, answer = api(box, path, "POST", {"spec": {"resourceAttributes": asked}})
        assert code == 201
        return bool(answer["status"]["allowed"])

    assert may("patch", "deployments")
    assert not may("list", "secrets")
    box.faults.add(Fault.forbidden("patch", "deployments/scale"))
    assert may("patch", "deployments")
    assert not may("patch", "deployments", "scale")
