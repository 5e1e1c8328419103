"""Ingresses that lead nowhere: an absent Service, port or class, or a path that ends at another service."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.analysis.objects.checks.services import plain
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

# Classes of the widespread controllers: some of them never write an address into the status.
_COMMON = frozenset({"nginx", "traefik", "haproxy", "alb", "gce", "istio", "kong", "contour", "cilium", "public"})
_COMPLAINT_S = 1800.0
_TAKEN_UP_S = 180.0  # within which a controller writes the address of an Ingress
_OLD_CLASS = "kubernetes.io/ingress.class"
_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_GENERIC = frozenset({"api", "v1", "v2", "v3", "rest", "app", "web", "static", "services"})


@dataclass(frozen=True, slots=True)
class _Backend:
    service: str
    port: int | str | None
    path: str
    field: str


def ingress_findings(scene: Scene, ingress: KubeObject) -> list[Finding]:
    """Return what is wrong with an Ingress, joined with Services and classes."""
    if kube.deleting(ingress):
        return []
    found = [finding for backend in _backends(ingress) if (finding := _backend(scene, ingress, backend))]
    return (found or [*_secret(scene, ingress)])[:3] + _class(scene, ingress) + _complaints(scene, ingress)


# https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
_UNSET = {"proxy-body-size": "1m (the default)", "proxy-read-timeout": "60 (the default)", "backend-protocol": "HTTP"}


def _complaints(scene: Scene, ingress: KubeObject) -> list[Finding]:
    """Join what the ingress controller writes of this Ingress' hosts with what the Ingress shows it to do."""
    hosts = {kube.text(rule, "host").lower() for rule in kube.dicts(ingress, "spec", "rules")}
    found = []
    for one in scene.told.proxied:
        if one.host not in hosts or not scene.recent(one.observation.at, _COMPLAINT_S):
            continue
        row = scene.catalog.message("ingress", one.trouble)
        assert row is not None  # each trouble has one
        setting = row.then
        set_to = [(key, value) for key, value in kube.annotations(ingress).items() if key.endswith(f"/{setting}")]
        value = set_to[0][1] if set_to else _UNSET[setting]
        field = f"metadata.annotations[{set_to[0][0]}]" if set_to else "metadata.annotations"
        # Without a limit of its own a slow back end is as likely at fault as the default.
        strength = 0.9 if set_to or one.trouble != "read-timeout" else 0.45
        seen = [observe(ingress, field, value if set_to else f"{setting} is not set"), one.observation]
        found.append(scene.finding(row.code, ingress, strength, row.summary.format(value=value), seen))
    return found


def _backend(scene: Scene, ingress: KubeObject, backend: _Backend) -> Finding | None:
    space = kube.namespace(ingress)
    service = scene.cluster.get("Service", backend.service, space)
    seen = [observe(ingress, backend.field, f"{backend.path} → {backend.service}:{backend.port}")]
    if service is None:
        if not scene.cluster.absent("Service", backend.service, space):
            return None
        summary = f"The Ingress sends {backend.path} to the Service {backend.service}, which does not exist."
        return _misrouted(scene, ingress, 0.88, summary, seen)
    ports = kube.dicts(service, "spec", "ports")
    offered = {value for port in ports for value in (kube.integer(port, "port"), kube.text(port, "name")) if value}
    if offered and backend.port is not None and backend.port not in offered:
        seen.append(observe(service, "spec.ports", ", ".join(str(value) for value in offered)))
        summary = (
            f"The Ingress sends {backend.path} to port {backend.port} of {backend.service}, which has no such port."
        )
        return _misrouted(scene, ingress, 0.88, summary, seen)
    meant = _meant(scene, space, backend)
    if meant:
        summary = f"The Ingress sends {backend.path} to {backend.service}, though there is a Service {meant}."
        return _misrouted(scene, ingress, 0.55, summary, seen)
    return None


def _misrouted(
    scene: Scene, ingress: KubeObject, strength: float, summary: str, seen: Sequence[Observation]
) -> Finding:
    return scene.finding("service.misrouted", ingress, strength, summary, seen)


def _missing(scene: Scene, ingress: KubeObject, strength: float, summary: str, seen: Sequence[Observation]) -> Finding:
    return scene.finding("config.missing-object", ingress, strength, summary, seen)


