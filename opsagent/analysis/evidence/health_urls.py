"""Where a workload states it can be asked for its health: its HTTP probe, under the name of the Service before it."""

from collections.abc import Iterator
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.index import cluster_of
from opsagent.analysis.objects.selectors import covers
from opsagent.models.observed import KubeObject, Objects
from opsagent.models.service import Service

_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def health_url(service: Service, objects: Objects) -> str | None:
    """Return "http://<Service>:<port>/<path>" of the service's Deployment; None where no probe and Service meet."""
    cluster = cluster_of(objects)
    for workload in cluster.of("Deployment"):
        if kube.name(workload) != service.deployment:
            continue
        for scheme, path, port, names in _probes(workload):
            for front in cluster.of("Service"):
                public = _public_port(front, workload, port, names)
                if public is not None:
                    return f"{scheme}://{kube.name(front)}:{public}/{path.lstrip('/')}"
    return None


def _probes(workload: KubeObject) -> Iterator[tuple[str, str, int, frozenset[str]]]:
    """Yield scheme, path, the container's port as a number, and the names of that port."""
    for container in kube.dicts(workload, "spec", "template", "spec", "containers"):
        ports = {
            kube.text(entry, "name"): kube.integer(entry, "containerPort") for entry in kube.dicts(container, "ports")
        }
        for probe in _PROBES:
            asked = kube.mapping(container, probe, "httpGet")
            wanted: Any = asked.get("port")
            number = ports.get(wanted, 0) if isinstance(wanted, str) else wanted
            if isinstance(number, int) and not isinstance(number, bool) and number > 0:
                names = frozenset(name for name, at in ports.items() if at == number and name)
                scheme = kube.text(asked, "scheme", default="HTTP").lower()
                if scheme in ("http", "https"):
                    yield scheme, kube.text(asked, "path", default="/"), number, names


def _public_port(front: KubeObject, workload: KubeObject, port: int, names: frozenset[str]) -> int | None:
    selector = kube.strings(front, "spec", "selector")
    labels = kube.strings(workload, "spec", "template", "metadata", "labels")
    if not selector or kube.namespace(front) != kube.namespace(workload) or not covers(selector, labels):
        return None
    for entry in kube.dicts(front, "spec", "ports"):
        public = kube.integer(entry, "port")
        target = entry.get("targetPort", public)
        if public and (target == port or target in names):
            return public
    return None
