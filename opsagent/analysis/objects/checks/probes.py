"""Probes that fail: a wrong port, protocol or timing of the probe, or a program that does not answer a right one."""

import re

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.analysis.objects.event import KubeEvent
from opsagent.analysis.objects.kube import ContainerStatus
from opsagent.analysis.objects.probe import Probe, probes_of
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_SAYS_KIND = re.compile(r"(?i)\b(liveness|readiness|startup) probe (?:failed|errored|warning)|probe_?type[=: ]+(\w+)")
_PROTOCOL = (
    "server gave http response to https client", "first record does not look like a tls handshake", "malformed http",
    "http request to an https server", "http request was sent to https port", "error reading server preface",
    "frame too large", "wrong version number", "tls: handshake failure", "http/0.9", "unexpected http status code",
    "unimplemented",
    "transport: received unexpected content-type", "malformed mime", "http2:",
)  # fmt: skip
_REFUSED = ("connection refused",)
_TIMED_OUT = ("deadline exceeded", "timed out", "timeout", "awaiting headers")
_STATUS = re.compile(r"(?i)status ?code:? (\d{3})")
# Ports that never speak HTTP: a probe that asks them for a page gets rubbish or silence.
_NOT_HTTP = frozenset({3306, 5432, 6379, 27017, 9042, 5672, 9092, 11211, 2181, 1433, 1521})
_SHORT_START_S = 180  # many programs need longer: a JVM, a migration, a warm cache
_GRACE_S = 30  # between SIGTERM and SIGKILL, by default
_LONG_DELAY_S = 300  # nobody means to wait five minutes for the first check


def probe_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return which probes of a pod that is not ready or was restarted by one fail, and why."""
    events = newest(scene.cluster.events_of(pod), "Unhealthy", "ProbeWarning", "ProbeError")
    probes = probes_of(pod)
    found = [
        finding for kind in ("startup", "liveness", "readiness") if (finding := _kind(scene, pod, kind, probes, events))
    ]
    found = found or _silent(scene, pod, probes)
    # A liveness probe that restarts the program also makes it unready: the first is the cause.
    found.sort(key=lambda item: (item.strength, item.code.startswith("probe.liveness")), reverse=True)
    return found[:2]


def _kind(scene: Scene, pod: KubeObject, kind: str, probes: list[Probe], events: list[KubeEvent]) -> Finding | None:
    told = [event for event in events if _says(event) in (kind, "")]
    if not told:
        return None
    event = told[0]
    mine = [probe for probe in probes if probe.kind == kind]
    probe = next((item for item in mine if _names(event, item)), mine[0] if mine else None)
    seen: list[Observation] = [observe_event(item) for item in told[:2]]
    if probe is not None:
        seen.append(observe(pod, probe.field, probe.text()))
    family = "liveness" if kind == "startup" else kind
    judged = _judge(scene, pod, probe, told, family)
    code, strength, summary = judged
    return scene.finding(code, pod, strength, summary, seen)


def _judge(  # noqa: PLR0911 - each return is one rule
    scene: Scene, pod: KubeObject, probe: Probe | None, told: list[KubeEvent], family: str
) -> tuple[str, float, str]:
    status = _status(pod, probe)
    said = " ".join(event.message.lower() for event in told[:3])
    port = _wrong_port(pod, probe)
    if port and any(
        part in said for part in (*_REFUSED, *_TIMED_OUT, "couldn't find", "invalid port", "no such host", "eof")
    ):
        return f"probe.{family}-port", 0.9, f"The {family} probe checks a port where nothing listens: {port}."
    if any(part in said for part in _PROTOCOL):
        return f"probe.{family}-protocol", 0.9, f"The {family} probe speaks another protocol than the port it checks."
    if (mixed := _wrong_protocol(pod, probe)) and not _STATUS.search(said):
        return f"probe.{family}-protocol", 0.8, f"The {family} probe speaks the wrong protocol: {mixed}."
    http = _STATUS.search(said)
    if http:
        return _status_answer(http[1], probe, family, mixed=kube.name(pod) in scene.told.mixed)
    if any(part in said for part in _REFUSED):
        return _elsewhere(scene, pod, probe, family) or _refusal(scene, probe, status, family)
    if any(part in said for part in _TIMED_OUT):
        return _slow(scene, pod, probe, family) or _silence(probe, status, family)
    return "probe.failing", 0.75, f"The {family} probe fails: the program does not answer it as it should."


def _status_answer(http: str, probe: Probe | None, family: str, *, mixed: bool) -> tuple[str, float, str]:
    if http == "400" and probe is not None and probe.how == "httpGet":
        # The program itself may state that it is spoken to in another protocol than its own.
        return (
            f"probe.{family}-protocol",
            0.9 if mixed else 0.6,
            f"The {family} probe's request is answered with 400 Bad Request.",
        )
    if http in ("404", "405", "301", "302", "401", "403"):
        path = kube.text(probe.raw, "httpGet", "path") if probe else ""
        return "probe.failing", 0.7, f"The {family} probe asks for {path or 'a page'}, which is answered with {http}."
    return "probe.failing", 0.85, f"The program answers its {family} probe with HTTP {http}."


def _elsewhere(scene: Scene, pod: KubeObject, probe: Probe | None, family: str) -> tuple[str, float, str] | None:
    """Join the refusal with what the program reports about where it listens."""
    if probe is None or probe.port is None:
        return None
    listens = scene.told.listening.get((kube.name(pod), probe.container.name), frozenset())
    numbers = {
        kube.text(port, "name"): kube.integer(port, "containerPort")
        for port in kube.dicts(probe.container.raw, "ports")
    }
    port = numbers.get(probe.port) if isinstance(probe.port, str) else probe.port
    if not listens or port is None or port in listens:
        return None
    where = ", ".join(str(number) for number in sorted(listens))
    return f"probe.{family}-port", 0.88, f"The {family} probe checks {port}; the program states it listens on {where}."


def _refusal(scene: Scene, probe: Probe | None, status: ContainerStatus | None, family: str) -> tuple[str, float, str]:
    restarted = status is not None and status.restarts > 0
    if probe is not None and probe.kind == "startup" and restarted and status is not None and _was_ended(status):
        summary = f"The startup probe gives up after {probe.patience_s} s and ends the program while it still starts."
        return "probe.liveness-timing", 0.8 if probe.patience_s <= _SHORT_START_S else 0.6, summary
    if probe is not None and family == "liveness" and restarted and probe.patience_s <= 45:
        summary = f"The liveness probe gives up after {probe.patience_s} s, before the program listens."
        return "probe.liveness-timing", 0.8 if probe.patience_s <= 20 else 0.6, summary
    if probe is not None and family == "liveness" and restarted and status is not None and _ended_by(probe, status):
        summary = f"The liveness probe ends each run after {probe.patience_s} s, before the program listens."
        return f"probe.{family}-timing", 0.72, summary
    started = status.started_at if status else None
    if not restarted and started is not None and (scene.age(started) or 0.0) < 30:
        return "probe.failing", 0.4, f"The {family} probe is refused, but the program was started only just now."
    return "probe.failing", 0.65, f"Nothing listens on the port that the {family} probe checks."


def _was_ended(status: ContainerStatus) -> bool:
    """Whether the last run was ended from outside (SIGTERM, then SIGKILL) rather than by an error of its own."""
    code = kube.optional_integer(status.last_terminated or status.terminated, "exitCode")
    return code in (None, 0, 137, 143) and kube.text(status.last_terminated, "reason") != "OOMKilled"


def _ended_by(probe: Probe, status: ContainerStatus) -> bool:
    """Whether the last run was ended from outside, and lived as long as the probe's patience: it never listened."""
    began, ended = (kube.moment(status.last_terminated, key) for key in ("startedAt", "finishedAt"))
    if began is None or ended is None or not _was_ended(status) or probe.patience_s > _SHORT_START_S:
        return False
    lived, period_s = (ended - began).total_seconds(), probe.seconds("periodSeconds", 10)
    return probe.patience_s - period_s <= lived + 1 and lived <= probe.patience_s + period_s + _GRACE_S