def _meant(scene: Scene, space: str, backend: _Backend) -> str:
    """Return the Service that a path names, where the traffic goes to one of quite another name."""
    parts = [part.lower() for part in backend.path.split("/") if part and part.isascii()]
    named = [part.rstrip("s") for part in parts if part not in _GENERIC and part.replace("-", "").isalpha()]
    own = plain(backend.service)
    if len(named) != 1 or len(named[0]) < 3 or named[0] in own or own in named[0]:
        return ""
    hits = [name for name in scene.service_names.get(space, []) if plain(name).rstrip("s") == named[0]]
    return hits[0] if len(hits) == 1 else ""


def _backends(ingress: KubeObject) -> Iterator[_Backend]:
    default = kube.mapping(ingress, "spec", "defaultBackend") or kube.mapping(ingress, "spec", "backend")
    if default:
        yield from _read(default, "(default)", "spec.defaultBackend")
    for index, rule in enumerate(kube.dicts(ingress, "spec", "rules")):
        for number, path in enumerate(kube.dicts(rule, "http", "paths")):
            where = f"spec.rules[{index}].http.paths[{number}].backend"
            yield from _read(kube.mapping(path, "backend"), kube.text(path, "path", default="/"), where)


def _read(raw: dict[str, object], path: str, field: str) -> Iterator[_Backend]:
    name = kube.text(raw, "service", "name") or kube.text(raw, "serviceName")
    number = kube.optional_integer(raw, "service", "port", "number")
    port: object = (
        number if number is not None else kube.dig(raw, "service", "port", "name", default=raw.get("servicePort"))
    )
    if name:
        yield _Backend(name, port if isinstance(port, int | str) else None, path, field)


def _class(scene: Scene, ingress: KubeObject) -> list[Finding]:
    wanted = kube.text(ingress, "spec", "ingressClassName")
    if not wanted:
        return _without_class(scene, ingress)
    seen = [observe(ingress, "spec.ingressClassName", wanted)]
    summary = f"The ingress class {wanted} does not exist: no controller takes up the Ingress."
    if scene.cluster.absent("IngressClass", wanted):
        return [_missing(scene, ingress, 0.92, summary, seen)]
    if "IngressClass" in scene.cluster.looked or not _unserved(scene, ingress):
        return []
    known = any(part in _COMMON for part in wanted.lower().split("-"))
    seen.append(observe(ingress, "status.loadBalancer", "no address: no controller has taken it up"))
    summary = f"No controller has taken up the Ingress: its class {wanted} does not exist, or nothing serves it."
    return [_missing(scene, ingress, 0.3 if known else 0.58, summary, seen)]


def _unserved(scene: Scene, ingress: KubeObject) -> bool:
    """Return whether a controller has had the time to write an address, and none did."""
    age = scene.age(kube.created(ingress))
    status = kube.dig(ingress, "status", "loadBalancer")
    return isinstance(status, dict) and not status.get("ingress") and (age is None or age >= _TAKEN_UP_S)


def _without_class(scene: Scene, ingress: KubeObject) -> list[Finding]:
    """Return an Ingress that names no class where no class is the default: it is for nobody.

    A controller may be configured to take such Ingresses all the same: then it writes an address.
    """
    if _OLD_CLASS in kube.annotations(ingress) or "IngressClass" not in scene.cluster.looked:
        return []
    classes = scene.cluster.of("IngressClass")
    if not _unserved(scene, ingress) or any(kube.annotations(each).get(_DEFAULT) == "true" for each in classes):
        return []
    names = ", ".join(sorted(map(kube.name, classes))) or "none"
    seen = [
        observe(ingress, "spec.ingressClassName", f"not set; IngressClasses: {names}, and none is the default"),
        observe(ingress, "status.loadBalancer", "no address: no controller has taken it up"),
    ]
    summary = "The Ingress names no class and no IngressClass is the default: no controller takes it up."
    return [_missing(scene, ingress, 0.55, summary, seen)]


def _secret(scene: Scene, ingress: KubeObject) -> Iterator[Finding]:
    for index, entry in enumerate(kube.dicts(ingress, "spec", "tls")):
        name = kube.text(entry, "secretName")
        if name and scene.cluster.absent("Secret", name, kube.namespace(ingress)):
            seen = [observe(ingress, f"spec.tls[{index}].secretName", f"{name}, which is not there")]
            summary = f"The TLS Secret {name} of the Ingress does not exist: clients get a wrong certificate."
            yield _missing(scene, ingress, 0.55, summary, seen)
