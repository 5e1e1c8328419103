"""Addresses that a pod is given, or calls by its log, against the Services and ports that exist."""

import re
from difflib import get_close_matches

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.given import Address, addresses_of
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.analysis.objects.checks.services import plain
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_CODE = "config.wrong-address"
_LOCAL = frozenset({"localhost", "host.docker.internal", "host.minikube.internal", "kubernetes", "metadata"})
# Where traces and metrics go: their absence does not keep a program from working.
_OPTIONAL = re.compile(
    r"(?i)otel|otlp|trac|jaeger|zipkin|metric|statsd|sentry|telemetry|collector|loki|prometheus|profil|datadog"
)


def address_findings(scene: Scene) -> list[Finding]:
    """Return which workloads are instructed to call a Service or port that does not exist."""
    if "Service" not in scene.cluster.looked:
        return []
    given = [(workload, address) for workload in _callers(scene) for address in addresses_of(workload, scene.cluster)]
    found = [finding for workload, address in given if (finding := _check(scene, workload, address))]
    known = {(kube.ref(workload), address.host, address.port) for workload, address in given}
    return found + [f for pod in scene.cluster.of("Pod") for f in _called_in_vain(scene, pod, known)]


def _called_in_vain(scene: Scene, pod: KubeObject, known: set[tuple[str, str, int | None]]) -> list[Finding]:
    """Return the calls that a pod's log complains of, at a port that the Service called does not have.

    Such an address comes from a file or the program itself: no variable gives it.
    """
    calls = scene.told.called.get(kube.name(pod), {})
    if not calls:
        return []
    top = kube.ref(scene.cluster.top(pod))
    by_address = {kube.text(item, "spec", "clusterIP"): item for item in scene.cluster.of("Service")}
    found: list[Finding] = []
    for (host, port), line in calls.items():
        target = by_address.get(host) or _service(scene, pod, host)[0]
        if target is None or (top, host, port) in known or kube.text(target, "spec", "type") == "ExternalName":
            continue
        ports = _offered(scene, target)
        if not ports or port in ports:
            continue
        offered = ", ".join(map(str, sorted(ports)))
        seen = [line, observe(target, "spec.ports", offered)]
        summary = f"{top} calls {host}:{port}, but {kube.ref(target)} listens on {offered}."
        found.append(scene.finding(_code(scene, kube.name(target)), pod, 0.86, summary, seen, blames=f"{host}:{port}"))
    return found


def _code(scene: Scene, *names: str) -> str:
    """Return what a wrong port is called by the names of what is meant there."""
    database = any(scene.catalog.peer_kind(name=name) == "database" for name in names)
    return "db.wrong-port" if database else _CODE


def _offered(scene: Scene, target: KubeObject) -> set[int]:
    """Return the ports at which a Service answers; none where that is not known."""
    ports = {kube.integer(port, "port") for port in kube.dicts(target, "spec", "ports")}
    if kube.text(target, "spec", "clusterIP") != "None":
        return ports
    pods = scene.cluster.selected(kube.strings(target, "spec", "selector"), kube.namespace(target))
    own = {  # headless: the name points to the pods themselves
        kube.integer(port, "containerPort")
        for pod in pods
        for c in kube.containers(pod)
        for port in kube.dicts(c.raw, "ports")
    }
    return ports | own if own else set()


def _callers(scene: Scene) -> list[KubeObject]:
    alone = [pod for pod in scene.cluster.of("Pod") if scene.cluster.top(pod) is pod and not kube.deleting(pod)]
    live = [pod for pod in alone if kube.text(pod, "status", "phase") not in ("Succeeded", "Failed")]
    # Replicas of an owner that was not seen state all the same.
    distinct = {
        (kube.namespace(pod), next((name for _, name in kube.owners(pod)), kube.name(pod))): pod for pod in live
    }
    running = [item for item in scene.cluster.workloads() if kube.dig(item, "spec", "replicas") != 0]
    done = [item for item in running if kube.kind(item) == "Job" and kube.is_true(item, "Complete")]
    return [item for item in running if not any(item is other for other in done)] + list(distinct.values())


