"""A pod as `kubectl describe pod` shows it, from its JSON; every field may be missing."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.kube import Container, ContainerStatus
from opsagent.models.observed import KubeObject, Skipped
from opsagent.models.status import ContainerDescription, PodDescription
from opsagent.tools.pod_status import is_sidecar

_PROBES = (("liveness", "livenessProbe"), ("readiness", "readinessProbe"), ("startup", "startupProbe"))


def describe(
    pod: KubeObject,
    *,
    service: str | None,
    owner: str | None,
    events: Iterable[KubeObject],
    not_checked: tuple[Skipped, ...],
) -> PodDescription:
    """Return the description of a redacted pod and its redacted events."""
    statuses = {(status.group, status.name): status for status in kube.container_statuses(pod)}
    return PodDescription(
        name=kube.name(pod),
        namespace=kube.namespace(pod),
        service=service,
        node=kube.text(pod, "spec", "nodeName") or None,
        owner=owner,
        phase=kube.text(pod, "status", "phase") or "Unknown",
        reason=kube.text(pod, "status", "reason") or None,
        message=kube.text(pod, "status", "message") or None,
        ip=kube.text(pod, "status", "podIP") or None,
        created=kube.created(pod),
        deleting=kube.moment(pod, "metadata", "deletionTimestamp"),
        labels=kube.labels(pod),
        conditions=conditions_of(pod),
        containers=tuple(_container(spec, statuses.get((spec.group, spec.name))) for spec in kube.containers(pod)),
        volumes=tuple(_volume(entry, pod) for entry in kube.dicts(pod, "spec", "volumes")),
        tolerations=tuple(_toleration(entry) for entry in kube.dicts(pod, "spec", "tolerations")),
        events=events_text(events),
        not_checked=not_checked,
    )


def conditions_of(item: KubeObject) -> tuple[str, ...]:
    """Return an object's conditions as text: "Ready=False since …: ContainersNotReady: …"."""
    return tuple(_condition(entry) for entry in kube.dicts(item, "status", "conditions"))


def events_text(events: Iterable[KubeObject]) -> tuple[str, ...]:
    """Return events as text, oldest first: "2026-11-22T12:29:39Z Warning Unhealthy ×3: Readiness probe failed …"."""
    return tuple(_event(event) for event in sorted(events, key=event_time))


def event_time(event: KubeObject) -> float:
    """Return when an event was last seen, in seconds since 1970; 0.0 where it does not state."""
    moment = _event_moment(event)
    return moment.timestamp() if moment else 0.0


def is_about(event: KubeObject, pod: KubeObject) -> bool:
    """Return whether an event names this pod, and not an earlier one of the same name."""
    about = kube.mapping(event, "involvedObject")
    uid, wanted = kube.text(about, "uid"), kube.text(pod, "metadata", "uid")
    same = kube.text(about, "kind") == "Pod" and kube.text(about, "name") == kube.name(pod)
    return same and (not uid or not wanted or uid == wanted)


def _container(spec: Container, status: ContainerStatus | None) -> ContainerDescription:
    last = status.last_terminated if status else {}
    ended = status.terminated if status and status.terminated else last
    return ContainerDescription(
        name=spec.name,
        kind=_kind(spec),
        image=kube.text(spec.raw, "image") or None,
        state=_state(kube.mapping(status.raw, "state")) if status else "not known",
        last_state=_state({"terminated": last}) if last else None,
        exit_code=kube.optional_integer(ended, "exitCode"),
        ready=status.ready if status else False,
        restarts=status.restarts if status else 0,
        probes=tuple(_probe(name, kube.mapping(spec.raw, key)) for name, key in _PROBES if kube.mapping(spec.raw, key)),
        requests=_amounts(spec.raw, "requests"),
        limits=_amounts(spec.raw, "limits"),
        ports=tuple(_port(entry) for entry in kube.dicts(spec.raw, "ports")),
        environment=tuple(_environment(spec.raw)),
    )


def _kind(spec: Container) -> Literal["container", "init", "sidecar", "ephemeral"]:
    if spec.group == "init":
        return "sidecar" if is_sidecar(spec.raw) else "init"
    return spec.group


def _state(state: dict[str, Any]) -> str:
    waiting, ended = kube.mapping(state, "waiting"), kube.mapping(state, "terminated")
    if ended:
        code, signal = kube.optional_integer(ended, "exitCode"), kube.optional_integer(ended, "signal")
        how = f"exit code {code}" if code is not None else "exit code not known"
        how += f", signal {signal}" if signal else ""
        how_it_ended = _joined("terminated", kube.text(ended, "reason") or "no reason")
        return _joined(f"{how_it_ended} ({how}) at {_time(ended, 'finishedAt')}", kube.text(ended, "message"))
    if "waiting" in state:
        return _joined("waiting", kube.text(waiting, "reason"), kube.text(waiting, "message"))
    if "running" in state:
        return f"running since {_time(kube.mapping(state, 'running'), 'startedAt')}"
    return "not known"


