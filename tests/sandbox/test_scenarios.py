"""Each scenario: what is wrong, and what a restart does about it."""

from typing import Any

from opsagent.sandbox import SCENARIOS
from tests.sandbox.conftest import Boxes
from tests.sandbox.web import APPS, SPACE, api, log, pods, restart, stats, until


def entry(box: Any, app: str) -> dict[str, Any]:
    """Return the first container's status of an app's last pod."""
    found: dict[str, Any] = pods(box, app)[-1]["status"]["containerStatuses"][0]
    return found


def progressing(box: Any, app: str) -> str:
    """Return why a Deployment is progressing, or not."""
    item = api(box, f"{APPS}/deployments/local-{app}-deployment")[1]
    return str(next(c["reason"] for c in item["status"]["conditions"] if c["type"] == "Progressing"))


def test_db_locked_is_hung_not_dead_and_a_restart_clears_it(boxes: Boxes) -> None:
    """The pod runs, is not Ready, its probe times out, its log ends with the lock; a new pod answers."""
    box = boxes("db-locked")
    assert "database is locked" in log(box, pods(box, "blog-service")[-1]["metadata"]["name"])
    status = entry(box, "blog-service")
    assert "running" in status["state"]
    assert (status["ready"], status["restartCount"], status["lastState"]) == (False, 0, {})
    events = api(box, f"{SPACE}/events?fieldSelector=reason%3DUnhealthy")[1]["items"]
    assert "Client.Timeout exceeded while awaiting headers" in events[0]["message"]
    assert events[0]["count"] >= 3
    restart(box)
    until(lambda: stats(box)["blog_service"]["service_status"] == "online", "blog online")
    assert log(box, pods(box, "blog-service")[-1]["metadata"]["name"]).count("database is locked") == 0


def test_crash_loop_comes_with_the_second_revision(boxes: Boxes) -> None:
    """CrashLoopBackOff, exit 1, two revisions; a restart crashes again."""
    box = boxes("crash-loop")
    status = entry(box, "auth-service")
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["lastState"]["terminated"]["exitCode"] == 1
    assert status["restartCount"] >= 8
    sets = api(box, f"{APPS}/replicasets?labelSelector=app%3Dauth-service")[1]["items"]
    images = {item["spec"]["template"]["spec"]["containers"][0]["image"] for item in sets}
    assert len(images) == 2
    old = pods(box, "auth-service")[0]["metadata"]["name"]
    restart(box, "local-auth-service-deployment")
    until(lambda: old not in box.state.pods("auth-service"), "the old pod gone")
    until(lambda: box.state.pods("auth-service") != [], "a new pod")
    until(lambda: "terminated" in entry(box, "auth-service")["lastState"], "a new crash")
    assert stats(box)["auth"] == {"service_status": "offline"}


