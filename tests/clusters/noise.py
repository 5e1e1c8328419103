"""What healthy clusters are full of: changes in progress, warnings that passed, old harmless defects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta

from . import apps, batch, changes, defects, kubelet, names
from .model import Workload, name_of, stamp
from .moves import drain
from .pods import container_status, created, new_pod, put, unready
from .world import World, condition

Noise = Callable[[World, Workload], None]


@contextmanager
def at_time(world: World, at: datetime) -> Iterator[None]:
    """Let changes happen at another time than the fault's."""
    before, world.since = world.since, at
    yield
    world.since = before


def rollout_in_progress(world: World, w: Workload) -> None:
    """A rolling update began seconds ago; its first pod is starting."""
    image = f"{w.main['image'].rsplit(':', 1)[0]}:{names.tag(world.rng)}"
    with at_time(world, world.ago(world.rng.randint(12, 28))):
        broken = changes.new_revision(world, w, lambda spec: changes.main_of(w, spec).update(image=image), first=False)
    for pod in broken.pods:
        kubelet.started(world, pod, created(pod))
        unready(pod, w.container, created(pod))


def rollout_finished(world: World, w: Workload) -> None:
    """A rolling update was completed minutes ago."""
    at = world.ago(world.rng.randint(300, 2400))
    old = w.latest
    template = deepcopy(old.template)
    changes.main_of(w, template["spec"])["image"] = f"{w.main['image'].rsplit(':', 1)[0]}:{names.tag(world.rng)}"
    rev = apps.add_revision(world, w, template, at)
    gone = list(w.pods)
    w.pods.clear()
    for i, pod in enumerate(gone):
        when = at + timedelta(seconds=12 * (i + 1))
        fresh = new_pod(world, w, rev, when)
        kubelet.fresh_events(world, w, rev, fresh)
        kubelet.started(world, fresh, when)
        text = f"Stopping container {w.container}"
        world.kubelet(pod, "Killing", text, first=when + timedelta(seconds=9), container=w.container)
    assert rev.rs is not None
    assert old.rs is not None
    changes.scaled(world, w, rev.rs, len(gone), at)
    changes.scaled(world, w, old.rs, 0, at + timedelta(seconds=14), was=1)


def autoscaled(world: World, w: Workload) -> None:
    """An autoscaler added a pod minutes ago and is content."""
    at = world.ago(world.rng.randint(120, 1500))
    w.replicas += 1
    pod = new_pod(world, w, w.latest, at)
    kubelet.fresh_events(world, w, w.latest, pod)
    kubelet.started(world, pod, at, pulled=False)
    found = defects.autoscaler(world, w, w.replicas + 3)
    text = f"New size: {w.replicas}; reason: cpu resource utilization (percentage of request) above target"
    world.event(found, "SuccessfulRescale", text, by="horizontal-pod-autoscaler", first=at)


def drained(world: World, w: Workload) -> None:
    """A worker was drained for maintenance; its pods run elsewhere. Only where other workers have room."""
    workers = world.workers()
    if len(workers) >= 4 and not any(o["kind"] == "PodDisruptionBudget" for o in world.extra):
        node = next(n for n in workers if name_of(n) == w.pods[0]["spec"]["nodeName"])
        drain(world, node, world.ago(world.rng.randint(200, 3000)))
        if world.chance(0.5):
            node["spec"].pop("unschedulable")
            node["spec"]["taints"] = [t for t in node["spec"]["taints"] if "unschedulable" not in t["key"]]
            text = f"Node {name_of(node)} status is now: NodeSchedulable"
            world.event(node, "NodeSchedulable", text, by="kubelet", first=world.ago(90), host=name_of(node))


def slow_start(world: World, w: Workload) -> None:
    """A pod made minutes ago failed its readiness probe while it started, and has been ready since."""
    at = world.ago(world.rng.randint(240, 1500))
    pod = changes.replaced(world, w, 1, at=at)[0]
    kubelet.started(world, pod, at)
    text = f'Readiness probe failed: Get "http://{pod["status"]["podIP"]}:{w.port}/healthz": dial tcp '
    text += f"{pod['status']['podIP']}:{w.port}: connect: connection refused"
    world.kubelet(
        pod, "Unhealthy", text, first=at, last=at + timedelta(seconds=6), count=2, warning=True, container=w.container
    )


def waited_for_a_node(world: World, w: Workload) -> None:
    """A pod waited for the autoscaler's new node and was placed."""
    at = world.ago(world.rng.randint(300, 2000))
    pod = changes.replaced(world, w, 1, at=at)[0]
    total = len(world.nodes)
    text = f"0/{total} nodes are available: {total} Insufficient cpu. preemption: 0/{total} nodes are available: "
    text += f"{total} No preemption victims found for incoming pod."
    world.event(pod, "FailedScheduling", text, by="default-scheduler", first=at, warning=True)
    kubelet.started(world, pod, at + timedelta(seconds=4))


