"""Addresses in a pod's environment, against the Services and ports that exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.analysis.objects.checks.services import plain
from opsagent.models.evidence import Finding
from opsagent.models.look import KubeObject

_URL = re.compile(
    r"(?i)(?:[a-z][a-z0-9+.:-]{0,30}://)(?:[^/@\s]{0,200}@)?([a-z0-9][a-z0-9.-]{0,200})(?::(\d{1,5}))?(?=[/?,;\s]|$)"
)
_HOST_PORT = re.compile(r"(?i)^([a-z][a-z0-9.-]{0,200}):(\d{1,5})(?:/.*)?$")
_HOST = re.compile(r"(?i)^[a-z][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,5}$")
_HOST_KEY = re.compile(r"(?i)^(.*?)_?(?:HOST|HOSTNAME|SERVER|ENDPOINT|ADDR|ADDRESS|SERVICE_HOST)$")
_PORT_KEYS = ("PORT", "SERVICE_PORT")
_LOCAL = frozenset({"localhost", "host.docker.internal", "host.minikube.internal", "kubernetes", "metadata"})
# Where traces and metrics go: their absence does not keep a program from working.
_OPTIONAL = re.compile(
    r"(?i)otel|otlp|trac|jaeger|zipkin|metric|statsd|sentry|telemetry|collector|loki|prometheus|profil|datadog"
)
_OWN = re.compile(r"(?i)(^|_)(BIND|LISTEN|ADVERTISED?|PUBLIC|EXTERNAL|SELF|OWN|POD|HOSTNAME$)")


@dataclass(frozen=True, slots=True)
class Address:
    """A host, and a port where one is given, that a container is told to call."""

    host: str
    port: int | None
    variable: str
    field: str

    @property
    def text(self) -> str:
        """Return it as "host:port"."""
        return self.host if self.port is None else f"{self.host}:{self.port}"


def addresses_of(obj: KubeObject) -> list[Address]:
    """Return the addresses in the literal environment of a pod or template, pairs like DB_HOST and DB_PORT as one."""
    found: dict[tuple[str, int | None], Address] = {}
    for container in kube.containers(obj):
        if container.group == "ephemeral":
            continue
        values = {
            kube.text(item, "name"): kube.text(item, "value")
            for item in kube.dicts(container.raw, "env")
            if kube.text(item, "name") and kube.text(item, "value")
        }
        for name, value in values.items():
            field = f"{container.field}.env[{name}]"
            read = {(host, port): Address(host, port, name, field) for host, port in _read(name, value, values)}
            found = read | found
    return list(found.values())


def address_findings(scene: Scene) -> list[Finding]:
    """Return which workloads are told to call a Service or port that does not exist."""
    if "Service" not in scene.cluster.looked:
        return []
    called = ((workload, address) for workload in _callers(scene) for address in addresses_of(workload))
    return [finding for workload, address in called if (finding := _check(scene, workload, address))]


def _callers(scene: Scene) -> list[KubeObject]:
    alone = [pod for pod in scene.cluster.of("Pod") if scene.cluster.top(pod) is pod and not kube.deleting(pod)]
    live = [pod for pod in alone if kube.text(pod, "status", "phase") not in ("Succeeded", "Failed")]
    # Replicas of an owner that was not seen say all the same.
    distinct = {
        (kube.namespace(pod), next((name for _, name in kube.owners(pod)), kube.name(pod))): pod for pod in live
    }
    running = [item for item in scene.cluster.workloads() if kube.dig(item, "spec", "replicas") != 0]
    done = [item for item in running if kube.kind(item) == "Job" and kube.is_true(item, "Complete")]
    return [item for item in running if not any(item is other for other in done)] + list(distinct.values())


def _check(scene: Scene, caller: KubeObject, address: Address) -> Finding | None:
    target, sure = _service(scene, caller, address.host)
    if target is None:
        return _absent(scene, caller, address) if sure else None
    if kube.text(target, "spec", "type") == "ExternalName" or address.port is None:
        return None
    ports = {kube.integer(port, "port") for port in kube.dicts(target, "spec", "ports")}
    if kube.text(target, "spec", "clusterIP") == "None":  # headless: the name leads to the pods themselves
        pods = scene.cluster.selected(kube.strings(target, "spec", "selector"), kube.namespace(target))
        own = {
            kube.integer(port, "containerPort")
            for pod in pods
            for c in kube.containers(pod)
            for port in kube.dicts(c.raw, "ports")
        }
        if not own:
            return None
        ports |= own
    if not ports or address.port in ports:
        return None
    offered = ", ".join(str(port) for port in sorted(ports))
    seen = [
        observe(caller, address.field, address.text),
        observe(target, "spec.ports", offered),
    ]
    kinds = {scene.catalog.peer_kind(name=name) for name in (kube.name(target), address.variable)}
    code = "db.wrong-port" if "database" in kinds else "config.wrong-address"
    strength = 0.55 if _OPTIONAL.search(address.variable) or _OPTIONAL.search(address.host) else 0.82
    summary = f"{address.variable} points to {address.text}, but {kube.ref(target)} listens on {offered}."
    return scene.finding(code, caller, strength, summary, seen, blames=address.text)


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
    return scene.finding("config.wrong-address", caller, strength, summary, seen, blames=address.text)


def _named(scene: Scene, space: str, names: list[str]) -> list[KubeObject]:
    return [item for name in names[:1] if (item := scene.cluster.get("Service", name, space))]


def _unwell(scene: Scene, caller: KubeObject) -> bool:
    pods = [caller] if kube.kind(caller) == "Pod" else scene.cluster.pods_of(caller)
    return any(not kube.is_ready(pod) and not kube.deleting(pod) and kube.mapping(pod, "status") for pod in pods)


def _service(scene: Scene, caller: KubeObject, host: str) -> tuple[KubeObject | None, bool]:
    """Return the Service that a name leads to, and whether its absence is sure."""
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


def _read(name: str, value: str, values: dict[str, str]) -> Iterator[tuple[str, int | None]]:
    if len(value) > 2000 or _OWN.search(name) or "$(" in value:
        return
    urls = list(_URL.finditer(value))
    for match in urls[:5]:
        if (port := _port(match[2])) != 0 and not _is_number(match[1]):
            yield match[1].lower(), port
    if urls:
        return
    for part in value.split(",")[:10]:
        pair = _HOST_PORT.match(part.strip())
        if pair and (port := _port(pair[2])) != 0:
            yield pair[1].lower(), port
    key = _HOST_KEY.match(name)
    if key and _HOST.match(value) and ":" not in value:
        ports = (values.get(f"{key[1]}_{suffix}" if key[1] else suffix, "") for suffix in _PORT_KEYS)
        given = next((number for port in ports if port.isascii() and port.isdigit() and (number := _port(port))), None)
        yield value.lower(), given


def _port(text: str | None) -> int | None:
    if not text:
        return None
    number = int(text) if len(text) < 6 else 0
    return number if 0 < number < 65536 else 0


def _is_number(host: str) -> bool:
    return host.replace(".", "").isdigit()
