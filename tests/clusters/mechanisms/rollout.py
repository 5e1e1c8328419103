"""Faults of rollouts: family `rollout`.

https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
"""

from __future__ import annotations

from copy import deepcopy

from tests.clusters import apps, kubelet, voices
from tests.clusters.changes import main_of, new_revision, scaled
from tests.clusters.model import RESTART, ROLLBACK, SCALE, Expect, Obj, Workload, name_of, stamp
from tests.clusters.pods import created, new_pod, put
from tests.clusters.registry import mechanism
from tests.clusters.world import World, condition

from . import kit


@mechanism("rollout.zero-replicas")
def zero_replicas(world: World) -> Expect:
    """Somebody scaled a Deployment that others call to zero: no pods, no endpoints, nothing fails."""
    w = world.victim(called=True)
    rs = w.latest.rs
    assert rs is not None
    was = len(w.pods)
    scaled(world, w, rs, 0, world.since, was=was)
    for pod in w.pods:
        text = f"Stopping container {w.container}"
        world.kubelet(pod, "Killing", text, first=world.since, container=w.container)
        gone = f"Deleted pod: {name_of(pod)}"
        world.event(rs, "SuccessfulDelete", gone, by="replicaset-controller", first=world.since)
    w.pods.clear()
    w.replicas = 0
    w.obj["metadata"]["generation"] += 1
    if world.chance(0.3):
        _disabled_autoscaler(world, w)
    kit.caller_of(world, w)
    return kit.expect(w, "rollout.zero-replicas", plans=frozenset({SCALE}), harmful=frozenset({ROLLBACK}))


def _disabled_autoscaler(world: World, w: Workload) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name_of(w.obj)}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5, "metrics": [cpu]}
    at = world.since
    conditions = [condition("AbleToScale", "True", w.born, "SucceededGetScale")]
    conditions[0]["message"] = "the HPA controller was able to get the target's current scale"
    text = "scaling is disabled since the replica count of the target is zero"
    conditions.append(condition("ScalingActive", "False", at, "ScalingDisabled", text))
    status = {"currentReplicas": 0, "desiredReplicas": 0, "conditions": conditions}
    world.add(world.new("autoscaling/v2", "HorizontalPodAutoscaler", w.name, w.born, spec=spec, status=status))


@mechanism("rollout.stuck")
def readiness_gate(world: World) -> Expect:
    """Pods have a readiness gate whose condition nobody sets: all containers are ready, the pods never are.

    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate
    """
    w = world.victim()
    gate = world.rng.choice(
        ("target-health.elbv2.k8s.aws/tg-7c1", "mesh.example.com/registered", "cdn.example.com/warm")
    )
    broken = new_revision(world, w, lambda spec: spec.update(readinessGates=[{"conditionType": gate}]))
    text = f'corresponding condition of pod readiness gate "{gate}" does not exist.'
    for pod in broken.pods:
        put(pod, condition("Ready", "False", created(pod), "ReadinessGatesNotReady", text))
    return kit.of_revision(w, broken, "rollout.stuck", "unknown")


@mechanism("rollout.stuck")
def recreate_waits(world: World) -> Expect:
    """Strategy Recreate waits for the old pod, which a finalizer keeps: the new revision gets no pod.

    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment
    """
    w = world.victim(single=True)
    w.obj["spec"]["strategy"] = {"type": "Recreate"}
    old = w.latest
    template = deepcopy(old.template)
    main_of(w, template["spec"])["image"] = kubelet.broken_name(world, w.main["image"])
    apps.add_revision(world, w, template, world.since)
    w.rolling = world.since
    assert old.rs is not None
    scaled(world, w, old.rs, 0, world.since, was=len(w.pods))
    for pod in w.pods:
        meta = pod["metadata"]
        meta["deletionTimestamp"] = stamp(world.after(world.since, 30))
        meta["deletionGracePeriodSeconds"] = 30
        meta["finalizers"] = [world.rng.choice(("example.com/drain-sessions", "storage.example.com/snapshot"))]
        _stopped(world, w, pod)
    harmful = frozenset({RESTART, SCALE})
    return kit.expect(w, "rollout.stuck", harmful=harmful, plans=frozenset({"none"}))


