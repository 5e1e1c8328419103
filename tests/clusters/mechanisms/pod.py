"""Faults of the program or its container: family `pod`."""

from __future__ import annotations

from tests.clusters import kubelet, voices
from tests.clusters.changes import main_of, new_revision, replaced
from tests.clusters.model import RESTART, Expect, Obj, Workload, stamp
from tests.clusters.pods import created, unready
from tests.clusters.registry import mechanism
from tests.clusters.world import World, condition

from . import kit


@mechanism("pod.oom-killed")
def oom_in_place(world: World) -> Expect:
    """The kernel kills the program at its memory limit, long after the last change.

    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-limits-are-run
    """
    w = world.victim(("Deployment", "StatefulSet"))
    hit = kit.struck(world, w)
    for pod in hit:
        run = world.rng.randint(30, 200)
        lines = voices.steady(world.rng, w.lang, w.name, w.port)
        kubelet.crash_loop(world, w, pod, code=137, reason="OOMKilled", since=world.since, run=run, lines=lines)
    return kit.in_place(w, "pod.oom-killed", pods=hit)


@mechanism("pod.oom-killed")
def oom_after_limit_cut(world: World) -> Expect:
    """A new revision gives the program less memory than it needs.

    https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/
    """
    w = world.victim()

    def cut(spec: Obj) -> None:
        resources = main_of(w, spec)["resources"]
        resources["requests"]["memory"] = resources["limits"]["memory"] = "24Mi"

    broken = new_revision(world, w, cut, first=False)
    for pod in broken.pods:
        run, lines = world.rng.randint(2, 20), voices.startup(world.rng, w.lang, w.name, w.port)
        since = created(pod)
        kubelet.crash_loop(world, w, pod, code=137, reason="OOMKilled", since=since, run=run, lines=lines, head=False)
    return kit.of_revision(w, broken, "pod.oom-killed")


@mechanism("pod.crash-app-error")
def crash_in_place(world: World) -> Expect:
    """The program ends with its own exception again and again; nothing of its workload was changed.

    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
    """
    w = world.victim(("Deployment", "StatefulSet"))
    hit = kit.struck(world, w)
    words, code = voices.crash(w.lang)
    for pod in hit:
        kubelet.crash_loop(world, w, pod, code=code, since=world.since, run=world.rng.randint(2, 25), lines=words)
    return kit.in_place(w, "pod.crash-app-error", pods=hit)


@mechanism("pod.crash-app-error")
def crash_on_first_start(world: World) -> Expect:
    """A workload that was never up ends with its own exception at start.

    https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/#my-pod-is-crashing-or-otherwise-unhealthy
    """
    w = world.victim(("Deployment", "DaemonSet"))
    words, code = voices.crash(w.lang)
    broken = new_revision(world, w, lambda spec: spec, first=True)
    for pod in broken.pods:
        kubelet.crash_loop(world, w, pod, code=code, since=created(pod), run=world.rng.randint(1, 9), lines=words)
    return kit.of_revision(w, broken, "pod.crash-app-error")


@mechanism("pod.bad-command")
def command_not_found(world: World) -> Expect:
    """The container's command names a program that the image does not have.

    https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
    """
    w = world.victim()
    program = world.rng.choice(("/app/servr", "gunicornn", "/usr/local/bin/start.sh", "./run-server"))
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update({"command": [program]}))
    what = f"stat {program}: no such file or directory" if "/" in program else "executable file not found in $PATH"
    text = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    )
    text += f'unable to start container process: exec: "{program}": {what}: unknown'
    for pod in broken.pods:
        since = created(pod)
        kubelet.crash_loop(world, w, pod, code=128, reason="StartError", message=text, since=since, run=0, lines=[])
    return kit.of_revision(w, broken, "pod.bad-command")


