"""Complaints that end within the pod: localhost is a sibling container, and a mesh's proxy carries every call."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

_LOCAL = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "::1", "0.0.0.0"})  # noqa: S104 - compared
_HINT = 0.2  # what is left of a complaint of the far end where the near end is down
_DOWN = 0.6  # a side-car that runs and is not ready
_ENDED = 0.4  # one that ended or never started: its own end states more
_WRONG_PORT = 0.76


@dataclass(frozen=True, slots=True)
class _Speaker:
    """The container that complains, and its pod."""

    pod: KubeObject
    container: str


def within_pod(finding: Finding, cluster: Cluster, catalog: Catalog) -> Finding:
    """Return a log's complaint as one about the pod itself, where its objects show that the call ends there.

    A refusal at localhost is about the container that is meant to listen there: dead, or on another port. Where the
    proxy of a mesh is not ready, no call leaves the pod: what is called far away is not accused. A proxy that cannot
    reach its control plane accuses that one. Everything else is returned as it was.
    """
    speaker = _speaker(finding, cluster)
    if speaker is None or not _is_call(finding, catalog):
        return finding
    if _is_mesh(catalog, *_named(speaker.pod, speaker.container)):
        return _of_control_plane(finding, cluster, catalog)
    host, port = _address(finding.blames)
    if host in _LOCAL or host.startswith("127."):
        return finding if _host_network(speaker.pod) else _at_localhost(finding, speaker, port, catalog)
    proxy = next((name for name in _others(speaker) if _is_mesh(catalog, *_named(speaker.pod, name))), None)
    if proxy is not None and (down := _down(speaker.pod, proxy)):
        return _without_proxy(finding, speaker, proxy, down, catalog)
    return finding


def pods_by_name(cluster: Cluster) -> Mapping[str, KubeObject]:
    """Return the pods by their names: a log knows no namespace."""
    return cluster.once("pods by name", lambda: {kube.name(pod): pod for pod in cluster.of("Pod")})


def _speaker(finding: Finding, cluster: Cluster) -> _Speaker | None:
    """Return who wrote all lines of a finding; None where they are not of one container of a pod that was read."""
    places = {observation.where.partition(".log")[0] for observation in finding.observations}
    parts = places.pop().split("/") if len(places) == 1 else []
    if len(parts) != 3 or parts[0] != "logs":
        return None
    pod = pods_by_name(cluster).get(parts[1])
    return None if pod is None else _Speaker(pod, parts[2].removesuffix(".previous"))


def _is_call(finding: Finding, catalog: Catalog) -> bool:
    return catalog.about_callee(finding.code) or catalog.is_a(finding.code, "break")


def _address(blames: str | None) -> tuple[str, int | None]:
    host, _, port = (blames or "").rpartition(":") if (blames or "").count(":") == 1 else (blames or "", "", "")
    return host.lower().strip("[]"), int(port) if port.isdigit() else None


def _others(speaker: _Speaker) -> list[str]:
    """Return the containers beside the one that complains which run on: no ordinary init container."""
    return [
        item.name
        for item in kube.containers(speaker.pod)
        if item.name != speaker.container
        and (item.group == "container" or (item.group == "init" and item.raw.get("restartPolicy") == "Always"))
    ]


def _named(pod: KubeObject, container: str) -> tuple[str, str]:
    raw = next((item.raw for item in kube.containers(pod) if item.name == container), {})
    return container, kube.text(raw, "image")


def _is_mesh(catalog: Catalog, name: str, image: str) -> bool:
    return "mesh" in (catalog.peer_kind(name=name), catalog.peer_kind(image=image))


def _host_network(pod: KubeObject) -> bool:
    return kube.dig(pod, "spec", "hostNetwork") is True


def _runs(pod: KubeObject, container: str) -> bool:
    return any(item.running for item in kube.container_statuses(pod) if item.name == container)


def _down(pod: KubeObject, container: str) -> Observation | None:
    """Return what shows that a container does not serve; None where it is ready, or its state was not read."""
    status = next((item for item in kube.container_statuses(pod) if item.name == container), None)
    if status is None or status.ready:
        return None
    reason = kube.text(status.waiting, "reason") or kube.text(status.terminated, "reason")
    text = f"container {container} is not ready" + (f" ({reason})" if reason else "")
    return Observation("objects", f"{kube.ref(pod)}:{status.field}.ready", text)


def _at_localhost(finding: Finding, speaker: _Speaker, port: int | None, catalog: Catalog) -> Finding:
    own = _ports(speaker.pod, speaker.container)
    if port is not None and port in own:
        return finding  # it calls itself
    others = {name: _ports(speaker.pod, name) for name in _others(speaker)}
    meant = next((name for name, ports in others.items() if port in ports), None) or _by_kind(
        speaker.pod, list(others), port, catalog
    )
    at = f"localhost:{port}" if port else "localhost"
    if meant is not None and (down := _down(speaker.pod, meant)):
        text = f"The side-car {meant} of the same pod is down, which {speaker.container} calls at {at}."
        most = _DOWN if _runs(speaker.pod, meant) else _ENDED
        return _moved(finding, "dependency.down", min(most, finding.strength), text, down)
    listens = sorted(others.get(meant or "", ()))
    if meant is not None and port is not None and listens and port not in listens:
        ports = ", ".join(map(str, listens))
        seen = Observation("objects", f"{kube.ref(speaker.pod)}:spec.containers[{meant}].ports", ports)
        text = f"{speaker.container} calls its side-car {meant} at {at}, which listens on {ports}."
        return _moved(finding, "config.wrong-address", _WRONG_PORT, text, seen)
    if not others and own:
        seen = Observation("objects", f"{kube.ref(speaker.pod)}:spec.containers", f"{speaker.container} alone")
        text = f"{speaker.container} calls {at}, its own pod, in which nothing else runs."
        return _moved(finding, "config.wrong-address", _WRONG_PORT, text, seen)
    return replace(finding, code=_refused(finding, catalog, "db"))


def _refused(finding: Finding, catalog: Catalog, *families: str) -> str:
    """Return a plain refusal instead of a code of these families: what the callee is, is not known here."""
    return "network.refused" if catalog.about(finding.code).family in families else finding.code


def _ports(pod: KubeObject, container: str) -> frozenset[int]:
    """Return where a container listens: what it declares."""
    declared = {
        kube.integer(port, "containerPort")
        for item in kube.containers(pod)
        if item.name == container
        for port in kube.dicts(item.raw, "ports")
    }
    return frozenset(declared - {0})


def _by_kind(pod: KubeObject, names: list[str], port: int | None, catalog: Catalog) -> str | None:
    """Return the container that is of the kind which listens on such a port, or the only one that serves as a proxy."""
    kinds = {name: _kind(pod, name, catalog) for name in names}
    wanted = catalog.peer_kind(port=port) if port else None
    same = [name for name, kind in kinds.items() if kind is not None and kind == wanted]
    near = same or [name for name, kind in kinds.items() if kind in ("sidecar", "proxy")]
    return near[0] if len(near) == 1 else None


def _kind(pod: KubeObject, container: str, catalog: Catalog) -> str | None:
    name, image = _named(pod, container)
    return catalog.peer_kind(name=name) or catalog.peer_kind(image=image)


def _without_proxy(finding: Finding, speaker: _Speaker, proxy: str, down: Observation, catalog: Catalog) -> Finding:
    """Leave a complaint as a hint: it is what a pod without its proxy sees of everybody."""
    text = f"{speaker.container} reaches nobody: {proxy}, the proxy that carries its calls, is not ready."
    code = _refused(finding, catalog, "db", "dependency")
    return replace(_moved(finding, code, min(_HINT, finding.strength), text, down), blames=None)


def _of_control_plane(finding: Finding, cluster: Cluster, catalog: Catalog) -> Finding:
    host, port = _address(finding.blames)
    row = catalog.peer_index.find(name=host, port=port)
    if row is None or row.kind != "control-plane":
        return finding
    service = next((item for item in cluster.of("Service") if _is_at(item, host)), None)
    name = kube.name(service) if service else row.names[0]
    text = f"{name}, the control plane of the mesh, does not answer: the proxies get no configuration."
    return replace(finding, code="dependency.down", object=f"Service/{name}", service=name, summary=text, blames=None)


def _is_at(service: KubeObject, host: str) -> bool:
    return host in (kube.text(service, "spec", "clusterIP"), kube.name(service)) or host.startswith(
        f"{kube.name(service)}.{kube.namespace(service)}."
    )


def _moved(finding: Finding, code: str, strength: float, summary: str, seen: Observation) -> Finding:
    found = (*finding.observations, seen)
    return replace(finding, code=code, strength=strength, summary=summary, observations=found, blames=None)