def _slow(scene: Scene, pod: KubeObject, probe: Probe | None, family: str) -> tuple[str, float, str] | None:
    """The program's own log shows that it does answer, later than the probe waits."""
    if probe is None:
        return None
    took = scene.told.probe_answers.get((kube.name(pod), probe.container.name), 0.0)
    allowed = probe.seconds("timeoutSeconds", 1)
    if took <= allowed:
        return None
    summary = f"The program answers the {family} probe well, but in {took:.1f} s, and the probe waits {allowed} s."
    return f"probe.{family}-timing", 0.9, summary


def _silence(probe: Probe | None, status: ContainerStatus | None, family: str) -> tuple[str, float, str]:
    if probe is not None and _hasty(probe):
        summary = f"The {family} probe allows {probe.seconds('timeoutSeconds', 1)} s and "
        summary += f"{probe.seconds('failureThreshold', 3)} failure(s), less than the program needs to answer."
        return f"probe.{family}-timing", 0.75, summary
    strength = 0.55 if status is None or status.running else 0.45
    return "pod.hung", strength, f"The program runs but does not answer its {family} probe in time."


def _hasty(probe: Probe) -> bool:
    return probe.seconds("timeoutSeconds", 1) <= 1 and (
        probe.seconds("failureThreshold", 3) == 1 or probe.seconds("periodSeconds", 10) <= 2
    )


