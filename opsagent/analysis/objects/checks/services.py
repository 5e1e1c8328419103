"""Services against the pods behind them: selector, ports, protocol, endpoints."""

import re
from collections import defaultdict
from collections.abc import Iterator

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.analysis.objects.selectors import covers, selector_text
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_AFFIXES = re.compile(r"(^(local|prod|dev|staging|test)-)|(-(service|svc|deployment|deploy|headless|server|app))+$")


def plain(name: str) -> str:
    """Return a name without what manifests put around it: "local-cart-service" and "cart-deployment" are "cart"."""
    return _AFFIXES.sub("", name.lower().replace("_", "-")) or name


def service_findings(scene: Scene) -> list[Finding]:
    """Return which Services do not lead to a pod that serves them."""
    addresses = _addresses(scene)
    return [finding for item in scene.cluster.of("Service") for finding in _service(scene, item, addresses)]


def _service(scene: Scene, service: KubeObject, addresses: dict[tuple[str, str], tuple[int, int]]) -> list[Finding]:
    selector = kube.strings(service, "spec", "selector")
    if kube.text(service, "spec", "type") == "ExternalName" or kube.deleting(service):
        return []
    if not selector:
        return _unselective(scene, service, addresses)
    ready, unready = addresses.get((kube.namespace(service), kube.name(service)), (-1, 0))
    pods = [pod for pod in scene.cluster.selected(selector, kube.namespace(service)) if not kube.deleting(pod)]
    pods = [pod for pod in pods if kube.text(pod, "status", "phase") not in ("Succeeded", "Failed")]
    if not pods:
        return _selects_nothing(scene, service, selector, ready, unready)
    if pods and (wrong := _selects_others(scene, service, pods)):
        return [wrong]
    return _ports(scene, service, pods) or _unserved(scene, service, pods, ready)


def _unselective(scene: Scene, service: KubeObject, addresses: dict[tuple[str, str], tuple[int, int]]) -> list[Finding]:
    """A Service without a selector has the endpoints that somebody writes for it; here nobody has.

    https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
    """
    if "spec" not in service or not kube.dicts(service, "spec", "ports") or not _endpoints_read(scene):
        return []
    if sum(addresses.get((kube.namespace(service), kube.name(service)), (0, 0))) > 0:
        return []
    named = _of_name(scene, service)
    seen = [observe(service, "spec.selector", "none"), observe(service, "endpoints", "none")]
    seen += [observe(named, "metadata.name", f"{kube.ref(named)} bears its name")] if named else []
    summary = "The Service has no selector and nobody wrote endpoints for it: it leads nowhere."
    # One that nobody calls and nothing bears the name of may wait for endpoints that come from outside.
    strength = 0.9 if named else 0.88 if _called_in_vain(scene, service) else 0.4
    change = kube.ref(service)
    return [scene.finding("service.no-endpoints", named or service, strength, summary, seen, change=change)]


def _called_in_vain(scene: Scene, service: KubeObject) -> bool:
    name, space = kube.name(service), kube.namespace(service)
    spellings = {name, f"{name}.{space}", f"{name}.{space}.svc", f"{name}.{space}.svc.cluster.local"}
    return any(spellings & hosts for hosts in scene.told.in_vain.values())


def _endpoints_read(scene: Scene) -> bool:
    return bool(scene.cluster.looked & {"EndpointSlice", "Endpoints"})


def _of_name(scene: Scene, service: KubeObject) -> KubeObject | None:
    name = plain(kube.name(service))
    found = scene.cluster.workloads(kube.namespace(service))
    return next((item for item in found if plain(kube.name(item)) == name and kube.wanted_replicas(item) > 0), None)


def _selects_nothing(
    scene: Scene, service: KubeObject, selector: dict[str, str], ready: int, unready: int
) -> list[Finding]:
    seen = [observe(service, "spec.selector", selector_text(selector))]
    if ready > 0:
        return []  # pods that are not among the objects, or endpoints that something else keeps
    if unready > 0:
        seen.append(observe(service, "endpoints", f"0 ready, {unready} not ready"))
        return [scene.finding("service.no-endpoints", service, 0.6, "No pod behind the Service is ready.", seen)]
    behind = [item for item in scene.cluster.workloads(kube.namespace(service)) if _template_fits(item, selector)]
    if behind:
        return []  # the workload is there and has no pod: its own rule states why
    if near := _nearly(scene, service, selector):
        seen.append(observe(near, "metadata.labels", selector_text(_labels(near))))
        summary = f"The Service selects no pod: {kube.ref(scene.cluster.top(near))} carries other labels."
        return [scene.finding("service.selector-mismatch", service, 0.88, summary, seen, change=kube.ref(service))]
    if ready < 0 and "Pod" not in scene.cluster.looked:
        return []
    # Monitoring adds Services for parts that a managed control plane keeps out of sight.
    managed = kube.namespace(service) == "kube-system"
    strength = 0.4 if managed else 0.88 if _called_in_vain(scene, service) else 0.62 if ready == 0 else 0.52
    seen.append(observe(service, "endpoints", "none"))
    summary = "No pod matches the selector of the Service: it has no endpoints."
    return [scene.finding("service.no-endpoints", service, strength, summary, seen, change=kube.ref(service))]