@mechanism("pod.bad-command")
def exec_format(world: World) -> Expect:
    """The image was built for another processor: the kernel refuses to run its program.

    https://kubernetes.io/docs/concepts/containers/images/#multi-architecture-images-with-image-indexes
    """
    w = world.victim()
    image = kubelet.broken_name(world, w.main["image"]).rsplit("-", 1)[0] + "-arm64"
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update({"image": image}))
    for pod in broken.pods:
        lines = [f"exec {world.rng.choice(('/app/server', '/usr/bin/java', '/entrypoint.sh'))}: exec format error"]
        since, code = created(pod), world.rng.choice((1, 255))
        kubelet.crash_loop(world, w, pod, code=code, since=since, run=0, lines=lines, head=False)
    return kit.of_revision(w, broken, "pod.bad-command")


@mechanism("pod.evicted")
def evicted_by_own_limit(world: World) -> Expect:
    """A container writes more than its own ephemeral-storage limit and is evicted again and again.

    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#resource-emphemeralstorage-consumption
    """
    w = world.victim()
    limit = world.rng.choice(("500Mi", "1Gi", "2Gi"))

    def bound(spec: Obj) -> None:
        main_of(w, spec)["resources"]["limits"]["ephemeral-storage"] = limit

    kit.edit_all(w, bound)
    texts = (
        f"Pod ephemeral local storage usage exceeds the total limit of containers {limit}. ",
        f'Container {w.container} exceeded its local ephemeral storage limit "{limit}". ',
    )
    text = world.rng.choice(texts)
    span = (world.now - world.since).total_seconds()
    dead = []
    for i in range(3):
        pod = replaced(world, w, at=world.after(world.since, span * i / 3))[0]
        evict(world, w, pod, text, world.rng.uniform(0.7, 0.95) * span / 3)
        dead.append(pod)
        w.pods.append(w.pods.pop(0))
    last = replaced_after(world, w, dead)
    return kit.in_place(w, "pod.evicted", pods=[*dead, last])


def evict(world: World, w: Workload, pod: Obj, message: str, age: float) -> None:
    """Let the kubelet evict a pod at an age: phase Failed, reason Evicted, its containers killed."""
    at = world.after(created(pod), age)
    world.kubelet(pod, "Evicted", message, first=at, warning=True)
    world.kubelet(pod, "Killing", f"Stopping container {w.container}", first=at, container=w.container)
    status = pod["status"]
    status |= {"phase": "Failed", "reason": "Evicted", "message": message}
    for key in ("podIP", "podIPs"):
        status.pop(key)
    for s in status["containerStatuses"]:
        began = s["state"].get("running", {}).get("startedAt", stamp(at))
        done = {"exitCode": 137, "reason": "Error", "startedAt": began, "finishedAt": stamp(at)}
        s |= {"ready": False, "started": False, "state": {"terminated": done}}
    reason = {"status": "True", "reason": "TerminationByKubelet", "message": message}
    gone = ("Ready", "ContainersReady", "PodReadyToStartContainers")
    status["conditions"] = [
        condition(c["type"], "False", at, "PodFailed") if c["type"] in gone else c for c in status["conditions"]
    ]
    status["conditions"].insert(0, {"type": "DisruptionTarget", "lastTransitionTime": stamp(at), **reason})


def replaced_after(world: World, w: Workload, dead: list[Obj]) -> Obj:
    """Replace evicted pods by one that is not ready yet; the dead stay in the list until they are collected."""
    from tests.clusters.pods import new_pod

    pod = new_pod(world, w, w.latest, world.ago(world.rng.randint(4, 20)))
    kubelet.fresh_events(world, w, w.latest, pod)
    unready(pod, w.container, created(pod))
    alive = [p for p in w.pods if p not in dead and p is not pod]
    w.pods[:] = [*alive[: w.replicas - 1], pod, *dead]
    return pod