def test_oom_killed_is_ready_in_between_and_dies_again(boxes: Boxes) -> None:
    """Ready now, OOMKilled a minute ago, and the restarts grow; a new pod lives."""
    box = boxes("oom-killed")
    until(lambda: entry(box, "user-service")["ready"], "Ready between two kills")
    status = entry(box, "user-service")
    assert status["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert status["lastState"]["terminated"]["exitCode"] == 137
    before = status["restartCount"]
    until(lambda: entry(box, "user-service")["restartCount"] > before, "another kill")
    restart(box, "local-user-service-deployment")
    until(lambda: entry(box, "user-service")["restartCount"] == 0 and entry(box, "user-service")["ready"], "a new pod")


def test_dependency_down_misleads_and_a_restart_brings_it_back(boxes: Boxes) -> None:
    """user-service has ended in good order, and auth-service checks guilty."""
    box = boxes("dependency-down")
    assert entry(box, "user-service")["state"]["terminated"]["reason"] == "Completed"
    assert stats(box)["auth"]["service_status"] == "online"
    assert "401 Unauthorized" in log(box, box.state.pods("auth-service")[0])
    restart(box, "local-user-service-deployment")
    until(lambda: stats(box)["user_service"]["service_status"] == "online", "user-service online")


def test_bad_image_leaves_the_old_pod_serving(boxes: Boxes) -> None:
    """The rollout is past its deadline, /stats is well, and a restart does not help."""
    box = boxes("bad-image")
    waiting = next(pod for pod in pods(box, "blog-service") if pod["status"]["phase"] == "Pending")
    reason = waiting["status"]["containerStatuses"][0]["state"]["waiting"]["reason"]
    assert reason == "ImagePullBackOff"
    assert progressing(box, "blog-service") == "ProgressDeadlineExceeded"
    assert stats(box)["blog_service"]["service_status"] == "online"
    restart(box)
    until(lambda: waiting["metadata"]["name"] not in box.state.pods("blog-service"), "another try")
    until(lambda: any(pod["status"]["phase"] == "Pending" for pod in pods(box, "blog-service")), "stuck again")
    assert len(pods(box, "blog-service")) >= 2


def test_lb_down_comes_back_with_a_restart(boxes: Boxes) -> None:
    """Its pod has ended, the proxy is refused too; after a restart /stats answers."""
    box = boxes("lb-down")
    assert entry(box, "load-balancer")["state"]["terminated"]["exitCode"] == 143
    assert api(box, f"{SPACE}/services/local-load-balancer-service:7100/proxy/stats")[0] == 503
    restart(box, "local-load-balancer-deployment")
    until(lambda: box.state.answers()["load-balancer"] == "ok", "a new load balancer")

    def answers() -> bool:
        try:
            return bool(stats(box))
        except OSError:
            return False

    until(answers, "/stats")


def test_gateway_offline_refuses_callers_and_leaves_the_services_behind_it_online(boxes: Boxes) -> None:
    """Its pod has ended, /stats calls it alone offline; a restart brings it back."""
    box = boxes("gateway-offline")
    shown = stats(box)
    assert shown["api-gateway"]["service_status"] == "offline"
    assert {shown[key]["service_status"] for key in ("auth", "user_service", "blog_service")} == {"online"}
    restart(box, "local-api-gateway-deployment")
    until(lambda: box.state.answers()["api-gateway"] == "ok", "a new gateway")


def test_recovers_by_itself_needs_nobody(boxes: Boxes) -> None:
    """About 12 simulated seconds after the first check the lock goes, without a rollout."""
    box = boxes("recovers-by-itself")
    assert stats(box)["blog_service"]["service_status"] == "offline"
    until(lambda: stats(box)["blog_service"]["service_status"] == "online", "recovery")
    until(lambda: entry(box, "blog-service")["ready"], "Ready again")
    assert box.state.deployment("blog-service").rollouts == 0


def test_recover_is_a_trigger_in_every_scenario(boxes: Boxes) -> None:
    """A test can end any fault at a moment of its own."""
    for name in set(SCENARIOS) - {"healthy", "recovers-by-itself"}:
        box = boxes(name)
        box.state.recover()
        until(lambda box=box: set(box.state.answers().values()) == {"ok"}, name)  # type: ignore[misc]
        until(lambda box=box: all(p["status"]["phase"] == "Running" for p in pods(box, "blog-service")), name)  # type: ignore[misc]
        box.stop()


def test_stays_broken_completes_its_rollout_and_is_offline_still(boxes: Boxes) -> None:
    """The new pod is Ready for a moment, so the rollout completes, and /stats states offline all along."""
    box = boxes("stays-broken")
    old = box.state.pods("blog-service")[0]
    restart(box)
    until(lambda: old not in box.state.pods("blog-service"), "the old pod gone")
    assert progressing(box, "blog-service") == "NewReplicaSetAvailable"
    assert stats(box)["blog_service"]["service_status"] == "offline"
    until(lambda: not entry(box, "blog-service")["ready"], "not Ready any more")
    assert stats(box)["blog_service"]["service_status"] == "offline"


def test_replaced_and_edited_deployments_are_distinguished(boxes: Boxes) -> None:
    """A colleague's edit moves the generation, a replacement the UID; neither is a rollout."""
    box = boxes()
    before = box.state.deployment("blog-service")
    box.state.edit("blog-service")
    edited = box.state.deployment("blog-service")
    assert (edited.generation, edited.uid, edited.rollouts) == (before.generation + 1, before.uid, 0)
    until(lambda: box.state.deployment("blog-service").observed_generation == edited.generation, "observed")
    box.state.replace("blog-service")
    assert box.state.deployment("blog-service").uid != before.uid
    assert len(box.state.pods("blog-service")) == 1


def test_other_objects_can_be_put_in(boxes: Boxes) -> None:
    """An HPA that a test adds is listed like any other object."""
    box = boxes()
    target = {"kind": "Deployment", "name": "local-blog-service-deployment", "apiVersion": "apps/v1"}
    box.state.add({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "hpa"}, "spec": {"scaleTargetRef": target}})
    for version in ("v1", "v2"):
        found = api(box, f"/apis/autoscaling/{version}/namespaces/titanium-local/horizontalpodautoscalers")[1]["items"]
        assert [item["metadata"]["name"] for item in found] == ["hpa"]


