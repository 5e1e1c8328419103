"""What the kubelet writes while a pod starts, crashes, fails its probes or cannot get its image or volumes.

Sources: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/,
https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/ and pkg/kubelet/events in the Kubernetes sources.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from . import names, voices
from .model import Obj, Revision, Workload, name_of, stamp
from .pods import BACKOFF, container_status, created, refresh, runs, unready, waiting

if TYPE_CHECKING:
    from .world import World


def pod_id(pod: Obj) -> str:
    """Return a pod as the kubelet writes it: name_namespace(uid)."""
    meta = pod["metadata"]
    return f"{meta['name']}_{meta['namespace']}({meta['uid']})"


def created_text(world: World, container: str) -> str:
    """Return the message of the Created event, which changed in 1.32."""
    return f"Created container: {container}" if world.minor >= 32 else f"Created container {container}"


def scheduled(world: World, pod: Obj) -> None:
    """Record that the scheduler assigned a pod to its node."""
    text = f"Successfully assigned {pod['metadata']['namespace']}/{name_of(pod)} to {pod['spec']['nodeName']}"
    world.event(pod, "Scheduled", text, by="default-scheduler", first=created(pod))


def made(world: World, w: Workload, rev: Revision, pod: Obj) -> None:
    """Record that the controller made a pod."""
    at = created(pod)
    if rev.rs is not None:
        world.event(rev.rs, "SuccessfulCreate", f"Created pod: {name_of(pod)}", by="replicaset-controller", first=at)
        return
    text = f"create Pod {name_of(pod)} in StatefulSet {name_of(w.obj)} successful"
    by = "statefulset-controller" if w.kind == "StatefulSet" else "daemonset-controller"
    world.event(
        w.obj, "SuccessfulCreate", text if w.kind == "StatefulSet" else f"Created pod: {name_of(pod)}", by=by, first=at
    )


def started(world: World, pod: Obj, at: datetime, *, pulled: bool = True, skip: str | None = None) -> None:
    """Record image, creation and start of each container of a pod, except of one that did not get so far."""
    for c in pod["spec"]["containers"]:
        if c["name"] == skip:
            continue
        if pulled:
            seconds, size = world.rng.randint(300, 9000) / 1000, world.rng.randint(20, 400) * 1_000_003
            world.kubelet(pod, "Pulling", f'Pulling image "{c["image"]}"', first=at, container=c["name"])
            text = f'Successfully pulled image "{c["image"]}" in {seconds}s ({seconds}s including waiting)'
            text += f". Image size: {size} bytes." if world.minor >= 29 else ""
        else:
            text = f'Container image "{c["image"]}" already present on machine'
        world.kubelet(pod, "Pulled", text, first=world.after(at, 1), container=c["name"])
        world.kubelet(pod, "Created", created_text(world, c["name"]), first=world.after(at, 1), container=c["name"])
        world.kubelet(pod, "Started", f"Started container {c['name']}", first=world.after(at, 2), container=c["name"])


def crash_loop(
    world: World,
    w: Workload,
    pod: Obj,
    *,
    code: int,
    since: datetime,
    run: float,
    lines: list[str],
    reason: str = "Error",
    message: str | None = None,
    container: str | None = None,
    lang: str | None = None,
    killed_by: str | None = None,
    head: bool = True,
) -> None:
    """Let a container end again and again since a time: status, back-off events and its last log.

    run: seconds that each run lasts; lines: the last words of each run; killed_by: the probe whose failure ends it;
    head: whether the program got as far as its own first lines.
    """
    name = container or w.container
    found = runs(world, since, run, BACKOFF)
    start, end = found[-1]
    status = container_status(pod, name)
    ended: Obj = {"exitCode": code, "reason": reason, "startedAt": stamp(start), "finishedAt": stamp(end)}
    ended["containerID"] = f"containerd://{world.rng.getrandbits(256):064x}"
    if message:
        ended["message"] = message
    if reason == "StartError":
        ended["startedAt"] = "1970-01-01T00:00:00Z"
    text = f"back-off {_delay(len(found))} restarting failed container={name} pod={pod_id(pod)}"
    status |= {"ready": False, "started": False, "restartCount": len(found) - 1, "containerID": ended["containerID"]}
    status |= {
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": text}},
        "lastState": {"terminated": ended},
    }
    pod["status"]["phase"] = "Running"
    refresh(pod, end)
    image = next(c["image"] for c in pod["spec"]["containers"] if c["name"] == name)
    loop_events(world, pod, name, image, since, end, len(found), failed=message if reason == "StartError" else None)
    if killed_by:
        text = f"Container {name} failed {killed_by} probe, will be restarted"
        world.kubelet(pod, "Killing", text, first=found[0][1], last=end, count=len(found), container=name)
    if lines:
        first = voices.startup(world.rng, lang or w.lang, w.name, w.port) if head else []
        loop_log(world, pod, name, [*first, *lines], start, end)


def _delay(count: int) -> str:
    """Return the back-off after so many runs, as Go writes a duration."""
    delay = min(300, 10 * 2 ** max(0, count - 2))
    return f"{delay // 60}m{delay % 60}s" if delay >= 60 else f"{delay}s"


def loop_log(world: World, pod: Obj, name: str, lines: list[str], start: datetime, end: datetime) -> None:
    """Write a run's log, spread over the run; during back-off the last run is both the newest and the previous."""
    step = timedelta(seconds=(end - start).total_seconds() / (len(lines) + 1))
    spoken = [(start + step * (i + 1), voices.dated(line, start + step * (i + 1))) for i, line in enumerate(lines)]
    world.log(pod, name, spoken)
    world.log(pod, name, spoken, previous=True)