def pulled_at_last(world: World, w: Workload) -> None:
    """An image pull timed out once and then succeeded."""
    at = world.ago(world.rng.randint(300, 2000))
    pod = changes.replaced(world, w, 1, at=at)[0]
    image = w.main["image"]
    text = (
        f'Failed to pull image "{image}": rpc error: code = DeadlineExceeded '
        f'desc = failed to pull and unpack image "{image}": '
    )
    text += "context deadline exceeded"
    for message in (text, "Error: ErrImagePull"):
        world.kubelet(pod, "Failed", message, first=at, warning=True, container=w.container)
    kubelet.started(world, pod, at + timedelta(seconds=5))


def mounted_at_last(world: World, w: Workload) -> None:
    """The kubelet's cache was not filled when a pod came; the mount succeeded a second later."""
    at = world.ago(world.rng.randint(200, 2500))
    pod = changes.replaced(world, w, 1, at=at)[0]
    volume = next(v["name"] for v in pod["spec"]["volumes"] if v["name"].startswith("kube-api-access"))
    text = (
        f'MountVolume.SetUp failed for volume "{volume}" : failed to sync '
        "configmap cache: timed out waiting for the condition"
    )
    world.kubelet(pod, "FailedMount", text, first=at, warning=True)
    kubelet.started(world, pod, at + timedelta(seconds=2), pulled=False)


def restarted_long_ago(world: World, w: Workload) -> None:
    """A container was killed or failed hours or days ago and has run since."""
    pod = w.pods[0]
    begin = created(pod)
    span = (world.ago(5400) - begin).total_seconds()
    if span < 600:
        return
    end = begin + timedelta(seconds=span * world.rng.uniform(0.3, 1))
    code, reason = world.rng.choice(((137, "OOMKilled"), (1, "Error"), (143, "Error"), (255, "Unknown")))
    status = container_status(pod, w.container)
    done = {"exitCode": code, "reason": reason, "startedAt": status["state"]["running"]["startedAt"]}
    done["finishedAt"] = stamp(end)
    status["restartCount"] = world.rng.randint(1, 4)
    status["lastState"] = {"terminated": done}
    again = end + timedelta(seconds=12)
    status["state"] = {"running": {"startedAt": stamp(again)}}
    for kind in ("Ready", "ContainersReady"):
        put(pod, condition(kind, "True", again + timedelta(seconds=9)))


def readiness_blip(world: World, w: Workload) -> None:
    """A pod was not ready for half a minute a quarter of an hour ago."""
    pod = w.pods[-1]
    if created(pod) > world.ago(1800):
        return
    at = world.ago(world.rng.randint(700, 1500))
    text = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    end = at + timedelta(seconds=20)
    world.kubelet(pod, "Unhealthy", text, first=at, last=end, count=3, warning=True, container=w.container)
    for kind in ("Ready", "ContainersReady"):
        put(pod, condition(kind, "True", end + timedelta(seconds=10)))


def jobs(world: World, w: Workload) -> None:
    """A CronJob with its history, and a Job whose first pod failed and whose second succeeded."""
    cron = batch.cron_job(world, f"{w.name}-report", "*/10 * * * *")
    due = world.now.timestamp() % 600  # a run is scheduled for the full ten minutes, and just now is not yet made
    batch.history(world, cron, [due + 600.0 * (run + (due < 60)) for run in range(3)])
    at = world.ago(world.rng.randint(400, 3000))
    found = batch.job(world, f"{w.name}-migrate-{names.suffix(world.rng)}", at)
    batch.job_pod(world, found, at, code=1, took=8)
    second = at + timedelta(seconds=20)
    batch.job_pod(world, found, second, code=0, took=15)
    found["status"]["failed"] = 1
    batch.finish(world, found, second + timedelta(seconds=16))


MOVING: tuple[Noise, ...] = (
    rollout_in_progress,
    rollout_finished,
    autoscaled,
    slow_start,
    waited_for_a_node,
    pulled_at_last,
    mounted_at_last,
    readiness_blip,
    restarted_long_ago,
    drained,
)


def add_noise(world: World, count: int, *, keep: int) -> list[str]:
    """Apply random noise; `keep` Deployments stay untouched. Returns the names of what was applied."""
    applied = []
    for _ in range(count):
        free = [w for w in world.workloads if w.kind == "Deployment" and w not in world.taken]
        if len(free) > keep and world.chance(0.6):
            noise = world.rng.choice(MOVING)
            w = world.rng.choice(free)
            world.taken.append(w)
            w.pods[:] = [p for p in w.pods if p["status"].get("phase") == "Running"]
        else:
            noise = world.rng.choice((jobs, *defects.STANDING))
            w = world.rng.choice(world.workloads)
        key = f"{noise.__name__}"
        if noise in MOVING or key not in applied:
            noise(world, w)
            applied.append(key)
    return applied