def _labels(obj: KubeObject) -> dict[str, str]:
    return kube.labels(obj) if kube.kind(obj) == "Pod" else kube.labels(kube.mapping(obj, "spec", "template"))


def _template_fits(item: KubeObject, selector: dict[str, str]) -> bool:
    return kube.kind(item) not in ("Job", "CronJob") and covers(selector, _labels(item))


def _nearly(scene: Scene, service: KubeObject, selector: dict[str, str]) -> KubeObject | None:
    """Return the workload or pod that the Service is meant for: of its name, or with most of its labels."""
    space, name = kube.namespace(service), plain(kube.name(service))
    found = [item for item in scene.cluster.workloads(space) if kube.kind(item) not in ("Job", "CronJob")]
    found += [pod for pod in scene.cluster.of("Pod") if kube.namespace(pod) == space and scene.cluster.top(pod) is pod]
    best: tuple[float, KubeObject] | None = None
    for item in found[:2000]:
        labels = _labels(item)
        names = {
            plain(kube.name(item)),
            *(plain(labels[key]) for key in ("app", "name", "app.kubernetes.io/name") if key in labels),
        }
        shared = sum(labels.get(key) == value for key, value in selector.items())
        score = 2.0 * (name in names) + shared / len(selector)
        score += 0.6 * (kube.name(item).startswith(f"{name}-") or plain(kube.name(item)).startswith(name))
        if score >= 0.5 and not scene.services_selecting(space, labels) and (best is None or score > best[0]):
            best = score, item
    return best[1] if best else None


def _selects_others(scene: Scene, service: KubeObject, pods: list[KubeObject]) -> Finding | None:
    """A Service named as one workload that selects only pods of another one, which has its own Service."""
    space, name = kube.namespace(service), plain(kube.name(service))
    tops = {kube.name(scene.cluster.top(pod)): scene.cluster.top(pod) for pod in pods}
    if any(plain(top) == name or name in plain(top) or plain(top) in name for top in tops):
        return None
    own = next((item for item in scene.cluster.workloads(space) if plain(kube.name(item)) == name), None)
    if own is None or kube.wanted_replicas(own) == 0 or scene.services_selecting(space, _labels(own)):
        return None
    other = next(iter(tops.values()))
    seen = [
        observe(service, "spec.selector", selector_text(kube.strings(service, "spec", "selector"))),
        observe(own, "spec.template.metadata.labels", selector_text(_labels(own))),
    ]
    summary = f"The Service selects the pods of {kube.ref(other)} instead of {kube.ref(own)}."
    return scene.finding("service.selector-mismatch", service, 0.75, summary, seen, change=kube.ref(service))


def _ports(scene: Scene, service: KubeObject, pods: list[KubeObject]) -> list[Finding]:
    """Compare each targetPort with what the pods declare."""
    sample = [pod for pod in pods if kube.containers(pod)][:5]
    declared = [
        port for pod in sample for c in kube.containers(pod) if c.group != "init" for port in kube.dicts(c.raw, "ports")
    ]
    if not declared:
        return []
    found: list[Finding] = []
    ports = kube.dicts(service, "spec", "ports")
    for index, port in enumerate(ports):
        problem = _port_problem(port, declared)
        if problem is None:
            continue
        code, text, declares = problem
        target = _target(port)
        pod_field = f"{', '.join(sorted({_port_text(item) for item in declared}))} declared"
        seen = [
            observe(
                service, f"spec.ports[{index}].targetPort", f"{target}/{kube.text(port, 'protocol', default='TCP')}"
            ),
            observe(sample[0], "spec.containers.ports", pod_field),
        ]
        alone = all(_port_problem(item, declared) for item in ports)
        strength = _port_strength(
            target, declares=declares, alone=alone, probed=not declares and target in _probed(sample[0])
        )
        found.append(scene.finding(code, service, strength, text, seen, change=kube.ref(service)))
    return found[:2]