@mechanism("pod.hung")
def hung(world: World) -> Expect:
    """The program is alive and accepts connections, but has stopped answering; no liveness probe restarts it.

    https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
    """
    w = world.victim(called=True)
    path = world.rng.choice(("/healthz", "/ready", "/ping"))
    kit.edit_all(w, lambda spec: _only_readiness(w, spec, path))
    for pod in w.pods:
        lines = voices.steady(world.rng, w.lang, w.name, w.port)[1:]
        step = world.rng.randint(4, 30)
        spoken = [(world.after(world.since, -step * (9 - i)), line) for i, line in enumerate(lines)]
        world.log(pod, w.container, [(at, voices.dated(line, at)) for at, line in spoken if at > created(pod)])
        text = f'Get "{kubelet.probe_url(pod, main_of(w, pod["spec"])["readinessProbe"], w.port)}": '
        text += "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        kubelet.probe_fails(world, pod, w.container, "Readiness", text, world.since)
    return kit.expect(w, "pod.hung", plans=frozenset({RESTART}), harmful=frozenset({"rollback_deployment"}))


def _only_readiness(w: Workload, spec: Obj, path: str) -> None:
    from tests.clusters.apps import http_probe

    main = main_of(w, spec)
    main.pop("livenessProbe", None)
    main["readinessProbe"] = http_probe(path, w.port)


IMPORTS = {
    "python": ("ModuleNotFoundError: No module named 'orjson'", 1),
    "node": ("Error: Cannot find module '@acme/telemetry'\nRequire stack:\n- /app/src/index.js", 1),
    "java": (
        (
            "Error: Could not find or load main class com.acme.Main\nCaused by: "
            "java.lang.ClassNotFoundException: com.acme.Main"
        ),
        1,
    ),
    "ruby": (
        (
            "<internal:/usr/local/lib/ruby/rubygems/core_ext/kernel_require.rb>:136:in "
            "`require': cannot load such file -- sidekiq (LoadError)"
        ),
        1,
    ),
}


@mechanism("pod.import-error")
def import_error(world: World) -> Expect:
    """The new image lacks a module that the program imports.

    https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/
    """
    w = world.victim()
    w.lang = world.rng.choice(list(IMPORTS))
    text, code = IMPORTS[w.lang]
    image = kubelet.broken_name(world, w.main["image"])
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update({"image": image}))
    trace = ["Traceback (most recent call last):", '  File "/app/main.py", line 3, in <module>', "    import orjson"]
    lines = [*(trace if w.lang == "python" else []), *text.split("\n")]
    for pod in broken.pods:
        kubelet.crash_loop(world, w, pod, code=code, since=created(pod), run=1, lines=lines, head=False)
    return kit.of_revision(w, broken, "pod.import-error")


@mechanism("pod.port-in-use")
def port_in_use(world: World) -> Expect:
    """A side-car added to the pod listens on the application's port: containers of a pod share the network namespace.

    https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking
    """
    w = world.victim()
    side: Obj = {
        "name": "metrics-exporter",
        "image": f"{world.registry}/metrics-exporter:1.4.0",
        "resources": {},
        "env": [],
    }
    side["args"] = [f"--web.listen-address=:{w.port}"]
    side["ports"] = [{"name": "metrics", "containerPort": w.port, "protocol": "TCP"}]
    broken = new_revision(world, w, lambda spec: spec["containers"].append(dict(side)))
    loser, lang = world.rng.choice(((w.container, w.lang), ("metrics-exporter", "go")))
    forms = {
        "go": f"listen tcp :{w.port}: bind: address already in use",
        "python": f"[Errno 98] error while attempting to bind on address ('0.0.0.0', {w.port}): address already in use",
        "node": f"Error: listen EADDRINUSE: address already in use :::{w.port}",
        "java": f"Web server failed to start. Port {w.port} was already in use.",
    }
    text = forms.get(voices.family(lang), forms["go"])
    for pod in broken.pods:
        words = [voices.line(lang, "error", text)]
        since = created(pod)
        kubelet.crash_loop(
            world, w, pod, code=1, since=since, run=1, lines=words, container=loser, lang=lang, head=False
        )
    return kit.of_revision(w, broken, "pod.port-in-use")
