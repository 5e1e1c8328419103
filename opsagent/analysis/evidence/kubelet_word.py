"""What the kubelet's own probes state against a check from outside: it asks each pod at its own address."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.probe import Probe, probes_of
from opsagent.models.observed import HealthAnswer, KubeObject, StatsSample
from opsagent.models.service import Service

# A side-car that takes the pod's connections: with strict mTLS it resets everybody outside the mesh.
_SIDE_CARS = frozenset({"istio-proxy", "linkerd-proxy"})
_REWRITTEN = "/app-health/"  # Istio's injector leads the kubelet's probes past its own side-car


def probed_well(pods: Sequence[KubeObject], path: str | None = None) -> bool:
    """Return whether the kubelet's HTTP readiness probe succeeds on every pod of a service, of which there is one.

    path: the probe has to be of this path, or rewritten by a mesh; None: of any.
    """
    return bool(pods) and all(kube.is_ready(pod) and _asks(pod, path) for pod in pods)


def outweighed(service: Service, look: HealthAnswer, pods: Sequence[KubeObject]) -> bool:
    """Return whether a failed health check states something of the way to a service, not of the service.

    It does where the kubelet's own probe of that path succeeds on every pod.
    """
    if look.ok or look.way_failed:
        return look.way_failed
    url = service.health_url
    return url is not None and probed_well(pods, urlsplit(url).path or "/")


def front_outweighed(sample: StatsSample, pods: Sequence[KubeObject]) -> bool:
    """Return whether a failed GET /stats reports nothing of the load balancer, whose pods these are."""
    return sample.way_failed or probed_well(pods)


def _asks(pod: KubeObject, path: str | None) -> bool:
    probes = [probe for probe in probes_of(pod) if probe.kind == "readiness" and probe.how == "httpGet"]
    meshed = any(container.name in _SIDE_CARS for container in kube.containers(pod))
    return any(path is None or meshed or _is_of(probe, path) for probe in probes)


def _is_of(probe: Probe, path: str) -> bool:
    asked = kube.text(probe.raw, "httpGet", "path", default="/")
    return asked == path or asked.startswith(_REWRITTEN)