def _probe(name: str, probe: dict[str, Any]) -> str:
    http, tcp, grpc = (kube.mapping(probe, key) for key in ("httpGet", "tcpSocket", "grpc"))
    if http:
        scheme = kube.text(http, "scheme", default="HTTP").lower()
        host = kube.text(http, "host")
        what = f"{scheme}-get {host}:{kube.text(http, 'port')}{kube.text(http, 'path')}"
    elif tcp:
        what = f"tcp-socket :{kube.text(tcp, 'port')}"
    elif grpc:
        what = f"grpc :{kube.text(grpc, 'port')} {kube.text(grpc, 'service')}".rstrip()
    else:
        what = f"exec {' '.join(kube.words(probe, 'exec', 'command'))}"
    delay, timeout, period, success, failure = (
        kube.integer(probe, key, default=default)
        for key, default in (
            ("initialDelaySeconds", 0),
            ("timeoutSeconds", 1),
            ("periodSeconds", 10),
            ("successThreshold", 1),
            ("failureThreshold", 3),
        )
    )
    return f"{name} {what} delay={delay}s timeout={timeout}s period={period}s #success={success} #failure={failure}"


def _environment(container: dict[str, Any]) -> Iterator[str]:
    for source in kube.dicts(container, "envFrom"):
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if kube.text(source, key, "name"):
                yield f"{kube.text(source, 'prefix')}* from {kind} {kube.text(source, key, 'name')}"
    for entry in kube.dicts(container, "env"):
        name = kube.text(entry, "name")
        given = kube.mapping(entry, "valueFrom")
        if not given:
            yield f"{name}={kube.text(entry, 'value')}"
        for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            ref = kube.mapping(given, key)
            if ref:
                yield f"{name} from {kind} {kube.text(ref, 'name')}, key {kube.text(ref, 'key')}"
        field = kube.text(given, "fieldRef", "fieldPath") or kube.text(given, "resourceFieldRef", "resource")
        if field:
            yield f"{name} from {field}"


def _volume(volume: dict[str, Any], pod: KubeObject) -> str:
    name = kube.text(volume, "name")
    source = next((key for key in volume if key != "name"), "")
    names = ("claimName", "secretName", "name", "path", "driver", "server", "medium")
    which = next((kube.text(volume, source, key) for key in names if kube.text(volume, source, key)), "")
    mounts = [
        f"{container.name}:{kube.text(mount, 'mountPath')}{' (ro)' if mount.get('readOnly') is True else ''}"
        for container in kube.containers(pod)
        for mount in kube.dicts(container.raw, "volumeMounts")
        if kube.text(mount, "name") == name
    ]
    where = f" → {', '.join(mounts)}" if mounts else " (mounted nowhere)"
    return f"{name}: {f'{source} {which}'.strip()}{where}"


def _condition(condition: dict[str, Any]) -> str:
    since = _time(condition, "lastTransitionTime")
    text = f"{kube.text(condition, 'type')}={kube.text(condition, 'status')} since {since}"
    return _joined(text, kube.text(condition, "reason"), kube.text(condition, "message"))


def _toleration(toleration: dict[str, Any]) -> str:
    key, value = kube.text(toleration, "key") or "everything", kube.text(toleration, "value")
    effect = kube.text(toleration, "effect")
    seconds = kube.optional_integer(toleration, "tolerationSeconds")
    text = f"{key}{f'={value}' if value else ''}{f':{effect}' if effect else ''}"
    return text + (f" for {seconds}s" if seconds is not None else "")


def _event_moment(event: KubeObject) -> datetime | None:
    for path in (("series", "lastObservedTime"), ("lastTimestamp",), ("eventTime",), ("firstTimestamp",)):
        moment = kube.moment(event, *path)
        if moment is not None:
            return moment
    return kube.created(event)


def _event(event: KubeObject) -> str:
    moment = _event_moment(event)
    count = max(kube.integer(event, "count"), kube.integer(event, "series", "count"), 1)
    times = f" ×{count}" if count > 1 else ""
    at = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else "at an unknown time"
    head = f"{at} {kube.text(event, 'type')} {kube.text(event, 'reason')}"
    return f"{head}{times}: {kube.text(event, 'message').strip()}"


def _amounts(container: dict[str, Any], key: str) -> dict[str, str]:
    amounts = kube.mapping(container, "resources", key)
    return {name: kube.text(amounts, name) for name in amounts}


def _port(port: dict[str, Any]) -> str:
    number = f"{kube.text(port, 'containerPort')}/{kube.text(port, 'protocol', default='TCP')}"
    return f"{kube.text(port, 'name')} {number}".strip()


def _time(value: dict[str, Any], key: str) -> str:
    moment = kube.moment(value, key)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else "an unknown time"


def _joined(*parts: str) -> str:
    return ": ".join(part.strip() for part in parts if part.strip())
