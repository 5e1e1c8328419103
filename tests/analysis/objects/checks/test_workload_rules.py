"""Rollouts, Jobs and load: what the controllers' own objects state."""

from typing import Any

import pytest

from tests.analysis.kube_objects import (
    ago,
    condition,
    container,
    crashing,
    deployment,
    ended,
    find,
    first,
    pod,
    replica_set,
    running,
    service,
    stack,
    thing,
)

LATE = condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing")


def test_scaled_to_zero() -> None:
    """With a Service that leads nowhere else, surely; a StatefulSet too; an old ReplicaSet never."""
    assert first(deployment(replicas=0), service()) == ("rollout.zero-replicas", "Deployment/cart")
    assert first(thing("StatefulSet", "store", spec={"replicas": 0}))[0] == "rollout.zero-replicas"
    assert first(*stack(), replica_set(suffix="old9876", replicas=0)) == ("healthy", None)


def test_a_spare_at_zero_beside_the_one_that_serves() -> None:
    """The other colour of a blue and green pair is meant to be empty."""
    spare = deployment("cart", replicas=0)
    spare["metadata"]["name"] = "cart-green"
    spare["spec"]["selector"] = {"matchLabels": {"app": "cart", "colour": "green"}}
    assert first(*stack(), spare) == ("healthy", None)


@pytest.mark.parametrize("counts", [{"replicas": 3, "updatedReplicas": 1}, {"updatedReplicas": 2}])
def test_a_rollout_past_its_deadline(counts: dict[str, Any]) -> None:
    """Old pods still serve, the new ones do not come: stuck."""
    stuck = deployment(replicas=2, available=1, conditions=[LATE])
    stuck["status"] |= counts
    assert first(stuck) == ("rollout.stuck", "Deployment/cart")


@pytest.mark.parametrize("reason", ["ReplicaSetUpdated", "NewReplicaSetCreated"])
def test_a_rollout_in_progress_is_not_a_failure(reason: str) -> None:
    """One of two is updated, within the deadline."""
    going = deployment(
        replicas=2, available=1, updatedReplicas=1, conditions=[condition("Progressing", "True", reason)]
    )
    assert first(going) == ("healthy", None)


