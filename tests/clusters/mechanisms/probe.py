"""Faults of probes: family `probe`.

https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import kubelet, voices
from tests.clusters.apps import http_probe
from tests.clusters.changes import Broken, main_of, new_revision
from tests.clusters.model import NONE, RESTART, Expect, Obj, Workload
from tests.clusters.pods import created
from tests.clusters.registry import mechanism

from . import kit

if TYPE_CHECKING:
    from tests.clusters.world import World

REFUSED = "dial tcp {ip}:{port}: connect: connection refused"
TIMED_OUT = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"


def probe(world: World, w: Workload, kind: str, found: Obj) -> Broken:
    """Roll out a revision with a probe of a kind; the other kind is left as it is right."""

    def change(spec: Obj) -> None:
        main = main_of(w, spec)
        main[kind] = found
        if kind == "livenessProbe":
            main["readinessProbe"] = http_probe("/healthz", w.port)
        main.pop("startupProbe", None)

    return new_revision(world, w, change)


def ready_log(world: World, w: Workload, pod: Obj) -> None:
    """Let a running pod log that it listens on its port and works."""
    kit.say(world, w, voices.steady(world.rng, w.lang, w.name, w.port), pod=pod)


def killed(world: World, w: Workload, pod: Obj, message: str, lines: list[str], delay: int, period: int) -> None:
    """Let failures of the liveness probe end a container again and again."""
    run = delay + 3 * period
    code = world.rng.choice((137, 143, 143))
    since = created(pod)
    kubelet.crash_loop(world, w, pod, code=code, since=since, run=run, lines=lines, killed_by="liveness")
    kubelet.probe_fails(world, pod, w.container, "Liveness", message, world.after(since, delay), each=period * 4)


def other_port(world: World, w: Workload) -> int:
    """Return a port on which nothing in the pod listens."""
    used = {p["containerPort"] for c in w.latest.template["spec"]["containers"] for p in c.get("ports", [])}
    return next(p for p in world.rng.sample((9999, 8090, 8443, 3001, 9090, 8082), 6) if p not in used)


@mechanism("probe.liveness-port")
def liveness_port(world: World) -> Expect:
    """The liveness probe asks a port on which nothing listens; the kubelet restarts a healthy program."""
    w = world.victim(("Deployment", "StatefulSet"))
    port, delay = other_port(world, w), world.rng.choice((5, 10, 20))
    broken = probe(world, w, "livenessProbe", http_probe("/healthz", port, initialDelaySeconds=delay))
    for pod in broken.pods:
        url = f"http://{pod['status']['podIP']}:{port}/healthz"
        text = f'Get "{url}": ' + REFUSED.format(ip=pod["status"]["podIP"], port=port)
        killed(world, w, pod, text, voices.steady(world.rng, w.lang, w.name, w.port), delay, 10)
    return kit.of_revision(w, broken, "probe.liveness-port")


@mechanism("probe.liveness-protocol")
def liveness_protocol(world: World) -> Expect:
    """The liveness probe speaks TLS or gRPC to a program that serves plain HTTP on that port."""
    w = world.victim()
    delay = world.rng.choice((5, 15))
    found = http_probe("/healthz", w.port, initialDelaySeconds=delay)
    grpc = world.minor >= 27 and world.chance(0.4)
    if grpc:
        found.pop("httpGet")
        found["grpc"] = {"port": w.port, "service": ""}
    else:
        found["httpGet"]["scheme"] = "HTTPS"
    broken = probe(world, w, "livenessProbe", found)
    for pod in broken.pods:
        ip = pod["status"]["podIP"]
        text = f'Get "https://{ip}:{w.port}/healthz": http: server gave HTTP response to HTTPS client'
        if grpc:
            text = (
                "error: this server does not implement the grpc health protocol "
                f'(grpc.health.v1.Health): "{ip}:{w.port}"'
            )
        killed(world, w, pod, text, voices.steady(world.rng, w.lang, w.name, w.port), delay, 10)
    return kit.of_revision(w, broken, "probe.liveness-protocol")


@mechanism("probe.liveness-timing")
def liveness_timing(world: World) -> Expect:
    """The program needs longer to start than the liveness probe waits, and there is no startup probe."""
    w = world.victim()
    delay, period = world.rng.choice((3, 5)), world.rng.choice((3, 5))
    broken = probe(
        world, w, "livenessProbe", http_probe("/healthz", w.port, initialDelaySeconds=delay, periodSeconds=period)
    )
    for pod in broken.pods:
        ip = pod["status"]["podIP"]
        text = f'Get "http://{ip}:{w.port}/healthz": ' + REFUSED.format(ip=ip, port=w.port)
        shares = (4, 9, 15, 22)
        lines = [voices.line(w.lang, "info", f"warming up: {s}% of the catalogue loaded") for s in shares]
        lines.append(voices.line(w.lang, "info", "received SIGTERM during startup, shutting down"))
        killed(world, w, pod, text, lines, delay, period)
    return kit.of_revision(w, broken, "probe.liveness-timing")


@mechanism("probe.readiness-port")
def readiness_port(world: World) -> Expect:
    """The readiness probe asks a port on which nothing listens; the pod never becomes ready."""
    w = world.victim(("Deployment", "StatefulSet", "DaemonSet"))
    port = other_port(world, w)
    broken = probe(world, w, "readinessProbe", http_probe("/healthz", port, initialDelaySeconds=5))
    for pod in broken.pods:
        ip = pod["status"]["podIP"]
        text = f'Get "http://{ip}:{port}/healthz": ' + REFUSED.format(ip=ip, port=port)
        ready_log(world, w, pod)
        kubelet.probe_fails(world, pod, w.container, "Readiness", text, created(pod))
    return kit.of_revision(w, broken, "probe.readiness-port")


@mechanism("probe.readiness-protocol")
def readiness_protocol(world: World) -> Expect:
    """The readiness probe speaks HTTPS to a program that serves plain HTTP, or HTTP to one that serves TLS."""
    w = world.victim()
    found = http_probe("/healthz", w.port)
    tls = world.chance(0.5)
    found["httpGet"]["scheme"] = "HTTP" if tls else "HTTPS"
    broken = probe(world, w, "readinessProbe", found)
    for pod in broken.pods:
        url = f"https://{pod['status']['podIP']}:{w.port}/healthz"
        text = f'Get "{url}": http: server gave HTTP response to HTTPS client'
        lines = voices.steady(world.rng, w.lang, w.name, w.port)
        if tls:
            text = "HTTP probe failed with statuscode: 400"
            lines = [voices.line(w.lang, "info", f"listening on https://0.0.0.0:{w.port}")]
            lines += [voices.line(w.lang, "warn", "client sent an HTTP request to an HTTPS server")] * 4
        kit.say(world, w, lines, pod=pod)
        kubelet.probe_fails(world, pod, w.container, "Readiness", text, created(pod))
    return kit.of_revision(w, broken, "probe.readiness-protocol")


@mechanism("probe.readiness-timing")
def readiness_timing(world: World) -> Expect:
    """The readiness probe gives up after a second; the program's health check takes longer and does answer 200."""
    w = world.victim()
    broken = probe(world, w, "readinessProbe", http_probe("/healthz", w.port, periodSeconds=5))
    for pod in broken.pods:
        lines = [voices.line(w.lang, "info", f"listening on :{w.port}")]
        took = [world.rng.randint(1900, 3400) for _ in range(6)]
        lines += [
            voices.line(w.lang, "info", f'kube-probe/1.{world.minor} "GET /healthz HTTP/1.1" 200 {t}ms') for t in took
        ]
        kit.say(world, w, lines, pod=pod)
        text = f'Get "http://{pod["status"]["podIP"]}:{w.port}/healthz": {TIMED_OUT}'
        kubelet.probe_fails(world, pod, w.container, "Readiness", text, created(pod), each=5)
    return kit.of_revision(w, broken, "probe.readiness-timing")


@mechanism("probe.failing")
def failing(world: World) -> Expect:
    """The probe is right and answered at once, with 503: the program reports that it is not ready."""
    w = world.victim(called=True)
    kit.edit_all(w, lambda spec: main_of(w, spec).update(readinessProbe=http_probe("/ready", w.port)))
    kit.edit_all(w, lambda spec: main_of(w, spec).pop("livenessProbe", None))
    hit = kit.struck(world, w)
    for pod in hit:
        lines = [
            voices.line(w.lang, "warn", 'GET /ready 503: {"status":"down"}'.replace('"', "'"))
        ] * world.rng.randint(4, 9)
        kit.say(world, w, lines, pod=pod)
        text = "HTTP probe failed with statuscode: 503"
        kubelet.probe_fails(world, pod, w.container, "Readiness", text, world.since)
    harmful = frozenset({"rollback_deployment"})
    return kit.expect(w, "probe.failing", pods=hit, plans=NONE | {RESTART}, harmful=harmful)