def loop_events(
    world: World, pod: Obj, name: str, image: str, since: datetime, last: datetime, count: int, *, failed: str | None
) -> None:
    """Record the events of a container that is started again and again."""
    text = f'Container image "{image}" already present on machine'
    world.kubelet(pod, "Pulled", text, first=since, last=last, count=count, container=name)
    world.kubelet(pod, "Created", created_text(world, name), first=since, last=last, count=count, container=name)
    if failed:
        world.kubelet(
            pod, "Failed", f"Error: {failed}", first=since, last=last, count=count, warning=True, container=name
        )
    else:
        world.kubelet(pod, "Started", f"Started container {name}", first=since, last=last, count=count, container=name)
    more = int((world.now - last).total_seconds() // 12) + count * 3
    text = f"Back-off restarting failed container {name} in pod {pod_id(pod)}"
    world.kubelet(
        pod, "BackOff", text, first=world.after(since, 12), last=world.ago(4), count=more, warning=True, container=name
    )


def cannot_pull(world: World, pod: Obj, container: str, image: str, error: str, *, now_pulling: bool = False) -> None:
    """Let an image pull fail since the pod was made, in containerd's words."""
    since = created(pod)
    failed = f'Failed to pull image "{image}": {error}'
    tries = max(1, min(12, int((world.now - since).total_seconds() // 90)))
    last = world.ago(world.rng.randint(10, 80))
    backoff = f'Back-off pulling image "{image}"'
    waiting_text = f"{backoff}: ErrImagePull: {error}" if world.minor >= 31 else backoff
    if now_pulling:
        waiting(pod, container, "ErrImagePull", error)
    else:
        waiting(pod, container, "ImagePullBackOff", waiting_text)
    text = f'Pulling image "{image}"'
    world.kubelet(pod, "Pulling", text, first=since, last=last, count=tries, container=container)
    world.kubelet(pod, "Failed", failed, first=since, last=last, count=tries, warning=True, container=container)
    text = "Error: ErrImagePull"
    world.kubelet(pod, "Failed", text, first=since, last=last, count=tries, warning=True, container=container)
    text = "Error: ImagePullBackOff"
    world.kubelet(pod, "Failed", text, first=since, last=last, count=tries * 2, warning=True, container=container)
    world.kubelet(pod, "BackOff", backoff, first=since, last=world.ago(5), count=tries * 4, container=container)


def config_error(world: World, pod: Obj, container: str, message: str) -> None:
    """Let the kubelet refuse to make a container: CreateContainerConfigError."""
    waiting(pod, container, "CreateContainerConfigError", message)
    since, count = created(pod), max(2, int((world.now - created(pod)).total_seconds() // 12))
    text = f"Error: {message}"
    world.kubelet(pod, "Failed", text, first=since, last=world.ago(6), count=count, warning=True, container=container)


def failed_mount(world: World, pod: Obj, volume: str, message: str, *, waited: bool = True) -> None:
    """Record that a volume cannot be mounted, and that the kubelet's wait for it timed out."""
    since = created(pod)
    age = (world.now - since).total_seconds()
    count = max(2, int(age // 120) + 5)
    world.kubelet(pod, "FailedMount", message, first=since, last=world.ago(20), count=count, warning=True)
    if waited and age > 130:
        text = f"Unable to attach or mount volumes: unmounted volumes=[{volume}], unattached volumes=[], "
        text += "failed to process volumes=[]: timed out waiting for the condition"
        first = since + timedelta(seconds=123)
        world.kubelet(
            pod, "FailedMount", text, first=first, last=world.ago(9), count=max(1, int(age // 136)), warning=True
        )


def probe_fails(
    world: World, pod: Obj, container: str, kind: str, message: str, since: datetime, *, each: int = 10
) -> None:
    """Record failures of a probe since a time and, for readiness, make the container unready."""
    count = max(1, int((world.now - since).total_seconds() // each))
    text = f"{kind} probe failed: {message}"
    world.kubelet(
        pod, "Unhealthy", text, first=since, last=world.ago(3), count=count, warning=True, container=container
    )
    if kind == "Readiness":
        unready(pod, container, world.after(since, 25))


def probe_url(pod: Obj, probe: Obj, port: int) -> str:
    """Return the address that the kubelet asks for an HTTP probe."""
    get = probe["httpGet"]
    return f"{str(get.get('scheme', 'HTTP')).lower()}://{pod['status']['podIP']}:{port}{get['path']}"


def fresh_events(world: World, w: Workload, rev: Revision, pod: Obj) -> None:
    """Record a pod's creation and its assignment to a node."""
    made(world, w, rev, pod)
    scheduled(world, pod)


def random_digest(world: World) -> str:
    """Return a sandbox or container id of 64 hex digits."""
    return f"{world.rng.getrandbits(256):064x}"


def broken_name(world: World, image: str) -> str:
    """Return an image reference with another tag that nobody pushed."""
    return f"{image.rsplit(':', 1)[0]}:{names.tag(world.rng)}-{world.rng.choice(('rc', 'hotfix', 'amd64', 'final'))}"