def revisions(bad: Any, *, spec: Any = None, old_ready: int = 1) -> list[Any]:
    """Return a Deployment at revision 2, whose new pod is `bad`."""
    top = deployment(replicas=1, available=1)
    top["status"] |= {"replicas": 2, "updatedReplicas": 1, "unavailableReplicas": 1}
    top["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    changed = spec or {"containers": [container(image="acme/main:1.5")]}
    new = replica_set(suffix="7fffd8b9c5", revision=2, age=600, readyReplicas=0, spec=changed)
    old = replica_set(
        spec={"containers": [container(env=[{"name": "TENANT", "value": "a"}])]}
        if spec
        else {"containers": [container()]},
        readyReplicas=old_ready,
    )
    bad["metadata"]["ownerReferences"][0]["name"] = "cart-7fffd8b9c5"
    return [top, old, new, pod(), bad]


def test_a_revision_that_does_not_come_up() -> None:
    """The program crashes since the last change, the revision before still serves."""
    assert first(*revisions(pod("cart-new", crashing(1)))) == ("rollout.bad-revision", "Deployment/cart")
    assert first(*revisions(pod("cart-new", running(ready=False)))) == ("rollout.bad-revision", "Deployment/cart")


def test_a_restart_is_not_a_bad_revision() -> None:
    """A revision that only a restart made runs the same as the one before: it is not to blame."""
    found = revisions(pod("cart-new", running(ready=False)), spec={"containers": [container()]})
    found[1]["spec"]["template"]["spec"] = {"containers": [container()]}
    restarted = {"kubectl.kubernetes.io/restartedAt": "2026-11-22T12:00:00Z"}
    found[2]["spec"]["template"].setdefault("metadata", {})["annotations"] = restarted
    assert first(*found)[0] != "rollout.bad-revision"


def test_a_variable_that_the_new_revision_lost() -> None:
    """The difference between the revisions names it."""
    assert (
        first(*revisions(pod("cart-new", crashing(1)), spec={"containers": [container()]}))[0] == "config.missing-env"
    )


def test_the_image_is_the_cause_not_the_rollout_that_waits_for_it() -> None:
    """A more exact cause of the new pods is before the revision."""
    bad = pod("cart-new", {**crashing(137, "OOMKilled")})
    found = find(*revisions(bad))
    assert found[0].code == "pod.oom-killed"
    assert {finding.code: finding.strength for finding in found}["rollout.bad-revision"] < 0.5


def test_missing_replicas_without_a_word_are_unknown() -> None:
    """Deployment, StatefulSet, DaemonSet: something is wrong, nothing states what."""
    assert first(deployment(replicas=3, available=1)) == ("unknown", "Deployment/cart")
    assert first(thing("StatefulSet", "db", spec={"replicas": 2}, status={"readyReplicas": 1}))[0] == "unknown"
    agents = thing("DaemonSet", "agent", status={"desiredNumberScheduled": 3, "numberReady": 1})
    assert first(agents) == ("unknown", "DaemonSet/agent")


def job(name: str = "import", **status: Any) -> dict[str, Any]:
    """Return a Job."""
    return thing("Job", name, spec={"backoffLimit": 2}, status=status)


def attempt(status: dict[str, Any]) -> dict[str, Any]:
    """Return a failed pod of the Job."""
    made = pod("import-x", status, phase="Failed")
    made["metadata"] |= {"ownerReferences": [{"kind": "Job", "name": "import", "controller": True}], "labels": {}}
    made["spec"]["restartPolicy"] = "Never"
    return made


GAVE_UP: dict[str, Any] = {
    "failed": 3,
    "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}],
}


def test_a_job_that_gave_up() -> None:
    """Its pods state why, else its own condition does, else it is unknown."""
    died = {"name": "main", "ready": False, "restartCount": 0, "state": ended(127)}
    assert first(job(**GAVE_UP), attempt(died)) == ("pod.bad-command", "Job/import")
    assert first(job(**GAVE_UP)) == ("job.backoff-limit", "Job/import")
    assert first(job(failed=1)) == ("unknown", "Job/import")


@pytest.mark.parametrize("status", [{}, {"active": 1}, {"failed": 2, "succeeded": 1}, {"failed": 1, "active": 1}])
def test_a_job_that_is_not_worry(status: dict[str, Any]) -> None:
    """New, running, succeeded after retries, still trying."""
    assert first(job(**status)) == ("healthy", None)


def test_a_failed_run_before_a_good_one_is_history() -> None:
    """The CronJob's next run went well."""
    owner = [{"kind": "CronJob", "name": "nightly", "controller": True}]
    bad, good = job("nightly-1", **GAVE_UP), job("nightly-2", succeeded=1)
    bad["metadata"] |= {"ownerReferences": owner, "creationTimestamp": ago(9000)}
    good["metadata"] |= {"ownerReferences": owner, "creationTimestamp": ago(600)}
    nightly = thing("CronJob", "nightly", spec={"schedule": "0 3 * * *"})
    assert first(nightly, bad, good) == ("healthy", None)
    assert first(nightly, bad)[0] == "job.backoff-limit"


def autoscaler(*conditions: dict[str, Any], metric: str = "cpu") -> dict[str, Any]:
    """Return an autoscaler of the cart."""
    spec = {"maxReplicas": 4, "scaleTargetRef": {"kind": "Deployment", "name": "cart"}}
    spec["metrics"] = [{"type": "Resource", "resource": {"name": metric}}]
    return thing("HorizontalPodAutoscaler", "cart", spec=spec, status={"conditions": list(conditions)})


AT_MOST = condition("ScalingLimited", "True", "TooManyReplicas", "more than the maximum replica count")


@pytest.mark.parametrize(
    ("metric", "code"),
    [("cpu", "load.cpu-saturated"), ("memory", "load.memory-pressure"), ("queue", "load.traffic-surge")],
)
def test_an_autoscaler_at_its_end(metric: str, code: str) -> None:
    """It wants more than it may have; its metric reports about what."""
    assert first(*stack(), autoscaler(AT_MOST, metric=metric)) == (code, "HorizontalPodAutoscaler/cart")


def test_an_autoscaler_that_cannot_work() -> None:
    """Its target is not there, or gives no requests."""
    assert first(autoscaler(), looked=("Deployment",))[0] == "config.missing-object"
    blind = condition("ScalingActive", "False", "FailedGetResourceMetric", "missing request for cpu in container main")
    assert first(*stack(), autoscaler(blind))[0] == "autoscaling.no-metrics"


SHARE = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        ({"resources": {}}, "autoscaling.no-metrics"),
        ({"resources": {"requests": {"memory": "64Mi"}}}, "autoscaling.no-metrics"),
        ({"resources": {"requests": {"cpu": "100m"}}}, "healthy"),
        ({"resources": {"limits": {"cpu": "100m"}}}, "healthy"),
        ({}, "healthy"),
    ],
)
def test_an_autoscaler_that_wants_a_share_of_what_nobody_states(resources: dict[str, Any], code: str) -> None:
    """Without a condition the objects decide: a limit is a request as well, and a table shows neither."""
    made = stack(spec={"containers": [container(**resources)]})
    wanted = autoscaler()
    wanted["spec"]["metrics"] = [{"type": "Resource", "resource": SHARE}]
    assert first(*made, wanted)[0] == code
    assert first(*made, wanted | {"status": {"conditions": [condition("ScalingActive", "True")]}})[0] == "healthy"