def _port_strength(target: int | str | None, *, declares: bool, alone: bool, probed: bool) -> float:
    if probed:
        return 0.3
    if alone:
        return 0.82
    # A number beside a port that works may lead to a program that listens without declaring it; a name cannot.
    return 0.6 if isinstance(target, str) or declares else 0.45


def _port_problem(port: dict[str, object], declared: list[dict[str, object]]) -> tuple[str, str, bool] | None:
    """Return code, sentence and whether the pods declare the port after all; None where nothing is wrong."""
    target, protocol = _target(port), kube.text(port, "protocol", default="TCP")
    if target is None:
        return None
    same = [item for item in declared if target in (kube.text(item, "name"), kube.integer(item, "containerPort"))]
    if not same:
        what = f'named "{target}"' if isinstance(target, str) else f"{target}"
        return "service.port-mismatch", f"The Service sends traffic to a port {what} that its pods do not have.", False
    if all(kube.text(item, "protocol", default="TCP") != protocol for item in same):
        other = kube.text(same[0], "protocol", default="TCP")
        return (
            "service.protocol-mismatch",
            f"The Service speaks {protocol} to port {target}, which its pods serve over {other}.",
            True,
        )
    return None


def _target(port: dict[str, object]) -> int | str | None:
    value = port.get("targetPort", port.get("port"))
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else value
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _port_text(port: dict[str, object]) -> str:
    name = kube.text(port, "name")
    return f"{kube.text(port, 'containerPort')}/{kube.text(port, 'protocol', default='TCP')}" + (
        f" ({name})" if name else ""
    )


def _probed(pod: KubeObject) -> set[object]:
    """Return the ports at which a ready pod's probes find something."""
    if not kube.is_ready(pod):
        return set()
    ports = (
        kube.dig(c.raw, probe, how, "port")
        for c in kube.containers(pod)
        for probe in ("readinessProbe", "livenessProbe")
        for how in ("httpGet", "tcpSocket", "grpc")
    )
    return {port for port in ports if isinstance(port, int | str)}


def _unserved(scene: Scene, service: KubeObject, pods: list[KubeObject], ready: int) -> list[Finding]:
    """No endpoint though a pod is ready: whatever the reason, nobody is served."""
    if ready != 0 or not any(kube.is_ready(pod) for pod in pods):
        return []
    times = [at for pod in pods if (at := kube.moment(kube.condition(pod, "Ready"), "lastTransitionTime"))]
    if times and (scene.age(max(times)) or 0.0) < 60:
        return []
    seen = [observe(service, "endpoints", "none ready"), observe(pods[0], "status.conditions[Ready]", "True")]
    summary = "The Service has no endpoints although a pod that it selects is ready."
    return [scene.finding("service.no-endpoints", service, 0.6, summary, seen, change=kube.ref(service))]


def _addresses(scene: Scene) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (ready, not ready) addresses by (namespace, Service), from EndpointSlices and Endpoints."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for key, ready in _slices(scene):
        counts[key][0 if ready else 1] += 1
    for item in scene.cluster.of("EndpointSlice"):
        counts[_slice_key(item)][0] += 0
    for item in scene.cluster.of("Endpoints"):
        key = kube.namespace(item), kube.name(item)
        if "EndpointSlice" not in scene.cluster.looked or key not in counts:
            subsets = kube.dicts(item, "subsets")
            counts[key][0] += sum(len(kube.sequence(subset, "addresses")) for subset in subsets)
            counts[key][1] += sum(len(kube.sequence(subset, "notReadyAddresses")) for subset in subsets)
    return {key: (value[0], value[1]) for key, value in counts.items()}


def _slice_key(item: KubeObject) -> tuple[str, str]:
    named = kube.labels(item).get("kubernetes.io/service-name")
    owner = next((name for kind, name in kube.owners(item) if kind == "Service"), "")
    return kube.namespace(item), named or owner


def _slices(scene: Scene) -> Iterator[tuple[tuple[str, str], bool]]:
    for item in scene.cluster.of("EndpointSlice"):
        for endpoint in kube.dicts(item, "endpoints"):
            # An unset condition is to be read as ready.
            yield _slice_key(item), kube.dig(endpoint, "conditions", "ready", default=True) is True