def test_a_stopped_controller_manager_leaves_a_status_that_is_not_so(boxes: Boxes) -> None:
    """The pod is gone; ReplicaSet, Deployment and endpoints still count it, and a change stays unobserved."""
    box = boxes("controller-manager-stopped")
    assert pods(box, "blog-service") == []
    status = api(box, f"{APPS}/deployments/local-blog-service-deployment")[1]["status"]
    assert (status["readyReplicas"], status["observedGeneration"]) == (1, 1)
    endpoints = api(box, f"{SPACE}/endpoints/local-blog-service")[1]["subsets"][0]["addresses"]
    assert endpoints[0]["targetRef"]["name"].endswith("zk4mh")
    restart(box)
    view = box.state.deployment("blog-service")
    assert (view.generation, view.observed_generation) == (2, 1)
    assert stats(box)["blog_service"]["service_status"] == "offline"


def test_a_stopped_scheduler_leaves_a_pod_without_node_and_condition(boxes: Boxes) -> None:
    """The new pod is as the API server took it in, and nobody states why it waits."""
    box = boxes("scheduler-stopped")
    (pod,) = pods(box, "blog-service")
    assert pod["status"] == {"phase": "Pending", "qosClass": "Burstable"}
    assert "nodeName" not in pod["spec"]
    events = api(box, f"{SPACE}/events?fieldSelector=involvedObject.name%3D{pod['metadata']['name']}")[1]["items"]
    assert events == []


def test_a_service_that_answers_500_checks_healthy_and_a_restart_helps(boxes: Boxes) -> None:
    """Its pod is Ready and its health path answers; every request in its log is a 500."""
    box = boxes("all-500")
    assert entry(box, "blog-service")["ready"]
    assert api(box, f"{SPACE}/services/local-blog-service:8005/proxy/health")[0] == 200
    recent = log(box, box.state.pods("blog-service")[0], "tailLines=200")
    assert '"GET /api/posts HTTP/1.1" 500 Internal Server Error' in recent
    assert '/api/posts HTTP/1.1" 200' not in recent
    restart(box)
    until(lambda: box.state.answers()["blog-service"] == "ok", "a new pod that serves")


def test_repeated_events_are_counted_up(boxes: Boxes) -> None:
    """One event a reason and message: the kubelet's with a count; the scheduler's in the newer form, without one."""
    box = boxes("bad-image")
    found = api(box, f"{SPACE}/events")[1]["items"]
    pulls = [event for event in found if event["message"].startswith("Failed to pull image")]
    assert [event["count"] > 3 for event in pulls] == [True]
    assert pulls[0]["firstTimestamp"] < pulls[0]["lastTimestamp"]
    scheduled = next(event for event in found if event["reason"] == "Scheduled")
    assert (scheduled["count"], scheduled["lastTimestamp"]) == (None, None)
    assert scheduled["eventTime"].endswith("Z")