def test_an_autoscaler_within_its_bounds() -> None:
    """At its minimum, or content: no fault."""
    few = condition("ScalingLimited", "True", "TooFewReplicas")
    assert first(*stack(), autoscaler(few)) == ("healthy", None)
    assert first(*stack(), autoscaler(condition("ScalingActive", "True"))) == ("healthy", None)


@pytest.mark.parametrize(
    ("usage", "code"),
    [
        ({"cpu": "198m", "memory": "90Mi"}, "load.cpu-saturated"),
        ({"cpu": "20m", "memory": "126Mi"}, "load.memory-pressure"),
    ],
)
def test_measured_usage_at_the_limit(usage: dict[str, str], code: str) -> None:
    """Only what was measured accuses; half of the limit does not."""
    made = stack(spec={"containers": [container(resources={"limits": {"cpu": "200m", "memory": "128Mi"}})]})
    name = made[2]["metadata"]["name"]
    assert first(*made, thing("PodMetrics", name, containers=[{"name": "main", "usage": usage}]))[0] == code
    well = thing("PodMetrics", name, containers=[{"name": "main", "usage": {"cpu": "100m", "memory": "64Mi"}}])
    assert first(*made, well) == ("healthy", None)


def at_most(used: int, wanted: int = 70) -> Any:
    """Return an autoscaler at its maximum, with the CPU used and the target in per cent."""
    target = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": wanted}}
    current = {"name": "cpu", "current": {"averageUtilization": used}}
    return thing(
        "HorizontalPodAutoscaler",
        "cart",
        spec={
            "scaleTargetRef": {"kind": "Deployment", "name": "cart"},
            "maxReplicas": 4,
            "metrics": [{"type": "Resource", "resource": target}],
        },
        status={
            "currentMetrics": [{"type": "Resource", "resource": current}],
            "conditions": [condition("ScalingLimited", "True", "TooManyReplicas", "at the maximum")],
        },
    )


@pytest.mark.parametrize(("used", "code"), [(58, "healthy"), (70, "healthy"), (96, "autoscaling.at-limit")])
def test_an_autoscaler_at_its_maximum_is_ill_only_above_its_target(used: int, code: str) -> None:
    """As many replicas as may be, and enough of them: no fault."""
    assert first(*stack(), at_most(used))[0] == code


@pytest.mark.parametrize("mark", ["autoscaling.keda.sh/paused-replicas", "serving.knative.dev/creator"])
def test_zero_replicas_on_demand_are_no_fault(mark: str) -> None:
    """Who scales to zero and back on demand states it in an annotation."""
    idle = deployment(replicas=0)
    idle["metadata"]["annotations"][mark] = "0"
    assert not [f for f in find(idle, service()) if f.code == "rollout.zero-replicas" and f.strength > 0.45]