def _stopped(world: World, w: Workload, pod: Obj) -> None:
    """Let a deleted pod's containers end: the object stays until its finalizers are gone."""
    at = world.after(world.since, 12)
    world.kubelet(pod, "Killing", f"Stopping container {w.container}", first=world.since, container=w.container)
    for status in pod["status"]["containerStatuses"]:
        began = status["state"]["running"]["startedAt"]
        done = {"exitCode": 0, "reason": "Completed", "startedAt": began, "finishedAt": stamp(at)}
        status |= {"ready": False, "started": False, "state": {"terminated": done}}
    for kind in ("Ready", "ContainersReady"):
        put(pod, condition(kind, "False", at, "PodCompleted"))
    pod["status"]["phase"] = "Succeeded"


@mechanism("rollout.stuck")
def forced_rollback(world: World) -> Expect:
    """A StatefulSet's broken revision was corrected, but its controller waits for the broken pod to become ready.

    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    """
    w = world.victim(("StatefulSet",))
    right = w.main["image"]
    bad = kubelet.broken_name(world, right)
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update(image=bad), first=False)
    pod = broken.pods[0]
    text = (
        "rpc error: code = NotFound desc = failed to pull and unpack image "
        f'"{bad}": failed to resolve reference "{bad}": '
    )
    kubelet.cannot_pull(world, pod, w.container, bad, f"{text}{bad}: not found")
    template = deepcopy(w.latest.template)
    main_of(w, template["spec"])["image"] = right
    apps.add_revision(world, w, template, world.after(world.since, 60))
    w.rolling = world.since
    return kit.expect(w, "rollout.stuck", pods=broken.pods)


@mechanism("rollout.bad-revision")
def exits_without_words(world: World) -> Expect:
    """The new revision ends at once without a word about why; the revision before ran for days."""
    w = world.victim()
    image = kubelet.broken_name(world, w.main["image"])
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update(image=image), first=False)
    code = world.rng.choice((1, 2, 139, 134, 3))
    for pod in broken.pods:
        lines = voices.startup(world.rng, w.lang, w.name, w.port)
        since, run = created(pod), world.rng.randint(1, 30)
        kubelet.crash_loop(world, w, pod, code=code, since=since, run=run, lines=lines, head=False)
    return kit.of_revision(w, broken, "rollout.bad-revision", "pod.crash-app-error")


@mechanism("rollout.bad-revision")
def never_ready_since_change(world: World) -> Expect:
    """Only the pods of the new revision answer their readiness probe with 500; those of the old one are ready."""
    w = world.victim()
    kit.edit_all(w, lambda spec: main_of(w, spec).update(readinessProbe=apps.http_probe("/ready", w.port)))
    kit.edit_all(w, lambda spec: main_of(w, spec).pop("livenessProbe", None))
    image = kubelet.broken_name(world, w.main["image"])
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update(image=image), first=False)
    for pod in broken.pods:
        kit.say(world, w, [voices.line(w.lang, "info", f"listening on :{w.port}")], pod=pod)
        text = "HTTP probe failed with statuscode: 500"
        kubelet.probe_fails(world, pod, w.container, "Readiness", text, created(pod))
    return kit.of_revision(w, broken, "rollout.bad-revision", "probe.failing")


@mechanism("rollout.version-mismatch")
def version_mismatch(world: World) -> Expect:
    """One part of a release was rolled out without the other: the new one refuses to speak to its old peer.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    """
    w = world.victim()
    peer = next(
        c for c in world.workloads if c is not w and c.service is not None and not c.store and c not in world.taken
    )
    if peer.name not in w.calls:
        apps.call(w, peer)
    image = kubelet.broken_name(world, w.main["image"])
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update(image=image), first=False)
    old, new = world.rng.randint(1, 4), world.rng.randint(5, 9)
    forms = (
        f"incompatible API version: {peer.name} serves v{old}, this build requires v{new} or later",
        f"protocol version mismatch with {peer.name}: server speaks {old}, client requires at least {new}",
    )
    for pod in broken.pods:
        lines = [voices.line(w.lang, "error", world.rng.choice(forms)), voices.line(w.lang, "fatal", "shutting down")]
        kubelet.crash_loop(world, w, pod, code=1, since=created(pod), run=world.rng.randint(2, 9), lines=lines)
    return kit.of_revision(w, broken, "rollout.version-mismatch")


def extra_pod(world: World, w: Workload) -> Obj:
    """Scale a workload up by one pod that has no node yet."""
    w.replicas += 1
    w.obj["metadata"]["generation"] += 1
    pod = new_pod(world, w, w.latest, world.since, bound=False, ordinal=w.replicas - 1)
    kubelet.made(world, w, w.latest, pod)
    if w.latest.rs is not None:
        scaled(world, w, w.latest.rs, w.replicas, world.since, was=w.replicas - 1)
    w.rolling = world.since
    return pod
