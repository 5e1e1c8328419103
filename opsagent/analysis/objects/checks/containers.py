"""Containers that cannot start, crash or were killed: what their states and exit codes state."""

import re

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event, short
from opsagent.analysis.objects.event import KubeEvent
from opsagent.analysis.objects.kube import ContainerStatus
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_START_REASONS = frozenset(
    {"RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun", "PostStartHookError"}
)
_IMPORT = re.compile(
    r"ModuleNotFoundError|ImportError|Cannot find module|ERR_MODULE_NOT_FOUND|ClassNotFoundException|"
    r"NoClassDefFoundError|error while loading shared libraries"
)
_PORT = re.compile(r"(?i)EADDRINUSE|address already in use|port is already (?:in use|allocated)|bind: address")
_RHYTHM_S = 6 * 3600.0  # of a life: what dies once in days is not an incident of now until it dies again
_STOPPED = {
    0: "The program ended by itself without an error (exit code 0), though it should go on.",
    137: "The program was killed from outside (exit code 137, SIGKILL) and not for want of memory.",
    143: "The program was instructed to stop from outside (exit code 143, SIGTERM).",
}


def container_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return why containers of a pod do not run, or crashed within the window."""
    statuses = [status for status in kube.container_statuses(pod) if status.group != "ephemeral"]
    found = [finding for status in statuses if (finding := _one(scene, pod, status))]
    found.sort(key=lambda item: item.strength, reverse=True)
    return found[:2]


def crash(scene: Scene, status: ContainerStatus) -> tuple[dict[str, object], str] | None:  # noqa: PLR0911 - each return is one rule
    """Return the termination that still counts, and its field: now, in a back-off, or within the crash window."""
    if status.terminated:
        if status.group == "init" and kube.optional_integer(status.terminated, "exitCode") == 0:
            return None
        return status.terminated, f"{status.field}.state.terminated"
    last, field = status.last_terminated, f"{status.field}.lastState.terminated"
    if not last:
        return None
    if kube.text(status.waiting, "reason") == "CrashLoopBackOff":
        return last, field
    finished = kube.moment(last, "finishedAt")
    if finished is None:
        return (last, field) if not status.ready else None
    if scene.recent(finished, scene.crash_window_s) or _in_rhythm(scene, status):
        return last, field
    return None


def _in_rhythm(scene: Scene, status: ContainerStatus) -> bool:
    """Whether the container has so far died again and again, and has not yet outlived its usual life."""
    started, finished = (kube.moment(status.last_terminated, key) for key in ("startedAt", "finishedAt"))
    if status.restarts < 3 or started is None or finished is None:
        return False
    life, age = (finished - started).total_seconds(), scene.age(finished) or 0.0
    return 0 < life <= _RHYTHM_S and age <= 1.5 * life


def _one(scene: Scene, pod: KubeObject, status: ContainerStatus) -> Finding | None:
    reason, message = kube.text(status.waiting, "reason"), kube.text(status.waiting, "message")
    if reason in _START_REASONS:
        return _start_error(scene, pod, status, f"{reason}: {message}", f"{status.field}.state.waiting")
    ended = crash(scene, status)
    if ended is None:
        return _back_off(scene, pod, status)
    return _judge(scene, pod, status, *ended)


def _judge(  # noqa: PLR0911 - each return is one rule
    scene: Scene, pod: KubeObject, status: ContainerStatus, ended: dict[str, object], field: str
) -> Finding | None:
    reason, message = kube.text(ended, "reason"), kube.text(ended, "message")
    code, at = kube.optional_integer(ended, "exitCode"), kube.moment(ended, "finishedAt")
    seen: list[Observation] = [observe(pod, field, ended_text(ended), at), *_restarts(pod, status)]
    if reason == "OOMKilled":
        return _oom(scene, pod, status, seen, at)
    if reason in _START_REASONS or (code == 128 and message):
        return _start_error(scene, pod, status, f"{reason}: {message}", field)
    if killed := _killed_by_probe(scene, pod, status, code):
        # The probe's own rule states which; here only that the crash is not the program's.
        return scene.finding("probe.failing", pod, 0.45, _PROBE_KILL, [*seen, observe_event(killed)])
    if _IMPORT.search(message[:20_000]):
        return scene.finding("pod.import-error", pod, 0.85, "The program lacks a module or library at start.", seen)
    if _PORT.search(message[:20_000]) or (_shared_port(pod, status) and code not in (0, 137, 143)):
        return _port_conflict(scene, pod, status, seen)
    if code in _STOPPED:
        return _stopped(scene, pod, status, code, seen)
    if code is None and not reason:
        return None
    row = scene.catalog.message("exit", f"exit code {code or 1}.")
    known, strength = (row.code, row.strength) if row else ("pod.crash-app-error", 0.58)
    summary = row.summary if row else f"The program ends with an error of its own (exit code {code})."
    # Ready again, it may have been a passing fault.
    return scene.finding(known, pod, min(strength, 0.52) if status.ready else strength, summary, seen, at=at)


def ended_text(ended: dict[str, object]) -> str:
    """Return a termination as an operator reads it: "OOMKilled, exit code 137, at 2026-01-02T03:04:05Z"."""
    parts = [kube.text(ended, "reason"), f"exit code {ended.get('exitCode')}" if "exitCode" in ended else ""]
    parts += [
        f"at {kube.text(ended, 'finishedAt')}" if ended.get("finishedAt") else "",
        short(kube.text(ended, "message"), 160),
    ]
    return ", ".join(part for part in parts if part) or "terminated"


_PROBE_KILL = "The kubelet killed the container because its liveness probe failed."


def _oom(scene: Scene, pod: KubeObject, status: ContainerStatus, seen: list[Observation], at: object) -> Finding:
    raw = next((c.raw for c in kube.containers(pod) if c.name == status.name and c.group == status.group), {})
    limit = kube.text(raw, "resources", "limits", "memory")
    which = f"its memory limit of {limit}" if limit else "the memory it may have"
    if limit:
        seen.append(observe(pod, "spec.containers.resources.limits.memory", limit))
    strength = 0.97 if not status.ready or at is not None else 0.45
    return scene.finding("pod.oom-killed", pod, strength, f"The kernel killed the container at {which}.", seen)


def _start_error(scene: Scene, pod: KubeObject, status: ContainerStatus, text: str, field: str) -> Finding:
    seen = [observe(pod, field, text), *_restarts(pod, status)]
    row = scene.catalog.message("start", text)
    if row is None:
        return scene.finding("pod.bad-command", pod, 0.55, "The container cannot be started.", seen)
    node = kube.text(pod, "spec", "nodeName")
    change = f"Node/{node}" if node and scene.catalog.is_a(row.code, "whole-node") else None
    return scene.finding(row.code, pod, row.strength, row.summary, seen, change=change, variant=row.variant)


def _killed_by_probe(scene: Scene, pod: KubeObject, status: ContainerStatus, code: int | None) -> KubeEvent | None:
    if code not in (0, 1, 2, 137, 143):
        return None
    killings = newest(scene.cluster.events_of(pod), "Killing")
    told = [event for event in killings if event.said("failed liveness probe", "failed startup probe")]
    return next((event for event in told if status.name in event.message or not status.name), None)


def _port_conflict(scene: Scene, pod: KubeObject, status: ContainerStatus, seen: list[Observation]) -> Finding:
    shared = _shared_port(pod, status)
    if shared:
        seen.append(observe(pod, "spec.containers.ports", shared))
    summary = (
        "The port that the container listens on is taken by another one of the same pod."
        if shared
        else ("The port that the program listens on is taken already.")
    )
    return scene.finding("pod.port-in-use", pod, 0.85, summary, seen)


def _shared_port(pod: KubeObject, status: ContainerStatus) -> str:
    owners: dict[tuple[int, str], list[str]] = {}
    for container in kube.containers(pod):
        if container.group == "init":
            continue
        ports = {
            (kube.integer(port, "containerPort"), kube.text(port, "protocol", default="TCP"))
            for port in kube.dicts(container.raw, "ports")
        }
        for port in ports:
            owners.setdefault(port, []).append(container.name)
    for (number, _), names in owners.items():
        if number and len(names) > 1 and status.name in names:
            return f"containers {' and '.join(names)} both declare port {number}"
    return ""


def _stopped(
    scene: Scene, pod: KubeObject, status: ContainerStatus, code: int, seen: list[Observation]
) -> Finding | None:
    policy = kube.text(pod, "spec", "restartPolicy", default="Always")
    if status.ready or (code == 0 and (policy != "Always" or any(kind == "Job" for kind, _ in kube.owners(pod)))):
        # It runs again: a restart, asked for or not, is not a fault of now.
        return scene.unexplained(pod, 0.35, _STOPPED[code], seen) if code == 137 else None
    if kube.text(status.waiting, "reason") == "CrashLoopBackOff" and code == 0:
        return scene.unexplained(pod, 0.5, _STOPPED[0], seen)
    if not scene.services_selecting(kube.namespace(pod), kube.labels(pod)):
        return scene.unexplained(pod, 0.5, _STOPPED[code], seen)
    image = next((kube.text(c.raw, "image") for c in kube.containers(pod) if c.name == status.name), "")
    kind = scene.catalog.peer_kind(image=image) or scene.catalog.peer_kind(name=status.name)
    stopped = scene.catalog.unreached(kind)
    return scene.finding(stopped, pod, 0.6, _STOPPED[code], seen)


def _back_off(scene: Scene, pod: KubeObject, status: ContainerStatus) -> Finding | None:
    reason, message = kube.text(status.waiting, "reason"), kube.text(status.waiting, "message")
    if reason != "CrashLoopBackOff":
        return None
    seen = [
        observe(pod, f"{status.field}.state.waiting", f"{reason}: {message}" if message else reason),
        *_restarts(pod, status),
    ]
    return scene.unexplained(pod, 0.5, "The container crashes again and again; its last state is not known.", seen)


def _restarts(pod: KubeObject, status: ContainerStatus) -> list[Observation]:
    return [observe(pod, f"{status.field}.restartCount", f"{status.restarts} restarts")] if status.restarts else []