def _silent(scene: Scene, pod: KubeObject, probes: list[Probe]) -> list[Finding]:
    """A probe that has not checked yet, or needs more successes than it had time for, reports nothing in events."""
    for probe in probes:
        status = _status(pod, probe)
        if probe.kind != "readiness" or status is None or status.ready or not status.running:
            continue
        delay = probe.seconds("initialDelaySeconds", 0)
        successes = probe.seconds("successThreshold", 1) * probe.seconds("periodSeconds", 10)
        age = scene.age(status.started_at)
        if delay + successes > _LONG_DELAY_S and (age is None or age <= delay + successes + 30):
            seen = [observe(pod, probe.field, probe.text()), observe(pod, f"{status.field}.ready", "false")]
            summary = f"The readiness probe cannot pass before {delay + successes} s after the start."
            return [scene.finding("probe.readiness-timing", pod, 0.85, summary, seen)]
    return _static(pod, scene, probes)


def _static(pod: KubeObject, scene: Scene, probes: list[Probe]) -> list[Finding]:
    """Without any event: a probe that cannot pass as it is written, on a container that is up and not ready."""
    for probe in probes:
        status = _status(pod, probe)
        restarted = status is not None and status.restarts > 0
        if (
            status is None
            or status.ready
            or not (probe.kind == "readiness" or restarted)
            or _just_up(scene, status, probe)
        ):
            continue
        if status.terminated or (status.waiting and not restarted):
            continue
        family = "liveness" if probe.kind == "startup" else probe.kind
        seen = [observe(pod, probe.field, probe.text()), observe(pod, f"{status.field}.ready", "false")]
        if port := _wrong_port(pod, probe):
            summary = f"The {family} probe checks a port where nothing listens: {port}."
            return [scene.finding(f"probe.{family}-port", pod, 0.8, summary, seen)]
        if mixed := _wrong_protocol(pod, probe):
            summary = f"The {family} probe speaks the wrong protocol: {mixed}."
            return [scene.finding(f"probe.{family}-protocol", pod, 0.7, summary, seen)]
    return []


def _just_up(scene: Scene, status: ContainerStatus, probe: Probe) -> bool:
    age = scene.age(status.started_at)
    return age is not None and age < probe.patience_s + 10 and status.restarts == 0


def _wrong_port(pod: KubeObject, probe: Probe | None) -> str:
    """State why the probe's port cannot be right: a name that no port has, or a number that none is declared as."""
    if probe is None or probe.how in ("", "exec") or probe.port is None:
        return ""
    ports = kube.dicts(probe.container.raw, "ports")
    if isinstance(probe.port, str):
        names = [kube.text(port, "name") for port in ports]
        return "" if probe.port in names else f'no port is named "{probe.port}"'
    # A side-car may listen for the program: its ports count as well.
    declared = {
        kube.integer(port, "containerPort") for c in kube.containers(pod) for port in kube.dicts(c.raw, "ports")
    }
    if not ports or probe.port in declared:
        return ""
    return f"{probe.port} is probed, {', '.join(str(number) for number in sorted(declared))} declared"


def _wrong_protocol(pod: KubeObject, probe: Probe | None) -> str:  # noqa: PLR0911 - each return is one rule
    if probe is None or probe.port is None:
        return ""
    port = next(
        (
            item
            for item in kube.dicts(probe.container.raw, "ports")
            if probe.port in (kube.text(item, "name"), kube.integer(item, "containerPort"))
        ),
        {},
    )
    called, number = kube.text(port, "name").lower(), kube.integer(port, "containerPort")
    if kube.text(port, "protocol") == "UDP" and probe.how != "exec":
        return f"port {number} is a UDP port"
    if probe.how == "httpGet":
        https = kube.text(probe.raw, "httpGet", "scheme").upper() == "HTTPS"
        if called.startswith("grpc"):
            return f'an HTTP probe on the port "{called}"'
        if number in _NOT_HTTP:
            return f"an HTTP probe on port {number}"
        if https and (called == "http" or called.startswith("http-") or _others_use_http(pod, probe)):
            return f"HTTPS is asked of an HTTP port ({called or probe.port})"
        if not https and called.startswith("https"):
            return f"HTTP is asked of an HTTPS port ({called})"
    if probe.how == "grpc" and (called == "http" or _others_use_http(pod, probe)):
        return f"gRPC is asked of an HTTP port ({called or probe.port})"
    return ""


def _others_use_http(pod: KubeObject, probe: Probe) -> bool:
    return any(
        other.kind != probe.kind
        and other.container.name == probe.container.name
        and other.port == probe.port
        and other.how == "httpGet"
        and kube.text(other.raw, "httpGet", "scheme", default="HTTP").upper() == "HTTP"
        for other in probes_of(pod)
    )


def _says(event: KubeEvent) -> str:
    match = _SAYS_KIND.search(event.message)
    return (match[1] or match[2] or "").lower() if match else ""


def _names(event: KubeEvent, probe: Probe) -> bool:
    return (
        f":{probe.port}/" in event.message or f":{probe.port}:" in event.message or f":{probe.port} " in event.message
    )


def _status(pod: KubeObject, probe: Probe | None) -> ContainerStatus | None:
    statuses = [status for status in kube.container_statuses(pod) if status.group != "ephemeral"]
    if probe is not None:
        own = [status for status in statuses if status.name == probe.container.name]
        return own[0] if own else None
    return next((status for status in statuses if not status.ready), None)