def _check(scene: Scene, caller: KubeObject, address: Address) -> Finding | None:
    target, sure = _service(scene, caller, address.host)
    if target is None:
        return _absent(scene, caller, address) if sure and address.given == "env" else None
    if kube.text(target, "spec", "type") == "ExternalName" or address.port is None:
        return None
    ports = _offered(scene, target)
    if not ports or address.port in ports:
        return None
    offered = ", ".join(str(port) for port in sorted(ports))
    seen = [
        observe(caller, address.field, address.text),
        observe(target, "spec.ports", offered),
    ]
    code = _code(scene, kube.name(target), address.variable)
    strength = 0.55 if _OPTIONAL.search(address.variable) or _OPTIONAL.search(address.host) else 0.82
    summary = f"{address.variable} points to {address.text}, but {kube.ref(target)} listens on {offered}."
    change = f"ConfigMap/{address.config_map}" if address.config_map else None
    return scene.finding(code, caller, strength, summary, seen, change=change, blames=address.text)


def _absent(scene: Scene, caller: KubeObject, address: Address) -> Finding | None:
    space = kube.namespace(caller)
    names = scene.service_names.get(space, [])
    if not names:
        return None
    host = address.host.split(".")[0]
    aliases = {
        name for entry in kube.dicts(kube.pod_spec(caller), "hostAliases") for name in kube.words(entry, "hostnames")
    }
    if address.host in aliases or host in (kube.name(pod) for pod in scene.cluster.pods_of(caller)):
        return None
    close = [name for name in names if plain(name) == plain(host)] or get_close_matches(host, names, n=1, cutoff=0.8)
    unwell = _unwell(scene, caller)
    strength = 0.78 if close else 0.6 if unwell else 0.35
    if _OPTIONAL.search(address.variable) or _OPTIONAL.search(host):
        strength = min(strength, 0.3)
    elif address.port is None and not close:
        strength = min(strength, 0.4)
    seen = [observe(caller, address.field, address.text)]
    seen += [observe(s, "metadata.name", f"there is a Service {kube.name(s)}") for s in _named(scene, space, close)]
    summary = f"{address.variable} points to {address.text}, but there is no Service of that name" + (
        f" (there is {close[0]})." if close else "."
    )
    change = f"ConfigMap/{address.config_map}" if address.config_map else None
    return scene.finding(_CODE, caller, strength, summary, seen, change=change, blames=address.text)


def _named(scene: Scene, space: str, names: list[str]) -> list[KubeObject]:
    return [item for name in names[:1] if (item := scene.cluster.get("Service", name, space))]


def _unwell(scene: Scene, caller: KubeObject) -> bool:
    pods = [caller] if kube.kind(caller) == "Pod" else scene.cluster.pods_of(caller)
    return any(not kube.is_ready(pod) and not kube.deleting(pod) and kube.mapping(pod, "status") for pod in pods)


def _service(scene: Scene, caller: KubeObject, host: str) -> tuple[KubeObject | None, bool]:
    """Return the Service that a name points to, and whether its absence is sure."""
    parts = host.lower().rstrip(".").split(".")
    own = kube.namespace(caller)
    if len(parts) == 1:
        found = scene.cluster.get("Service", parts[0], own)
        return found, found is None and parts[0] not in _LOCAL
    cluster_name = parts[2:3] == ["svc"]
    if len(parts) == 2 or cluster_name:
        name, space = parts[0], parts[1]
        found = scene.cluster.get("Service", name, space)
        if found is not None or not cluster_name:
            return found, False  # two labels may be any domain, or a pod of a headless Service
        return None, space == own or space in scene.service_names
    return None, False
