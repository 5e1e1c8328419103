"""Get, list and watch over HTTP."""

import json
import urllib.request
from typing import Any
from urllib.parse import quote

from tests.sandbox.conftest import Boxes
from tests.sandbox.web import APPS, BLOG, SPACE, api, restart


def test_discovery_names_the_groups_in_use(boxes: Boxes) -> None:
    """Clients find every group, and the scale subresource with its own kind."""
    box = boxes()
    groups = {group["name"] for group in api(box, "/apis")[1]["groups"]}
    assert {"apps", "batch", "autoscaling", "discovery.k8s.io", "networking.k8s.io", "storage.k8s.io"} <= groups
    named = {entry["name"]: entry for entry in api(box, "/apis/apps/v1")[1]["resources"]}
    assert named["deployments/scale"]["group"] == "autoscaling"
    assert api(box, "/apis/metrics.k8s.io/v1beta1")[0] == 404
    assert api(box, "/apis/metrics.k8s.io/v1beta1/namespaces/titanium-local/pods")[0] == 404


def test_objects_have_the_platforms_names_and_belong_together(boxes: Boxes) -> None:
    """Deployment, ReplicaSet and pod refer to each other, and only user-service has a volume."""
    box = boxes()
    deployments = api(box, f"{APPS}/deployments")[1]["items"]
    assert len(deployments) == 7
    sets = {item["metadata"]["uid"]: item for item in api(box, f"{APPS}/replicasets")[1]["items"]}
    uids = {item["metadata"]["uid"] for item in deployments}
    for pod in api(box, f"{SPACE}/pods")[1]["items"]:
        parent = sets[pod["metadata"]["ownerReferences"][0]["uid"]]
        assert parent["metadata"]["ownerReferences"][0]["uid"] in uids
        assert bool(pod["spec"].get("volumes")) == (pod["metadata"]["labels"]["app"] == "user-service")
    assert all(int(item["metadata"]["resourceVersion"]) > 0 for item in deployments)


def test_pages_follow_the_continue_token(boxes: Boxes) -> None:
    """A limit splits a list into pages that add up to the whole."""
    box = boxes()
    names: list[str] = []
    token = ""
    for _ in range(4):
        page = api(box, f"{SPACE}/pods?limit=2&continue={quote(token)}")[1]
        names += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue", "")
    whole = api(box, f"{SPACE}/pods")[1]
    assert token == ""
    assert names == [item["metadata"]["name"] for item in whole["items"]]
    assert api(box, f"{SPACE}/pods?limit=2&continue=rubbish")[0] == 400


def test_selectors_pick_by_label_and_by_field(boxes: Boxes) -> None:
    """Labels, names, phases and the object of an event can be selected by."""
    box = boxes("db-locked")

    def count(path: str, **query: str) -> int:
        return len(api(box, path + "?" + "&".join(f"{key}={quote(value)}" for key, value in query.items()))[1]["items"])

    assert count(f"{SPACE}/pods", labelSelector="app in (redis, blog-service)") == 2
    assert count(f"{SPACE}/pods", labelSelector="app!=redis,app") == 6
    assert count(f"{SPACE}/pods", fieldSelector="status.phase=Running,spec.nodeName=minikube") == 7
    assert count(f"{SPACE}/pods", fieldSelector="status.phase!=Running") == 0
    assert count("/api/v1/pods", labelSelector="!app") == 0
    about = "involvedObject.name=local-blog-service-deployment-6b5d9f8c77-zk4mh,reason=Unhealthy"
    assert count(f"{SPACE}/events", fieldSelector=about) == 1


def test_errors_are_status_objects_with_reason_and_code(boxes: Boxes) -> None:
    """A missing object, an unknown kind and secrets each answer as the real server does."""
    box = boxes()
    code, status = api(box, f"{SPACE}/pods/nobody")
    assert (code, status["kind"], status["reason"]) == (404, "Status", "NotFound")
    assert status["message"] == 'pods "nobody" not found'
    assert api(box, f"{SPACE}/gadgets")[1]["message"] == "the server could not find the requested resource"
    code, status = api(box, f"{SPACE}/secrets")
    assert code == 403
    assert 'cannot list resource "secrets" in API group "" in the namespace "titanium-local"' in status["message"]


def test_a_watch_reports_what_happens_from_a_version_on(boxes: Boxes) -> None:
    """A restart shows up in the watch that began before it."""
    box = boxes()
    version = api(box, f"{APPS}/deployments")[1]["metadata"]["resourceVersion"]
    url = f"{box.api_url}{APPS}/deployments?watch=1&resourceVersion={version}&fieldSelector=metadata.name%3D{BLOG}"
    with urllib.request.urlopen(url + "&timeoutSeconds=5", timeout=8) as stream:
        restart(box)
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["object"]["status"].get("unavailableReplicas", 0) == 0:
            seen.append(json.loads(stream.readline()))
    assert {event["type"] for event in seen} == {"MODIFIED"}
    assert {event["object"]["metadata"]["name"] for event in seen} == {BLOG}
    assert seen[0]["object"]["metadata"]["generation"] == 2


def test_a_watch_from_too_long_ago_ends_with_gone(boxes: Boxes) -> None:
    """An old resourceVersion answers an ERROR event with code 410, and the stream ends."""
    box = boxes()
    with urllib.request.urlopen(f"{box.api_url}{SPACE}/pods?watch=1&resourceVersion=5", timeout=5) as stream:
        events = [json.loads(line) for line in stream.read().splitlines()]
    assert [(event["type"], event["object"]["code"]) for event in events] == [("ERROR", 410)]


def test_a_watch_ends_after_its_time(boxes: Boxes) -> None:
    """timeoutSeconds ends the stream in good order."""
    url = f"{boxes().api_url}{SPACE}/pods?watch=1&timeoutSeconds=0.2"
    with urllib.request.urlopen(url, timeout=5) as stream:
        assert len(stream.read().splitlines()) == 7
